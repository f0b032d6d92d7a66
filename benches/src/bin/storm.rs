//! A connection storm: everyone who plays is cut at once, and comes back at once.
//!
//! `cargo run --release -p tickwire-benches --bin storm -- --clients 1000 [--json -]`. Worse than real
//! ones: clients of ours wait a random time before they come back.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;
use tickwire_benches::arena::Options;
use tickwire_benches::rig::job::{Hosted, Io, Manner, ServerJob};
use tickwire_benches::rig::trial::Trial;
use tickwire_benches::rig::{PartError, inside};
use tickwire_wire::level::Level;

/// Play before the storm, and the window after it in which all must be well, milliseconds.
const PLAY_MS: u64 = 2_000;

/// Measures a storm.
#[derive(Parser)]
struct Args {
    /// Clients, in rooms of 16 (rounded up to full rooms).
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    clients: u32,
    /// Players of a room.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=200))]
    per_room: u16,
    /// Ticks, snapshots and inputs a second.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=240))]
    hz: u16,
    /// The server's driver.
    #[arg(long, default_value = "epoll")]
    io: Io,
    /// Storms, one after the other; the worst is reported.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    storms: u32,
    /// How the load drives its sockets; left out: io_uring where it is to be had.
    #[arg(long)]
    load_io: Option<Io>,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

fn main() -> ExitCode {
    if let Some(code) = inside::take_over() {
        return code;
    }
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), PartError> {
    let options = Options { tick_hz: args.hz, seats: args.per_room, ..Options::default() };
    let job = ServerJob {
        io: args.io,
        cohorts: args.io.cohorts(),
        tick_hz: args.hz,
        level: Some(Level::Packed),
        game: Hosted::Arena(options),
    };
    let rooms = args.clients.div_ceil(args.per_room.into());
    let load_io = args.load_io.unwrap_or_else(Io::best);
    let mut trial = Trial::real(&job, load_io, Manner::Arena, rooms, args.per_room, 0)?;
    trial.measure(PLAY_MS)?;
    let mut storms = Vec::new();
    for number in 1..=args.storms {
        let storm = trial.storm()?;
        if args.json.is_none() {
            println!(
                "storm {number}: {} of {} clients play again, 99 % after {} s; \
                 connect to 101: p50 {:.0}, p99 {:.0}, max {:.0} ms; cut to snapshot: p50 {:.0}, p99 {:.0}, max {:.0} ms",
                storm.back,
                storm.clients,
                storm.playing_again_99_s.map_or("-".to_owned(), |s| format!("{s:.2}")),
                storm.accept_ms.p50,
                storm.accept_ms.p99,
                storm.accept_ms.max,
                storm.playing_ms.p50,
                storm.playing_ms.p99,
                storm.playing_ms.max,
            );
        }
        storms.push(storm);
    }
    let (after, _) = trial.measure(PLAY_MS)?;
    if args.json.is_none() {
        println!(
            "afterwards: slowest room {:.2} Hz, input to snapshot p99 {:.1} ms, {} desyncs, {} connections lost",
            after.tick_hz_min, after.echo_ms.p99, after.desyncs, after.closed
        );
    } else {
        // `None` is worse than any time.
        let worst = storms.iter().max_by(|a, b| {
            let seconds = |storm: Option<f64>| storm.unwrap_or(f64::INFINITY);
            seconds(a.playing_again_99_s).total_cmp(&seconds(b.playing_again_99_s))
        });
        let mut report = json!(worst);
        report["io"] = args.io.name().into();
        report["storms"] = json!(storms);
        report["desyncs"] = after.desyncs.into();
        report["closed"] = after.closed.into();
        report["tick_hz_min_after"] = after.tick_hz_min.into();
        report["echo_ms_after"] = json!(after.echo_ms);
        println!("{report:#}");
    }
    Ok(())
}
