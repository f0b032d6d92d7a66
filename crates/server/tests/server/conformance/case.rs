//! One line of a table: what is sent, and what must come back.

use std::io::Write as _;
use std::net::SocketAddr;

use super::bytes::{BINARY, CLOSE, FIN, PONG, TEXT, read_to_end};
use super::open;

/// Writes a case is cut into at most when it goes byte by byte: enough for every small one.
const PIECES: usize = 400;

pub(super) struct Case {
    name: String,
    sent: Vec<u8>,
    /// Frames of the echo before its close frame.
    replies: Vec<(u8, Vec<u8>)>,
    /// Code of its close frame.
    code: u16,
    /// Code on the match path, where it differs.
    match_code: u16,
}

/// What is sent must end in a close frame with this code.
pub(super) fn case(name: impl Into<String>, sent: &[&[u8]], code: u16) -> Case {
    let (sent, replies) = (sent.concat(), Vec::new());
    Case { name: name.into(), sent, replies, code, match_code: code }
}

impl Case {
    fn replies(mut self, first: u8, payload: &[u8]) -> Self {
        self.replies.push((first, payload.to_vec()));
        self
    }

    /// A binary message comes back.
    pub(super) fn binary(self, payload: &[u8]) -> Self {
        self.replies(FIN | BINARY, payload)
    }

    /// A text comes back. In a match every message is binary.
    pub(super) fn text(self, payload: &[u8]) -> Self {
        self.replies(FIN | TEXT, payload).in_match(1003)
    }

    /// A ping is answered.
    pub(super) fn pong(self, payload: &[u8]) -> Self {
        self.replies(PONG, payload)
    }

    /// The match path closes with another code.
    pub(super) fn in_match(self, match_code: u16) -> Self {
        Self { match_code, ..self }
    }

    /// Holds the echo to it.
    pub(super) fn check_echo(&self, address: SocketAddr) {
        for pieces in [1, PIECES] {
            let mut frames = self.exchange(address, "/", pieces);
            let close = frames.pop();
            assert_eq!(frames, self.replies, "{}: replies", self.name);
            self.check_close(close, self.code);
        }
    }

    /// Holds the match path to it, where what a room says counts for nothing.
    pub(super) fn check_match(&self, address: SocketAddr) {
        for pieces in [1, PIECES] {
            let mut frames = self.exchange(address, "/v1/play/main", pieces);
            let close = frames.pop();
            if self.match_code == self.code {
                frames.retain(|(first, _)| *first == PONG);
                let pongs = self.replies.iter().filter(|(first, _)| *first == PONG);
                assert!(frames.iter().eq(pongs), "{}: pongs {frames:?}", self.name);
            }
            self.check_close(close, self.match_code);
        }
    }

    fn exchange(&self, address: SocketAddr, path: &str, pieces: usize) -> Vec<(u8, Vec<u8>)> {
        let mut stream = open(address, path);
        for piece in self.sent.chunks(self.sent.len().div_ceil(pieces)) {
            // The server may have closed at an earlier piece; what it said is what counts.
            let _ = stream.write_all(piece);
        }
        read_to_end(&mut stream, &self.name)
    }

    fn check_close(&self, close: Option<(u8, Vec<u8>)>, code: u16) {
        let (first, payload) = close.unwrap_or_else(|| panic!("{}: nothing came", self.name));
        assert_eq!(first, CLOSE, "{}: the last frame is no close", self.name);
        let came = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
        assert_eq!(came, Some(code), "{}: close code", self.name);
        assert!(str::from_utf8(&payload[2..]).is_ok(), "{}: reason", self.name);
    }
}

/// Holds the echo to all of them.
pub(super) fn check_echo(address: SocketAddr, cases: &[Case]) {
    cases.iter().for_each(|case| case.check_echo(address));
}

/// Holds the match path to all of them.
pub(super) fn check_match(address: SocketAddr, cases: &[Case]) {
    cases.iter().for_each(|case| case.check_match(address));
}
