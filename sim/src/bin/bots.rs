//! Fills rooms with bots and reports what they saw: see `--help`.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use tickwire_sim::args::Args;
use tickwire_sim::games;
use tickwire_sim::report::Report;
use tickwire_sim::swarm::{Progress, SwarmError};

/// Why the run has no result.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Swarm(#[from] SwarmError),
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("could not write {path}: {error}")]
    Json { path: String, error: io::Error },
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(report) if report.passed() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(failure) => {
            // Nothing is left to do when even this cannot be written.
            let _written = writeln!(io::stderr(), "bots: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<Report, Failure> {
    // One thread for all bots: they leave the other cores to the server, and share without locks.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut line = ProgressLine::new();
    let report = runtime.block_on(games::play(args, &mut |progress| line.show(progress)))?;
    line.end();
    write_out(args, &report)?;
    Ok(report)
}

/// The table for people, the JSON for scripts.
fn write_out(args: &Args, report: &Report) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(report).map_err(io::Error::from)?;
    let table = report.to_string();
    for trouble in &report.troubles {
        writeln!(io::stderr(), "bots: {trouble}")?;
    }
    match args.json.as_deref() {
        Some("-") => {
            writeln!(io::stderr(), "{table}")?;
            writeln!(io::stdout(), "{json}")?;
        }
        Some(path) => {
            writeln!(io::stdout(), "{table}")?;
            std::fs::write(path, json + "\n")
                .map_err(|error| Failure::Json { path: path.to_owned(), error })?;
        }
        None => writeln!(io::stdout(), "{table}")?,
    }
    Ok(())
}

/// One line on standard error, written over each second on a terminal.
struct ProgressLine {
    overwrites: bool,
    shown: bool,
}

impl ProgressLine {
    fn new() -> Self {
        Self { overwrites: io::stderr().is_terminal(), shown: false }
    }

    fn show(&mut self, progress: &Progress) {
        let Progress { clients, of, snapshots, input_to_state_ms, troubles, .. } = progress;
        let text = match progress.played_s {
            None => format!("joining: {clients} of {of} bots"),
            Some(second) => format!(
                "{second:>4} s  {clients} bots  {snapshots} snapshots  input to state p50 {input_to_state_ms:.1} ms  troubles {troubles}"
            ),
        };
        let (start, end) = if self.overwrites { ("\r\x1b[K", "") } else { ("", "\n") };
        // Progress is a courtesy: a closed standard error must not end the run.
        let _written = write!(io::stderr(), "{start}{text}{end}");
        self.shown = true;
    }

    fn end(&self) {
        if self.overwrites && self.shown {
            let _written = writeln!(io::stderr());
        }
    }
}
