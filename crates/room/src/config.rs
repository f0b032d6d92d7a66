//! What a shell chooses when it opens a room.

use tickwire_game::Level;
use tickwire_wire::prior::Prior;

use crate::limits::HELLO_TIMEOUT_US;
use crate::ticket::TicketKey;

/// What a shell chooses when it opens a room.
#[derive(Clone, Debug)]
pub struct RoomConfig {
    /// The room's id: in URLs, tickets and logs.
    pub id: String,
    /// Grows when the room moves to another server; 1 at first.
    pub epoch: u64,
    /// Seed of the game's dice: with the options and the entries it decides the whole match.
    pub seed: u64,
    /// Bots fill the room up to this many players, and yield to humans. At most the game's seats
    /// count.
    pub bots: u16,
    /// How hard snapshots are compressed; `None`: as the game's settings say.
    pub level: Option<Level>,
    /// What streams are coded from in place of [`Game::PRIOR`](tickwire_game::Game::PRIOR): to try one
    /// before a game ships it. `None`: the game's.
    pub prior: Option<Prior>,
    /// Signs seat tickets and derives resume tokens.
    pub ticket_key: TicketKey,
    /// Offset of the ticks within the period, so that rooms of a shard can be spread over it.
    pub phase_us: u64,
    /// How long a connection may stay without an accepted `Hello`, in microseconds.
    pub hello_us: u64,
    /// Whether to keep every tick's entry in memory, for a replay.
    pub record: bool,
    /// Addresses to try after a cut, best first; empty: the same one.
    pub reconnect: Vec<String>,
}

impl RoomConfig {
    /// A room without bots, of epoch 1 and phase 0, that records nothing.
    pub fn new(id: impl Into<String>, seed: u64, ticket_key: TicketKey) -> Self {
        Self {
            id: id.into(),
            epoch: 1,
            seed,
            bots: 0,
            level: None,
            prior: None,
            ticket_key,
            phase_us: 0,
            hello_us: HELLO_TIMEOUT_US,
            record: false,
            reconnect: Vec::new(),
        }
    }
}
