//! What comes in and what it does to connections and rooms: letters, sockets that end, closes.

use std::sync::Arc;

use tickwire_room::{ConnId, Hold, Reservation, ReserveError};
use tickwire_wire::close::{self, Close};
use tracing::{error, info};

use super::Shard;
use super::connection::Connection;
use super::inbound::Inbound;
use super::mail::{HandOver, Mail, SeatError};
use super::rooms::{RoomPanic, SeatedRoom};
use super::transport::Transport;
use crate::directory::RoomEntry;
use crate::driver::Driver;
use crate::limits::{LETTERS_PER_WAKE, SUBMITS};
use crate::per_ip::{Permit, Reserved};
use crate::slab::Key;

impl<D: Driver> Shard<D> {
    /// Takes what is in the mailbox, a bounded number of letters.
    pub(super) fn take_mail(&mut self, now_us: u64) {
        for _ in 0..LETTERS_PER_WAKE {
            let Ok(mail) = self.mail.try_recv() else { return };
            self.context.metrics.letters.add(1);
            match mail {
                Mail::Open { entry, room } => {
                    self.rooms.seat(SeatedRoom::new(entry, room, now_us));
                }
                Mail::Adopt { room, socket, permit } => self.adopt(room, socket, permit, now_us),
                Mail::Reserve { room, profile, place, reply } => {
                    let answer = self.reserve(&room, profile, place, now_us);
                    // The caller may have given up in the meantime; the seat lapses by itself.
                    let _ = reply.send(answer);
                }
                Mail::Shutdown { close } => self.end(close, now_us),
            }
        }
    }

    fn reserve(
        &mut self,
        entry: &Arc<RoomEntry>,
        profile: tickwire_game::Profile,
        place: Reserved,
        now_us: u64,
    ) -> Result<Reservation, SeatError> {
        if self.ending.is_some() {
            return Err(SeatError::Ending);
        }
        let key = self.rooms.find(entry);
        let answer = self.rooms.call(key, |room| {
            let seat = room.reserve(now_us, profile)?;
            room.hold(seat.player, Hold::new(place));
            Ok::<_, ReserveError>(seat)
        });
        Ok(answer.ok_or(SeatError::Gone)??)
    }

    fn adopt(
        &mut self,
        entry: Option<Arc<RoomEntry>>,
        socket: HandOver,
        permit: Arc<Permit>,
        now_us: u64,
    ) {
        let room = entry.and_then(|entry| self.rooms.find(&entry));
        let frames = self.context.settings.frames;
        let HandOver { stream, tls, read } = socket;
        let transport = Transport::new(tls);
        let connection = Connection::new(room, frames, transport, permit, now_us);
        let key = self.connections.insert(connection);
        if let Err(error) = self.driver.adopt(key, stream) {
            error!(%error, "cannot watch a new socket");
            self.connections.remove(key);
            return;
        }
        let refusal = match (&self.ending, room) {
            (Some(ending), _) => Some(ending.close.clone()),
            (None, None) => Some(Close::new(close::NO_SUCH_ROOM, "no such room")),
            (None, Some(_)) => None,
        };
        if let Some(close) = refusal {
            self.close(key, &close, now_us);
            return self.flush_touched(now_us);
        }
        let (_, mut inbound) = self.inbound(now_us);
        inbound.rooms.call(room, |room| room.connect(now_us, ConnId(key.to_u64())));
        inbound.adopted(key, &read);
        self.settle(now_us);
    }

    /// Reads every socket that has something, and hands the messages to their rooms.
    pub(super) fn drain(&mut self, now_us: u64) {
        let (driver, mut inbound) = self.inbound(now_us);
        driver.drain(&mut |key, arrival| inbound.take(key, arrival));
        self.settle(now_us);
    }

    /// Sends what was written, and acts on what became of it: a socket that took all of its part may
    /// get more at once.
    pub(super) fn submit(&mut self, now_us: u64) {
        for _ in 0..SUBMITS {
            let (driver, mut inbound) = self.inbound(now_us);
            driver.submit(&mut |key, arrival| inbound.take(key, arrival));
            let has_more = !self.touched.is_empty();
            self.leave_over();
            self.settle(now_us);
            if !has_more {
                break;
            }
        }
    }

