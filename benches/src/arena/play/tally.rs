//! What a run came to.

use std::time::Duration;

use super::client::Message;
use super::sight::Sight;

/// What the snapshots counted came to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Snapshots, each decoded and compared.
    pub snapshots: u64,
    /// Bytes of whole messages: kind byte, own section, all chunks; no WebSocket frame head.
    pub bytes: u64,
    /// The part of them that is one viewer's alone: kind byte and own section.
    pub own_bytes: u64,
    /// Entities that the clients had after each.
    pub rows: u64,
    /// Entities within the view radius, exactly; all of them where there is none.
    pub rows_in_radius: u64,
    /// Ticks, of all rooms together.
    pub ticks: u64,
    /// Time the rooms took to encode them.
    pub encode: Duration,
}

impl Tally {
    pub(super) fn add(&mut self, message: Message, sight: &Sight) {
        self.snapshots += 1;
        self.bytes += message.bytes as u64;
        self.own_bytes += message.own_bytes as u64;
        self.rows += sight.rows;
        self.rows_in_radius += sight.rows_in_radius;
    }

    /// Mean bytes of a snapshot.
    pub fn bytes_mean(&self) -> f64 {
        self.mean(self.bytes)
    }

    /// Mean bytes of a snapshot that are its viewer's alone.
    pub fn own_bytes_mean(&self) -> f64 {
        self.mean(self.own_bytes)
    }

    /// Mean entities that a client had.
    pub fn rows_mean(&self) -> f64 {
        self.mean(self.rows)
    }

    /// Mean entities within the view radius.
    pub fn rows_in_radius_mean(&self) -> f64 {
        self.mean(self.rows_in_radius)
    }

    /// Entities sent for each that is within the radius.
    pub fn ratio(&self) -> f64 {
        self.rows as f64 / self.rows_in_radius.max(1) as f64
    }

    /// Mean time to encode a tick, for each snapshot delivered, in µs.
    pub fn encode_us(&self) -> f64 {
        self.encode.as_secs_f64() * 1e6 / self.snapshots.max(1) as f64
    }

    fn mean(&self, sum: u64) -> f64 {
        sum as f64 / self.snapshots.max(1) as f64
    }
}
