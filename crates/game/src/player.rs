//! Players: their row in the built-in table, and what the room says of them.

use crate::Row;
use crate::ids::Team;
use crate::limits::MAX_NAME_BYTES;
use crate::text::Text;

/// A row of the built-in `players` table; its id is the [`PlayerId`](crate::PlayerId).
#[derive(Clone, PartialEq, Eq, Debug, Default, Row)]
pub struct Player {
    /// The name to show.
    pub name: Text<MAX_NAME_BYTES>,
    /// The team; change it with [`Cx::set_team`](crate::Cx::set_team).
    pub team: Team,
    /// Whether a client is connected; a player who is away keeps the seat for a while.
    pub online: bool,
    /// Round-trip time as the room measures it, milliseconds.
    #[net(max = 4095)]
    pub ping_ms: u16,
    /// Whether the server plays for this seat.
    pub bot: bool,
}

/// Who wants to enter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    /// The name to show; the `players` table keeps its first 24 bytes.
    pub name: String,
    /// Whether the server plays for this seat.
    pub bot: bool,
    /// The team asked for; `Team::NONE` leaves it to the game.
    pub team: Team,
}

/// Whether a player's client is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Connection {
    /// Connected.
    Online,
    /// Cut off; the seat is kept for a while.
    Away,
}

/// Why a player's seat is given up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeaveReason {
    /// The player left.
    Left,
    /// Cut off, and not back while the seat was kept.
    Lost,
    /// The room threw the player out.
    Kicked,
    /// A bot that makes room for a client.
    Yielded,
}
