//! The asteroids scene through the generic codec, every frame decoded and compared.
//!
//! `cargo run --release -p tickwire-scenes --bin asteroids -- [--frames 1800] [--seed N]
//! [--level packed|ranged|ranged-max|all] [--json -] [--out FILE]`
//!
//! `--out` writes the frames as a raw dump: per frame 250 records of 7 little-endian `i32`: index of the
//! quaternion's largest component (0..3 = x, y, z, w), its other three in order (10 bits each, 0..1023), then x,
//! y, z as raw as they travel (metres = raw × 0.01 − 32). Scales are constant and not in it.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::path::PathBuf;
use std::{fs, io};

use clap::Parser;
use serde_json::json;
use tickwire_scenes::asteroids::{BODIES, HZ, Motion, Scene, columns, schema};
use tickwire_scenes::measure::{Cost, measure};
use tickwire_wire::level::Level;

/// Measures the codec on 250 asteroids at 30 Hz.
#[derive(Parser)]
struct Args {
    /// Frames, the first before anything has moved.
    #[arg(long, default_value_t = 1800)]
    frames: usize,
    /// Seed of the scene.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Level of the codec: packed, ranged, ranged-max or all.
    #[arg(long, default_value = "all", value_parser = levels)]
    level: Levels,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
    /// File for the frames.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// Levels to measure; a type of its own, else the parser takes the list for a repeated option.
#[derive(Clone)]
struct Levels(Vec<Level>);

fn levels(text: &str) -> Result<Levels, String> {
    if text == "all" {
        return Ok(Levels(Level::ALL.to_vec()));
    }
    text.parse().map(|level| Levels(vec![level])).map_err(|error| format!("{error}, or all"))
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let mut scene = Scene::new(args.seed);
    let (mut states, mut dump) = (Vec::new(), Vec::new());
    for index in 0..args.frames {
        if index > 0 {
            scene.step();
        }
        let frame = scene.frame();
        states.push(columns(&frame, scene.scales()));
        if args.out.is_some() {
            dump.extend(frame.iter().flat_map(|value| value.to_le_bytes()));
        }
    }
    if let Some(path) = &args.out {
        fs::write(path, dump)?;
    }
    let schema = schema();
    let packed = measure(&schema, &states, Level::Packed);
    let costs: Vec<Cost> = (args.level.0.iter())
        .map(|&level| match level {
            Level::Packed => packed.clone(),
            level => measure(&schema, &states, level),
        })
        .collect();
    report(&args, scene.motion(), &costs, packed.bytes_per_frame);
    Ok(())
}

fn report(args: &Args, motion: Motion, costs: &[Cost], packed: f64) {
    if args.json.is_some() {
        let levels: Vec<_> = (costs.iter())
            .map(|cost| {
                json!({
                    "level": cost.level.name(),
                    "bytes_per_frame": cost.bytes_per_frame,
                    "keyframe_bytes": cost.keyframe_bytes,
                    "ratio_to_packed": cost.bytes_per_frame / packed,
                    "encode_us": { "p50": cost.encode_us.p50, "p99": cost.encode_us.p99 },
                    "decode_us": { "p50": cost.decode_us.p50, "p99": cost.decode_us.p99 },
                    "frames_verified": cost.frames_verified,
                })
            })
            .collect();
        let report = json!({
            "bodies": BODIES, "hz": HZ, "seed": args.seed,
            "scene": {
                "speed_mean": motion.speed,
                "velocity_change_mean": motion.velocity_change,
                "degrees_per_second_mean": motion.degrees,
                "collisions_per_second": motion.collisions,
                "wall_hits_per_second": motion.wall_hits,
            },
            "levels": levels,
        });
        println!("{report:#}");
        return;
    }
    println!("{BODIES} asteroids at {HZ} Hz, seed {}, positions to 0.01", args.seed);
    println!(
        "  mean speed {:.2} m/s, change of velocity {:.4} m/s a body and frame, {:.0} degrees/s",
        motion.speed, motion.velocity_change, motion.degrees
    );
    println!(
        "  collisions {:.1}/s between bodies, {:.1}/s with walls",
        motion.collisions, motion.wall_hits
    );
    for cost in costs {
        println!(
            "  {:<10} {:8.1} B/frame ({:.3} of packed)   encode {:.1} / {:.1} µs   decode {:.1} / {:.1} µs \
             (p50 / p99)   {} frames verified",
            cost.level.name(),
            cost.bytes_per_frame,
            cost.bytes_per_frame / packed,
            cost.encode_us.p50,
            cost.encode_us.p99,
            cost.decode_us.p50,
            cost.decode_us.p99,
            cost.frames_verified
        );
    }
}
