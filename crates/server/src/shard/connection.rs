//! One match socket as its shard sees it.

use std::sync::Arc;

use tickwire_wire::close::{self, Close};
use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Opcode, Role};
use tracing::warn;

use super::outbox::{Outbox, SendError};
use super::transport::Transport;
use crate::config::Limits;
use crate::driver::Driver;
use crate::limits::CONTROL_FRAMES_PER_S;
use crate::per_ip::Permit;
use crate::slab::Key;

/// One match socket.
#[derive(Debug)]
pub(super) struct Connection {
    /// The room it belongs to; `None` when there is none of that name, or once it is closing.
    pub(super) room: Option<Key>,
    pub(super) stage: Stage,
    pub(super) decoder: FrameDecoder,
    pub(super) outbox: Outbox,
    pub(super) transport: Transport,
    /// Whether its room waits to hear that the socket takes snapshots again.
    pub(super) owes_news: bool,
    /// What its end counts as if no close frame was exchanged.
    pub(super) end_code: u16,
    /// Its place in the limits per address; given back when this is dropped.
    permit: Arc<Permit>,
    /// When bytes came last.
    pub(super) heard_us: u64,
    pub(super) ping: PingTimer,
    pub(super) control: ControlRate,
}

/// Our WebSocket pings to a client.
#[derive(Debug, Default)]
pub(super) struct PingTimer {
    /// When the last was sent; 0 before the first.
    sent_us: u64,
    /// Whether it is still unanswered.
    waits: bool,
}

impl PingTimer {
    /// Whether the next is due; if so, it is taken to be sent now.
    pub(super) fn is_due(&mut self, now_us: u64, every_us: u64) -> bool {
        if now_us < self.sent_us + every_us {
            return false;
        }
        *self = Self { sent_us: now_us, waits: true };
        true
    }

    /// A pong came: the round trip in microseconds, if it answers a ping.
    pub(super) fn answered(&mut self, now_us: u64) -> Option<u64> {
        std::mem::take(&mut self.waits).then(|| now_us - self.sent_us)
    }
}

/// WebSocket control frames of a client.
#[derive(Debug, Default)]
pub(super) struct ControlRate {
    /// Frames since `since_us`.
    frames: u16,
    since_us: u64,
}

impl ControlRate {
    /// Counts one; false when there are too many within a second.
    pub(super) fn allows(&mut self, now_us: u64) -> bool {
        if now_us >= self.since_us + 1_000_000 {
            *self = Self { frames: 0, since_us: now_us };
        }
        self.frames += 1;
        self.frames <= CONTROL_FRAMES_PER_S
    }
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Upgraded; the room has not accepted a Hello.
    AwaitingHello,
    /// The room has answered.
    Playing,
    /// A close frame is queued or sent. What still comes is only read to let the socket end well.
    Closing {
        /// When the socket is dropped, whatever the other side does.
        until_us: u64,
        /// Whether the other side's close frame has come too.
        answered: bool,
        /// Whether our sending side has been ended.
        finished: bool,
    },
}

impl Connection {
    pub(super) fn new(
        room: Option<Key>,
        limits: FrameLimits,
        transport: Transport,
        permit: Arc<Permit>,
        now_us: u64,
    ) -> Self {
        Self {
            room,
            stage: Stage::AwaitingHello,
            decoder: FrameDecoder::new(Role::Server, limits),
            outbox: Outbox::default(),
            transport,
            owes_news: false,
            end_code: close::NO_CLOSE_FRAME,
            permit,
            heard_us: now_us,
            ping: PingTimer::default(),
            control: ControlRate::default(),
        }
    }

    pub(super) fn is_closing(&self) -> bool {
        matches!(self.stage, Stage::Closing { .. })
    }

    /// The room has answered the Hello.
    pub(super) fn welcomed(&mut self) {
        if self.stage == Stage::AwaitingHello {
            self.stage = Stage::Playing;
            self.permit.authenticated();
        }
    }

    /// Bytes of memory that it holds: capacities, not lengths.
    pub(super) fn memory_bytes(&self) -> usize {
        size_of::<Self>()
            + self.decoder.memory_bytes()
            + self.outbox.memory_bytes()
            + self.transport.memory_bytes()
    }

    /// Sends one frame, given in parts.
    ///
    /// # Errors
    /// When the socket is broken, or too much would wait: the connection is to be dropped.
    pub(super) fn send<D: Driver>(
        &mut self,
        socket: (&mut D, Key),
        parts: [&[u8]; 3],
        (now_us, limits): (u64, &Limits),
    ) -> Result<(), SendError> {
        let limit = limits.tail_bytes as usize;
        self.transport.send(&mut self.outbox, socket, parts, (now_us, limit))
    }

    /// Queues a ping, unless so much waits that its answer would mean nothing.
    pub(super) fn queue_ping(&mut self, (now_us, limits): (u64, &Limits)) {
        if !self.outbox.is_full(limits) {
            self.transport.queue(&mut self.outbox, Opcode::Ping, &[], now_us);
        }
    }

    /// Queues the close frame. `answered` when it answers one that came.
    pub(super) fn begin_close(&mut self, close: &Close, answered: bool, now_us: u64, wait_us: u64) {
        let mut payload = Vec::new();
        close.write_payload(&mut payload);
        self.transport.queue(&mut self.outbox, Opcode::Close, &payload, now_us);
        self.transport.queue_end(&mut self.outbox, now_us);
        self.begin_end(answered, now_us + wait_us);
    }

    /// Nothing follows what is queued by now.
    pub(super) fn begin_end(&mut self, answered: bool, until_us: u64) {
        self.outbox.take_snapshot();
        self.stage = Stage::Closing { until_us, answered, finished: false };
        self.room = None;
    }

    /// Sends what waits, the snapshot that was kept last, and ends the sending side once a close frame is
    /// out. Says when the socket has become free for snapshots and the room is to hear of it, and how many
    /// bytes went out with the one that was kept.
    ///
    /// # Errors
    /// When the socket is broken, or too much would wait: the connection is to be dropped.
    pub(super) fn flush<D: Driver>(
        &mut self,
        (driver, key): (&mut D, Key),
        (now_us, limits): (u64, &Limits),
    ) -> Result<Option<usize>, SendError> {
        self.outbox.flush(driver, key, now_us)?;
        if self.outbox.is_busy() {
            return Ok(None);
        }
        let snapshot = self.outbox.take_snapshot();
        if !snapshot.is_empty() {
            self.send((driver, key), [&snapshot, &[], &[]], (now_us, limits))?;
        }
        if let Stage::Closing { finished, .. } = &mut self.stage
            && !*finished
        {
            *finished = true;
            driver.finish(key);
        }
        Ok(std::mem::take(&mut self.owes_news).then_some(snapshot.len()))
    }

    /// Nothing more can be sent; the caller drops it. Of a frame that was cut in two no more can follow, not
    /// even a close frame.
    pub(super) fn failed(&mut self, key: Key, error: &SendError) {
        if let SendError::TooMuch { .. } = error {
            warn!(connection = key.to_u64(), %error, "cut; `limits.tail_bytes` is how much may");
            self.end_code = close::TOO_SLOW;
        }
    }

    /// Whether both sides have said all they had to.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Closing { answered: true, finished: true, .. })
    }
}
