//! Chores of this repository, in Rust instead of shell: `cargo xtask help` lists them.
//!
//! `test` is what the README and `.ci/run` call; `tidy` keeps the promises of ARCHITECTURE.md;
//! `bless` rewrites the vectors that Rust and JavaScript tests share; `train-priors` learns what the
//! range coder starts from.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a tool for the command line")]

mod bless;
mod command;
mod fuzz;
mod priors;
mod root;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Chores of the Tickwire repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Everything that must pass, with its own set-up.
    Test(test::Args),
    /// Layers, file sizes, names, manifests, and whether PROTOCOL.md was looked at.
    Tidy(tidy::Args),
    /// Rewrites the vectors that Rust and JavaScript tests share.
    Bless,
    /// Makes bytes wrong until a decoder of the wire crate breaks, or the time is over.
    Fuzz(fuzz::Args),
    /// Learns the priors of the protocol and of Skirmish anew: about a minute on two cores.
    TrainPriors(priors::Args),
}

fn main() -> ExitCode {
    let root = root::find();
    let done = match Cli::parse().chore {
        Chore::Test(args) => test::run(&root, &args),
        Chore::Tidy(args) => tidy::run(&root, &args),
        Chore::Bless => bless::run(&root),
        Chore::Fuzz(args) => fuzz::run(&root, &args),
        Chore::TrainPriors(args) => priors::run(&root, &args),
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