    /// Lets go of the connections in `over` whose last bytes the driver has just got rid of; the others are
    /// flushed again when it has.
    fn leave_over(&mut self) {
        let Self { over, connections, gone, .. } = self;
        let is_out = |key: &Key| connections.get(*key).is_some_and(|c| !c.outbox.is_busy());
        gone.extend(over.drain(..).filter(is_out));
    }

    /// The driver, and apart from it all that takes what it hands out.
    fn inbound(&mut self, now_us: u64) -> (&mut D, Inbound<'_>) {
        let inbound = Inbound {
            connections: &mut self.connections,
            rooms: &mut self.rooms,
            settings: &self.context.settings,
            metrics: &self.context.metrics,
            plain: &mut self.plain,
            touched: &mut self.touched,
            gone: &mut self.gone,
            now_us,
        };
        (&mut self.driver, inbound)
    }

    /// Acts on what the arrivals left behind.
    pub(super) fn settle(&mut self, now_us: u64) {
        for (key, panic) in std::mem::take(&mut self.rooms.failed) {
            self.fail_room(key, &panic, now_us);
        }
        self.flush_touched(now_us);
        self.remove_gone(now_us);
    }

    /// Flushes the connections in `touched`, and tells the rooms whose sockets became free.
    pub(super) fn flush_touched(&mut self, now_us: u64) {
        let limits = &self.context.settings.limits;
        for key in self.touched.drain(..) {
            let Some(connection) = self.connections.get_mut(key) else { continue };
            match connection.flush((&mut self.driver, key), (now_us, limits)) {
                Ok(freed) => {
                    if connection.is_over() {
                        self.over.push(key);
                    }
                    let Some(bytes) = freed else { continue };
                    let metrics = &self.context.metrics;
                    metrics.bytes_out.add(bytes as u64);
                    metrics.snapshots_sent.add(u64::from(bytes > 0));
                    self.rooms.call(connection.room, |room| room.taken(ConnId(key.to_u64())));
                }
                Err(error) => {
                    connection.failed(key, &error);
                    self.gone.push(key);
                }
            }
        }
    }

    /// Drops the connections in `gone`; their rooms keep the seats for a while.
    pub(super) fn remove_gone(&mut self, now_us: u64) {
        while let Some(key) = self.gone.pop() {
            let Some(connection) = self.connections.remove(key) else { continue };
            self.driver.remove(key);
            if !connection.is_closing() {
                self.context.metrics.closes.count(connection.end_code);
                let conn = ConnId(key.to_u64());
                self.rooms.call(connection.room, |room| room.disconnect(now_us, conn));
            }
        }
    }

    /// Starts a close handshake; the room is told that the connection is gone. The caller flushes.
    pub(super) fn close(&mut self, key: Key, close: &Close, now_us: u64) {
        self.inbound(now_us).1.close(key, close, false);
    }

    /// Ends a room that panicked, and only it.
    pub(super) fn fail_room(&mut self, room_key: Key, panic: &RoomPanic, now_us: u64) {
        let Some(room) = self.rooms.seated.remove(room_key) else { return };
        error!(room = room.entry.id, game = room.entry.game, %panic, "the room panicked and is ended");
        self.context.metrics.room_panics.add(1);
        self.context.directory.remove(&room.entry.id);
        room.discard();
        let close = Close::new(close::ROOM_FAILED, "the room failed");
        self.close_members(room_key, &close, now_us);
    }

    /// Closes every connection of a room.
    pub(super) fn close_members(&mut self, room_key: Key, close: &Close, now_us: u64) {
        let members: Vec<Key> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.room == Some(room_key))
            .map(|(key, _)| key)
            .collect();
        for key in members {
            self.close(key, close, now_us);
        }
        self.flush_touched(now_us);
    }

    /// Takes a room that is over out of the shard.
    pub(super) fn remove_room(&mut self, room_key: Key, why: &str, now_us: u64) {
        let Some(room) = self.rooms.seated.remove(room_key) else { return };
        info!(room = room.entry.id, game = room.entry.game, "room closed: {why}");
        self.context.directory.remove(&room.entry.id);
        room.discard();
        let close = Close::new(close::NORMAL, "the room is closed");
        self.close_members(room_key, &close, now_us);
    }
}
