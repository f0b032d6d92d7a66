//! What is looked at a few times a second: timeouts of connections, states of rooms, gauges.

use std::ops::Range;

use tickwire_room::{RoomCounters, RoomInfo};
use tickwire_wire::close::{self, Close};

use super::Shard;
use super::connection::{Connection, Stage};
use super::rooms::SeatedRoom;
use crate::config::Limits;
use crate::driver::Driver;
use crate::limits::{FINISHED_LINGER_US, SWEEP_US};
use crate::metrics::ShardMetrics;
use crate::slab::Key;

/// How far the sweeps are.
#[derive(Debug)]
pub(super) struct Rounds {
    /// When the round over all connections began.
    began_us: u64,
    /// The place in the slab up to which it has come.
    next: usize,
    sockets: Sockets,
    next_rooms_us: u64,
}

impl Rounds {
    pub(super) fn new(now_us: u64) -> Self {
        let sockets = Sockets::default();
        Self { began_us: now_us, next: 0, sockets, next_rooms_us: now_us }
    }

    /// The places that are looked at now, of so many: as large a part as the time since the round began
    /// is of its whole time, so that no wake-up looks at thousands of idle sockets.
    fn part(&mut self, places: usize, now_us: u64) -> Range<usize> {
        let since_us = now_us.saturating_sub(self.began_us).min(SWEEP_US);
        let end = (places as u64 * since_us / SWEEP_US) as usize;
        let part = self.next.min(places)..end.max(self.next).min(places);
        self.next = part.end;
        part
    }

    /// Begins the next round if this one is over: what it has counted.
    fn turn(&mut self, now_us: u64) -> Option<Sockets> {
        if now_us < self.began_us + SWEEP_US {
            return None;
        }
        (self.began_us, self.next) = (now_us, 0);
        Some(std::mem::take(&mut self.sockets))
    }
}

/// What a round over the connections counts.
#[derive(Debug, Default)]
struct Sockets {
    waiting: u64,
    playing: u64,
    closing: u64,
    queued_messages: u64,
    queued_bytes: u64,
    /// Memory of all, and of the one that has the most.
    memory_bytes: u64,
    largest_bytes: u64,
}

impl<D: Driver> Shard<D> {
    /// Looks at the next part of the connections, and at the rooms when it is time.
    pub(super) fn sweep(&mut self, now_us: u64) {
        let part = self.rounds.part(self.connections.places(), now_us);
        self.sweep_connections(part, now_us);
        if let Some(sockets) = self.rounds.turn(now_us) {
            let metrics = &self.context.metrics;
            metrics.sockets_awaiting_hello.set(sockets.waiting);
            metrics.sockets_playing.set(sockets.playing);
            metrics.sockets_closing.set(sockets.closing);
            metrics.queued_messages.set(sockets.queued_messages);
            metrics.queued_bytes.set(sockets.queued_bytes);
            metrics.socket_bytes.set(sockets.memory_bytes);
            metrics.largest_socket_bytes.set(sockets.largest_bytes);
        }
        if now_us >= self.rounds.next_rooms_us {
            self.rounds.next_rooms_us = now_us + SWEEP_US;
            self.sweep_rooms(now_us);
        }
        self.settle(now_us);
    }

    fn sweep_connections(&mut self, part: Range<usize>, now_us: u64) {
        let limits = &self.context.settings.limits;
        let mut late: Vec<(Key, Close)> = Vec::new();
        let sockets = &mut self.rounds.sockets;
        for (key, connection) in self.connections.range_mut(part) {
            sockets.queued_messages += connection.outbox.frames() as u64;
            sockets.queued_bytes += connection.outbox.bytes() as u64;
            let bytes = connection.memory_bytes() as u64;
            sockets.memory_bytes += bytes;
            sockets.largest_bytes = sockets.largest_bytes.max(bytes);
            match connection.stage {
                Stage::AwaitingHello => sockets.waiting += 1,
                Stage::Playing => sockets.playing += 1,
                Stage::Closing { until_us, .. } => {
                    sockets.closing += 1;
                    if now_us >= until_us {
                        self.gone.push(key);
                    }
                    continue;
                }
            }
            if let Some(close) = overdue(connection, limits, now_us) {
                late.push((key, close));
            } else if connection.ping.is_due(now_us, limits.ping_ms * 1_000) {
                connection.queue_ping((now_us, limits));
                self.touched.push(key);
            }
        }
        for (key, close) in late {
            self.close(key, &close, now_us);
        }
    }

