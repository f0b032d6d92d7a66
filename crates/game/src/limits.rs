//! Every limit of the game layer, with its unit and the reason for its value.

/// Rows one table may hold, however narrow they are. A row costs bytes in every keyframe, so a
/// table far beyond this could not be sent anyway; it stops a game that never removes its rows.
pub const MAX_ROWS: usize = 16_384;

/// Public cells (rows × columns) one table may hold: with as many tables as a schema may have, a
/// state stays within what a decoder holds.
pub const MAX_CELLS: usize =
    tickwire_wire::limits::MAX_CELLS_PER_STATE / tickwire_wire::limits::MAX_TABLES;

/// Droppable and reliable events one tick may emit, all receivers together. A 16-player brawl emits
/// tens; beyond this a game is looping.
pub const MAX_EVENTS_PER_TICK: usize = 1_024;

/// Effects one tick may ask of the studio's back end: each becomes a journalled request.
pub const MAX_EFFECTS_PER_TICK: usize = 256;

/// Areas one view may ask for ([`View::near`](crate::View::near)): each is matched against cells
/// every tick.
pub const MAX_VIEW_AREAS: usize = 8;

/// Single rows one view may ask for ([`View::also`](crate::View::also)): each is a stream of its
/// own.
pub const MAX_VIEW_ROWS: usize = 64;

/// Bytes of a player's name, as the `players` table sends it.
pub const MAX_NAME_BYTES: usize = 24;

/// Highest ping the `players` table shows, milliseconds: twelve bits on the wire.
pub const MAX_PING_MS: u16 = 4_095;

/// Bytes the fields marked `skip` of one row or state may take in a save, each: a corrupt length
/// must not allocate more.
pub const MAX_SKIP_BYTES: usize = 1 << 20;

/// Bytes of a text inside a tick entry (player names, before they are cut to the table's width).
pub const MAX_ENTRY_TEXT_BYTES: usize = 256;

/// Items of one kind in a tick entry: 65 535 player ids times a generous handful of commands.
pub const MAX_ENTRY_ITEMS: usize = 1 << 18;

/// Bytes of a game's outcome text.
pub const MAX_OUTCOME_BYTES: usize = 4_096;

/// Assets one game may load; each is named in `Welcome`.
pub const MAX_ASSETS: usize = 256;

/// Ticks per second a game may ask for.
pub const TICK_HZ: std::ops::RangeInclusive<u16> = 1..=tickwire_wire::limits::MAX_TICK_HZ;

/// Ticks from one snapshot to the next.
pub const SEND_EVERY: std::ops::RangeInclusive<u16> = 1..=tickwire_wire::limits::MAX_SEND_EVERY;

/// Seats a room may have. Ids are 16 bits, but a room is one thread's work per tick.
pub const SEATS: std::ops::RangeInclusive<u16> = 1..=4_096;

/// Times an input is clamped and rounded before it is taken as it is: a clamp that agrees with the
/// wire's precision is stable after one or two rounds.
pub const MAX_SETTLE_ROUNDS: usize = 4;
