//! Every limit of the wire format, with its unit and its reason.

// ---- Schema: what a client accepts from a server, and a server from its game -------------------

/// Bytes of a schema's JSON text; the largest sensible game stays below a tenth of it.
pub const MAX_SCHEMA_BYTES: usize = 256 * 1024;
/// Tables of a schema, the built-in `players` included.
pub const MAX_TABLES: usize = 64;
/// Fields of one table: the codec keeps the set of a row's changed fields in one `u128`.
pub const MAX_FIELDS: usize = 128;
/// Columns of one table's row, public and private together, and of an input, command or event.
pub const MAX_COLUMNS: usize = 1024;
/// Levels of shapes inside shapes; the tree walks recurse this deep.
pub const MAX_SHAPE_DEPTH: usize = 8;
/// Variants of an `enum` shape.
pub const MAX_VARIANTS: usize = 256;
/// Bytes of a name in a schema.
pub const MAX_NAME_BYTES: usize = 64;
/// Bits of an `angle`: with more, neighbouring values would be the same `f32`.
pub const MAX_ANGLE_BITS: u32 = 22;
/// Bits of each sent component of a `quat`.
pub const MAX_QUAT_BITS: u32 = 16;
/// Largest magnitude of an `int`'s bounds: the integers that JavaScript numbers hold exactly.
pub const MAX_INT: i64 = (1 << 53) - 1;
/// A float's range in steps, from 0 outwards: with more, `f32` could not tell the steps apart.
pub const MAX_FLOAT_STEPS: f64 = 8_388_608.0;
/// Ticks a second: above it the clock feedback (eighths of a tick) means nothing.
pub const MAX_TICK_HZ: u16 = 240;
/// Ticks from one snapshot to the next.
pub const MAX_SEND_EVERY: u16 = 120;

/// Bytes of a game's prior, which each new client fetches once: two for each of 32768 contexts.
pub const MAX_PRIOR_BYTES: usize = 64 * 1024;

// ---- State: what a stream's decoder holds ------------------------------------------------------

/// Rows of one table in one stream.
pub const MAX_ROWS_PER_TABLE: usize = 65_535;
/// Cells (rows × public columns) of all tables of one stream: 16 MiB, held three times by a decoder.
pub const MAX_CELLS_PER_STATE: usize = 4 * 1024 * 1024;

/// Earlier states of a stream that its encoder keeps: a client that skipped no more snapshots
/// rejoins by a catch-up. One second at 30 Hz, half a second at 60.
pub const RING_STATES: usize = 32;
/// Milliseconds that those states span at least, at whatever rate: a short stall of the line.
pub const RING_MS: u32 = 500;

// ---- Messages of the bit codec -----------------------------------------------------------------

/// Inputs in one `Inputs` message: its count has four bits.
pub const MAX_INPUTS_PER_MESSAGE: usize = 15;
/// Events in one chunk.
pub const MAX_EVENTS_PER_CHUNK: u32 = 4096;
/// Stream hashes in one snapshot.
pub const MAX_HASHES_PER_SNAPSHOT: u32 = 4096;
/// Number of a stream: it shares a `u32` with the two bits of the chunk kind.
pub const MAX_STREAM: u32 = (1 << 30) - 1;

// ---- Messages and WebSocket frames (message.rs, close.rs, websocket.rs) ----

/// Bytes of one message from a client; inputs are below 200, a `Hello` with a long token below 1000.
pub const MAX_CLIENT_MESSAGE_BYTES: usize = 4 * 1024;
/// Bytes of one message from a client that the frame decoder still reads to its end, so that the
/// client gets its close frame instead of a reset connection. Bounds memory per connection.
pub const HARD_CLIENT_MESSAGE_BYTES: usize = 16 * 1024;
/// Frames one client message may be split into; our clients never split, some proxies do.
pub const MAX_CLIENT_FRAGMENTS: u32 = 16;
/// Bytes of one message from the server: a keyframe of a very large room, with room to spare.
pub const MAX_SERVER_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
/// Frames one server message may be split into; proxies split large messages into 4 to 64 KiB.
pub const MAX_SERVER_FRAGMENTS: u32 = 1024;
/// Bytes a decoder may claim for one control message of the server: a `Welcome` with its schema.
pub const MAX_SERVER_CONTROL_BYTES: usize = 1024 * 1024;
/// Bytes of `Hello.client`, free text for logs.
pub const MAX_CLIENT_TEXT_BYTES: usize = 64;
/// Bytes of a WebSocket control frame's payload (RFC 6455 section 5.5).
pub const MAX_CONTROL_PAYLOAD_BYTES: usize = 125;
/// Bytes of a close reason: a control payload without the two bytes of the code.
pub const MAX_CLOSE_REASON_BYTES: usize = MAX_CONTROL_PAYLOAD_BYTES - 2;
/// Bytes of buffer a frame decoder keeps between messages: ten inputs; more is given back.
pub const KEEP_FRAME_BUFFER_BYTES: usize = 1024;
