//! Every limit and tuning constant of the client, with its unit and its reason.

/// Longest wait between tries while an outage is young, in µs: a player still looks at the screen.
pub const BACKOFF_EAGER_CAP_US: u64 = 1_000_000;
/// How long an outage counts as young, in µs: half of the window in which the seat is kept.
pub const BACKOFF_EAGER_US: u64 = 15_000_000;
/// Upper end of the first wait, in µs: a switch of network usually takes about that long.
pub const BACKOFF_FIRST_US: u64 = 250_000;
/// Longest wait ever, in µs; a server's own hint is capped by it too.
pub const BACKOFF_LATE_CAP_US: u64 = 30_000_000;
/// Wait after close code 4008 (too fast), in µs: one burst allowance of the server has refilled.
pub const BACKOFF_RATE_LIMITED_US: u64 = 2_000_000;

/// Greatest change of a clock's rate, as a fraction: 3 % is not seen and not heard.
pub const CLOCK_RATE_MAX: f64 = 0.03;
/// Error in ticks past which a clock jumps instead of running faster: at 3 % it would take 11 s.
pub const CLOCK_SNAP_TICKS: f64 = 10.0;
/// Part of the measured error that is corrected per tick. With 10 ticks between cause and
/// measurement (330 ms at 30 Hz) the loop still damps: 0.04 × 10 is a quarter of the limit π / 2.
pub const CLOCK_GAIN: f64 = 0.04;
/// Ticks for which a correction holds without new feedback; quiet rooms report twice a second.
pub const CLOCK_HOLD_TICKS: f64 = 16.0;
/// Reports after Welcome that may move the input clock at once, before play has settled.
pub const CLOCK_SETTLING_REPORTS: u32 = 3;
/// Error in ticks above which the input clock moves at once while it settles.
pub const CLOCK_SETTLED_TICKS: f64 = 0.25;
/// How early an input should come on a quiet line, in ticks: half a tick forgives a late wake-up of
/// client or server of 16 ms at 30 Hz, and costs just that much latency.
pub const INPUT_LEAD_TICKS: f64 = 0.5;
/// The lead covers this many times the measured jitter, …
pub const INPUT_LEAD_JITTERS: f64 = 4.0;
/// … on top of this many ticks, the precision of the report.
pub const INPUT_LEAD_FLOOR_TICKS: f64 = 0.2;
/// Greatest lead in ticks: a line worse than that is better served by late inputs.
pub const INPUT_LEAD_MAX_TICKS: f64 = 10.0;
/// First snapshots that may move the drawn clock at once: what waited while the client loaded comes
/// with the first of them, and the rest confirm it.
pub const DRAWN_PLACING_SNAPSHOTS: u32 = 5;
/// Error in ticks above which they do.
pub const DRAWN_PLACED_TICKS: f64 = 1.0;
/// The picture lags the newest snapshot by one snapshot interval, this many ticks, …
pub const DRAWN_LAG_FLOOR_TICKS: f64 = 0.25;
/// … and this many times the jitter of arrival.
pub const DRAWN_LAG_JITTERS: f64 = 3.0;
/// Greatest lag of the picture behind the newest snapshot, in ticks.
pub const DRAWN_LAG_MAX_TICKS: f64 = 15.0;

/// Inputs kept for replay by a predictor: 4 s at 60 Hz. Past that the oldest are taken as lost.
pub const PREDICTED_INPUTS: usize = 256;
/// Time in which a visual error halves, in µs: gone within ten drawn frames, yet no visible jump.
pub const VISUAL_ERROR_HALF_LIFE_US: f64 = 60_000.0;
/// A visual error beyond this part of a field's range is a teleport and is shown at once.
pub const VISUAL_ERROR_MAX_RANGE: f64 = 1.0 / 16.0;

/// Snapshots that an interpolator holds: 1 s at 30 Hz, far past the greatest lag.
pub const INTERPOLATOR_SNAPSHOTS: usize = 32;
/// Snapshots may be this many intervals apart and still be one movement (a slow line skips some);
/// past that the room was at rest before.
pub const SEND_GAP_MAX: u32 = 4;
/// A smooth field that moved this many times farther than its velocity explains was teleported, …
pub const TELEPORT_FACTOR: f64 = 2.0;
/// … beyond this many steps, which rounding and sudden stops may take.
pub const TELEPORT_STEPS: f64 = 16.0;

/// Reliable messages to the server kept unacknowledged: the server keeps as many the other way.
pub const OUTBOX_MESSAGES: usize = 64;
/// Their bytes together: 64 messages of a command each, with room for the chat limit of 512 B.
pub const OUTBOX_BYTES: usize = 64 * 1024;
/// Reliable messages of the server that wait for the state of their tick; more means a broken server.
pub const INBOX_MESSAGES: usize = 1024;
/// Events that wait to be polled by the caller; past it the caller has stopped listening.
pub const PENDING_EVENTS: usize = 8 * 1024;
/// Streams followed at once: interest cells in view, teams and one's own, with room to spare.
pub const MAX_STREAMS: usize = 1024;
/// Time between two pings, in µs: often enough for a HUD, seldom enough to cost nothing.
pub const PING_EVERY_US: u64 = 1_000_000;
/// Longest time an acknowledgement waits for an input to ride on, in µs.
pub const ACK_AFTER_US: u64 = 250_000;

/// Longest wait for a TCP connection, in ms.
pub const CONNECT_TIMEOUT_MS: u64 = 5_000;
/// Longest time a REST request or a handshake may take once connected, in ms.
pub const REQUEST_TIMEOUT_MS: u64 = 10_000;
/// Longest body taken from the REST API, in bytes: maps are below 1 MiB.
pub const MAX_BODY_BYTES: usize = 16 * 1024 * 1024;
/// Bytes read from the socket at once: several snapshots, or a keyframe in few reads.
pub const READ_BYTES: usize = 8 * 1024;
/// Bytes queued to a socket that does not take them: past it the line is as good as cut.
pub const WRITE_QUEUE_BYTES: usize = 256 * 1024;
/// Silence after which a line is taken as dead, in µs: even a quiet room sends twice a second.
pub const SILENCE_US: u64 = 8_000_000;
