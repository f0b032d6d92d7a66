//! Every limit of the shell, with its unit and the reason for its value. The ones that are settings
//! appear in [`Config`](crate::config::Config) under the same names; these are their defaults.

/// A whole request head must have come within this time: long for a phone, short for a slow-head attack.
pub const HTTP_HEAD_MS: u64 = 5_000;
/// Size of a request head in bytes: browsers send 1-2 KiB, and we set no cookies that could grow it.
pub const HTTP_HEAD_BYTES: u32 = 8 * 1024;
/// Size of a request body in bytes: the largest is a room's options.
pub const HTTP_BODY_BYTES: u32 = 16 * 1024;
/// A whole request body must have come within this time.
pub const HTTP_BODY_MS: u64 = 5_000;
/// A plain HTTP connection ends after this time, however busy: nobody holds a slot for ever.
pub const HTTP_CONNECTION_MS: u64 = 120_000;
/// Header lines in one request: browsers send about 15.
pub const HTTP_HEADERS: usize = 64;

/// Time from the upgrade to an accepted `Hello`.
pub const HELLO_MS: u64 = 5_000;
/// One inbound message in bytes: a `Hello` with a token is below 1 KiB, 15 inputs below 2 KiB.
pub const MESSAGE_BYTES: u32 = 4 * 1024;
/// One inbound frame in bytes, past which nothing is even buffered.
pub const FRAME_BYTES: u32 = 16 * 1024;
/// Fragments of one inbound message: no known client fragments what is this small.
pub const FRAGMENTS: u32 = 16;
/// A client of which nothing has come for this time is gone (it answers pings without its page's help).
pub const IDLE_MS: u64 = 25_000;
/// Between two WebSocket pings: keeps NAT entries alive and leaves one retry before `IDLE_MS`.
pub const PING_MS: u64 = 15_000;
/// A client that takes no byte for this time while data waits is cut (4013).
pub const PROGRESS_MS: u64 = 5_000;
/// The other side's part of a close handshake, after which the socket is dropped.
pub const CLOSE_MS: u64 = 2_000;
/// Reliable messages that may wait for a busy socket; the room's resend window has the same size.
pub const QUEUE_MESSAGES: u32 = 64;
/// Their bytes.
pub const QUEUE_BYTES: u32 = 64 * 1024;
/// Bytes that may wait for one client beside the snapshot kept for it: the rest of the frame under way and
/// the queue. A client of which more would wait is cut (4013), so a game whose `Welcome` and keyframes
/// are larger needs more.
pub const TAIL_BYTES: u32 = 92 * 1024;
/// Bytes of a snapshot that is kept for a busy socket until it takes it or a newer one replaces it; a
/// larger one is skipped. The largest rooms measured send 10 KiB.
pub const SLOT_BYTES: usize = 32 * 1024;
/// What a frame decoder holds at most: a message in the making and a frame that is being read, with the
/// capacity that growing leaves unused.
pub const DECODER_BYTES: usize = 49 * 1024;
/// What a client that keeps to no rule costs at most, its messages in the room included. A TLS session
/// comes on top ([`TLS_SESSION_BYTES`]).
pub const CLIENT_BYTES: usize = 256 * 1024;
const _: () = assert!(
    TAIL_BYTES as usize
        + SLOT_BYTES
        + DECODER_BYTES
        + DRIVER_BYTES
        + tickwire_room::limits::MAX_KEPT_BYTES
        <= CLIENT_BYTES
);
/// Capacity that a completion driver has for one socket at most while it sends: 8 KiB, in a buffer that
/// grew by doubling.
pub const DRIVER_BYTES: usize = 16 * 1024;
/// What a TLS session holds, by estimate: a record of 16 KiB that is being read, and keys. While a client
/// lets a handshake message unfinished, rustls joins up to 64 KiB.
pub const TLS_SESSION_BYTES: usize = 24 * 1024;
/// WebSocket control frames (ping, pong) that a client may send in a second; browsers send none unasked.
pub const CONTROL_FRAMES_PER_S: u16 = 20;

/// Sockets of one address that have not shown a valid request or `Hello` yet.
pub const PER_IP_UNAUTHENTICATED: u32 = 8;
/// Sockets of one address altogether: a household or a small office behind one address.
pub const PER_IP_SOCKETS: u32 = 32;
/// Seats reserved from one address whose tickets have not been used yet (each lapses after 15 s): as
/// many people as press "join" at once behind one address, and few enough that no address alone keeps
/// rooms full.
pub const PER_IP_RESERVATIONS: u32 = 16;
/// REST calls that change something, per address and second (burst: the same number).
pub const REST_PER_S: u32 = 20;

