//! What a session tells its owner.

/// Something that happened, in order. Events of the game never come before the snapshot with the
/// state of their tick.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// The server let this client in (again).
    Welcome {
        /// Own player id.
        player: u16,
        /// The room's tick when it was written.
        tick: u32,
        /// Whether this continues an earlier connection.
        resumed: bool,
    },
    /// A snapshot was applied: [`Session::state`](super::Session::state) is that of its tick.
    Snapshot(SnapshotInfo),
    /// Something happened in the game.
    Event {
        /// The tick in which it happened.
        tick: u32,
        /// Whether it came as a reliable message.
        reliable: bool,
        /// The columns of the schema's `event`; see [`typed::event`](crate::typed::event).
        columns: Vec<u32>,
    },
    /// A command was not applied.
    Refused {
        /// What [`Session::command`](super::Session::command) returned for it.
        number: u32,
        /// For the player.
        reason: String,
    },
    /// A chat line.
    Chat {
        /// Player id of the speaker.
        from: u16,
        /// The line.
        text: String,
    },
    /// A line from the server itself.
    Notice(String),
    /// The decoded state of a stream differs from the server's. The session goes on; the next
    /// connection starts from a keyframe.
    Desync {
        /// Tick of the snapshot that told it.
        tick: u32,
        /// Number of the stream.
        stream: u32,
    },
    /// A ping came back.
    Pong {
        /// Round trip in µs, the server's processing included.
        round_trip_us: u64,
    },
}

/// What is known of a snapshot beside its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// Its tick; the state includes the inputs for this tick.
    pub tick: u32,
    /// Number of the newest own input applied to it, once there is one.
    pub acked_input: Option<u32>,
    /// How early own inputs come, in 1/8 ticks, when the server knows.
    pub input_margin: Option<i8>,
    /// Whole bytes of the message.
    pub bytes: u32,
    /// The part of them that is 32-bit hashes.
    pub verify_bytes: u32,
    /// Whether all its state was confirmed by 32-bit hashes (trivially so when nothing changed).
    pub verified: bool,
}