    fn sweep_rooms(&mut self, now_us: u64) {
        let mut over: Vec<(Key, &'static str)> = Vec::new();
        let (mut players, mut bots, mut slow_clients, mut played) = (0, 0, 0, 0);
        let Self { rooms, context, .. } = self;
        for (key, room) in rooms.seated.iter_mut() {
            let (info, counters) = match room.guarded(|room| (room.info(), room.counters())) {
                None => continue,
                Some(Ok(state)) => state,
                Some(Err(panic)) => {
                    rooms.failed.push((key, panic));
                    continue;
                }
            };
            room.entry.live.publish(&info);
            players += u64::from(info.players);
            bots += u64::from(info.bots);
            played += u64::from(info.clients > 0);
            slow_clients += info.slow_clients.iter().copied().map(u64::from).sum::<u64>();
            add_counters(&context.metrics, &room.counted, &counters);
            room.counted = counters;
            if let Some(why) = why_over(room, &info, context.settings.room_idle_us, now_us) {
                over.push((key, why));
            }
        }
        for (key, why) in over {
            self.remove_room(key, why, now_us);
        }
        let metrics = &self.context.metrics;
        metrics.rooms.set(self.rooms.seated.len() as u64);
        metrics.rooms_played.set(played);
        metrics.players.set(players);
        metrics.slow_clients.set(slow_clients);
        metrics.bots.set(bots);
    }
}

/// Why a connection is to be closed now, if it is. How long a Hello may take is its room's business.
fn overdue(connection: &Connection, limits: &Limits, now_us: u64) -> Option<Close> {
    if connection.outbox.stalled_us(now_us) >= limits.progress_ms * 1_000 {
        let text = format!("no byte taken for {} ms", limits.progress_ms);
        return Some(Close::new(close::TOO_SLOW, text));
    }
    if now_us >= connection.heard_us + limits.idle_ms * 1_000 {
        let text = format!("nothing came for {} ms", limits.idle_ms);
        return Some(Close::new(close::IDLE, text));
    }
    None
}

/// Why a room is to be removed now, if it is.
fn why_over(
    room: &mut SeatedRoom,
    info: &RoomInfo,
    idle_us: u64,
    now_us: u64,
) -> Option<&'static str> {
    if info.finished.is_some() {
        let since_us = *room.finished_since_us.get_or_insert(now_us);
        return (now_us >= since_us + FINISHED_LINGER_US).then_some("its match is over");
    }
    if info.clients > 0 || info.players > 0 {
        room.empty_since_us = None;
        return None;
    }
    let since_us = *room.empty_since_us.get_or_insert(now_us);
    (!room.entry.keep && now_us >= since_us + idle_us).then_some("nobody is in it")
}

/// Adds what a room has counted since the last time.
fn add_counters(metrics: &ShardMetrics, before: &RoomCounters, now: &RoomCounters) {
    metrics.snapshots_thinned.add(now.snapshots_thinned - before.snapshots_thinned);
    metrics.snapshots_skipped.add(now.snapshots_skipped - before.snapshots_skipped);
    metrics.keyframes.add(now.keyframes - before.keyframes);
    metrics.catch_ups.add(now.catch_ups - before.catch_ups);
    metrics.rate_changes.add(now.rate_changes - before.rate_changes);
    metrics.late_inputs.add(now.late_inputs - before.late_inputs);
    metrics.starved_ticks.add(now.starved_ticks - before.starved_ticks);
    metrics.resumes.add(now.resumes - before.resumes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_visits_every_place_once_in_parts() {
        let mut rounds = Rounds::new(0);
        for round in 0..3 {
            let began_us = rounds.began_us;
            let mut seen = 0;
            let mut now_us = began_us;
            while rounds.turn(now_us).is_none() {
                now_us += 7_000;
                let part = rounds.part(3_000, now_us);
                assert_eq!(part.start, seen, "round {round}");
                assert!(part.len() <= 3_000 * 7_000 / SWEEP_US as usize + 1);
                seen = part.end;
            }
            assert_eq!(seen, 3_000);
        }
    }

    #[test]
    fn places_that_come_and_go_within_a_round_do_no_harm() {
        let mut rounds = Rounds::new(0);
        assert_eq!(rounds.part(0, SWEEP_US / 2), 0..0);
        assert_eq!(rounds.part(10, SWEEP_US / 2), 0..5);
        assert!(rounds.part(2, SWEEP_US).is_empty());
        assert_eq!(rounds.part(20, 10 * SWEEP_US), 2..20);
    }
}
