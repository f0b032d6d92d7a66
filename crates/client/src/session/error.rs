//! What can be wrong with what a server sends, and with what a caller asks for.

use tickwire_wire::close::{self, Close};
use tickwire_wire::error::DecodeError;
use tickwire_wire::message::MessageError;
use tickwire_wire::prior::PriorError;
use tickwire_wire::schema::SchemaError;

/// Why a message of the server was refused. The connection must end; the session itself can go on
/// with another one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SessionError {
    /// The message is none, or none that a server sends.
    #[error("{0}")]
    Message(#[from] MessageError),
    /// Something other than Welcome came first.
    #[error("a message came before Welcome")]
    BeforeWelcome,
    /// Welcome came twice on one connection.
    #[error("a second Welcome")]
    SecondWelcome,
    /// The schema cannot be used.
    #[error("{0}")]
    Schema(#[from] SchemaError),
    /// The schema does not have the hash that Welcome names.
    #[error("the schema has hash {found}, Welcome says {claimed}")]
    SchemaHash {
        /// What Welcome says.
        claimed: String,
        /// What the text gives.
        found: String,
    },
    /// Welcome left the schema out, but this client does not have it.
    #[error("Welcome names the unknown schema {0} and leaves it out")]
    SchemaMissing(String),
    /// The prior cannot be used.
    #[error("{0}")]
    Prior(#[from] PriorError),
    /// The prior does not have the hash that Welcome names.
    #[error("the prior has hash {found}, Welcome says {claimed}")]
    PriorHash {
        /// What Welcome says.
        claimed: String,
        /// What the bytes give.
        found: String,
    },
    /// Welcome left the prior out, but this client does not have it.
    #[error("Welcome names the unknown prior {0} and leaves it out")]
    PriorMissing(String),
    /// The room's epoch is older than one already seen: a server that was replaced still answers.
    #[error("room epoch {epoch} is older than {seen}")]
    StaleEpoch {
        /// The epoch in Welcome.
        epoch: u64,
        /// The highest seen before.
        seen: u64,
    },
    /// The seat that was resumed belongs to another player.
    #[error("resumed as player {player}, was {was}")]
    OtherPlayer {
        /// The player in Welcome.
        player: u16,
        /// The player before.
        was: u16,
    },
    /// A snapshot, or an event, cannot be decoded.
    #[error("snapshot: {0}")]
    Snapshot(#[from] DecodeError),
    /// A snapshot is not newer than the one before.
    #[error("snapshot of tick {tick} after that of tick {newest}")]
    OldSnapshot {
        /// Tick of the snapshot.
        tick: u32,
        /// Tick of the newest one applied.
        newest: u32,
    },
    /// More streams at once than a client follows.
    #[error("more streams than the limit")]
    TooManyStreams,
    /// A reliable message was left out.
    #[error("reliable message {number} came instead of {expected}")]
    ReliableGap {
        /// The number that came.
        number: u32,
        /// The number that should have come.
        expected: u32,
    },
    /// Too many reliable events wait for the state of their tick.
    #[error("too many reliable messages wait for their tick")]
    ReliableFlood,
    /// A reliable message was acknowledged that was never sent.
    #[error("the server acknowledges a reliable message that was never sent")]
    NeverSent,
    /// The server asks for reliable messages again that it had acknowledged.
    #[error("the server forgot reliable messages that it had acknowledged")]
    Forgotten,
    /// The caller has not polled events for too long.
    #[error("events are not polled")]
    EventBacklog,
}

impl SessionError {
    /// The close frame that tells the server.
    pub fn close(&self) -> Close {
        match self {
            Self::Message(error) => error.close(),
            error => Close::new(close::MALFORMED, error.to_string()),
        }
    }
}

/// Why a caller's message was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Nothing is known of the room yet: the first Welcome has not come.
    #[error("not in a room yet")]
    NotWelcome,
    /// Too many messages wait for the server's acknowledgement.
    #[error("too many messages wait for the server")]
    Full,
    /// Not as many columns as the schema's shape has.
    #[error("{got} columns instead of {expected}")]
    Columns {
        /// Columns of the shape.
        expected: usize,
        /// Columns given.
        got: usize,
    },
    /// A column exceeds its range, as the value would not survive the wire.
    #[error("column {column} is out of range")]
    Range {
        /// Which column.
        column: usize,
    },
}
