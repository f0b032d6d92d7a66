//! One window of play, and what is told of it.

use serde_json::{Value, json};
use tickwire_benches::ceiling::{ECHO_P99_MS, Step, TICK_HZ_SHARE};
use tickwire_benches::rig::PartError;
use tickwire_benches::rig::job::Manner;
use tickwire_benches::rig::lateness::Lateness;
use tickwire_benches::rig::load::report::Measured;
use tickwire_benches::rig::trial::Trial;

use crate::Args;

/// Share of its core above which the load itself is what gives out, percent.
const LOAD_LIMIT_PCT: f64 = 95.0;

/// One window of play.
pub(super) struct Window {
    rooms: u32,
    measured: Measured,
    lateness: Lateness,
    /// Resident and anonymous memory of the server for each client.
    kb_per_client: (f64, f64),
    /// Clients that were cut because they took nothing.
    too_slow: f64,
    /// Snapshots that rooms left out because the shard was short of time.
    thinned: f64,
}

impl Window {
    pub(super) fn of(args: &Args, rooms: u32, mute: u32) -> Result<Self, PartError> {
        let mut trial =
            Trial::real(&args.server(), args.load_io(), Manner::Arena, rooms, args.per_room, mute)?;
        let (measured, lateness) = trial.measure(args.seconds * 1_000)?;
        Ok(Self {
            rooms,
            measured,
            lateness,
            kb_per_client: trial.kb_per_client()?,
            too_slow: trial.metric("tickwire_closes_total{code=\"4013\"}")?,
            thinned: trial.metric("tickwire_snapshots_thinned_total")?,
        })
    }

    /// Whether the load, not the server, was at its end.
    pub(super) fn is_load_bound(&self) -> bool {
        self.measured.load_core_pct() > LOAD_LIMIT_PCT
    }

    /// Clients that were cut because they took nothing.
    pub(super) fn too_slow(&self) -> f64 {
        self.too_slow
    }

    /// Input to snapshot, 99th percentile.
    pub(super) fn echo_p99_ms(&self) -> f64 {
        self.measured.echo_ms.p99
    }

    /// Snapshots that came, as a share of one for each client and tick.
    fn snapshot_share(&self, args: &Args) -> f64 {
        let clients = f64::from(self.rooms * u32::from(args.per_room));
        let wanted = clients * f64::from(args.hz) * self.measured.window_s;
        self.measured.messages as f64 / wanted.max(1.0)
    }

    pub(super) fn step(&self, args: &Args) -> Step {
        let enough_hz = f64::from(args.hz) * TICK_HZ_SHARE;
        let measured = &self.measured;
        Step {
            rooms: self.rooms,
            holds: measured.fault.is_none()
                && measured.echo_ms.p99 <= ECHO_P99_MS
                && measured.tick_hz_min >= enough_hz,
        }
    }

    pub(super) fn report(&self, args: &Args) -> Value {
        let measured = &self.measured;
        let late_us = |share| self.lateness.percentile_us(share);
        json!({
            "rooms": self.rooms,
            "clients": self.rooms * u32::from(args.per_room),
            "io": args.io.name(),
            "level": args.level.name(),
            "load_io": args.load_io().name(),
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
            "snapshot_share": self.snapshot_share(args),
            "snapshot_bytes_mean": measured.snapshot_bytes_mean,
            "rss_kb_per_client": self.kb_per_client.0,
            "anonymous_kb_per_client": self.kb_per_client.1,
            "snapshots_verified": measured.verified,
            "desyncs": measured.desyncs,
            "closed": measured.closed,
            "cut_as_too_slow": self.too_slow,
            "snapshots_thinned": self.thinned,
            "fault": measured.fault,
        })
    }

    pub(super) fn print(&self, args: &Args) {
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
            "  {:.1} % of the snapshots came (one for each client and tick); {} were left out for want of time",
            self.snapshot_share(args) * 100.0,
            self.thinned
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
