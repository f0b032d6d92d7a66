//! The 901-cube trace through the generic codec, beside the coders known on it.
//!
//! `cargo run --release -p tickwire-benches --bin cubes -- --trace FILE [--level all] [--json -]`.
//! Every frame is decoded and compared.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::codec::{self, Cost};
use tickwire_benches::levels::{Coder, Levels, read_prior};
use tickwire_benches::workload::Workload;

/// Frames that only feed the encoder: the foreign coders need six before they can begin.
const START_UP_FRAMES: usize = 6;

/// What is known of `cubes901-a`, bytes a frame.
const KNOWN: [(&str, f64); 6] = [
    ("bit-packed hold from t-6", 605.0),
    ("Giesen, from t-6", 442.6),
    ("Maxwell, from t-6", 312.0),
    ("bit-packed linear t-1, t-2", 309.0),
    ("prototype of `ranged`", 199.5),
    ("prototype of `ranged-max`", 180.3),
];

/// Measures the snapshot codec on a trace of 901 rigid bodies at 60 Hz.
#[derive(Parser)]
struct Args {
    /// The trace: frames of 901 records, plain (.bin) or xz (.bin.xz).
    #[arg(long)]
    trace: PathBuf,
    /// packed, ranged, ranged-max, or all.
    #[arg(long, default_value = "all")]
    level: Levels,
    /// A prior trained for such traces: its figures are printed beside those of the protocol's own.
    #[arg(long)]
    prior: Option<PathBuf>,
    /// Print JSON instead of text (`-` = stdout, the only place): one object, or a list for `all`.
    #[arg(long)]
    json: Option<String>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match measure(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), Box<dyn std::error::Error>> {
    let prior = read_prior(args.prior.as_deref())?;
    let Workload { schema, states, .. } =
        Workload::trace(&args.trace, START_UP_FRAMES + 1, usize::MAX)?;
    let mut reports = Vec::new();
    if args.json.is_none() {
        println!(
            "{}: {} frames of 901 bodies, from frame {START_UP_FRAMES} on each coded from the one before,\n\
             decoded and compared; bytes of the chunk (its head adds 3 or 4)",
            args.trace.display(),
            states.len(),
        );
    }
    for coder in args.level.coders(prior.as_ref()) {
        let mut cost = codec::run(&coder.layout(&schema), &states, START_UP_FRAMES)?;
        if args.json.is_some() {
            reports.push(report(&coder, &mut cost));
        } else {
            println!(
                "  {:<28} {:8.1} B   encode {:7.2} µs p50 {:7.2} p99   decode {:7.2} µs p50 {:7.2} p99",
                coder.name(),
                cost.bytes_mean(),
                cost.encode.micros(0.5),
                cost.encode.micros(0.99),
                cost.decode.micros(0.5),
                cost.decode.micros(0.99),
            );
        }
    }
    match reports.as_slice() {
        [] => print_known(),
        [one] => println!("{one:#}"),
        _ => println!("{:#}", Value::from(reports)),
    }
    Ok(())
}

fn report(coder: &Coder, cost: &mut Cost) -> Value {
    let mut report = json!({
        "bytes_per_frame": cost.bytes_mean(),
        "encode_us": cost.encode.json(),
        "decode_us": cost.decode.json(),
        "frames_verified": cost.verified,
        "frames_unchanged": cost.unchanged,
    });
    coder.label(&mut report);
    report
}

fn print_known() {
    println!("known on cubes901-a:");
    for (name, bytes) in KNOWN {
        println!("  {name:<28} {bytes:8.1} B");
    }
    println!(
        "Not one contest: Giesen's and Maxwell's coders were built for UDP, where the frame six back is the\n\
         newest that the receiver is known to have. Here the transport is ordered, and the base is the frame before."
    );
}
