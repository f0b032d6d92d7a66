//! What `/metrics` shows: totals over all shards, each shard, the rooms that cost most.

use std::sync::Arc;

use super::text::{SECOND_US, Text};
use super::{Closes, Gauge, Histogram, Metrics, ShardMetrics, process};
use crate::directory::RoomEntry;
use crate::limits::ROOMS_IN_METRICS;

/// How to find a value, and a gauge, of a shard.
type ValueOf = fn(&ShardMetrics) -> u64;
type GaugeOf = fn(&ShardMetrics) -> &Gauge;

impl Metrics {
    /// Everything, as `/metrics` answers.
    pub(crate) fn to_text(&self, rooms: &[Arc<RoomEntry>]) -> String {
        let mut text = Text(String::with_capacity(32 * 1024));
        text.head("tickwire_io_info", "How match sockets are served.", "gauge");
        text.line("tickwire_io_info", &format!("{{io=\"{}\"}}", self.io), 1);
        self.write_ticks(&mut text);
        self.write_sockets(&mut text);
        self.write_traffic(&mut text);
        self.write_rooms(&mut text);
        self.write_overload(&mut text);
        self.write_shards(&mut text);
        write_costly(rooms, &mut text);
        self.write_http(&mut text);
        if let Some(process) = process::read() {
            text.gauge("process_resident_memory_bytes", "Resident memory.", process.rss_bytes);
            text.gauge("process_open_fds", "Open file descriptors.", process.fds);
            text.gauge("process_threads", "Threads.", process.threads);
        }
        text.0
    }

    fn merged(&self, of: impl Fn(&ShardMetrics) -> &Histogram) -> Histogram {
        let sum = Histogram::default();
        self.shards.iter().for_each(|shard| sum.merge(of(shard)));
        sum
    }

    fn write_ticks(&self, text: &mut Text) {
        let sum = |of: ValueOf| self.sum(of);
        text.counter("tickwire_ticks_total", "Ticks simulated.", sum(|shard| shard.ticks.get()));
        let skipped = sum(|shard| shard.skipped_ticks.get());
        text.counter("tickwire_ticks_skipped_total", "Ticks of time given up.", skipped);
        let name = "tickwire_tick_late_seconds";
        text.head(name, "From a tick's deadline to its start.", "histogram");
        text.histogram(name, "", &self.merged(|shard| &shard.late));
        let name = "tickwire_tick_work_seconds";
        text.head(name, "Work of one room's tick.", "histogram");
        text.histogram(name, "", &self.merged(|shard| &shard.work));
        let parts = [
            ("simulate", self.merged(|shard| &shard.simulate)),
            ("encode", self.merged(|shard| &shard.encode)),
            ("send", self.merged(|shard| &shard.send)),
        ];
        let name = "tickwire_tick_part_seconds";
        text.head(name, "The parts of that work.", "histogram");
        for (part, histogram) in &parts {
            text.histogram(name, &format!("part=\"{part}\""), histogram);
        }
        let name = "tickwire_work_seconds_total";
        text.head(name, "Time of the shards, by work.", "counter");
        let drain_us = sum(|shard| shard.drain_us.get());
        let submit_us = sum(|shard| shard.submit_us.get());
        let parts = parts.iter().map(|(part, histogram)| (*part, histogram.sum_us()));
        for (work, us) in [("drain", drain_us), ("submit", submit_us)].into_iter().chain(parts) {
            text.line(name, &format!("{{work=\"{work}\"}}"), us as f64 / SECOND_US);
        }
        let wakes = sum(|shard| shard.wakes.get());
        text.counter("tickwire_wakes_total", "Wake-ups of the shards.", wakes);
    }

    fn write_sockets(&self, text: &mut Text) {
        let of_state = |of: GaugeOf| self.sum(|shard| of(shard).get());
        let states = socket_states().map(|(state, of)| (state, of_state(of)));
        text.family(("tickwire_sockets", "gauge", "Match sockets, by state."), "state", states);
        let name = "tickwire_closes_total";
        text.head(name, "Ended match sockets, by close code.", "counter");
        for (code, count) in Closes::sum(self.shards.iter().map(|shard| &shard.closes)) {
            text.line(name, &format!("{{code=\"{code}\"}}"), count);
        }
    }

