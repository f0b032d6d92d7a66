//! Snapshot codec on a real match or an arena: bytes and time, beside sending the whole state each
//! tick.
//!
//! `cargo run --release -p tickwire-benches --bin codec [-- --workload b --level all --json -]`.
//! Every delta is decoded and compared; bytes are those of the chunk, without a message around it.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::arena::config;
use tickwire_benches::codec::{self, Cost};
use tickwire_benches::levels::{Levels, read_prior};
use tickwire_benches::spread::Spread;
use tickwire_benches::workload::Workload;
use tickwire_skirmish::balance::TICK_HZ;
use tickwire_wire::columns::StateColumns;

/// Measures the snapshot codec on a match of Skirmish bots, or on a room of the arena workload.
#[derive(Parser)]
struct Args {
    /// skirmish, or a room of the arena workload with everything in view: a, b, c.
    #[arg(long, default_value = "skirmish", value_parser = ["skirmish", "a", "b", "c"])]
    workload: String,
    /// Players of a Skirmish match, all bots.
    #[arg(long, default_value_t = 16)]
    players: u16,
    /// Simulated seconds.
    #[arg(long, default_value_t = 60)]
    seconds: usize,
    /// Seed of the match.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// packed, ranged, ranged-max, or all.
    #[arg(long, default_value = "packed")]
    level: Levels,
    /// A prior trained for the game: its figures are printed beside those of the protocol's own.
    #[arg(long)]
    prior: Option<PathBuf>,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let prior = read_prior(args.prior.as_deref())?;
    let config = config::CONFIGS.iter().find(|config| config.name == args.workload);
    let workload = match config {
        Some(config) => Workload::arena(config, ticks(args, config.tick_hz), args.seed),
        None => Workload::skirmish(args.players, ticks(args, TICK_HZ), args.seed),
    };
    let states = &workload.states;
    let (whole, mut whole_encode) = whole_states(&states[1..]);
    if args.json.is_none() {
        println!("{}, {} ticks, each decoded and compared", workload.name, states.len() - 1);
        println!(
            "  whole state (bincode 2)        {whole:8.1} B   encode {:6.2} µs",
            whole_encode.micros(0.5)
        );
    }
    let mut reports = Vec::new();
    for coder in args.level.coders(prior.as_ref()) {
        let mut cost = codec::run(&coder.layout(&workload.schema), states, 1)?;
        if args.json.is_some() {
            let mut report = json(&workload.name, &mut cost, whole, &mut whole_encode);
            coder.label(&mut report);
            reports.push(report);
            continue;
        }
        let delta = cost.bytes_mean();
        println!(
            "  delta, {:<22}  {delta:8.1} B   encode {:6.2} µs   decode {:6.2} µs (p50)   {:.3} of the bytes",
            coder.name(),
            cost.encode.micros(0.5),
            cost.decode.micros(0.5),
            delta / whole,
        );
    }
    match reports.as_slice() {
        [] => {}
        [one] => println!("{one:#}"),
        _ => println!("{:#}", Value::from(reports)),
    }
    Ok(())
}

/// At least one state to differ from, and one that does.
fn ticks(args: &Args, hz: u16) -> usize {
    (args.seconds * usize::from(hz)).max(2)
}

/// Mean bytes of the whole states, and the time to write each.
fn whole_states(states: &[StateColumns]) -> (f64, Spread) {
    let (mut bytes, mut spread) = (0, Spread::default());
    for state in states {
        let tables: Vec<_> = state.tables.iter().map(|t| (&t.ids, &t.cells)).collect();
        let start = Instant::now();
        let whole = bincode::serde::encode_to_vec(&tables, bincode::config::standard())
            .expect("integers always encode");
        spread.push(start.elapsed());
        bytes += whole.len();
    }
    (bytes as f64 / states.len().max(1) as f64, spread)
}

fn json(workload: &str, cost: &mut Cost, whole: f64, whole_encode: &mut Spread) -> Value {
    json!({
        "workload": workload, "ticks_verified": cost.verified,
        "delta_bytes_mean": cost.bytes_mean(), "whole_state_bytes_mean": whole,
        "bytes_ratio": cost.bytes_mean() / whole,
        "encode_us": cost.encode.json(), "decode_us": cost.decode.json(),
        "whole_state_encode_us": whole_encode.json(),
    })
}
