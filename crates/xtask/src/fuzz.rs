//! `cargo xtask fuzz`: the fuzzer that runs for two seconds with all tests, for longer.

use std::path::Path;

use crate::command::{self, cargo};

/// How long, and from where on.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds to run.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// First seed: the one that a failure named, or another for other inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the fuzzer, optimised but with all its checks; true when nothing broke.
pub(crate) fn run(root: &Path, args: &Args) -> bool {
    let mut fuzz = cargo(root);
    fuzz.args(["test", "--package", "tickwire-wire", "--test", "fuzz"])
        .args(["no_bytes_break_a_decoder", "--", "--nocapture"])
        .env("CARGO_PROFILE_TEST_OPT_LEVEL", "2")
        .env("TICKWIRE_FUZZ_SECONDS", args.seconds.to_string())
        .env("TICKWIRE_FUZZ_SEED", args.seed.to_string());
    match command::run(&mut fuzz) {
        Ok(()) => true,
        Err(error) => {
            eprintln!("fuzz: {error}");
            false
        }
    }
}
