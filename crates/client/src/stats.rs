//! What a session counts.

/// Totals of one [`Session`](crate::session::Session) since it began, across reconnects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Messages received, of every kind.
    pub messages: u64,
    /// Bytes of these messages (WebSocket payloads, without frame heads).
    pub bytes: u64,
    /// Snapshots applied.
    pub snapshots: u64,
    /// Snapshots whose stream hashes all came and all agreed with what was decoded; only with
    /// [`Options::verify`](crate::session::Options::verify). A snapshot in which nothing changed
    /// carries no state and agrees as it is.
    pub snapshots_verified: u64,
    /// Whole bytes of the snapshots, hashes included.
    pub snapshot_bytes: u64,
    /// The part of `snapshot_bytes` that is 32-bit hashes, sent only because `verify` was asked for.
    pub verify_bytes: u64,
    /// State chunks that were keyframes.
    pub keyframes: u64,
    /// State chunks that led over skipped snapshots.
    pub catch_ups: u64,
    /// Streams whose hash differed from the server's.
    pub desyncs: u64,
    /// Inputs of this client that came after their tick had run, as the server counts them.
    pub late_inputs: u64,
    /// Ticks for which the server had no input of this client, as the server counts them.
    pub starved_ticks: u64,
    /// Events given out, reliable and droppable.
    pub events: u64,
    /// Reliable messages received for the first time.
    pub reliable_received: u64,
    /// Reliable messages sent again after a resume.
    pub reliable_resent: u64,
    /// Connections that reached Welcome.
    pub connections: u64,
    /// Last round trip of a ping, in µs; `None` before the first.
    pub round_trip_us: Option<u64>,
}

impl Stats {
    /// Mean bytes of a snapshot without verify hashes; 0.0 before the first.
    pub fn snapshot_bytes_mean(&self) -> f64 {
        mean(self.snapshot_bytes - self.verify_bytes, self.snapshots)
    }

    /// Mean bytes of verify hashes in a snapshot; 0.0 before the first.
    pub fn verify_bytes_mean(&self) -> f64 {
        mean(self.verify_bytes, self.snapshots)
    }
}

fn mean(total: u64, count: u64) -> f64 {
    if count == 0 { 0.0 } else { total as f64 / count as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_leave_the_hashes_out_and_start_at_zero() {
        assert_eq!(Stats::default().snapshot_bytes_mean(), 0.0);
        let stats =
            Stats { snapshots: 4, snapshot_bytes: 420, verify_bytes: 20, ..Stats::default() };
        assert_eq!(stats.snapshot_bytes_mean(), 100.0);
        assert_eq!(stats.verify_bytes_mean(), 5.0);
    }
}
