//! Fan-out alone: what a delivered message costs our shard, and what it costs bare system calls.
//!
//! `cargo run --release -p tickwire-benches --bin limits -- --clients 1000 --hz 60 --bytes 120 [--json -]`.
//! Everyone sends one input of 30 bytes a tick and gets one message a tick; nobody plays anything. The
//! contestants take turns in short rounds, because the machine is never equally quiet.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::fixed;
use tickwire_benches::rig::job::{BareJob, Hosted, Io, Manner, ServerJob};
use tickwire_benches::rig::trial::Trial;
use tickwire_benches::rig::{PartError, inside};
use tickwire_benches::rounds::Rounds;

/// Clients that are served one after the other: rooms of this size.
const PER_ROOM: u16 = 20;

/// Measures fan-out.
#[derive(Parser)]
struct Args {
    /// Clients, in rooms of 20.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=20_000))]
    clients: u32,
    /// Ticks a second: one message to and one input from each client.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=240))]
    hz: u16,
    /// Bytes of a message; the frame's head of 2 or 4 bytes comes on top, for everyone alike.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(8..=60_000))]
    bytes: u32,
    /// Seconds of each contestant in each round, after a warm-up.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Rounds.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=50))]
    rounds: u32,
    /// Cohorts over the period, for all; left out: 5 with epoll, 12 with io_uring and for what it is
    /// held against.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=25))]
    cohorts: Option<u16>,
    /// Only one driver and what it is held against.
    #[arg(long)]
    io: Option<Io>,
    /// How the load drives its sockets; left out: io_uring where it is to be had.
    #[arg(long)]
    load_io: Option<Io>,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

/// Who is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Contestant {
    key: &'static str,
    name: &'static str,
    is_ours: bool,
    io: Io,
    /// Whose cohorts it runs in.
    cohorts_of: Io,
}

const OURS_EPOLL: Contestant = Contestant {
    key: "ours_epoll_us",
    name: "our shard, epoll",
    is_ours: true,
    io: Io::Epoll,
    cohorts_of: Io::Epoll,
};
const BARE_EPOLL: Contestant =
    Contestant { key: "bare_epoll_us", name: "bare epoll + send", is_ours: false, ..OURS_EPOLL };
const OURS_URING: Contestant = Contestant {
    key: "ours_uring_us",
    name: "our shard, io_uring",
    is_ours: true,
    io: Io::Uring,
    cohorts_of: Io::Uring,
};
const BARE_EPOLL_12: Contestant = Contestant {
    key: "bare_epoll_uring_cohorts_us",
    name: "bare epoll + send",
    is_ours: false,
    io: Io::Epoll,
    cohorts_of: Io::Uring,
};
const BARE_URING: Contestant = Contestant {
    key: "bare_uring_us",
    name: "bare io_uring",
    is_ours: false,
    io: Io::Uring,
    cohorts_of: Io::Uring,
};

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
    let is_text = args.json.is_none();
    if is_text {
        println!(
            "{} clients, {} Hz, messages of {} B + frame head, inputs of 30 B: µs of server CPU a delivered message.\n\
             {} rounds of {} s each; server on core 0, load on core 1.\n",
            args.clients, args.hz, args.bytes, args.rounds, args.seconds
        );
    }
    let mut results: Vec<(Contestant, Rounds)> =
        args.contestants().into_iter().map(|one| (one, Rounds::default())).collect();
    let mut delivered = Rounds::default();
    for round in 1..=args.rounds {
        for (contestant, rounds) in &mut results {
            let (us, share) = measure(args, contestant)?;
            delivered.push(share);
            if is_text {
                println!("round {round}: {:<20} {us:6.2} µs", contestant.name);
            }
            rounds.push(us);
        }
    }
    let ratios = ratios(&results);
    if is_text {
        print(args, &results, &ratios);
    } else {
        let mut report = report(args, &results, &ratios);
        report["delivered_share_min"] = delivered.min().into();
        println!("{report:#}");
    }
    Ok(())
}

