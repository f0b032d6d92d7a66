//! One match socket as its shard sees it.

use std::io;
use std::sync::Arc;

use tickwire_wire::close::Close;
use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Opcode, Role};

use super::outbox::Outbox;
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
        permit: Arc<Permit>,
        now_us: u64,
    ) -> Self {
        Self {
            room,
            stage: Stage::AwaitingHello,
            decoder: FrameDecoder::new(Role::Server, limits),
            outbox: Outbox::default(),
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

    /// Queues the close frame. `answered` when it answers one that came.
    pub(super) fn begin_close(&mut self, close: &Close, answered: bool, now_us: u64, wait_us: u64) {
        let mut payload = Vec::new();
        close.write_payload(&mut payload);
        self.outbox.queue(Opcode::Close, &payload, now_us);
        self.stage = Stage::Closing { until_us: now_us + wait_us, answered, finished: false };
        self.room = None;
    }

    /// Sends what waits, and ends the sending side once a close frame is out.
    ///
    /// # Errors
    /// When the socket is broken.
    pub(super) fn flush<D: Driver>(
        &mut self,
        driver: &mut D,
        key: Key,
        now_us: u64,
    ) -> io::Result<()> {
        self.outbox.flush(driver, key, now_us)?;
        if let Stage::Closing { finished, .. } = &mut self.stage
            && !*finished
            && !self.outbox.is_busy()
        {
            *finished = true;
            driver.finish(key);
        }
        Ok(())
    }

    /// Whether both sides have said all they had to.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Closing { answered: true, finished: true, .. })
    }
}
