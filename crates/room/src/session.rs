//! One connection.

use std::collections::VecDeque;

use tickwire_game::PlayerId;
use tickwire_wire::close::Close;

use crate::fanout::Viewer;
use crate::inputs::InputBuffer;
use crate::limits::{INPUT_BURST_S, INPUTS_PER_TICK, PING_ABUSE_PER_S, PING_BURST, PINGS_PER_S};
use crate::rate::RateLimit;

/// One connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) stage: Stage,
    /// Messages outside the reliable numbering that wait: `Welcome` first, then `Pong`s.
    pub(crate) control: VecDeque<Vec<u8>>,
    /// Given to the client at the next release, which ends the session.
    pub(crate) close: Option<Close>,
}

/// How far a connection has come.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Opened; `Hello` must come before the deadline.
    Fresh {
        /// When the wait is over.
        deadline_us: u64,
    },
    /// Welcomed: it plays on a seat.
    Playing(Box<Playing>),
    /// Has no seat any more; only its close is still to be handed out.
    Ended,
}

/// What a connection on a seat has beside the seat.
#[derive(Debug)]
pub(crate) struct Playing {
    pub(crate) player: PlayerId,
    pub(crate) viewer: Viewer,
    pub(crate) inputs: InputBuffer,
    /// `Inputs` messages.
    pub(crate) input_rate: RateLimit,
    /// Beyond it, `Ping`s are not answered.
    pub(crate) ping_rate: RateLimit,
    /// Unanswered `Ping`s; beyond it, the connection is closed.
    pub(crate) ping_abuse_rate: RateLimit,
    /// The shell's newest measure of the round trip, until the world knows it.
    pub(crate) new_rtt_ms: Option<u16>,
    /// The round trip that the world knows.
    pub(crate) told_rtt_ms: u16,
}

impl Session {
    /// A connection that was opened now.
    pub(crate) fn new(deadline_us: u64) -> Self {
        Self { stage: Stage::Fresh { deadline_us }, control: VecDeque::new(), close: None }
    }

    /// What it has on its seat, unless it has none or is about to lose it.
    pub(crate) fn playing(&self) -> Option<&Playing> {
        match &self.stage {
            Stage::Playing(playing) => Some(playing),
            Stage::Fresh { .. } | Stage::Ended => None,
        }
    }

    /// What it has while it plays, to change it.
    pub(crate) fn playing_mut(&mut self) -> Option<&mut Playing> {
        match &mut self.stage {
            Stage::Playing(playing) => Some(playing),
            Stage::Fresh { .. } | Stage::Ended => None,
        }
    }

    /// Whether it has been welcomed.
    pub(crate) fn is_playing(&self) -> bool {
        matches!(self.stage, Stage::Playing(_))
    }
}

impl Playing {
    pub(crate) fn new(viewer: Viewer, inputs: InputBuffer, tick_hz: u16) -> Self {
        let inputs_per_s = u32::from(tick_hz) * INPUTS_PER_TICK;
        Self {
            player: viewer.player,
            viewer,
            inputs,
            input_rate: RateLimit::new(inputs_per_s, 1, inputs_per_s * INPUT_BURST_S),
            ping_rate: RateLimit::new(PINGS_PER_S, 1, PING_BURST),
            ping_abuse_rate: RateLimit::new(PING_ABUSE_PER_S, 1, PING_ABUSE_PER_S),
            new_rtt_ms: None,
            told_rtt_ms: 0,
        }
    }

    /// The round trip to tell the world: when it changed by more than it usually jitters.
    pub(crate) fn take_rtt_news(&mut self) -> Option<u16> {
        let rtt_ms = self.new_rtt_ms.take()?;
        let jitter_ms = (self.told_rtt_ms / 8).max(2);
        if rtt_ms.abs_diff(self.told_rtt_ms) < jitter_ms {
            return None;
        }
        self.told_rtt_ms = rtt_ms;
        Some(rtt_ms)
    }
}
