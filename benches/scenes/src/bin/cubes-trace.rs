//! Writes a trace of the cubes scene: frames of 901 records of 8 little-endian `i32`.
//!
//! `cargo run --release -p tickwire-scenes --bin cubes-trace -- --seed 7 --frames 2400 --out FILE.bin [--layout pile]`
#![expect(clippy::print_stderr, reason = "a command line tool reports on stderr")]

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Parser;
use tickwire_scenes::cubes::{Layout, frames, stats, trace};

/// Generates a trace of 901 cubes at 60 Hz.
#[derive(Parser)]
struct Args {
    /// Seed: the same one makes the same trace.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Frames, the first before anything has moved.
    #[arg(long, default_value_t = 2400)]
    frames: usize,
    /// Where the small cubes stand at first.
    #[arg(long, value_enum, default_value_t)]
    layout: Layout,
    /// File to write; without it only the statistics are printed.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> io::Result<()> {
    let args = Args::parse();
    let frames = frames(args.seed, args.layout, args.frames);
    if let Some(path) = &args.out {
        let mut file = BufWriter::new(File::create(path)?);
        let mut bytes = Vec::with_capacity(trace::FRAME_BYTES);
        for frame in &frames {
            bytes.clear();
            trace::write(frame, &mut bytes);
            file.write_all(&bytes)?;
        }
        file.flush()?;
    }
    eprintln!("seed {}, layout {:?}: {}", args.seed, args.layout, stats(&frames));
    Ok(())
}
