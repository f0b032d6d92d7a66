//! `cargo xtask test`: everything that must pass, in the order in which failures are cheapest.
//!
//! Each step prints a heading, what it runs and its time; the first failure ends it with the
//! reason. The last line alone sums the tests of Rust and node: `N passed, N failed`.

mod browser;
mod context;
mod counts;
mod error;
mod javascript;
mod play;
mod rust;
mod server;
mod setup;

use std::path::Path;
use std::time::{Duration, Instant};

use context::Context;
use error::StepError;

/// Flags of `test`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Runs this step only; may be given more than once.
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Leaves this step out; may be given more than once.
    #[arg(long, value_name = "STEP")]
    skip: Vec<String>,
    /// Lists the steps and ends.
    #[arg(long)]
    list: bool,
}

/// One step of the tests.
struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&mut Context) -> Result<Outcome, StepError>,
}

/// How a step that did not fail ended.
enum Outcome {
    Passed,
    /// Left out here, with the reason.
    Skipped(&'static str),
}

const fn step(
    name: &'static str,
    about: &'static str,
    run: fn(&mut Context) -> Result<Outcome, StepError>,
) -> Step {
    Step { name, about, run }
}

const STEPS: [Step; 12] = [
    step("setup", "tools: node, TypeScript, playwright-core, Chromium", setup::run),
    step("fmt", "formatting", rust::fmt),
    step("clippy", "lints, warnings denied", rust::clippy),
    step("deny", "bans, licences and sources of dependencies", rust::deny),
    step("docs", "documentation, warnings denied", rust::docs),
    step("tidy", "layers, sizes, names, manifests, protocol document", rust::tidy),
    step("build", "release binaries: tickwire, bots", rust::build),
    step("rust", "all Rust tests", rust::tests),
    step("types", "type check of the web assets", javascript::types),
    step("node", "tests of the web assets under node", javascript::tests),
    step("bots", "bots over real sockets: every snapshot verified", play::bots),
    step("browser", "the Skirmish page, played in Chromium", browser::run),
];

/// How one step went, for the table at the end.
struct Line {
    name: &'static str,
    took: Duration,
    verdict: String,
}

/// Runs the chosen steps; true when none failed.
pub(crate) fn run(root: &Path, args: &Args) -> bool {
    if args.list {
        for step in &STEPS {
            println!("{:8} {}", step.name, step.about);
        }
        return true;
    }
    if let Some(name) = args.only.iter().chain(&args.skip).find(|name| !known(name)) {
        eprintln!("no step `{name}`; `cargo xtask test --list` lists them");
        return false;
    }
    let chosen: Vec<&Step> = STEPS
        .iter()
        .filter(|step| args.only.is_empty() || args.only.iter().any(|name| name == step.name))
        .filter(|step| !args.skip.iter().any(|name| name == step.name))
        .collect();
    let mut context = Context::new(root);
    let (lines, failure) = run_steps(&chosen, &mut context);
    report(&lines, &mut context, failure.as_ref());
    failure.is_none()
}

fn known(name: &str) -> bool {
    STEPS.iter().any(|step| step.name == name)
}

/// Runs until a step fails.
fn run_steps(chosen: &[&Step], context: &mut Context) -> (Vec<Line>, Option<StepError>) {
    let mut lines = Vec::new();
    for (number, step) in (1..).zip(chosen) {
        println!("\n==== {number}/{} {}: {}", chosen.len(), step.name, step.about);
        let start = Instant::now();
        let outcome = (step.run)(context);
        let took = start.elapsed();
        let verdict = match &outcome {
            Ok(Outcome::Passed) => "passed".to_string(),
            Ok(Outcome::Skipped(why)) => format!("skipped: {why}"),
            Err(_) => "FAILED".to_string(),
        };
        println!("---- {} {verdict} ({:.1} s)", step.name, took.as_secs_f32());
        lines.push(Line { name: step.name, took, verdict });
        if let Err(error) = outcome {
            return (lines, Some(error));
        }
    }
    (lines, None)
}

fn report(lines: &[Line], context: &mut Context, failure: Option<&StepError>) {
    println!();
    for line in lines {
        println!("{:8} {:7.1} s  {}", line.name, line.took.as_secs_f32(), line.verdict);
    }
    if let (Some(error), Some(line)) = (failure, lines.last()) {
        println!("\n{} failed: {error}", line.name);
        println!("again: cargo xtask test --only {}", line.name);
        if context.counts.failed == 0 {
            // A step without counted tests is itself the thing that failed.
            context.counts.failed = 1;
        }
    }
    println!("\n{}", context.counts);
}