/// Rooms of the whole server.
pub const ROOMS: u32 = 1_000;
/// A room made through REST is closed when no client has been in it for this time.
pub const ROOM_IDLE_MS: u64 = 60_000;
/// Clients of a finished room see its last state for this time, then get 1000.
pub const FINISHED_LINGER_US: u64 = 5_000_000;
/// Wake-ups of a shard per room period, with epoll and poll. Measured: with all rooms in phase a message
/// waits 3.5 ms (p50) for the wire; in 5 cohorts 0.4 ms, at 6 % more CPU; a phase per room costs 17-50 %.
pub const COHORTS: u16 = 5;
/// The same with io_uring, which saves the more the more sockets one wake-up serves: in 12 cohorts a
/// message waits 0.7 ms and costs 5.1 us, less than with epoll in 5; in 5 it would cost 6.0 us.
pub const URING_COHORTS: u16 = 12;
/// Times that one wake-up sends: a socket that had room for all that a driver held gets more at once, and a
/// line that takes everything does not keep the shard from its rooms. Of a long frame the kernel has got
/// what it takes by then, so that few are needed.
pub const SUBMITS: u32 = 8;
/// Tick rate by which the grid of cohorts is laid out; rooms of other rates have their own deadlines.
pub const COHORT_HZ: u64 = 30;

/// Largest `--max-message` of `tickwire echo`: four times the largest message of known suites.
pub const ECHO_MESSAGE_BYTES: u32 = 64 * 1024 * 1024;
/// Largest `--max-fragments` of `tickwire echo`: one byte a fragment of the largest message.
pub const ECHO_FRAGMENTS: u32 = ECHO_MESSAGE_BYTES;
/// Sockets of `tickwire echo` at a time; more wait in the kernel. Suites open one, or a few in parallel.
pub const ECHO_SOCKETS: usize = 64;
/// An echo client of which nothing comes for this time is closed. Suites count every frame, so that no
/// ping may ask whether it is still there; it is longer than any of them is silent.
pub const ECHO_IDLE_MS: u64 = 120_000;
/// Share of a shard's time in per cent beyond which it gets no new room: what is left is for players who
/// are still to come into the rooms it has, and for jitter.
pub const BUDGET_PERCENT: u16 = 75;
/// Time over which a shard's load is smoothed: short against the filling of a room, long against a tick.
pub const LOAD_US: u64 = 1_000_000;
/// Share of a shard that a room is thought to need while none on this server is played in: 16 players at
/// 30 Hz, of which a core runs about 200.
pub const ROOM_COST: f64 = 0.005;
/// The most that an unknown room is thought to need: a few slow rooms, of which the mean is made, must not
/// close the server to all others.
pub const MOST_ROOM_COST: f64 = 0.1;
/// Time after which most of a new room's players have come, so that its shard's load tells what it costs.
pub const ROOM_SETTLE_US: u64 = 5_000_000;
/// When to try again after no shard had time for a room: by then loads have settled.
pub const NO_CAPACITY_RETRY_MS: u64 = 5_000;
/// Letters that a shard takes in one wake-up, so that a storm of connections delays no tick by more than a
/// millisecond: 15-30 us each, and still thousands a second.
pub const LETTERS_PER_WAKE: usize = 32;
/// Time of one wake-up after which no further room has its turn whose ticks alone are longer than their
/// period. In the next wake-up it is that one's turn.
pub const HOPELESS_WAKE_US: u64 = 10_000;
/// Between two log lines about the time that one room gave up.
pub const SKIP_LOG_US: u64 = 5_000_000;
/// Rooms of which `/metrics` shows the load, the costliest: what an operator looks for, without a line for
/// each of thousands of rooms.
pub const ROOMS_IN_METRICS: usize = 20;

/// Bytes that wait unsent in the kernel per socket: a snapshot older than that is better skipped.
pub const NOTSENT_LOWAT_BYTES: u32 = 16 * 1024;
/// Bytes read from one socket per wake-up, so that a flood cannot starve the other sockets: honest clients
/// send a hundred, and a flood of the smallest frames costs 0.1 ms.
pub const READ_BUDGET_BYTES: usize = 4 * 1024;
/// Idle time before TCP keep-alive probes start; only a backstop under the WebSocket pings.
pub const KEEPALIVE_S: u64 = 60;
/// Connections that the kernel may hold ready before we accept them: a reconnect storm of a full server.
pub const BACKLOG: i32 = 1024;
/// Between two sweeps over timeouts and room states.
pub const SWEEP_US: u64 = 100_000;
/// How long the control plane waits for a shard's answer before it says 503.
pub const SHARD_REPLY_MS: u64 = 2_000;
/// After this time a shutdown no longer waits for close handshakes.
pub const SHUTDOWN_DRAIN_US: u64 = 1_500_000;
