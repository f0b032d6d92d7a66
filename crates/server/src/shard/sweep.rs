//! What is looked at a few times a second: timeouts of connections, states of rooms, gauges.

use tickwire_room::{RoomCounters, RoomInfo};
use tickwire_wire::close::{self, Close};

use super::Shard;
use super::connection::{Connection, Stage};
use super::rooms::SeatedRoom;
use crate::config::Limits;
use crate::driver::Driver;
use crate::limits::FINISHED_LINGER_US;
use crate::metrics::ShardMetrics;
use crate::slab::Key;

impl<D: Driver> Shard<D> {
    pub(super) fn sweep(&mut self, now_us: u64) {
        self.sweep_connections(now_us);
        self.sweep_rooms(now_us);
        self.settle(now_us);
    }

    fn sweep_connections(&mut self, now_us: u64) {
        let limits = &self.context.settings.limits;
        let mut late: Vec<(Key, Close)> = Vec::new();
        let (mut waiting, mut playing, mut closing, mut queued_bytes) = (0, 0, 0, 0);
        let (mut memory_bytes, mut largest_bytes) = (0, 0);
        for (key, connection) in self.connections.iter_mut() {
            queued_bytes += connection.outbox.bytes() as u64;
            let bytes = connection.memory_bytes() as u64;
            memory_bytes += bytes;
            largest_bytes = bytes.max(largest_bytes);
            match connection.stage {
                Stage::AwaitingHello => waiting += 1,
                Stage::Playing => playing += 1,
                Stage::Closing { until_us, .. } => {
                    closing += 1;
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
        let metrics = &self.context.metrics.shard;
        metrics.sockets_awaiting_hello.set(waiting);
        metrics.sockets_playing.set(playing);
        metrics.sockets_closing.set(closing);
        metrics.queued_bytes.set(queued_bytes);
        metrics.socket_bytes.set(memory_bytes);
        metrics.largest_socket_bytes.set(largest_bytes);
    }

    fn sweep_rooms(&mut self, now_us: u64) {
        let mut over: Vec<(Key, &'static str)> = Vec::new();
        let (mut players, mut bots, mut slow_clients) = (0, 0, 0);
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
            slow_clients += info.slow_clients.iter().copied().map(u64::from).sum::<u64>();
            add_counters(&context.metrics.shard, &room.counted, &counters);
            room.counted = counters;
            if let Some(why) = why_over(room, &info, context.settings.room_idle_us, now_us) {
                over.push((key, why));
            }
        }
        for (key, why) in over {
            self.remove_room(key, why, now_us);
        }
        let metrics = &self.context.metrics.shard;
        metrics.rooms.set(self.rooms.seated.len() as u64);
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
    metrics.snapshots_skipped.add(now.snapshots_skipped - before.snapshots_skipped);
    metrics.keyframes.add(now.keyframes - before.keyframes);
    metrics.catch_ups.add(now.catch_ups - before.catch_ups);
    metrics.rate_changes.add(now.rate_changes - before.rate_changes);
    metrics.late_inputs.add(now.late_inputs - before.late_inputs);
    metrics.starved_ticks.add(now.starved_ticks - before.starved_ticks);
    metrics.resumes.add(now.resumes - before.resumes);
}
