//! Every limit of the benches that run server and load, with its unit and its reason.

/// Core of the server, and core of the load: two processes that share none measure each other least.
pub const SERVER_CORE: usize = 0;
/// See [`SERVER_CORE`].
pub const LOAD_CORE: usize = 1;
/// A part ends by itself after this time, seconds, whatever its parent does: no bench takes as long.
pub const PART_LIFE_S: u64 = 900;
/// How long a part may take to end once it has been told to, milliseconds.
pub const PART_END_MS: u64 = 2_000;
/// How long a server may take until it listens, seconds.
pub const READY_S: u64 = 20;
/// How long an answer over HTTP may take, seconds: a server at its limit answers late.
pub const HTTP_S: u64 = 20;
/// Further tries of a request to which the server says that it has no room at the moment.
pub const HTTP_TRIES: u32 = 100;
/// Between two of them, milliseconds.
pub const HTTP_RETRY_MS: u64 = 50;
/// How long all clients may take to join, seconds: a server with time left takes 500 a second.
pub const JOIN_S: u64 = 90;

/// Between two turns of the load while it keeps up, nanoseconds. It sleeps by the clock and not in
/// `epoll_wait`, so that the server never pays for waking it; a quarter millisecond is little beside
/// the latencies measured.
pub const LOAD_TURN_NS: u64 = 250_000;
/// Bytes that the load reads from one socket at a time.
pub const READ_BYTES: usize = 64 * 1024;
/// Events taken from epoll in one call.
pub const EVENTS: usize = 1024;
/// Threads that reserve seats while clients join, each waiting for one answer at a time.
pub const TICKET_THREADS: usize = 16;
/// Seats reserved and not yet taken: their tickets hold for 15 s.
pub const TICKETS_AHEAD: usize = 32;
/// Handshakes at once while clients join, outside of storms.
pub const JOINING_AT_ONCE: usize = 64;

/// Play before a window of measurement, milliseconds: caches, buffers and codec histories fill.
pub const WARM_UP_MS: u64 = 1_500;
/// After a window the load goes on for this time, milliseconds, so that the window's last inputs can be
/// answered. What is not answered by then counts with the time it has waited.
pub const LAST_ECHO_MS: u64 = 1_000;
/// One client in so many decodes and verifies all that it gets.
pub const VERIFY_EVERY: u32 = 50;
/// Bytes of a frame with an input where no game is played, head and mask included: what one input of
/// the arena workload weighs, a little rounded up.
pub const FIXED_INPUT_BYTES: usize = 30;
/// Payload bytes of a fixed message that are one client's own, as the smallest own section.
pub const FIXED_OWN_BYTES: usize = 5;
/// How long a storm may last, seconds.
pub const STORM_S: u64 = 60;
