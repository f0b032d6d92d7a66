//! Time per row and per field at each level, and bytes and time beside other ways to send the same
//! states.
//!
//! `cargo run --release -p tickwire-benches --bin throughput [-- --trace FILE] [--json -]`. Every
//! state is decoded and compared, the rivals' too. Times are medians of one state; per row and per
//! field they are shared among all rows and public fields of the state, changed or not.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::arena::config;
use tickwire_benches::codec::{self, Cost};
use tickwire_benches::levels::Levels;
use tickwire_benches::rival::mask::Mask;
use tickwire_benches::rival::whole::{Compressed, Whole};
use tickwire_benches::rival::{self, Rival};
use tickwire_benches::workload::Workload;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;

/// States that are not counted: joins, and the first state of all.
const WARM_UP: usize = 60;
/// Players of the Skirmish match, all bots.
const SKIRMISH_PLAYERS: u16 = 16;
/// zstd's levels that are asked for in games: the fastest, and its default.
const ZSTD_LEVELS: [i32; 2] = [1, 3];

/// Measures encode and decode on three workloads, beside other ways to send the same states.
#[derive(Parser)]
struct Args {
    /// packed, ranged, ranged-max, or all.
    #[arg(long, default_value = "all")]
    level: Levels,
    /// States of each workload after the warm-up.
    #[arg(long, default_value_t = 900, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    states: u32,
    /// Seed of the workloads.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A trace of 901 bodies (.bin or .bin.xz) in place of the tumbling cubes.
    #[arg(long)]
    trace: Option<PathBuf>,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut reports = Vec::new();
    for workload in workloads(args)? {
        let mut costs = Vec::new();
        for coder in args.level.coders(None) {
            let cost = codec::run(&coder.layout(&workload.schema), &workload.states, WARM_UP)?;
            costs.push((format!("tickwire {}", coder.name()), cost));
        }
        let layout = Arc::new(Layout::new(&workload.schema));
        for mut rival in rivals(&layout, &workload.states[0])? {
            let cost = rival::run(&mut *rival, &layout, &workload.states, WARM_UP)?;
            costs.push((rival.name(), cost));
        }
        if args.json.is_some() {
            let costs = costs.iter_mut();
            reports.extend(costs.map(|(codec, cost)| report(&workload.name, codec, cost)));
        } else {
            print(&workload.name, &mut costs);
        }
    }
    if args.json.is_some() {
        println!("{:#}", Value::from(reports));
    }
    Ok(())
}

fn workloads(args: &Args) -> Result<[Workload; 3], String> {
    let count = WARM_UP + args.states as usize;
    let cubes = match &args.trace {
        None => Workload::tumble(count, args.seed),
        Some(path) => Workload::trace(path, WARM_UP + 1, count)?,
    };
    let arena = Workload::arena(&config::B, count, args.seed);
    Ok([cubes, arena, Workload::skirmish(SKIRMISH_PLAYERS, count, args.seed)])
}

fn rivals(layout: &Arc<Layout>, state: &StateColumns) -> std::io::Result<Vec<Box<dyn Rival>>> {
    let mut rivals: Vec<Box<dyn Rival>> =
        vec![Box::new(Mask::new(Arc::clone(layout))), Box::new(Whole::new(state))];
    for remembers in [false, true] {
        for level in ZSTD_LEVELS {
            rivals.push(Box::new(Compressed::new(state, level, remembers)?));
        }
    }
    Ok(rivals)
}

fn report(workload: &str, codec: &str, cost: &mut Cost) -> Value {
    let (encode, decode) = (cost.encode.micros(0.5), cost.decode.micros(0.5));
    let (rows, fields) = (cost.rows_mean(), cost.fields_mean());
    json!({
        "workload": workload, "codec": codec,
        "bytes_mean": cost.bytes_mean(), "rows_mean": rows, "fields_mean": fields,
        "encode_us": cost.encode.json(), "decode_us": cost.decode.json(),
        "encode_ns_per_row": encode / rows * 1e3, "encode_ns_per_field": encode / fields * 1e3,
        "decode_ns_per_row": decode / rows * 1e3, "decode_ns_per_field": decode / fields * 1e3,
        "states_verified": cost.verified,
    })
}

fn print(workload: &str, costs: &mut [(String, Cost)]) {
    let Some((_, first)) = costs.first() else { return };
    println!(
        "{workload}: {} states, each decoded and compared; {:.0} rows, {:.0} fields",
        first.verified,
        first.rows_mean(),
        first.fields_mean()
    );
    println!(
        "  {:<56} {:>9} {:>10} {:>8} {:>8} {:>10} {:>8} {:>8}",
        "", "bytes", "encode µs", "ns/row", "ns/field", "decode µs", "ns/row", "ns/field"
    );
    for (codec, cost) in costs {
        let (encode, decode) = (cost.encode.micros(0.5), cost.decode.micros(0.5));
        let (rows, fields) = (cost.rows_mean() / 1e3, cost.fields_mean() / 1e3);
        println!(
            "  {codec:<56} {:9.1} {encode:10.2} {:8.2} {:8.2} {decode:10.2} {:8.2} {:8.2}",
            cost.bytes_mean(),
            encode / rows,
            encode / fields,
            decode / rows,
            decode / fields,
        );
    }
    println!();
}
