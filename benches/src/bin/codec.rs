//! Snapshot codec on a real match: bytes and time, beside sending the whole state each tick.
//!
//! `cargo run --release -p tickwire-benches --bin codec [-- --json -]`. Every delta is decoded and compared.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::sync::Arc;
use std::time::Instant;

use clap::Parser;
use serde_json::json;
use tickwire_benches::skirmish::states;
use tickwire_benches::spread::Spread;
use tickwire_game::World;
use tickwire_skirmish::Skirmish;
use tickwire_wire::layout::Layout;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

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
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

/// What the match cost, one entry a tick.
#[derive(Default)]
struct Cost {
    delta_bytes: u64,
    whole_bytes: u64,
    encode: Spread,
    decode: Spread,
    whole_encode: Spread,
    verified: u64,
}

fn main() {
    let args = Args::parse();
    let schema = World::<Skirmish>::schema();
    let hz = usize::from(schema.tick_hz);
    let layout = Arc::new(Layout::new(&schema));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(layout);
    let mut cost = Cost::default();
    let mut bytes = Vec::new();
    for (tick, state) in (1u32..).zip(&states(args.players, args.seconds * hz, args.seed)) {
        bytes.clear();
        let start = Instant::now();
        let advance = encoder.advance(tick, &state.public, &mut bytes);
        let took = start.elapsed();
        match advance {
            Advance::Unchanged => continue,
            Advance::First => {
                encoder.keyframe(&mut bytes);
                decoder.keyframe(tick, &bytes).expect("own keyframes decode");
                continue;
            }
            Advance::Delta { base } => {
                cost.encode.push(took);
                let start = Instant::now();
                decoder.delta(base, tick, &bytes).expect("own deltas decode");
                cost.decode.push(start.elapsed());
            }
        }
        assert_eq!(*decoder.state(), state.public, "tick {tick} decodes to another state");
        cost.verified += 1;
        cost.delta_bytes += bytes.len() as u64;
        let tables: Vec<_> = state.public.tables.iter().map(|t| (&t.ids, &t.cells)).collect();
        let start = Instant::now();
        let whole = bincode::serde::encode_to_vec(&tables, bincode::config::standard())
            .expect("integers always encode");
        cost.whole_encode.push(start.elapsed());
        cost.whole_bytes += whole.len() as u64;
    }
    report(&args, cost);
}

fn report(args: &Args, mut cost: Cost) {
    let ticks = cost.verified.max(1) as f64;
    let delta = cost.delta_bytes as f64 / ticks;
    let whole = cost.whole_bytes as f64 / ticks;
    let (encode, decode, rival) =
        (cost.encode.micros(0.5), cost.decode.micros(0.5), cost.whole_encode.micros(0.5));
    if args.json.is_some() {
        let report = json!({
            "players": args.players, "ticks_verified": cost.verified,
            "delta_bytes_mean": delta, "whole_state_bytes_mean": whole, "bytes_ratio": delta / whole,
            "encode_us": { "p50": encode, "p99": cost.encode.micros(0.99) },
            "decode_us": { "p50": decode, "p99": cost.decode.micros(0.99) },
            "whole_state_encode_us": { "p50": rival, "p99": cost.whole_encode.micros(0.99) },
        });
        println!("{report:#}");
        return;
    }
    println!("Skirmish, {} bots, {} ticks, each decoded and compared", args.players, cost.verified);
    println!(
        "  delta (packed)            {delta:8.1} B   encode {encode:6.2} µs   decode {decode:6.2} µs (p50)"
    );
    println!("  whole state (bincode 2)   {whole:8.1} B   encode {rival:6.2} µs");
    println!(
        "  ratio                     {:8.3}     encode {:6.2}",
        delta / whole,
        encode / rival.max(0.001)
    );
}
