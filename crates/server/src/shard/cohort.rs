//! The rooms that are due: simulate, encode, send.

use tickwire_room::{Delivery, Outgoing};
use tickwire_wire::websocket::{Opcode, write_head};
use tracing::{debug, warn};

use super::Shard;
use super::connection::Connection;
use super::rooms::{RoomPanic, SeatedRoom};
use crate::clock::Clock;
use crate::config::Limits;
use crate::driver::Driver;
use crate::metrics::ShardMetrics;
use crate::slab::{Key, Slab};

impl<D: Driver> Shard<D> {
    /// Runs every room whose deadline has passed.
    pub(super) fn run_cohort(&mut self, now_us: u64) {
        let Self { driver, connections, rooms, context, gone, touched, head, .. } = self;
        for (room_key, room) in rooms.seated.iter_mut() {
            if room.due_us() > now_us {
                continue;
            }
            let mut sender = Sender {
                driver,
                connections,
                limits: &context.settings.limits,
                metrics: &context.metrics.shard,
                head,
                gone,
                touched,
                now_us,
            };
            if let Some(Err(panic)) = run_room(room, &mut sender, context.clock) {
                rooms.failed.push((room_key, panic));
            }
        }
        self.settle(now_us);
    }
}

/// One room's turn, with the time that each part of it took.
fn run_room<D: Driver>(
    room: &mut SeatedRoom,
    sender: &mut Sender<'_, D>,
    clock: Clock,
) -> Option<Result<(), RoomPanic>> {
    let metrics = sender.metrics;
    let begin_us = clock.now_us();
    let (mut simulated_us, mut encoded_us) = (begin_us, begin_us);
    let turn = room.guarded(|room| {
        let report = room.tick(begin_us);
        simulated_us = clock.now_us();
        room.encode(simulated_us);
        encoded_us = clock.now_us();
        room.release(&mut |conn, outgoing| sender.deliver(Key::from_u64(conn.0), outgoing));
        (report, room.next_tick_us())
    })?;
    let (report, next_tick_us) = match turn {
        Ok(turn) => turn,
        Err(panic) => return Some(Err(panic)),
    };
    room.next_tick_us = next_tick_us;
    let sent_us = clock.now_us();
    metrics.simulate_us.add(simulated_us - begin_us);
    metrics.encode_us.add(encoded_us - simulated_us);
    metrics.send_us.add(sent_us - encoded_us);
    metrics.work.record(sent_us - begin_us);
    if !std::mem::replace(&mut room.has_begun, true) {
        // Its clock began before its maps were loaded; being late for that is no overrun.
        return Some(Ok(()));
    }
    if report.ticks > 0 {
        metrics.ticks.add(u64::from(report.ticks));
        metrics.late.record(report.late_us);
    }
    if report.skipped > 0 {
        metrics.skipped_ticks.add(u64::from(report.skipped));
        warn!(
            room = room.entry.id,
            skipped = report.skipped,
            late_us = report.late_us,
            "the room is behind; time was given up"
        );
    }
    Some(Ok(()))
}

/// Takes what a room releases to the sockets.
struct Sender<'a, D> {
    driver: &'a mut D,
    connections: &'a mut Slab<Connection>,
    limits: &'a Limits,
    metrics: &'a ShardMetrics,
    /// Where the head of the frame at hand is built.
    head: &'a mut Vec<u8>,
    gone: &'a mut Vec<Key>,
    touched: &'a mut Vec<Key>,
    now_us: u64,
}

impl<D: Driver> Sender<'_, D> {
    fn deliver(&mut self, key: Key, outgoing: Outgoing<'_>) -> Delivery {
        let Some(connection) = self.connections.get_mut(key).filter(|one| !one.is_closing()) else {
            return Delivery::Skipped;
        };
        let waits = &connection.outbox;
        match outgoing {
            Outgoing::Snapshot { own, shared } if waits.is_busy() => self.keep(key, own, shared),
            Outgoing::Snapshot { own, shared } => {
                self.metrics.snapshots_sent.add(1);
                self.send(key, own, shared)
            }
            // The room keeps it and offers it again; a client that never reads is cut by the sweep.
            Outgoing::Message(message)
                if waits.is_busy()
                    && (waits.is_full(self.limits)
                        || !waits.has_room(message.len(), self.limits)) =>
            {
                Delivery::Skipped
            }
            Outgoing::Message(message) => self.send(key, message, &[]),
            Outgoing::Close(close) => {
                debug!(connection = key.to_u64(), %close, "closed by its room");
                self.metrics.closes.count(close.code);
                let wait_us = self.limits.close_ms * 1_000;
                connection.begin_close(close, false, self.now_us, wait_us);
                self.touched.push(key);
                Delivery::Queued
            }
        }
    }

    /// Keeps a snapshot until the socket is free.
    fn keep(&mut self, key: Key, own: &[u8], shared: &[u8]) -> Delivery {
        let Some(connection) = self.connections.get_mut(key) else { return Delivery::Skipped };
        connection.owes_news = true;
        let len = own.len() + shared.len();
        self.head.clear();
        write_head(self.head, Opcode::Binary, len, None);
        let fits = connection.outbox.has_room(len, self.limits);
        if fits && connection.outbox.keep_snapshot([self.head.as_slice(), own, shared]) {
            return Delivery::Held;
        }
        Delivery::Skipped
    }

    fn send(&mut self, key: Key, first: &[u8], second: &[u8]) -> Delivery {
        let Some(connection) = self.connections.get_mut(key) else { return Delivery::Skipped };
        connection.welcomed();
        self.head.clear();
        let len = first.len() + second.len();
        write_head(self.head, Opcode::Binary, len, None);
        self.metrics.bytes_out.add((self.head.len() + len) as u64);
        let parts = [self.head.as_slice(), first, second];
        let sent = connection.send((self.driver, key), parts, (self.now_us, self.limits));
        if let Err(error) = sent {
            connection.failed(key, &error);
            self.gone.push(key);
            return Delivery::Skipped;
        }
        Delivery::Queued
    }
}
