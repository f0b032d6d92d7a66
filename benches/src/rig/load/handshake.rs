//! The WebSocket handshake of a client.

use crate::rig::job::LoadJob;
use crate::rig::rooms;

/// Longest answer that is read, bytes.
const MAX_ANSWER_BYTES: usize = 4096;

/// The request for the room of a client. The nonce may be the same each time: nobody is in between.
pub(super) fn request(job: &LoadJob, client: u32) -> String {
    format!(
        "GET /v1/play/{} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: tickwire.1\r\n\r\n",
        rooms::name(client / u32::from(job.per_room)),
        job.address
    )
}

/// How far an answer has come.
pub(super) enum Progress {
    /// More is needed.
    Unfinished,
    /// It is a 101; it has so many bytes.
    Accepted(usize),
    /// It is something else.
    Refused(String),
}

/// Looks at what has come of an answer.
pub(super) fn answer(bytes: &[u8]) -> Progress {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return match bytes.len() > MAX_ANSWER_BYTES {
            true => Progress::Refused("a head without end".to_owned()),
            false => Progress::Unfinished,
        };
    };
    match bytes.starts_with(b"HTTP/1.1 101 ") {
        true => Progress::Accepted(end + 4),
        false => Progress::Refused(String::from_utf8_lossy(bytes).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart_wherever_it_was_cut() {
        let whole = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x82\x01x";
        for cut in 0..whole.len() - 3 {
            assert!(matches!(answer(&whole[..cut]), Progress::Unfinished), "{cut}");
        }
        assert!(matches!(answer(whole), Progress::Accepted(at) if at == whole.len() - 3));
        let refused = answer(b"HTTP/1.1 429 Too Many Requests\r\n\r\n");
        assert!(matches!(refused, Progress::Refused(why) if why.contains("429")));
    }
}
