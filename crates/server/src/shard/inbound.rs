//! Bytes of the sockets: frames out of them, messages to the rooms, an answer to each fault.

use tickwire_room::ConnId;
use tickwire_wire::close::{self, Close};
use tickwire_wire::websocket::{Message, Opcode};
use tracing::debug;

use super::ShardSettings;
use super::connection::{Connection, ControlRate, Stage};
use super::rooms::Rooms;
use super::transport::{Opened, Transport};
use crate::driver::Arrival;
use crate::metrics::ShardMetrics;
use crate::slab::{Key, Slab};

/// The parts of a shard that take bytes, apart from the driver that hands them out.
pub(super) struct Inbound<'a> {
    pub(super) connections: &'a mut Slab<Connection>,
    pub(super) rooms: &'a mut Rooms,
    pub(super) settings: &'a ShardSettings,
    pub(super) metrics: &'a ShardMetrics,
    /// Reused for what was decrypted.
    pub(super) plain: &'a mut Vec<u8>,
    pub(super) touched: &'a mut Vec<Key>,
    pub(super) gone: &'a mut Vec<Key>,
    pub(super) now_us: u64,
}

/// What to do with a connection after one of its messages.
enum Verdict {
    GoOn,
    /// Close it for what it did.
    Close(Close),
    /// Answer its close frame.
    Echo(Option<u16>),
    /// It has answered ours: drop it as soon as that is out.
    Answered,
}

impl Inbound<'_> {
    pub(super) fn take(&mut self, key: Key, arrival: Arrival<'_>) {
        match arrival {
            Arrival::Bytes(bytes) => self.bytes(key, bytes),
            Arrival::Writable => {
                if let Some(connection) = self.connections.get_mut(key)
                    && connection.outbox.is_busy()
                {
                    connection.outbox.release(self.now_us);
                    self.touched.push(key);
                }
            }
            Arrival::Busy => {
                if let Some(connection) = self.connections.get_mut(key) {
                    connection.outbox.hold(self.now_us);
                }
            }
            Arrival::Closed => self.ended(key),
        }
    }

    /// The other side sends no more. If that cuts a frame short, it may still read why it is ended.
    fn ended(&mut self, key: Key) {
        let Some(connection) = self.connections.get(key) else { return };
        if connection.is_closing() || !connection.decoder.is_inside_message() {
            return self.gone.push(key);
        }
        let close = Close::new(close::PROTOCOL_ERROR, "the connection ended inside a frame");
        self.close(key, &close, false);
    }

    /// A socket has been adopted: these bytes came behind its handshake, decrypted already.
    pub(super) fn adopted(&mut self, key: Key, bytes: &[u8]) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.transport.queue_news(&mut connection.outbox, self.now_us);
        self.touched.push(key);
        self.plain(key, bytes);
    }

    fn bytes(&mut self, key: Key, bytes: &[u8]) {
        self.metrics.bytes_in.add(bytes.len() as u64);
        let Some(connection) = self.connections.get_mut(key) else { return };
        connection.heard_us = self.now_us;
        let Transport::Tls(session) = &mut connection.transport else {
            return self.plain(key, bytes);
        };
        let mut plain = std::mem::take(self.plain);
        plain.clear();
        let opened = session.open(bytes, &mut plain);
        if session.has_news() {
            connection.transport.queue_news(&mut connection.outbox, self.now_us);
            self.touched.push(key);
        }
        let is_full = !connection.outbox.has_room(0, &self.settings.limits);
        self.plain(key, &plain);
        *self.plain = plain;
        match opened {
            Ok(Opened::More) if !is_full => {}
            Ok(Opened::More) => self.gone.push(key),
            Ok(Opened::End) => self.ended(key),
            Err(error) => {
                debug!(connection = key.to_u64(), %error, "no TLS that means anything");
                self.metrics.tls_faults.add(1);
                self.broken(key);
            }
        }
    }

    /// What comes is no TLS: nothing more can be read, and nothing but an alert be said.
    fn broken(&mut self, key: Key) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if connection.is_closing() {
            return self.gone.push(key);
        }
        self.metrics.closes.count(close::NO_CLOSE_FRAME);
        let (room, now_us) = (connection.room, self.now_us);
        let wait_us = self.settings.limits.close_ms * 1_000;
        connection.begin_end(true, now_us + wait_us);
        self.touched.push(key);
        self.rooms.call(room, |room| room.disconnect(now_us, ConnId(key.to_u64())));
    }

    fn plain(&mut self, key: Key, bytes: &[u8]) {
        let Some(connection) = self.connections.get_mut(key) else { return };
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
                Some(Verdict::Answered) => self.touched.push(key),
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
            return Some(Verdict::Answered);
        }
        Some(Verdict::GoOn)
    }

    /// Takes the next whole message of a connection; `None` when there is none yet.
    fn message(&mut self, key: Key) -> Option<Verdict> {
        let now_us = self.now_us;
        let Connection { decoder, outbox, transport, room, ping, control, .. } =
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
                // To a client that does not read, answers would only pile up.
                if !outbox.is_full(&self.settings.limits) {
                    transport.queue(outbox, Opcode::Pong, payload, now_us);
                    self.touched.push(key);
                }
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
    pub(super) fn close(&mut self, key: Key, close: &Close, answered: bool) {
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
        let conn = ConnId(key.to_u64());
        self.rooms.call(room, |room| match answered || close.retryable() {
            true => room.disconnect(now_us, conn),
            false => room.expel(now_us, conn),
        });
    }
}
