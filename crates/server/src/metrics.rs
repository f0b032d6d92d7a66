//! Counters, gauges and histograms, and their Prometheus text.
//!
//! A registry of our own because the tick path must pay no more than one relaxed addition to a counter
//! that only its own thread writes.

mod closes;
mod process;
mod text;

pub(crate) use closes::Closes;

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that goes up and down.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Upper bounds of the histograms' buckets, microseconds: what matters lies between a timer's own
/// lateness and one tick of 30 Hz.
pub(crate) const BOUNDS_US: [u64; 11] =
    [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/// Durations by size.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    /// Of each bound those at most that long; the last is all others.
    buckets: [Counter; BOUNDS_US.len() + 1],
    sum_us: Counter,
}

impl Histogram {
    pub(crate) fn record(&self, duration_us: u64) {
        let bucket = BOUNDS_US.partition_point(|bound| *bound < duration_us);
        self.buckets[bucket].add(1);
        self.sum_us.add(duration_us);
    }
}

/// What one shard counts. Only its thread writes.
#[derive(Debug, Default)]
pub(crate) struct ShardMetrics {
    pub(crate) ticks: Counter,
    pub(crate) skipped_ticks: Counter,
    /// From a tick's deadline to its start.
    pub(crate) late: Histogram,
    /// Work of one room's tick: simulate, encode and send together.
    pub(crate) work: Histogram,
    pub(crate) simulate_us: Counter,
    pub(crate) encode_us: Counter,
    pub(crate) send_us: Counter,
    pub(crate) drain_us: Counter,
    pub(crate) wakes: Counter,
    pub(crate) snapshots_sent: Counter,
    pub(crate) snapshots_skipped: Counter,
    pub(crate) messages_in: Counter,
    pub(crate) bytes_in: Counter,
    pub(crate) bytes_out: Counter,
    pub(crate) sockets_awaiting_hello: Gauge,
    pub(crate) sockets_playing: Gauge,
    pub(crate) sockets_closing: Gauge,
    pub(crate) queued_bytes: Gauge,
    pub(crate) closes: Closes,
    pub(crate) rooms: Gauge,
    pub(crate) players: Gauge,
    pub(crate) bots: Gauge,
    pub(crate) slow_clients: Gauge,
    pub(crate) room_panics: Counter,
    pub(crate) keyframes: Counter,
    pub(crate) catch_ups: Counter,
    pub(crate) rate_changes: Counter,
    pub(crate) late_inputs: Counter,
    pub(crate) starved_ticks: Counter,
    pub(crate) resumes: Counter,
}

/// What the control plane counts.
#[derive(Debug, Default)]
pub(crate) struct HttpMetrics {
    pub(crate) connections: Counter,
    pub(crate) refused_connections: Counter,
    pub(crate) upgrades: Counter,
    /// Responses by the first digit of their status, 1 to 5.
    pub(crate) responses: [Counter; 5],
}

/// Everything that `/metrics` shows.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// The driver of match sockets.
    pub(crate) io: &'static str,
    pub(crate) shard: ShardMetrics,
    pub(crate) http: HttpMetrics,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lands_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        for us in [0, 50, 51, 100_000, 100_001] {
            histogram.record(us);
        }
        let counts: Vec<u64> = histogram.buckets.iter().map(Counter::get).collect();
        assert_eq!(counts, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    }
}
