//! What a run of bots found, as a table for people and as JSON for scripts.

use std::fmt;

use serde::Serialize;

use crate::histogram::{Intervals, Percentiles};

/// The whole result. The names of its fields are the keys of the JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Clients that played.
    pub clients: u32,
    /// Rooms they played in.
    pub rooms: u32,
    /// Seconds of play, from the last join to the first leave.
    pub seconds: f64,
    /// Ticks per second of the rooms.
    pub tick_hz: u16,
    /// Snapshots that all clients received, from their join on.
    pub snapshots: u64,
    /// Those of them whose 32-bit hashes all agreed with what was decoded.
    pub snapshots_verified: u64,
    /// Mean bytes of a snapshot message (WebSocket payload) without its verify hashes.
    pub snapshot_bytes_mean: f64,
    /// Mean bytes of the verify hashes of a snapshot: bots ask for them, players do not.
    pub verify_bytes_mean: f64,
    /// Bytes of all messages received per client and second, without verify hashes.
    pub bytes_per_client_s: f64,
    /// From writing an input to the arrival of the first snapshot that acknowledges it or a later one.
    pub input_to_state_ms: Percentiles,
    /// Between the arrivals of two snapshots at a client.
    pub snapshot_interval_ms: Intervals,
    /// Inputs that reached the server after their tick had run.
    pub late_inputs: u64,
    /// Ticks for which the server had no input of a player.
    pub starved_ticks: u64,
    /// Streams whose hash differed.
    pub desyncs: u64,
    /// Connections that ended before the bots left.
    pub disconnects: u64,
    /// Everything else that went wrong.
    pub errors: u64,
    /// Shots fired per player and minute, as the game counts them.
    pub shots_per_player_min: f64,
    /// Kills per player and minute, as the game counts them.
    pub kills_per_player_min: f64,
    /// The first few disconnects and errors in words; not part of the JSON.
    #[serde(skip)]
    pub troubles: Vec<String>,
}

impl Report {
    /// Whether the server did all that it promises.
    pub fn passed(&self) -> bool {
        self.desyncs == 0
            && self.errors == 0
            && self.disconnects == 0
            && self.snapshots > 0
            && self.snapshots_verified == self.snapshots
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latency = &self.input_to_state_ms;
        let interval = &self.snapshot_interval_ms;
        let jitter = (interval.p99 - interval.p50).max(0.0);
        let rows: [(&str, String); 14] = [
            ("clients", format!("{} in {} rooms", self.clients, self.rooms)),
            ("played", format!("{:.1} s at {} Hz", self.seconds, self.tick_hz)),
            (
                "snapshots",
                format!("{} ({} verified by hash)", self.snapshots, self.snapshots_verified),
            ),
            (
                "bytes per snapshot",
                format!(
                    "{:.1} (and {:.1} of verify hashes)",
                    self.snapshot_bytes_mean, self.verify_bytes_mean
                ),
            ),
            ("bytes per client-second", format!("{:.0}", self.bytes_per_client_s)),
            (
                "input to state",
                format!(
                    "p50 {:.2}  p99 {:.2}  p99.9 {:.2}  max {:.2} ms",
                    latency.p50, latency.p99, latency.p999, latency.max
                ),
            ),
            (
                "snapshot interval",
                format!(
                    "p50 {:.2}  p99 {:.2}  max {:.2} ms (jitter p99 - p50: {jitter:.2})",
                    interval.p50, interval.p99, interval.max
                ),
            ),
            ("late inputs", self.late_inputs.to_string()),
            ("starved ticks", self.starved_ticks.to_string()),
            ("shots per player-minute", format!("{:.1}", self.shots_per_player_min)),
            ("kills per player-minute", format!("{:.1}", self.kills_per_player_min)),
            ("desyncs", self.desyncs.to_string()),
            ("disconnects", self.disconnects.to_string()),
            ("errors", self.errors.to_string()),
        ];
        for (name, value) in rows {
            writeln!(f, "{name:<24} {value}")?;
        }
        write!(f, "{:<24} {}", "result", if self.passed() { "passed" } else { "FAILED" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            clients: 128,
            rooms: 8,
            seconds: 20.0,
            tick_hz: 30,
            snapshots: 76_800,
            snapshots_verified: 76_800,
            snapshot_bytes_mean: 141.5,
            verify_bytes_mean: 5.0,
            bytes_per_client_s: 4300.0,
            input_to_state_ms: Percentiles { p50: 18.0, p99: 30.0, p999: 41.0, max: 50.0 },
            snapshot_interval_ms: Intervals { p50: 33.3, p99: 36.0, max: 44.0 },
            late_inputs: 3,
            starved_ticks: 4,
            desyncs: 0,
            disconnects: 0,
            errors: 0,
            shots_per_player_min: 44.0,
            kills_per_player_min: 3.0,
            troubles: Vec::new(),
        }
    }

    #[test]
    fn the_json_has_exactly_the_promised_keys() {
        let json = serde_json::to_value(report()).unwrap();
        let mut keys: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        let mut promised: Vec<&str> = "clients rooms seconds tick_hz snapshots snapshots_verified \
            snapshot_bytes_mean verify_bytes_mean bytes_per_client_s input_to_state_ms \
            snapshot_interval_ms late_inputs starved_ticks desyncs disconnects errors \
            shots_per_player_min kills_per_player_min"
            .split_whitespace()
            .collect();
        promised.sort_unstable();
        assert_eq!(keys, promised);
        let keys = |value: &serde_json::Value| -> Vec<String> {
            value.as_object().unwrap().keys().cloned().collect()
        };
        let mut latency = keys(&json["input_to_state_ms"]);
        latency.sort_unstable();
        assert_eq!(latency, ["max", "p50", "p99", "p999"]);
        let mut interval = keys(&json["snapshot_interval_ms"]);
        interval.sort_unstable();
        assert_eq!(interval, ["max", "p50", "p99"]);
    }

    #[test]
    fn any_desync_error_disconnect_or_unverified_snapshot_fails() {
        assert!(report().passed());
        assert!(!Report { desyncs: 1, ..report() }.passed());
        assert!(!Report { errors: 1, ..report() }.passed());
        assert!(!Report { disconnects: 1, ..report() }.passed());
        assert!(!Report { snapshots_verified: 76_799, ..report() }.passed());
        assert!(!Report { snapshots: 0, snapshots_verified: 0, ..report() }.passed());
    }

    #[test]
    fn the_table_names_every_figure() {
        let table = report().to_string();
        for part in ["128 in 8 rooms", "141.5", "p99.9 41.00", "late inputs", "passed"] {
            assert!(table.contains(part), "{part} in\n{table}");
        }
    }
}
