//! The Prometheus text format, version 0.0.4.

use std::fmt::Write as _;

use super::{BOUNDS_US, Histogram, Metrics, process};

const SECOND_US: f64 = 1e6;

impl Metrics {
    /// Everything, as `/metrics` answers.
    pub(crate) fn to_text(&self) -> String {
        let mut text = Text(String::with_capacity(8 * 1024));
        text.head("tickwire_io_info", "How match sockets are served.", "gauge");
        text.line("tickwire_io_info", &format!("{{io=\"{}\"}}", self.io), 1);
        self.write_ticks(&mut text);
        self.write_sockets(&mut text);
        self.write_rooms(&mut text);
        self.write_http(&mut text);
        if let Some(process) = process::read() {
            text.gauge("process_resident_memory_bytes", "Resident memory.", process.rss_bytes);
            text.gauge("process_open_fds", "Open file descriptors.", process.fds);
            text.gauge("process_threads", "Threads.", process.threads);
        }
        text.0
    }

    fn write_ticks(&self, text: &mut Text) {
        let shard = &self.shard;
        text.counter("tickwire_ticks_total", "Ticks simulated.", shard.ticks.get());
        let skipped = shard.skipped_ticks.get();
        text.counter("tickwire_ticks_skipped_total", "Ticks of time given up.", skipped);
        let late = "From a tick's deadline to its start.";
        text.histogram("tickwire_tick_late_seconds", late, &shard.late);
        let work = "Work of one room's tick.";
        text.histogram("tickwire_tick_work_seconds", work, &shard.work);
        text.head("tickwire_work_seconds_total", "Time of the shard, by work.", "counter");
        for (work, us) in [
            ("drain", &shard.drain_us),
            ("simulate", &shard.simulate_us),
            ("encode", &shard.encode_us),
            ("send", &shard.send_us),
        ] {
            let seconds = us.get() as f64 / SECOND_US;
            text.line("tickwire_work_seconds_total", &format!("{{work=\"{work}\"}}"), seconds);
        }
        text.counter("tickwire_wakes_total", "Wake-ups of the shard.", shard.wakes.get());
    }

    fn write_sockets(&self, text: &mut Text) {
        let shard = &self.shard;
        text.head("tickwire_sockets", "Match sockets, by state.", "gauge");
        for (state, count) in [
            ("awaiting_hello", &shard.sockets_awaiting_hello),
            ("playing", &shard.sockets_playing),
            ("closing", &shard.sockets_closing),
        ] {
            text.line("tickwire_sockets", &format!("{{state=\"{state}\"}}"), count.get());
        }
        text.head("tickwire_closes_total", "Ended match sockets, by close code.", "counter");
        for (code, count) in shard.closes.iter() {
            text.line("tickwire_closes_total", &format!("{{code=\"{code}\"}}"), count);
        }
        let (sent, skipped) = (shard.snapshots_sent.get(), shard.snapshots_skipped.get());
        text.counter("tickwire_snapshots_sent_total", "Snapshots sent.", sent);
        let help = "Snapshots not sent because the socket was busy.";
        text.counter("tickwire_snapshots_skipped_total", help, skipped);
        let messages = shard.messages_in.get();
        text.counter("tickwire_messages_received_total", "Messages of clients.", messages);
        let (received, sent) = (shard.bytes_in.get(), shard.bytes_out.get());
        text.counter("tickwire_bytes_received_total", "Bytes of match sockets.", received);
        text.counter("tickwire_bytes_sent_total", "Bytes to match sockets.", sent);
        let queued = shard.queued_bytes.get();
        text.gauge("tickwire_queued_bytes", "Bytes that wait for busy sockets.", queued);
    }

    fn write_rooms(&self, text: &mut Text) {
        let shard = &self.shard;
        text.gauge("tickwire_rooms", "Open rooms.", shard.rooms.get());
        text.gauge("tickwire_players", "Humans with a seat.", shard.players.get());
        text.gauge("tickwire_bots", "Bots of the server that play.", shard.bots.get());
        let help = "Clients that get a half or a third of the snapshots.";
        text.gauge("tickwire_slow_clients", help, shard.slow_clients.get());
        let panics = shard.room_panics.get();
        text.counter("tickwire_room_panics_total", "Rooms ended by a panic.", panics);
        text.counter("tickwire_keyframes_total", "Keyframes encoded.", shard.keyframes.get());
        let help = "Catch-ups encoded, for clients that skipped snapshots.";
        text.counter("tickwire_catch_ups_total", help, shard.catch_ups.get());
        let help = "Times that a client got fewer snapshots, or more again.";
        text.counter("tickwire_rate_changes_total", help, shard.rate_changes.get());
        let late = shard.late_inputs.get();
        text.counter("tickwire_late_inputs_total", "Inputs that came after their tick.", late);
        let starved = shard.starved_ticks.get();
        text.counter("tickwire_starved_ticks_total", "Player ticks without an input.", starved);
        text.counter("tickwire_resumes_total", "Seats taken up again.", shard.resumes.get());
    }

    fn write_http(&self, text: &mut Text) {
        let http = &self.http;
        let connections = http.connections.get();
        text.counter("tickwire_http_connections_total", "Accepted connections.", connections);
        let refused = http.refused_connections.get();
        let help = "Connections refused by the limits per address.";
        text.counter("tickwire_http_refused_total", help, refused);
        text.counter("tickwire_upgrades_total", "WebSocket upgrades.", http.upgrades.get());
        text.head("tickwire_http_responses_total", "Responses, by class.", "counter");
        for (class, count) in (1..).zip(&http.responses) {
            let labels = format!("{{class=\"{class}xx\"}}");
            text.line("tickwire_http_responses_total", &labels, count.get());
        }
    }
}

/// The text being written.
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "counter");
        self.line(name, "", value);
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, "gauge");
        self.line(name, "", value);
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, help, "histogram");
        let bucket = format!("{name}_bucket");
        let mut total = 0;
        for (bound_us, count) in BOUNDS_US.iter().zip(&histogram.buckets) {
            total += count.get();
            let labels = format!("{{le=\"{}\"}}", *bound_us as f64 / SECOND_US);
            self.line(&bucket, &labels, total);
        }
        total += histogram.buckets[BOUNDS_US.len()].get();
        self.line(&bucket, "{le=\"+Inf\"}", total);
        self.line(&format!("{name}_sum"), "", histogram.sum_us.get() as f64 / SECOND_US);
        self.line(&format!("{name}_count"), "", total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_accumulate_and_every_line_parses() {
        let metrics = Metrics::default();
        metrics.shard.late.record(60);
        metrics.shard.late.record(1_000_000);
        metrics.shard.closes.count(4013);
        let text = metrics.to_text();
        assert!(text.contains("tickwire_tick_late_seconds_bucket{le=\"0.00005\"} 0\n"), "{text}");
        assert!(text.contains("tickwire_tick_late_seconds_bucket{le=\"0.0001\"} 1\n"));
        assert!(text.contains("tickwire_tick_late_seconds_bucket{le=\"+Inf\"} 2\n"));
        assert!(text.contains("tickwire_tick_late_seconds_sum 1.00006\n"));
        assert!(text.contains("tickwire_closes_total{code=\"4013\"} 1\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
