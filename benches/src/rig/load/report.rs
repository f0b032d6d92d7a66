//! What a load found.

use serde::{Deserialize, Serialize};

/// What one window came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Its length, seconds.
    pub window_s: f64,
    /// CPU time of the server's process within it, nanoseconds.
    pub server_cpu_ns: u64,
    /// CPU time of the load's process, nanoseconds.
    pub load_cpu_ns: u64,
    /// Binary messages that arrived.
    pub messages: u64,
    /// Bytes of all frames that arrived, heads included.
    pub bytes: u64,
    /// Inputs sent.
    pub inputs: u64,
    /// Mean bytes of a snapshot of those who do not verify, its frame's head not counted.
    pub snapshot_bytes_mean: f64,
    /// From an input's write to the first snapshot that acknowledges it, milliseconds.
    pub echo_ms: Percentiles,
    /// Inputs of the window that were not answered until long after it.
    pub unanswered: u64,
    /// How late the load sent its inputs, milliseconds: above a few it is the load that is measured.
    pub input_late_ms: Percentiles,
    /// Ticks a second of the slowest room.
    pub tick_hz_min: f64,
    /// Snapshots that were decoded and confirmed by hashes, since the start.
    pub verified: u64,
    /// Snapshots that were refused or differed, since the start.
    pub desyncs: u64,
    /// Connections that ended, since the start.
    pub closed: u64,
    /// The first thing that went wrong.
    pub fault: Option<String>,
}

impl Measured {
    /// CPU time of the server for each message that arrived, µs.
    pub fn cpu_us(&self) -> f64 {
        self.server_cpu_ns as f64 / 1e3 / self.messages.max(1) as f64
    }

    /// Share of its core that the server used, percent.
    pub fn server_core_pct(&self) -> f64 {
        self.server_cpu_ns as f64 / 1e7 / self.window_s.max(1e-9)
    }

    /// Share of its core that the load used, percent.
    pub fn load_core_pct(&self) -> f64 {
        self.load_cpu_ns as f64 / 1e7 / self.window_s.max(1e-9)
    }
}

/// What a storm came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stormed {
    /// Clients that were cut.
    pub clients: u32,
    /// Those that play again.
    pub back: u32,
    /// From the cut until 99 % of all clients had a snapshot again, seconds; `None` when they never
    /// did.
    pub playing_again_99_s: Option<f64>,
    /// From a client's first SYN to the server's 101, milliseconds.
    pub accept_ms: Percentiles,
    /// From the cut to a client's first snapshot, milliseconds.
    pub playing_ms: Percentiles,
    /// The first thing that went wrong.
    pub fault: Option<String>,
}

/// A distribution in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Percentiles {
    /// The median.
    pub p50: f64,
    /// One in a hundred is above.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}