    fn write_traffic(&self, text: &mut Text) {
        let sum = |of: ValueOf| self.sum(of);
        let sent = sum(|shard| shard.snapshots_sent.get());
        text.counter("tickwire_snapshots_sent_total", "Snapshots sent.", sent);
        let skipped = sum(|shard| shard.snapshots_skipped.get());
        let help = "Snapshots that clients did not get because their lines were busy.";
        text.counter("tickwire_snapshots_skipped_total", help, skipped);
        let messages = sum(|shard| shard.messages_in.get());
        text.counter("tickwire_messages_received_total", "Messages of clients.", messages);
        let received = sum(|shard| shard.bytes_in.get());
        text.counter("tickwire_bytes_received_total", "Bytes of match sockets.", received);
        let sent = sum(|shard| shard.bytes_out.get());
        text.counter("tickwire_bytes_sent_total", "Bytes to match sockets.", sent);
        let queued = sum(|shard| shard.queued_messages.get());
        text.gauge("tickwire_queued_messages", "Messages that wait for busy sockets.", queued);
        let queued = sum(|shard| shard.queued_bytes.get());
        text.gauge("tickwire_queued_bytes", "Bytes that wait for busy sockets.", queued);
        let memory = sum(|shard| shard.socket_bytes.get());
        let help = "Memory of all match sockets: what waits, the newest snapshots, decoders.";
        text.gauge("tickwire_socket_bytes", help, memory);
        let largest = self.shards.iter().map(|shard| shard.largest_socket_bytes.get()).max();
        let help = "Memory of the match socket that has the most.";
        text.gauge("tickwire_socket_bytes_max", help, largest.unwrap_or(0));
        let faults = sum(|shard| shard.tls_faults.get());
        let help = "Match sockets that ended because what came was no TLS of their session.";
        text.counter("tickwire_tls_faults_total", help, faults);
    }

    fn write_rooms(&self, text: &mut Text) {
        let sum = |of: ValueOf| self.sum(of);
        text.gauge("tickwire_rooms", "Open rooms.", sum(|shard| shard.rooms.get()));
        text.gauge("tickwire_players", "Humans with a seat.", sum(|shard| shard.players.get()));
        text.gauge("tickwire_bots", "Bots of the server that play.", sum(|shard| shard.bots.get()));
        let help = "Clients that get a half or a third of the snapshots.";
        text.gauge("tickwire_slow_clients", help, sum(|shard| shard.slow_clients.get()));
        let panics = sum(|shard| shard.room_panics.get());
        text.counter("tickwire_room_panics_total", "Rooms ended by a panic.", panics);
        let keyframes = sum(|shard| shard.keyframes.get());
        text.counter("tickwire_keyframes_total", "Keyframes encoded.", keyframes);
        let catch_ups = sum(|shard| shard.catch_ups.get());
        let help = "Catch-ups encoded, for clients that skipped snapshots.";
        text.counter("tickwire_catch_ups_total", help, catch_ups);
        let changes = sum(|shard| shard.rate_changes.get());
        let help = "Times that a client got fewer snapshots, or more again.";
        text.counter("tickwire_rate_changes_total", help, changes);
        let late = sum(|shard| shard.late_inputs.get());
        text.counter("tickwire_late_inputs_total", "Inputs that came after their tick.", late);
        let starved = sum(|shard| shard.starved_ticks.get());
        text.counter("tickwire_starved_ticks_total", "Player ticks without an input.", starved);
        let resumes = sum(|shard| shard.resumes.get());
        text.counter("tickwire_resumes_total", "Seats taken up again.", resumes);
    }

    fn write_overload(&self, text: &mut Text) {
        let sum = |of: ValueOf| self.sum(of);
        let thinned = sum(|shard| shard.rooms_thinned.get());
        let help = "Rooms that make a half or a third of their snapshots because their shard is short of time.";
        text.gauge("tickwire_rooms_thinned", help, thinned);
        let steps = [
            ("fewer", sum(|shard| shard.thinned_steps.get())),
            ("more", sum(|shard| shard.restored_steps.get())),
        ];
        let help = "Times that a room was told to make fewer snapshots, or more again.";
        text.family(("tickwire_thinning_steps_total", "counter", help), "to", steps);
        let left_out = sum(|shard| shard.snapshots_thinned.get());
        let help = "Snapshots that clients did not get because their room was thinned.";
        text.counter("tickwire_snapshots_thinned_total", help, left_out);
        let deferred = sum(|shard| shard.deferred_turns.get());
        let help = "Turns of rooms that cannot keep up, left to the next wake-up.";
        text.counter("tickwire_deferred_turns_total", help, deferred);
    }

