//! Why a run ended early.

use tickwire_game::Refusal;
use tickwire_room::ReserveError;

/// Why a run ended early.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayFault {
    /// The room did not open, or gave no seat.
    #[error("no room to play in: {0}")]
    NoRoom(String),
    /// The room ended a connection.
    #[error("a client was closed: {0}")]
    Closed(String),
    /// A client could not read what the room sent.
    #[error("tick {tick}: the client of player {player} refuses a message: {error}")]
    Refused {
        /// Whose client.
        player: u16,
        /// When.
        tick: u32,
        /// Why.
        error: String,
    },
    /// A client has something else than the room.
    #[error("tick {tick}: the client of player {player} has another state: {what}")]
    Differs {
        /// Whose client.
        player: u16,
        /// When.
        tick: u32,
        /// The first difference.
        what: String,
    },
}

impl From<Refusal> for PlayFault {
    fn from(refusal: Refusal) -> Self {
        Self::NoRoom(refusal.reason)
    }
}

impl From<ReserveError> for PlayFault {
    fn from(error: ReserveError) -> Self {
        Self::NoRoom(error.to_string())
    }
}
