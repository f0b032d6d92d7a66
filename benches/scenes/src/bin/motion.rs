//! All scenes through the generic codec, every state decoded and compared.
//!
//! `cargo run --release -p tickwire-scenes --bin motion -- [--ticks 1800] [--seed N] [--json -]`
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use clap::Parser;
use serde_json::json;
use tickwire_scenes::SCENES;
use tickwire_scenes::measure::measure;
use tickwire_wire::level::Level;

/// Measures the codec on every scene at every level.
#[derive(Parser)]
struct Args {
    /// States of each scene.
    #[arg(long, default_value_t = 1800)]
    ticks: usize,
    /// Seed of each scene.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

fn main() {
    let args = Args::parse();
    let mut report = Vec::new();
    for scene in SCENES {
        let (schema, states) = ((scene.schema)(), (scene.states)(args.seed, args.ticks));
        let rows = |state: &tickwire_wire::columns::StateColumns| {
            state.tables.iter().map(|table| table.len()).sum::<usize>()
        };
        let rows = states.iter().map(rows).sum::<usize>() as f64 / states.len().max(1) as f64;
        for level in Level::ALL {
            let cost = measure(&schema, &states, level);
            if args.json.is_some() {
                report.push(json!({
                    "scene": scene.name, "level": level.name(), "rows_mean": rows,
                    "bytes_per_frame": cost.bytes_per_frame,
                    "keyframe_bytes": cost.keyframe_bytes,
                    "encode_us": { "p50": cost.encode_us.p50, "p99": cost.encode_us.p99 },
                    "decode_us": { "p50": cost.decode_us.p50, "p99": cost.decode_us.p99 },
                    "frames_verified": cost.frames_verified,
                }));
                continue;
            }
            println!(
                "{:<12} {:<10} {rows:6.1} rows {:8.1} B/frame   encode {:6.1} µs   decode {:6.1} µs (p50)   \
                 {} frames verified",
                scene.name,
                level.name(),
                cost.bytes_per_frame,
                cost.encode_us.p50,
                cost.decode_us.p50,
                cost.frames_verified
            );
        }
    }
    if args.json.is_some() {
        println!("{:#}", json!(report));
    }
}
