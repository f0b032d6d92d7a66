//! The rooms that are due: simulate, encode, send.

use tickwire_room::{Delivery, Outgoing, TickReport};
use tickwire_wire::websocket::{Opcode, write_head};
use tracing::{debug, warn};

use super::Shard;
use super::connection::Connection;
use super::load::Window;
use super::rooms::{RoomPanic, SeatedRoom};
use super::turns::{self, Turn};
use crate::clock::Clock;
use crate::config::Limits;
use crate::driver::Driver;
use crate::limits::{HOPELESS_WAKE_US, SKIP_LOG_US};
use crate::metrics::ShardMetrics;
use crate::slab::{Key, Slab};

impl<D: Driver> Shard<D> {
    /// Runs every room whose deadline has passed; of those that cannot keep up, as many as there is time
    /// for.
    pub(super) fn run_cohort(&mut self, now_us: u64) {
        let Self {
            driver, connections, rooms, context, gone, touched, head, turns, window, ..
        } = self;
        turns.clear();
        let due = rooms.seated.iter().filter(|(_, room)| rooms.due_us(room) <= now_us);
        turns.extend(due.map(|(key, room)| Turn {
            key,
            // Its own deadline: after a rest they are all due at one time, and the longest behind goes first.
            due_us: room.due_us(),
            cost: room.meter.newest().whole,
            is_hopeless: room.is_hopeless(),
        }));
        turns::order(turns);
        let mut hopeless_from_us = None;
        for (nth, turn) in turns.iter().enumerate() {
            if turn.is_hopeless {
                let at_us = context.clock.now_us();
                if at_us - *hopeless_from_us.get_or_insert(at_us) >= HOPELESS_WAKE_US {
                    context.metrics.deferred_turns.add((turns.len() - nth) as u64);
                    break;
                }
            }
            let Some(room) = rooms.seated.get_mut(turn.key) else { continue };
            let mut sender = Sender {
                driver,
                connections,
                limits: &context.settings.limits,
                metrics: &context.metrics,
                head,
                gone,
                touched,
                now_us,
            };
            if let Some(Err(panic)) = run_room(room, &mut sender, window, context.clock) {
                rooms.failed.push((turn.key, panic));
            }
        }
        if let Some(from_us) = hopeless_from_us {
            let at_us = context.clock.now_us();
            rooms.hopeless_took(at_us - from_us, at_us);
        }
        self.settle(now_us);
    }
}

/// One room's turn, with the time that each part of it took.
fn run_room<D: Driver>(
    room: &mut SeatedRoom,
    sender: &mut Sender<'_, D>,
    window: &mut Window,
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
    metrics.simulate.record(simulated_us - begin_us);
    metrics.encode.record(encoded_us - simulated_us);
    metrics.send.record(sent_us - encoded_us);
    metrics.work.record(sent_us - begin_us);
    room.meter.turn(report.ticks, simulated_us - begin_us, sent_us - simulated_us);
    if !std::mem::replace(&mut room.has_begun, true) {
        // Its clock began before its maps were loaded; being late for that is no overrun.
        return Some(Ok(()));
    }
    if report.ticks > 0 {
        metrics.ticks.add(u64::from(report.ticks));
        metrics.late.record(report.late_us);
    }
    if report.ticks > 1 || report.skipped > 0 {
        window.fell_behind();
    }
    if report.skipped > 0 {
        metrics.skipped_ticks.add(u64::from(report.skipped));
        tell_skips(room, report, begin_us);
    }
    Some(Ok(()))
}

/// Tells the log about time that was given up, now and then.
fn tell_skips(room: &mut SeatedRoom, report: TickReport, now_us: u64) {
    room.skipped += report.skipped;
    if now_us >= room.skips_told_us + SKIP_LOG_US {
        let (skipped, late_us) = (std::mem::take(&mut room.skipped), report.late_us);
        warn!(room = room.entry.id, skipped, late_us, "the room is behind; time was given up");
        room.skips_told_us = now_us;
    }
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
