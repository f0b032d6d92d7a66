//! One human's seat.

use tickwire_game::Profile;

use crate::any::{ConnId, Hold};
use crate::inputs::InputTotals;
use crate::limits::{CHAT_ABUSE, CHAT_BURST, CHAT_WINDOW_S, COMMAND_BURST, COMMANDS_PER_S};
use crate::rate::RateLimit;
use crate::reliable::{Received, Tail};
use crate::resume::ResumeTokens;

/// Whether somebody is on a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Kept for the holder of a ticket.
    Reserved {
        /// When it lapses.
        expires_us: u64,
    },
    /// A client plays on this connection.
    Online(ConnId),
    /// The client was cut off.
    Away {
        /// Until when the seat is kept.
        until_us: u64,
    },
}

impl Presence {
    /// Whether the seat is still to be kept.
    pub(super) fn lasts(self, now_us: u64) -> bool {
        match self {
            Self::Reserved { expires_us } => now_us < expires_us,
            Self::Online(_) => true,
            Self::Away { until_us } => now_us < until_us,
        }
    }
}

/// One human's seat: what outlives a connection.
#[derive(Debug)]
pub(crate) struct Seat {
    pub(crate) profile: Profile,
    pub(crate) presence: Presence,
    /// What the shell wants back once the seat is no longer only reserved.
    pub(crate) hold: Option<Hold>,
    /// Of the reservation; tells this occupation of the player id from every other.
    pub(crate) nonce: u64,
    /// Whether the world knows the player.
    pub(crate) entered: bool,
    pub(crate) tokens: ResumeTokens,
    /// Reliable messages to the client.
    pub(crate) tail: Tail,
    /// Reliable messages from the client.
    pub(crate) received: Received,
    pub(crate) input_totals: InputTotals,
    /// Rates hold for the seat, so that reconnecting does not fill the buckets.
    pub(crate) command_rate: RateLimit,
    /// Beyond it, chat lines are refused.
    pub(crate) chat_rate: RateLimit,
    /// Refused chat lines; beyond it, the connection is closed.
    pub(crate) chat_abuse_rate: RateLimit,
}

impl Seat {
    pub(super) fn reserved(profile: Profile, nonce: u64, expires_us: u64) -> Self {
        Self {
            profile,
            presence: Presence::Reserved { expires_us },
            hold: None,
            nonce,
            entered: false,
            tokens: ResumeTokens::default(),
            tail: Tail::default(),
            received: Received::default(),
            input_totals: InputTotals::default(),
            command_rate: RateLimit::new(COMMANDS_PER_S, 1, COMMAND_BURST),
            chat_rate: RateLimit::new(CHAT_BURST, CHAT_WINDOW_S, CHAT_BURST),
            chat_abuse_rate: RateLimit::new(CHAT_ABUSE, CHAT_WINDOW_S, CHAT_ABUSE),
        }
    }

    /// The connection that plays on the seat.
    pub(crate) fn conn(&self) -> Option<ConnId> {
        match self.presence {
            Presence::Online(conn) => Some(conn),
            Presence::Reserved { .. } | Presence::Away { .. } => None,
        }
    }
}
