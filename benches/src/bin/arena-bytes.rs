//! The arena workload in real rooms: bytes of a snapshot, beside those of the peer.
//!
//! `cargo run --release -p tickwire-benches --bin arena-bytes [-- --level all --json -]`. Every
//! snapshot of every client is decoded by its session and compared with the room's state.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::arena::CELL_SIZE_M;
use tickwire_benches::arena::config::{CONFIGS, Config};
use tickwire_benches::arena::play::{Tally, WARM_UP_S, measure};
use tickwire_benches::levels::{Coder, Levels, read_prior};

/// Measures the snapshots of the arena workload.
#[derive(Parser)]
struct Args {
    /// packed, ranged, ranged-max, or all.
    #[arg(long, default_value = "all")]
    level: Levels,
    /// A prior trained for the game: its figures are printed beside those of the protocol's own.
    #[arg(long)]
    prior: Option<PathBuf>,
    /// Only these configurations: a, b, b50, c (several with commas).
    #[arg(long, value_delimiter = ',', value_parser = config)]
    config: Vec<Config>,
    /// Simulated seconds of each room, after its warm-up.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    /// Seed of the first room; each further room has the next.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

fn config(name: &str) -> Result<Config, String> {
    let found = CONFIGS.into_iter().find(|config| config.name == name);
    found.ok_or_else(|| "there are: a, b, b50, c".to_owned())
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let prior = read_prior(args.prior.as_deref())?;
    let configs = if args.config.is_empty() { &CONFIGS[..] } else { &args.config };
    let mut reports = Vec::new();
    if args.json.is_none() {
        println!(
            "Bytes of a snapshot message (kind, own section, chunks; no WebSocket frame head), each one decoded\n\
             and compared; {} s of each room after {WARM_UP_S} s of warm-up, one input a player and tick.\n\
             Peer: Colyseus 0.18.8, bytes of a patch with fields as floats / quantised by hand.\n",
            args.seconds
        );
    }
    for config in configs {
        for coder in args.level.coders(prior.as_ref()) {
            let tally = measure(config, &coder, args.seconds, args.seed)?;
            if args.json.is_some() {
                reports.push(report(config, &coder, &tally));
            } else {
                print(config, &coder, &tally);
            }
        }
    }
    if args.json.is_some() {
        println!("{:#}", Value::from(reports));
    }
    Ok(())
}

fn report(config: &Config, coder: &Coder, tally: &Tally) -> Value {
    let mut report = json!({
        "config": config.name,
        "bytes_mean": tally.bytes_mean(), "rows_mean": tally.rows_mean(),
        "peer_bytes": config.peer_bytes, "peer_float_bytes": config.peer_float_bytes,
        "own_bytes_mean": tally.own_bytes_mean(), "encode_us_per_snapshot": tally.encode_us(),
        "rooms": config.rooms, "ticks": tally.ticks, "snapshots_verified": tally.snapshots,
    });
    coder.label(&mut report);
    if config.view_radius.is_some() {
        report["rows_in_radius"] = tally.rows_in_radius_mean().into();
        report["ratio"] = tally.ratio().into();
        report["cell_size_m"] = CELL_SIZE_M.into();
    }
    report
}

fn print(config: &Config, coder: &Coder, tally: &Tally) {
    println!(
        "({:<3}) {:<21} {:8.1} B   peer {:>4} / {:>4} B   {:5.1}x / {:5.1}x fewer   {} rooms, {} snapshots, encode {:.2} µs each",
        config.name,
        coder.name(),
        tally.bytes_mean(),
        config.peer_float_bytes,
        config.peer_bytes,
        f64::from(config.peer_float_bytes) / tally.bytes_mean(),
        f64::from(config.peer_bytes) / tally.bytes_mean(),
        config.rooms,
        tally.snapshots,
        tally.encode_us(),
    );
    if let Some(radius) = config.view_radius {
        println!(
            "      cells of {CELL_SIZE_M} m: {:.1} rows sent, {:.1} within {radius} m: ratio {:.2} (goal 1.8)",
            tally.rows_mean(),
            tally.rows_in_radius_mean(),
            tally.ratio(),
        );
    }
}
