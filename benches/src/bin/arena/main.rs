//! The arena workload on the real server: latency, lateness, CPU, memory, and how many rooms one core
//! takes.
//!
//! `cargo run --release -p tickwire-benches --bin arena -- --rooms 100 --per-room 16 --hz 30 [--json -]`.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

mod mute;
mod search;
mod window;

use std::process::ExitCode;

use clap::Parser;
use serde_json::Value;
use tickwire_benches::arena::Options;
use tickwire_benches::rig::job::{BareJob, Hosted, Io, Manner, ServerJob};
use tickwire_benches::rig::trial::Trial;
use tickwire_benches::rig::{PartError, inside};
use tickwire_wire::level::Level;
use window::Window;

/// The window in which the memory of idle sockets settles, milliseconds.
const IDLE_WINDOW_MS: u64 = 1_000;

/// Measures the arena workload.
#[derive(Parser)]
struct Args {
    /// Rooms at once; with --find-max the first number that is tried.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    rooms: u32,
    /// Players in each.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=200))]
    per_room: u16,
    /// NPCs in each.
    #[arg(long, default_value_t = 0)]
    npcs: u16,
    /// Ticks, snapshots and inputs a second.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=240))]
    hz: u16,
    /// How far a player sees, metres; left out: everything.
    #[arg(long)]
    view: Option<f32>,
    /// The server's driver.
    #[arg(long, default_value = "epoll")]
    io: Io,
    /// How snapshots are coded: packed, ranged or ranged-max.
    #[arg(long, default_value = "packed")]
    level: Level,
    /// Cohorts over the period; left out: 5 with epoll, 12 with io_uring.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=25))]
    cohorts: Option<u16>,
    /// Seconds of the window, after a warm-up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=120))]
    seconds: u64,
    /// Find the highest number of rooms with echo p99 <= 50 ms and every room at its rate.
    #[arg(long)]
    find_max: bool,
    /// Try no more than so many; a search may end there.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=5_000))]
    max_rooms: u32,
    /// Measure bare epoll + send too, at equal clients, rate, bytes and cohorts.
    #[arg(long)]
    bare: bool,
    /// Play five times with and five times without one client in so many rooms that never reads, in
    /// turn, and tell what it does to the others. Its socket fills within the window where snapshots
    /// are large: with `--npcs 136 --seconds 15`, say.
    #[arg(long, default_value_t = 0)]
    mute: u32,
    /// Open so many more sockets that say nothing, on a server of their own, and tell their memory.
    #[arg(long, default_value_t = 0)]
    idle: u32,
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
    let mut report = match (args.find_max, args.mute) {
        (true, _) => search::find_max(args)?,
        (false, 1..) => mute::compare(args)?,
        (false, 0) => {
            let window = Window::of(args, args.rooms, 0)?;
            if args.json.is_none() {
                window.print(args);
            }
            window.report(args)
        }
    };
    if args.bare {
        bare(args, &mut report)?;
    }
    if args.idle > 0 {
        idle(args, &mut report)?;
    }
    if args.json.is_some() {
        println!("{report:#}");
    }
    Ok(())
}

impl Args {
    fn cohorts(&self) -> u16 {
        self.cohorts.unwrap_or(self.io.cohorts())
    }

    fn load_io(&self) -> Io {
        self.load_io.unwrap_or_else(Io::best)
    }

    fn server(&self) -> ServerJob {
        let options = Options {
            tick_hz: self.hz,
            seats: self.per_room,
            npcs: self.npcs,
            view_radius: self.view,
        };
        ServerJob {
            io: self.io,
            cohorts: self.cohorts(),
            tick_hz: self.hz,
            level: Some(self.level),
            game: Hosted::Arena(options),
        }
    }
}

/// The same traffic by nothing but system calls.
fn bare(args: &Args, report: &mut Value) -> Result<(), PartError> {
    let bytes = report["snapshot_bytes_mean"].as_f64().unwrap_or(0.0).round() as usize;
    let clients = report["clients"].as_u64().unwrap_or(0) as u32;
    if clients == 0 {
        return Ok(());
    }
    let job = BareJob {
        io: Io::Epoll,
        clients,
        per_room: args.per_room,
        tick_hz: args.hz,
        bytes,
        cohorts: args.cohorts(),
    };
    let (measured, _) = Trial::bare(&job, args.load_io())?.measure(args.seconds * 1_000)?;
    let ours = report["cpu_us_per_snapshot"].as_f64().unwrap_or(0.0);
    report["bare_epoll_us"] = measured.cpu_us().into();
    report["ratio"] = (ours / measured.cpu_us()).into();
    if args.json.is_none() {
        println!(
            "  bare epoll + send, {clients} clients, {bytes} B, {} cohorts: {:.2} µs a message; ratio {:.2}",
            job.cohorts,
            measured.cpu_us(),
            ours / measured.cpu_us()
        );
    }
    Ok(())
}

/// Memory of sockets that were upgraded and say nothing.
fn idle(args: &Args, report: &mut Value) -> Result<(), PartError> {
    let per_room = args.per_room;
    let rooms = args.idle.div_ceil(per_room.into());
    let mut trial = Trial::real(&args.server(), args.load_io(), Manner::Idle, rooms, per_room, 0)?;
    trial.measure(IDLE_WINDOW_MS)?;
    let (resident, anonymous) = trial.kb_per_client()?;
    report["idle_sockets"] = (rooms * u32::from(per_room)).into();
    report["rss_kb_per_idle_socket"] = resident.into();
    report["anonymous_kb_per_idle_socket"] = anonymous.into();
    if args.json.is_none() {
        println!("  memory {resident:.2} KiB an idle socket ({anonymous:.2} of it anonymous)");
    }
    Ok(())
}
