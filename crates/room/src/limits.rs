//! Every limit of a room, with its unit and its reason.

// ---- Seats and sessions -------------------------------------------------------------------------

/// How long a reserved seat and its ticket hold, in microseconds: a page has to open one socket.
pub const RESERVATION_US: u64 = 15_000_000;
/// How long a seat is kept after a cut, in milliseconds: a phone changing networks, a reload.
pub const RESUME_WINDOW_MS: u32 = 30_000;
/// How long a connection may stay without `Hello` where the shell does not say, in microseconds: one
/// round trip and a retry.
pub const HELLO_TIMEOUT_US: u64 = 5_000_000;
/// How long a finished match stays open for its last snapshots, in microseconds.
pub const FINISHED_GRACE_US: u64 = 3_000_000;
/// Seconds until bots are tried again after the game has refused one.
pub const BOT_RETRY_S: u32 = 5;
/// Bytes of a ticket or resume token as text. Ours are below 250 with the longest room id.
pub const MAX_TOKEN_BYTES: usize = 512;
/// Bytes of a room id: it stands in URLs, tickets and log lines.
pub const MAX_ROOM_ID_BYTES: usize = 64;

// ---- Reliable messages --------------------------------------------------------------------------

/// Messages in flight that a client has not acknowledged; clients do so with every `Inputs`.
pub const MAX_UNACKED_MESSAGES: usize = 64;
/// Bytes of those messages: half of what is kept, so that a burst finds room behind them.
pub const MAX_UNACKED_BYTES: usize = 32 * 1024;
/// How long messages may wait because nothing is acknowledged, in microseconds.
pub const UNACKED_TIMEOUT_US: u64 = 5_000_000;
/// Messages kept for a client in flight, waiting, and while it is away; beyond that its seat is
/// given up.
pub const MAX_KEPT_MESSAGES: usize = 512;
/// Bytes of those messages: the room's part of the 256 KiB that a client costs at most, whatever it does.
pub const MAX_KEPT_BYTES: usize = 64 * 1024;
/// Bytes of a chat line.
pub const MAX_CHAT_BYTES: usize = 512;

// ---- Rates: each bucket holds `BURST` and refills with `PER_S` a second -------------------------

/// Input messages a second, for each tick a second: twice what a client has reason to send.
pub const INPUTS_PER_TICK: u32 = 2;
/// Seconds of input messages that may come at once, after a stall of the line.
pub const INPUT_BURST_S: u32 = 2;
/// Commands a second: they are for rare decisions, not for steering.
pub const COMMANDS_PER_S: u32 = 20;
/// Commands at once.
pub const COMMAND_BURST: u32 = 60;
/// Chat lines in [`CHAT_WINDOW_S`]: as quick as people type. More are refused.
pub const CHAT_BURST: u32 = 5;
/// Seconds in which [`CHAT_BURST`] lines are allowed.
pub const CHAT_WINDOW_S: u32 = 10;
/// Refused chat lines in [`CHAT_WINDOW_S`] after which it is abuse, and the connection is closed.
pub const CHAT_ABUSE: u32 = 50;
/// `Ping`s answered a second; more are not answered.
pub const PINGS_PER_S: u32 = 5;
/// `Ping`s answered at once.
pub const PING_BURST: u32 = 10;
/// Unanswered `Ping`s in a second after which it is abuse.
pub const PING_ABUSE_PER_S: u32 = 50;

// ---- Inputs -------------------------------------------------------------------------------------

/// Ticks ahead for which inputs are kept: two seconds at 30 Hz; also the size of the buffer.
pub const INPUT_AHEAD_TICKS: u32 = 64;
/// Ticks for which a scheduled input is repeated when the next is missing: a short stall of the
/// line goes unnoticed, a long one does not drive the avatar into a wall.
pub const INPUT_REPEAT_TICKS: u32 = 5;
/// Seconds for which the newest input stays in force in `latest` mode.
pub const LATEST_REPEAT_S: u32 = 1;

// ---- Ticks and snapshots ------------------------------------------------------------------------

/// Late ticks run at once before time is given up: one hiccup is caught up, an overload is not.
pub const MAX_CATCH_UP_TICKS: u32 = 3;
/// Snapshots a second that a client gets when nothing changes: the clock feedback it steers by.
pub const IDLE_SNAPSHOTS_PER_S: u32 = 2;
/// Ticks between two 16-bit stream hashes to a client that did not ask for more.
pub const HASH_EVERY_TICKS: u32 = 60;
/// Streams one viewer has at most: cells, audiences, single rows. Clients follow no more than 1024;
/// a view beyond it asks for too much in cells too small, and loses what it asked for last.
pub const MAX_VIEWER_STREAMS: usize = 1000;
/// Encoders of streams that are gone, kept for when their cells fill again: walkers come and go.
/// One more is taken for another stream.
pub const SPARE_STREAMS: usize = 64;
/// Share of a cell's size by which a viewer must have moved off before a cell is dropped: a viewer
/// that stands there would otherwise get whole cells again and again. Each per cent of it costs a half
/// per cent of rows that nobody asked for.
pub const CELL_HYSTERESIS: f32 = 0.04;
/// Share of a cell's size by which a row must be beyond the border before it changes cells. Cells
/// count as larger by it, so that `near` stays complete: each per cent costs one of rows.
pub const ROW_HYSTERESIS: f32 = 0.02;

/// Milliseconds for which droppable events are kept for clients that skip snapshots, at least (the period
/// of the slowest rate when that is longer): older ones would only be noise.
pub const EVENTS_MS: u32 = 1000;

// ---- Slow clients: they drop to a half, then to a third of the snapshots --------------------------

/// Rates at which snapshots are made: every one, every second, every third.
pub const RATES: [u32; 3] = [1, 2, 3];
/// Snapshots over which a client's line is judged: one second at 30 Hz.
pub const PACE_SNAPSHOTS: u32 = 32;
/// Lost ones among them (skipped, replaced by a newer one, not made) with which a client drops a rate: a
/// quarter. One that is merely late is not lost.
pub const PACE_SKIPS: u32 = 8;
/// Lost ones that a single stall of the line counts for, however long it was: a line that is too thin
/// loses some all the time, and a stall alone is not that.
pub const PACE_STALL_SKIPS: u32 = PACE_SKIPS / 2;
/// Snapshots in a row without a loss after which a client climbs a rate: 5 s at 30 Hz, twice or three
/// times that from the lower rates. Every change costs a catch-up.
pub const PACE_CLIMB_SNAPSHOTS: u32 = 150;
/// Bytes of entries that a recording keeps; a bot match of an hour is a tenth of it.
pub const MAX_RECORDING_BYTES: usize = 64 * 1024 * 1024;
