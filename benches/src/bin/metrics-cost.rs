//! What counting costs the match path: every count that a shard makes for one snapshot, with the share
//! of a room's turn that falls to it and of the input that comes for it.
//!
//! `cargo run --release -p tickwire-benches --bin metrics-cost [-- --message-us 6] [--json -]`. Beside
//! it the same with additions that any thread may make (`lock xadd`), as most registries do. Reading the
//! clock is counted in: four times a turn and three times a wake-up.
#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use serde_json::json;
use tickwire_server::{Histogram, Tally};

/// Snapshots of one room's turn.
const PER_TURN: u64 = 16;
/// Rooms of one wake-up: 200 rooms at 30 Hz in 5 cohorts.
const PER_WAKE: u64 = 40;
/// Wake-ups in one measurement.
const WAKES: u64 = 500;

/// Measures what counting costs.
#[derive(Parser)]
struct Args {
    /// CPU time that a delivered message costs in all, microseconds: what `limits` or `arena` reports.
    #[arg(long, default_value_t = 6.0)]
    message_us: f64,
    /// Measurements; the median counts.
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rounds: u32,
    /// Print JSON instead of text (`-` = stdout, the only place).
    #[arg(long)]
    json: Option<String>,
}

/// A counter of one of the two kinds.
trait Count: Default {
    fn add(&self, count: u64);
}

impl Count for Tally {
    fn add(&self, count: u64) {
        Self::add(self, count);
    }
}

/// What any thread may add to.
#[derive(Default)]
struct Locked(AtomicU64);

impl Count for Locked {
    fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

/// What a shard counts while nothing goes wrong.
#[derive(Default)]
struct Counts<C> {
    wakes: C,
    drain_us: C,
    ticks: C,
    sent: C,
    bytes_out: C,
    messages_in: C,
    bytes_in: C,
    /// Lateness, whole work and its three parts.
    durations: [Histogram; 5],
}

impl<C: Count> Counts<C> {
    /// Everything that one wake-up counts; `sizes` stand for bytes and durations.
    fn wake(&self, sizes: &[u64; 16]) {
        let began = Instant::now();
        for snapshot in 0..PER_WAKE * PER_TURN {
            self.bytes_in.add(sizes[(snapshot % 16) as usize]);
            self.messages_in.add(1);
        }
        self.drain_us.add(micros(began));
        self.wakes.add(1);
        for turn in 0..PER_WAKE {
            let turn_began = Instant::now();
            let (simulated, encoded) = (Instant::now(), Instant::now());
            for snapshot in 0..PER_TURN {
                self.sent.add(1);
                self.bytes_out.add(sizes[snapshot as usize]);
            }
            let size = sizes[(turn % 16) as usize];
            let spans = [size, micros(turn_began), micros(simulated), micros(encoded), size / 2];
            for (histogram, span_us) in self.durations.iter().zip(spans) {
                histogram.record(span_us);
            }
            self.ticks.add(1);
        }
    }
}

fn micros(since: Instant) -> u64 {
    since.elapsed().as_micros() as u64
}

/// Nanoseconds for one snapshot.
fn measure<C: Count>(rounds: u32) -> f64 {
    let counts = Counts::<C>::default();
    let sizes = std::array::from_fn(|index| 40 + 37 * index as u64);
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let began = Instant::now();
            for _ in 0..WAKES {
                black_box(&counts).wake(black_box(&sizes));
            }
            began.elapsed().as_nanos() as f64 / (WAKES * PER_WAKE * PER_TURN) as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn main() {
    let args = Args::parse();
    let (own, locked) = (measure::<Tally>(args.rounds), measure::<Locked>(args.rounds));
    let percent = |ns: f64| ns / (args.message_us * 1e3) * 100.0;
    if args.json.is_some() {
        let report = json!({
            "ns_per_snapshot": own, "percent_of_message": percent(own),
            "locked_ns_per_snapshot": locked, "locked_percent_of_message": percent(locked),
            "message_us": args.message_us,
        });
        return println!("{report:#}");
    }
    println!(
        "counting, per snapshot of {} us (its input and share of the turn included)",
        args.message_us
    );
    for (name, ns) in [("as it is", own), ("with lock xadd", locked)] {
        println!("  {name:<16} {ns:6.1} ns   {:5.2} %", percent(ns));
    }
}
