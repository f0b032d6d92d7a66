//! Steps that cargo does.

use super::Outcome;
use super::context::Context;
use super::error::StepError;
use crate::command::{cargo, installed, run, run_lines};
use crate::tidy;

/// Every file as rustfmt writes it.
pub(super) fn fmt(context: &mut Context) -> Result<Outcome, StepError> {
    run(cargo(&context.root).args(["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed)
}

/// No lint fires in any target.
pub(super) fn clippy(context: &mut Context) -> Result<Outcome, StepError> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run(cargo(&context.root).args(arguments))?;
    Ok(Outcome::Passed)
}

/// What deny.toml asks for, without what needs the network.
pub(super) fn deny(context: &mut Context) -> Result<Outcome, StepError> {
    if !installed("cargo-deny") {
        return Ok(Outcome::Skipped("cargo-deny is not installed"));
    }
    let mut deny = cargo(&context.root);
    deny.args(["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    run(&mut deny)?;
    Ok(Outcome::Passed)
}

/// The documentation builds without a broken link.
pub(super) fn docs(context: &mut Context) -> Result<Outcome, StepError> {
    let mut docs = cargo(&context.root);
    docs.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    run(&mut docs)?;
    Ok(Outcome::Passed)
}

/// `cargo xtask tidy` in this process.
pub(super) fn tidy(context: &mut Context) -> Result<Outcome, StepError> {
    let offences = tidy::offences(&context.root)
        .map_err(|error| StepError::Wrong(format!("tidy cannot run: {error}")))?;
    for offence in &offences {
        println!("{offence}");
    }
    if offences.is_empty() {
        Ok(Outcome::Passed)
    } else {
        Err(StepError::Wrong(format!("{} offences; they are listed above", offences.len())))
    }
}

/// The binaries that later steps start.
pub(super) fn build(context: &mut Context) -> Result<Outcome, StepError> {
    let mut build = cargo(&context.root);
    build.args(["build", "--release", "--package", "tickwire", "--package", "tickwire-sim"]);
    run(build.arg("--bins"))?;
    Ok(Outcome::Passed)
}

/// Unit, integration and documentation tests of every crate; all of them, also after a failure.
pub(super) fn tests(context: &mut Context) -> Result<Outcome, StepError> {
    let mut tests = cargo(&context.root);
    tests.args(["test", "--workspace", "--no-fail-fast"]);
    let counts = &mut context.counts;
    run_lines(&mut tests, |line| {
        println!("{line}");
        counts.add_rust_line(line);
    })?;
    Ok(Outcome::Passed)
}
