//! Counters, gauges and histograms, and their Prometheus text.
//!
//! A registry of our own because the tick path must pay no more for a count than a load and a store:
//! what a shard counts only its own thread writes, so that nothing need be locked. `metrics-cost` among
//! the benches shows the price.

mod closes;
mod histogram;
mod page;
mod process;
mod text;

pub(crate) use closes::Closes;
pub use histogram::Histogram;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows, by any thread.
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

/// A number that only grows, by one thread alone; others read it. Without the locked instruction that a
/// `Counter` costs.
#[derive(Debug, Default)]
pub struct Tally(AtomicU64);

impl Tally {
    /// Adds to it. Two threads that did so at once would lose one of the additions.
    pub fn add(&self, count: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
    }

    /// Its value.
    pub fn get(&self) -> u64 {
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

/// What one shard counts. Only its thread writes. On cache lines of its own, so that shards do not take
/// them from each other.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct ShardMetrics {
    pub(crate) ticks: Tally,
    pub(crate) skipped_ticks: Tally,
    /// From a tick's deadline to its start.
    pub(crate) late: Histogram,
    /// Work of one room's turn: simulate, encode and send together, and each of them.
    pub(crate) work: Histogram,
    pub(crate) simulate: Histogram,
    pub(crate) encode: Histogram,
    pub(crate) send: Histogram,
    pub(crate) drain_us: Tally,
    /// What a driver sends at the end of a wake-up.
    pub(crate) submit_us: Tally,
    pub(crate) wakes: Tally,
    /// Share of time that the shard worked, smoothed; in thousandths.
    pub(crate) load_permille: Gauge,
    pub(crate) rooms_thinned: Gauge,
    /// Times that a room was told to make fewer snapshots, and more again.
    pub(crate) thinned_steps: Tally,
    pub(crate) restored_steps: Tally,
    pub(crate) snapshots_thinned: Tally,
    /// Turns of rooms that cannot keep up, left to the next wake-up.
    pub(crate) deferred_turns: Tally,
    pub(crate) letters: Tally,
    pub(crate) snapshots_sent: Tally,
    pub(crate) snapshots_skipped: Tally,
    pub(crate) messages_in: Tally,
    pub(crate) bytes_in: Tally,
    pub(crate) bytes_out: Tally,
    pub(crate) sockets_awaiting_hello: Gauge,
    pub(crate) sockets_playing: Gauge,
    pub(crate) sockets_closing: Gauge,
    pub(crate) queued_messages: Gauge,
    pub(crate) queued_bytes: Gauge,
    pub(crate) socket_bytes: Gauge,
    pub(crate) largest_socket_bytes: Gauge,
    /// Sockets that ended by something that was no TLS of their session.
    pub(crate) tls_faults: Counter,
    pub(crate) closes: Closes,
    pub(crate) rooms: Gauge,
    /// Rooms that somebody plays in.
    pub(crate) rooms_played: Gauge,
    pub(crate) players: Gauge,
    pub(crate) bots: Gauge,
    pub(crate) slow_clients: Gauge,
    pub(crate) room_panics: Tally,
    pub(crate) keyframes: Tally,
    pub(crate) catch_ups: Tally,
    pub(crate) rate_changes: Tally,
    pub(crate) late_inputs: Tally,
    pub(crate) starved_ticks: Tally,
    pub(crate) resumes: Tally,
}

/// What the control plane counts.
#[derive(Debug, Default)]
pub(crate) struct HttpMetrics {
    pub(crate) connections: Counter,
    pub(crate) refused_connections: Counter,
    pub(crate) upgrades: Counter,
    /// Rooms that were not opened because no shard had time for them.
    pub(crate) no_capacity: Counter,
    /// Connections without a TLS handshake, or not in time.
    pub(crate) failed_handshakes: Counter,
    pub(crate) tls_reloads: Counter,
    pub(crate) failed_tls_reloads: Counter,
    /// Responses by the first digit of their status, 1 to 5.
    pub(crate) responses: [Counter; 5],
}

/// Everything that `/metrics` shows.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// The driver of match sockets.
    pub(crate) io: &'static str,
    /// One for each shard, by number.
    pub(crate) shards: Vec<Arc<ShardMetrics>>,
    pub(crate) http: HttpMetrics,
}

impl Metrics {
    /// For so many shards.
    pub(crate) fn new(io: &'static str, shards: usize) -> Self {
        let shards = (0..shards).map(|_| Arc::default()).collect();
        Self { io, shards, http: HttpMetrics::default() }
    }

    /// Of all shards together.
    pub(crate) fn sum(&self, of: impl Fn(&ShardMetrics) -> u64) -> u64 {
        self.shards.iter().map(|shard| of(shard)).sum()
    }
}