impl Args {
    fn contestants(&self) -> Vec<Contestant> {
        let epoll = [OURS_EPOLL, BARE_EPOLL];
        let uring = [OURS_URING, BARE_EPOLL_12, BARE_URING];
        match self.io {
            Some(Io::Epoll) => epoll.to_vec(),
            Some(Io::Uring) => uring.to_vec(),
            None => [&epoll[..], &uring[..]].concat(),
        }
    }

    fn load_io(&self) -> Io {
        self.load_io.unwrap_or_else(Io::best)
    }

    fn cohorts(&self, contestant: &Contestant) -> u16 {
        self.cohorts.unwrap_or(contestant.cohorts_of.cohorts())
    }
}

/// One contestant's round: µs of CPU a message, and the share of the messages that came.
fn measure(args: &Args, contestant: &Contestant) -> Result<(f64, f64), PartError> {
    let cohorts = args.cohorts(contestant);
    let rooms = args.clients / u32::from(PER_ROOM);
    let (io, tick_hz, bytes) = (contestant.io, args.hz, args.bytes as usize);
    let mut trial = if contestant.is_ours {
        let game = Hosted::Fixed(fixed::Options { tick_hz, bytes });
        let job = ServerJob { io, cohorts, tick_hz, level: None, game };
        Trial::real(&job, args.load_io(), Manner::Upgraded, rooms, PER_ROOM, 0)?
    } else {
        let clients = rooms * u32::from(PER_ROOM);
        Trial::bare(
            &BareJob { io, clients, per_room: PER_ROOM, tick_hz, bytes, cohorts },
            args.load_io(),
        )?
    };
    let (measured, _) = trial.measure(args.seconds * 1_000)?;
    if let Some(fault) = &measured.fault {
        return Err(PartError::Failed(format!("{}: {fault}", contestant.name)));
    }
    let wanted = f64::from(rooms * u32::from(PER_ROOM)) * f64::from(args.hz) * measured.window_s;
    let share = measured.messages as f64 / wanted;
    if share < 0.98 {
        eprintln!(
            "{}: only {:.1} % of the messages came; server {:.0} %, load {:.0} % of their cores",
            contestant.name,
            share * 100.0,
            measured.server_core_pct(),
            measured.load_core_pct()
        );
    }
    Ok((measured.cpu_us(), share))
}

/// Round by round, so that what disturbs both disturbs the ratio least.
fn ratios(results: &[(Contestant, Rounds)]) -> Vec<(&'static str, Rounds)> {
    let rounds = |wanted: Contestant| {
        results.iter().find(|(one, _)| *one == wanted).map(|(_, rounds)| rounds)
    };
    [
        ("ratio_epoll", OURS_EPOLL, BARE_EPOLL),
        ("ratio_uring", OURS_URING, BARE_EPOLL_12),
        ("ratio_bare_uring", BARE_URING, BARE_EPOLL_12),
    ]
    .into_iter()
    .filter_map(|(key, ours, bare)| Some((key, rounds(ours)?.over(rounds(bare)?))))
    .collect()
}

fn report(args: &Args, results: &[(Contestant, Rounds)], ratios: &[(&str, Rounds)]) -> Value {
    let mut report = json!({
        "clients": args.clients, "hz": args.hz, "bytes": args.bytes,
        "load_io": args.load_io().name(), "rounds": args.rounds, "seconds": args.seconds,
    });
    let named = results.iter().map(|(one, rounds)| (one.key, rounds));
    for (key, rounds) in named.chain(ratios.iter().map(|(key, rounds)| (*key, rounds))) {
        report[key] = rounds.median().into();
        report["spread"][key] = json!({ "min": rounds.min(), "max": rounds.max() });
    }
    for (one, _) in results {
        report["cohorts"][one.key] = args.cohorts(one).into();
    }
    report
}

fn print(args: &Args, results: &[(Contestant, Rounds)], ratios: &[(&str, Rounds)]) {
    println!();
    for (one, rounds) in results {
        println!(
            "{:<20} in {:>2} cohorts {:6.2} µs   ({:.2} to {:.2})",
            one.name,
            args.cohorts(one),
            rounds.median(),
            rounds.min(),
            rounds.max()
        );
    }
    for (key, rounds) in ratios {
        println!(
            "{key:<20} {:16.3}      ({:.3} to {:.3})",
            rounds.median(),
            rounds.min(),
            rounds.max()
        );
    }
}