    fn write_shards(&self, text: &mut Text) {
        let name = "tickwire_shard_load_ratio";
        text.head(name, "Share of time that a shard works.", "gauge");
        for (index, shard) in self.shards.iter().enumerate() {
            let load = shard.load_permille.get() as f64 / 1e3;
            text.line(name, &format!("{{shard=\"{index}\"}}"), load);
        }
        let each: [(_, _, _, ValueOf); 6] = [
            ("rooms", "gauge", "Rooms of a shard.", |shard| shard.rooms.get()),
            ("players", "gauge", "Humans with a seat.", |shard| shard.players.get()),
            ("rooms_thinned", "gauge", "Its thinned rooms.", |shard| shard.rooms_thinned.get()),
            ("ticks_total", "counter", "Its ticks.", |shard| shard.ticks.get()),
            ("ticks_skipped_total", "counter", "Those given up.", |shard| {
                shard.skipped_ticks.get()
            }),
            ("letters_total", "counter", "Letters that it took from its mailbox.", |shard| {
                shard.letters.get()
            }),
        ];
        for (name, kind, help, of) in each {
            let name = format!("tickwire_shard_{name}");
            text.head(&name, help, kind);
            for (index, shard) in self.shards.iter().enumerate() {
                text.line(&name, &format!("{{shard=\"{index}\"}}"), of(shard));
            }
        }
        let name = "tickwire_shard_sockets";
        text.head(name, "Match sockets of a shard, by state.", "gauge");
        for (index, shard) in self.shards.iter().enumerate() {
            for (state, of) in socket_states() {
                let labels = format!("{{shard=\"{index}\",state=\"{state}\"}}");
                text.line(name, &labels, of(shard).get());
            }
        }
    }

    fn write_http(&self, text: &mut Text) {
        let http = &self.http;
        let connections = http.connections.get();
        text.counter("tickwire_http_connections_total", "Accepted connections.", connections);
        let refused = http.refused_connections.get();
        let help = "Connections refused by the limits per address.";
        text.counter("tickwire_http_refused_total", help, refused);
        text.counter("tickwire_upgrades_total", "WebSocket upgrades.", http.upgrades.get());
        let help = "Connections without a TLS handshake, or not in time.";
        text.counter("tickwire_tls_handshakes_failed_total", help, http.failed_handshakes.get());
        let reloads = [("ok", http.tls_reloads.get()), ("failed", http.failed_tls_reloads.get())];
        let help = "Certificates read again (SIGHUP).";
        text.family(("tickwire_tls_reloads_total", "counter", help), "result", reloads);
        let refused = http.no_capacity.get();
        let help = "Rooms not opened because every shard was past its budget.";
        text.counter("tickwire_rooms_refused_total", help, refused);
        text.head("tickwire_http_responses_total", "Responses, by class.", "counter");
        for (class, count) in (1..).zip(&http.responses) {
            let labels = format!("{{class=\"{class}xx\"}}");
            text.line("tickwire_http_responses_total", &labels, count.get());
        }
    }
}

/// The states of a match socket, with the gauge of each.
fn socket_states() -> [(&'static str, GaugeOf); 3] {
    [
        ("awaiting_hello", |shard| &shard.sockets_awaiting_hello),
        ("playing", |shard| &shard.sockets_playing),
        ("closing", |shard| &shard.sockets_closing),
    ]
}

/// The rooms that need the largest share of their tick period.
fn write_costly(rooms: &[Arc<RoomEntry>], text: &mut Text) {
    let mut costly: Vec<_> = rooms.iter().map(|room| (room.live.read().load, &room.id)).collect();
    costly.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let name = "tickwire_room_load_ratio";
    text.head(name, "Share of its tick period that a room needs; the costliest rooms.", "gauge");
    for (load, id) in costly.iter().take(ROOMS_IN_METRICS) {
        text.line(name, &format!("{{room=\"{id}\"}}"), load);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_add_up_and_every_line_parses() {
        let metrics = Metrics::new("epoll", 2);
        metrics.shards[0].late.record(60);
        metrics.shards[1].late.record(1_000_000);
        metrics.shards[0].send.record(2_000);
        metrics.shards[1].closes.count(4013);
        metrics.shards.iter().for_each(|shard| shard.ticks.add(3));
        metrics.shards[1].load_permille.set(250);
        metrics.shards[1].sockets_playing.set(7);
        let text = metrics.to_text(&[]);
        for line in [
            "tickwire_tick_late_seconds_bucket{le=\"0.000046875\"} 0",
            "tickwire_tick_late_seconds_bucket{le=\"0.0000625\"} 1",
            "tickwire_tick_late_seconds_bucket{le=\"+Inf\"} 2",
            "tickwire_tick_late_seconds_sum 1.00006",
            "tickwire_tick_part_seconds_bucket{part=\"send\",le=\"0.0015\"} 0",
            "tickwire_tick_part_seconds_bucket{part=\"send\",le=\"0.002\"} 1",
            "tickwire_tick_part_seconds_count{part=\"send\"} 1",
            "tickwire_work_seconds_total{work=\"send\"} 0.002",
            "tickwire_closes_total{code=\"4013\"} 1",
            "tickwire_ticks_total 6",
            "tickwire_shard_ticks_total{shard=\"1\"} 3",
            "tickwire_shard_load_ratio{shard=\"1\"} 0.25",
            "tickwire_shard_sockets{shard=\"1\",state=\"playing\"} 7",
            "tickwire_sockets{state=\"playing\"} 7",
        ] {
            assert!(text.contains(&format!("{line}\n")), "{line} in {text}");
        }
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let (_, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
}
