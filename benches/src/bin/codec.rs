//! Snapshot codec on a real match: bytes and time, beside sending the whole state each tick.
//!
//! `cargo run --release -p tickwire-benches --bin codec [-- --level all --json -]`. Every delta is
//! decoded and compared.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::codec::{self, CodecFault, Cost};
use tickwire_benches::levels::Levels;
use tickwire_benches::skirmish::states;
use tickwire_benches::spread::Spread;
use tickwire_game::World;
use tickwire_game::wire::columns::Extract;
use tickwire_skirmish::Skirmish;
use tickwire_wire::layout::Layout;

/// Measures the snapshot codec on a match of Skirmish bots.
#[derive(Parser)]
struct Args {
    /// Players in the match, all bots.
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

fn measure(args: &Args) -> Result<(), CodecFault> {
    let schema = World::<Skirmish>::schema();
    let states = states(args.players, args.seconds * usize::from(schema.tick_hz), args.seed);
    let (whole, mut whole_encode) = whole_states(&states[1..]);
    if args.json.is_none() {
        println!(
            "Skirmish, {} bots, {} ticks, each decoded and compared",
            args.players,
            states.len() - 1
        );
        println!(
            "  whole state (bincode 2)   {whole:8.1} B   encode {:6.2} µs",
            whole_encode.micros(0.5)
        );
    }
    let mut reports = Vec::new();
    for &level in args.level.as_slice() {
        let layout = Arc::new(Layout::coded(&schema, level));
        let mut cost = codec::run(&layout, states.iter().map(|state| &state.public), 1)?;
        if args.json.is_some() {
            let mut report = json(args, &mut cost, whole, &mut whole_encode);
            report["level"] = level.name().into();
            reports.push(report);
            continue;
        }
        let delta = cost.bytes_mean();
        println!(
            "  delta, {:<18} {delta:8.1} B   encode {:6.2} µs   decode {:6.2} µs (p50)   {:.3} of the bytes",
            level.name(),
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

/// Mean bytes of the whole states, and the time to write each.
fn whole_states(states: &[Extract]) -> (f64, Spread) {
    let (mut bytes, mut spread) = (0, Spread::default());
    for state in states {
        let tables: Vec<_> = state.public.tables.iter().map(|t| (&t.ids, &t.cells)).collect();
        let start = Instant::now();
        let whole = bincode::serde::encode_to_vec(&tables, bincode::config::standard())
            .expect("integers always encode");
        spread.push(start.elapsed());
        bytes += whole.len();
    }
    (bytes as f64 / states.len().max(1) as f64, spread)
}

fn json(args: &Args, cost: &mut Cost, whole: f64, whole_encode: &mut Spread) -> Value {
    json!({
        "players": args.players, "ticks_verified": cost.verified,
        "delta_bytes_mean": cost.bytes_mean(), "whole_state_bytes_mean": whole,
        "bytes_ratio": cost.bytes_mean() / whole,
        "encode_us": cost.encode.json(), "decode_us": cost.decode.json(),
        "whole_state_encode_us": whole_encode.json(),
    })
}
