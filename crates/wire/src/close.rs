//! Close codes of Tickwire and the close a peer is given: a code and a short reason.

use crate::limits::MAX_CLOSE_REASON_BYTES;

/// The client left or the room finished: nothing more to come.
pub const NORMAL: u16 = 1000;
/// The peer goes away (a browser tab closes, a server shuts without a plan).
pub const GOING_AWAY: u16 = 1001;
/// The peer broke the WebSocket protocol.
pub const PROTOCOL_ERROR: u16 = 1002;
/// A text message came; every Tickwire message is binary.
pub const TEXT_MESSAGE: u16 = 1003;
/// Never on the wire: the connection ended without a close frame.
pub const NO_CLOSE_FRAME: u16 = 1006;
/// Text that is not UTF-8.
pub const INVALID_UTF8: u16 = 1007;
/// A message above the size or fragment limit.
pub const TOO_LONG: u16 = 1009;
/// The room failed (a panic in the game); other rooms go on.
pub const ROOM_FAILED: u16 = 1011;
/// The server restarts or drains; the reason is `retry after N ms`.
pub const RESTART: u16 = 1012;
/// A malformed Tickwire message; the reason says which and why.
pub const MALFORMED: u16 = 4000;
/// Ticket or resume token missing, forged, expired or already used.
pub const UNAUTHENTICATED: u16 = 4001;
/// Protocol version not supported; the reason names the supported one.
pub const VERSION: u16 = 4002;
/// Kicked, or the room is full.
pub const FORBIDDEN: u16 = 4003;
/// No such room.
pub const NO_SUCH_ROOM: u16 = 4004;
/// No `Hello` within its time.
pub const NO_HELLO: u16 = 4005;
/// Inputs, commands or chat above their rate.
pub const TOO_FAST: u16 = 4008;
/// A newer connection took the seat.
pub const REPLACED: u16 = 4009;
/// Nothing arrived for too long.
pub const IDLE: u16 = 4010;
/// The client did not read fast enough.
pub const TOO_SLOW: u16 = 4013;

const RETRY_AFTER: &str = "retry after ";
const RETRY_AFTER_UNIT: &str = " ms";

/// Why a connection ends, as the other side will read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Close {
    /// One of this module's constants, or what a peer sent.
    pub code: u16,
    /// For people and logs; at most [`MAX_CLOSE_REASON_BYTES`] bytes travel.
    pub reason: String,
}

impl Close {
    /// A close with `reason` cut to what a close frame holds.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason = reason.into();
        reason.truncate(fitting(&reason).len());
        Self { code, reason }
    }

    /// The close of a restarting server; clients wait `retry_after_ms` before they resume.
    pub fn restart(retry_after_ms: u32) -> Self {
        Self::new(RESTART, format!("{RETRY_AFTER}{retry_after_ms}{RETRY_AFTER_UNIT}"))
    }

    /// What a client notes when the connection ended without a close frame.
    pub fn cut() -> Self {
        Self::new(NO_CLOSE_FRAME, "connection lost")
    }

    /// Whether connecting again to the same room with the same credentials can succeed.
    ///
    /// False too where a retry needs something new first: a ticket (4001) or a room (1011).
    pub fn retryable(&self) -> bool {
        matches!(
            self.code,
            GOING_AWAY | NO_CLOSE_FRAME | RESTART | NO_HELLO | TOO_FAST | IDLE | TOO_SLOW
        )
    }

    /// The wait that a restarting server asks for, in milliseconds.
    pub fn retry_after_ms(&self) -> Option<u32> {
        if self.code != RESTART {
            return None;
        }
        self.reason.strip_prefix(RETRY_AFTER)?.strip_suffix(RETRY_AFTER_UNIT)?.parse().ok()
    }

    /// Appends the payload of a close frame: code (big-endian), then the reason cut to fit.
    pub fn write_payload(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.code.to_be_bytes());
        out.extend_from_slice(fitting(&self.reason).as_bytes());
    }
}

impl std::fmt::Display for Close {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.reason)
    }
}

/// The longest prefix of `reason` that a close frame holds, cut on a character boundary.
fn fitting(reason: &str) -> &str {
    let end = reason.floor_char_boundary(MAX_CLOSE_REASON_BYTES);
    &reason[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_reason_is_cut_on_a_character_boundary() {
        let close = Close::new(MALFORMED, "ä".repeat(100));
        assert_eq!(close.reason, "ä".repeat(61));
        let mut payload = Vec::new();
        Close { code: NORMAL, reason: "x".repeat(500) }.write_payload(&mut payload);
        assert_eq!(payload.len(), 125);
        assert_eq!(payload[..3], [0x03, 0xe8, b'x']);
    }

    #[test]
    fn a_restart_tells_when_to_come_back() {
        assert_eq!(Close::restart(1500).reason, "retry after 1500 ms");
        assert_eq!(Close::restart(1500).retry_after_ms(), Some(1500));
        assert_eq!(Close::new(RESTART, "soon").retry_after_ms(), None);
        assert_eq!(Close::new(NORMAL, "retry after 5 ms").retry_after_ms(), None);
    }

    #[test]
    fn only_closes_that_time_heals_are_retryable() {
        let retryable = [GOING_AWAY, NO_CLOSE_FRAME, RESTART, NO_HELLO, TOO_FAST, IDLE, TOO_SLOW];
        let all = (1000..=1015).chain(4000..=4013);
        for code in all {
            assert_eq!(Close::new(code, "").retryable(), retryable.contains(&code), "{code}");
        }
    }
}
