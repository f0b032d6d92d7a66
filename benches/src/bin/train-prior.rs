//! Trains a prior of its own for one of the workloads.
//!
//! `cargo run --release -p tickwire-benches --bin train-prior -- --workload skirmish --out FILE`; give
//! the file to `--prior` of the other programs. Its seeds are none that they measure. An author does the
//! same with recordings: `tickwire::prior::train`.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tickwire_benches::arena::config::{self, Config};
use tickwire_benches::workload::Workload;
use tickwire_skirmish::balance::TICK_HZ;
use tickwire_wire::layout::Layout;
use tickwire_wire::prior::Prior;
use tickwire_wire::stream::Trainer;

/// Players of the Skirmish matches, all bots: a duel's worth to a full house.
const SKIRMISH_PLAYERS: [u16; 4] = [4, 8, 12, 16];

/// Trains a prior of its own for one of the workloads.
#[derive(Parser)]
struct Args {
    /// skirmish, or a room of the arena workload: a, b, c.
    #[arg(long, value_parser = ["skirmish", "a", "b", "c"])]
    workload: String,
    /// Where to write it.
    #[arg(long)]
    out: PathBuf,
    /// Simulated seconds of each match.
    #[arg(long, default_value_t = 60)]
    seconds: usize,
    /// Matches.
    #[arg(long, default_value_t = 4)]
    matches: usize,
    /// Seed of the first; the benches use seeds below 1000.
    #[arg(long, default_value_t = 1000)]
    first_seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let config = config::CONFIGS.iter().find(|config| config.name == args.workload);
    let seeds = (args.first_seed..).take(args.matches);
    let matches: Vec<Workload> =
        seeds.enumerate().map(|(index, seed)| play(&args, config, index, seed)).collect();
    let bytes = Trainer::from_prior(None).learn(|trainer| {
        for one in &matches {
            trainer.play(&Layout::new(&one.schema), (1..).zip(&one.states), 1.0);
        }
    });
    let hash = Prior::from_bytes(&bytes).map(|prior| prior.hash().to_owned()).unwrap_or_default();
    println!("{} matches of {}: {} bytes, {hash}", matches.len(), args.workload, bytes.len());
    match std::fs::write(&args.out, bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{}: {error}", args.out.display());
            ExitCode::FAILURE
        }
    }
}

fn play(args: &Args, config: Option<&Config>, index: usize, seed: u64) -> Workload {
    let ticks = |hz: u16| (args.seconds * usize::from(hz)).max(2);
    match config {
        Some(config) => Workload::arena(config, ticks(config.tick_hz), seed),
        None => {
            let players = SKIRMISH_PLAYERS[index % SKIRMISH_PLAYERS.len()];
            Workload::skirmish(players, ticks(TICK_HZ), seed)
        }
    }
}
