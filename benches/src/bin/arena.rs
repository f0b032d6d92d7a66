//! The arena workload on the real server: latency, lateness, CPU, memory, and how many rooms one core
//! takes.
//!
//! `cargo run --release -p tickwire-benches --bin arena -- --rooms 100 --per-room 16 --hz 30 [--json -]`.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]
#![expect(clippy::print_stderr, reason = "and complains on stderr")]

use std::process::ExitCode;

use clap::Parser;
use serde_json::{Value, json};
use tickwire_benches::arena::Options;
use tickwire_benches::ceiling::{Ceiling, ECHO_P99_MS, Step, TICK_HZ_SHARE};
use tickwire_benches::rig::job::{BareJob, Hosted, Io, Manner, ServerJob};
use tickwire_benches::rig::lateness::Lateness;
use tickwire_benches::rig::load::report::Measured;
use tickwire_benches::rig::trial::Trial;
use tickwire_benches::rig::{PartError, inside};
use tickwire_wire::level::Level;

/// Share of its core above which the load itself is what gives out, percent.
const LOAD_LIMIT_PCT: f64 = 95.0;

/// Seconds of the window in which memory of idle sockets settles.
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
    /// Measure bare epoll + send too, at equal clients, rate, bytes and cohorts.
    #[arg(long)]
    bare: bool,
    /// Open so many more sockets that say nothing, on a server of their own, and tell their memory.
    #[arg(long, default_value_t = 0)]
    idle: u32,
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
    let mut report = match args.find_max {
        true => find_max(args)?,
        false => {
            let run = Run::of(args, args.rooms)?;
            if args.json.is_none() {
                run.print(args);
            }
            run.report(args)
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

/// One window of play.
struct Run {
    rooms: u32,
    measured: Measured,
    lateness: Lateness,
    /// Resident and anonymous memory of the server for each client.
    kb_per_client: (f64, f64),
}

impl Run {
    fn of(args: &Args, rooms: u32) -> Result<Self, PartError> {
        let mut trial = Trial::real(&args.server(), Manner::Arena, rooms, args.per_room)?;
        let (measured, lateness) = trial.measure(args.seconds * 1_000)?;
        let kb_per_client = trial.kb_per_client()?;
        Ok(Self { rooms, measured, lateness, kb_per_client })
    }

    /// Whether the load, not the server, was at its end.
    fn is_load_bound(&self) -> bool {
        self.measured.load_core_pct() > LOAD_LIMIT_PCT
    }

    fn step(&self, args: &Args) -> Step {
        let enough_hz = f64::from(args.hz) * TICK_HZ_SHARE;
        let measured = &self.measured;
        Step {
            rooms: self.rooms,
            holds: measured.fault.is_none()
                && measured.echo_ms.p99 <= ECHO_P99_MS
                && measured.tick_hz_min >= enough_hz,
        }
    }

    fn report(&self, args: &Args) -> Value {
        let measured = &self.measured;
        let late_us = |share| self.lateness.percentile_us(share);
        json!({
            "rooms": self.rooms,
            "clients": self.rooms * u32::from(args.per_room),
            "io": args.io.name(),
            "level": args.level.name(),
            "cohorts": args.cohorts(),
            "tick_hz_min": measured.tick_hz_min,
            "echo_ms": measured.echo_ms,
            "inputs_unanswered": measured.unanswered,
            "tick_late_us": { "p50": late_us(0.5), "p99": late_us(0.99), "p999": late_us(0.999) },
            "cpu_us_per_snapshot": measured.cpu_us(),
            "server_core_pct": measured.server_core_pct(),
            "load_core_pct": measured.load_core_pct(),
            "load_bound": self.is_load_bound(),
            "load_input_late_ms": measured.input_late_ms,
            "snapshots": measured.messages,
            "snapshot_bytes_mean": measured.snapshot_bytes_mean,
            "rss_kb_per_client": self.kb_per_client.0,
            "anonymous_kb_per_client": self.kb_per_client.1,
            "snapshots_verified": measured.verified,
            "desyncs": measured.desyncs,
            "closed": measured.closed,
            "fault": measured.fault,
        })
    }

    fn print(&self, args: &Args) {
        let Measured { echo_ms, input_late_ms, .. } = &self.measured;
        let measured = &self.measured;
        let late_us = |share| self.lateness.percentile_us(share);
        let clients = self.rooms * u32::from(args.per_room);
        println!(
            "{} rooms x {} = {clients} clients, {} Hz, {}, {}, {} cohorts, {:.1} s",
            self.rooms,
            args.per_room,
            args.hz,
            args.level,
            args.io.name(),
            args.cohorts(),
            measured.window_s
        );
        println!(
            "  slowest room {:.2} Hz; input to snapshot p50 {:.1}, p99 {:.1}, max {:.1} ms; {} inputs unanswered",
            measured.tick_hz_min, echo_ms.p50, echo_ms.p99, echo_ms.max, measured.unanswered
        );
        println!(
            "  ticks late p50 {:.0}, p99 {:.0}, p99.9 {:.0} µs",
            late_us(0.5),
            late_us(0.99),
            late_us(0.999)
        );
        println!(
            "  {:.2} µs of server CPU a snapshot of {:.1} B; server core {:.1} %, load core {:.1} % (inputs late p99 {:.2} ms)",
            measured.cpu_us(),
            measured.snapshot_bytes_mean,
            measured.server_core_pct(),
            measured.load_core_pct(),
            input_late_ms.p99
        );
        println!(
            "  memory {:.1} KiB a client ({:.1} of it anonymous)",
            self.kb_per_client.0, self.kb_per_client.1
        );
        println!(
            "  {} of {} snapshots decoded and confirmed by hash, {} desyncs, {} connections lost",
            measured.verified, measured.messages, measured.desyncs, measured.closed
        );
        if let Some(fault) = &measured.fault {
            println!("  first fault: {fault}");
        }
        if self.is_load_bound() {
            println!("  the load's core is the limit here, not the server's");
        }
    }
}

/// The highest number of rooms that holds, step by step.
fn find_max(args: &Args) -> Result<Value, PartError> {
    let mut ceiling = Ceiling::new(args.rooms);
    let (mut steps, mut best, mut last) = (Vec::new(), None, None);
    while let Some(rooms) = ceiling.next() {
        let run = match Run::of(args, rooms) {
            Ok(run) => run,
            // So many do not even get in.
            Err(error @ (PartError::Failed(_) | PartError::Silent(_) | PartError::Ended)) => {
                if args.json.is_none() {
                    println!("{rooms} rooms: {error}");
                }
                steps.push(json!({ "rooms": rooms, "holds": false, "fault": error.to_string() }));
                ceiling.take(Step { rooms, holds: false });
                continue;
            }
            Err(error) => return Err(error),
        };
        let step = run.step(args);
        if args.json.is_none() {
            run.print(args);
            println!("  {}\n", if step.holds { "holds" } else { "does not hold" });
        }
        let mut report = run.report(args);
        report["holds"] = step.holds.into();
        steps.push(report.clone());
        ceiling.take(step);
        if step.holds {
            best = Some(report);
        } else if run.is_load_bound() {
            last = Some(report);
        }
    }
    let mut report = best.unwrap_or_else(|| json!({}));
    report["max_rooms"] = ceiling.held().into();
    report["load_bound_beyond"] = json!(last.as_ref().map(|report| &report["server_core_pct"]));
    report["steps"] = steps.into();
    if args.json.is_none() {
        println!("highest number of rooms that holds: {}", ceiling.held());
        if let Some(report) = &last {
            println!(
                "beyond it the load's core was full; the server used {:.0} % of its own",
                report["server_core_pct"].as_f64().unwrap_or(0.0)
            );
        }
    }
    Ok(report)
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
    let (measured, _) = Trial::bare(&job)?.measure(args.seconds * 1_000)?;
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
    let mut trial = Trial::real(&args.server(), Manner::Idle, rooms, per_room)?;
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
