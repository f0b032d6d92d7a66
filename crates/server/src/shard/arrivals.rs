//! What comes in: letters from the control plane and bytes from the sockets.

use std::net::TcpStream;
use std::sync::Arc;

use bytes::Bytes;
use tickwire_room::{ConnId, Reservation};
use tickwire_wire::close::{self, Close};
use tickwire_wire::websocket::{Message, Opcode};
use tracing::{debug, error, info};

use super::connection::{Connection, ControlRate, Stage};
use super::mail::{Mail, SeatError};
use super::rooms::{RoomPanic, Rooms, SeatedRoom};
use super::{Shard, ShardSettings};
use crate::directory::RoomEntry;
use crate::driver::{Arrival, Driver};
use crate::metrics::ShardMetrics;
use crate::per_ip::Permit;
use crate::slab::{Key, Slab};

impl<D: Driver> Shard<D> {
    /// Empties the mailbox.
    pub(super) fn take_mail(&mut self, now_us: u64) {
        while let Ok(mail) = self.mail.try_recv() {
            match mail {
                Mail::Open { entry, room } => {
                    self.rooms.seated.insert(SeatedRoom::new(entry, room, now_us));
                }
                Mail::Adopt { room, stream, read, permit } => {
                    self.adopt(room, stream, &read, permit, now_us);
                }
                Mail::Reserve { room, profile, reply } => {
                    let answer = self.reserve(&room, profile, now_us);
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
        now_us: u64,
    ) -> Result<Reservation, SeatError> {
        if self.ending.is_some() {
            return Err(SeatError::Ending);
        }
        let key = self.rooms.find(entry);
        let answer = self.rooms.call(key, |room| room.reserve(now_us, profile));
        Ok(answer.ok_or(SeatError::Gone)??)
    }

    fn adopt(
        &mut self,
        entry: Option<Arc<RoomEntry>>,
        stream: TcpStream,
        read: &Bytes,
        permit: Arc<Permit>,
        now_us: u64,
    ) {
        let room = entry.and_then(|entry| self.rooms.find(&entry));
        let frames = self.context.settings.frames;
        let key = self.connections.insert(Connection::new(room, frames, permit, now_us));
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
        if !read.is_empty() {
            inbound.take(key, Arrival::Bytes(read));
        }
        self.settle(now_us);
    }

    /// Reads every socket that has something, and hands the messages to their rooms.
    pub(super) fn drain(&mut self, now_us: u64) {
        let (driver, mut inbound) = self.inbound(now_us);
        driver.drain(&mut |key, arrival| inbound.take(key, arrival));
        self.settle(now_us);
    }

    /// The driver, and apart from it all that takes what it hands out.
    fn inbound(&mut self, now_us: u64) -> (&mut D, Inbound<'_>) {
        let inbound = Inbound {
            connections: &mut self.connections,
            rooms: &mut self.rooms,
            settings: &self.context.settings,
            metrics: &self.context.metrics.shard,
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

    /// Flushes the connections in `touched`.
    pub(super) fn flush_touched(&mut self, now_us: u64) {
        for key in self.touched.drain(..) {
            if let Some(connection) = self.connections.get_mut(key)
                && (connection.flush(&mut self.driver, key, now_us).is_err()
                    || connection.is_over())
            {
                self.gone.push(key);
            }
        }
    }

    /// Drops the connections in `gone`; their rooms keep the seats for a while.
    pub(super) fn remove_gone(&mut self, now_us: u64) {
        while let Some(key) = self.gone.pop() {
            let Some(connection) = self.connections.remove(key) else { continue };
            self.driver.remove(key);
            if !connection.is_closing() {
                self.context.metrics.shard.closes.count(close::NO_CLOSE_FRAME);
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
        self.context.metrics.shard.room_panics.add(1);
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

/// The parts of a shard that take bytes, apart from the driver that hands them out.
struct Inbound<'a> {
    connections: &'a mut Slab<Connection>,
    rooms: &'a mut Rooms,
    settings: &'a ShardSettings,
    metrics: &'a ShardMetrics,
    touched: &'a mut Vec<Key>,
    gone: &'a mut Vec<Key>,
    now_us: u64,
}

/// What to do with a connection after one of its messages.
enum Verdict {
    GoOn,
    /// Close it for what it did.
    Close(Close),
    /// Answer its close frame.
    Echo(Option<u16>),
}

impl Inbound<'_> {
    fn take(&mut self, key: Key, arrival: Arrival<'_>) {
        match arrival {
            Arrival::Bytes(bytes) => self.bytes(key, bytes),
            Arrival::Writable => {
                if self.connections.get(key).is_some_and(|connection| connection.outbox.is_busy()) {
                    self.touched.push(key);
                }
            }
            Arrival::Closed => self.gone.push(key),
        }
    }

    fn bytes(&mut self, key: Key, bytes: &[u8]) {
        self.metrics.bytes_in.add(bytes.len() as u64);
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.heard_us = self.now_us;
        connection.decoder.push(bytes);
        loop {
            let Some(connection) = self.connections.get_mut(key) else { return };
            let verdict = match connection.is_closing() {
                true => Self::closing(connection),
                false => self.message(key),
            };
            match verdict {
                None => return,
                Some(Verdict::GoOn) => {}
                Some(Verdict::Close(close)) => self.close(key, &close, false),
                Some(Verdict::Echo(code)) => {
                    let close = Close::new(code.unwrap_or(close::NORMAL), "");
                    self.close(key, &close, true);
                }
            }
        }
    }

    /// Reads on only to see the other side's close frame.
    fn closing(connection: &mut Connection) -> Option<Verdict> {
        // After a violation the decoder gives it again; the rest of the stream means nothing.
        if let Message::Close(_) = connection.decoder.next().ok()??
            && let Stage::Closing { answered, .. } = &mut connection.stage
        {
            *answered = true;
        }
        Some(Verdict::GoOn)
    }

    /// Takes the next whole message of a connection; `None` when there is none yet.
    fn message(&mut self, key: Key) -> Option<Verdict> {
        let now_us = self.now_us;
        let Connection { decoder, outbox, room, ping, control, .. } =
            self.connections.get_mut(key)?;
        let message = match decoder.next() {
            Ok(message) => message?,
            Err(violation) => {
                let close = Close::new(violation.code(), violation.to_string());
                return Some(Verdict::Close(close));
            }
        };
        let control_frame = |control: &mut ControlRate| match control.allows(now_us) {
            true => Verdict::GoOn,
            false => Verdict::Close(Close::new(close::TOO_FAST, "too many control frames")),
        };
        Some(match message {
            Message::Binary(bytes) => {
                let limit = self.settings.limits.message_bytes as usize;
                if bytes.len() > limit {
                    let text = format!("message of {} bytes; the limit is {limit}", bytes.len());
                    return Some(Verdict::Close(Close::new(close::TOO_LONG, text)));
                }
                self.metrics.messages_in.add(1);
                let conn = ConnId(key.to_u64());
                self.rooms.call(*room, |room| room.receive(now_us, conn, bytes));
                Verdict::GoOn
            }
            Message::Text(_) => {
                Verdict::Close(Close::new(close::TEXT_MESSAGE, "every message is binary"))
            }
            Message::Ping(payload) => {
                outbox.queue(Opcode::Pong, payload, now_us);
                self.touched.push(key);
                control_frame(control)
            }
            Message::Pong(_) => {
                if let Some(round_trip_us) = ping.answered(now_us) {
                    let rtt_ms = u16::try_from(round_trip_us / 1_000).unwrap_or(u16::MAX);
                    self.rooms.call(*room, |room| room.round_trip(ConnId(key.to_u64()), rtt_ms));
                }
                control_frame(control)
            }
            Message::Close(close) => Verdict::Echo(close.map(|(code, _)| code)),
        })
    }

    /// Starts a close handshake, or with `answered` ends the one that the other side started.
    fn close(&mut self, key: Key, close: &Close, answered: bool) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.is_closing() {
            return;
        }
        debug!(connection = key.to_u64(), %close, answered, "close");
        self.metrics.closes.count(close.code);
        let room = connection.room;
        let wait_us = self.settings.limits.close_ms * 1_000;
        connection.begin_close(close, answered, self.now_us, wait_us);
        self.touched.push(key);
        let now_us = self.now_us;
        self.rooms.call(room, |room| room.disconnect(now_us, ConnId(key.to_u64())));
    }
}
