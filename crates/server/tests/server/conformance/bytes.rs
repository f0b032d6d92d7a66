//! Frames by hand.

use std::io::{ErrorKind, Read as _};
use std::net::TcpStream;

pub(super) const FIN: u8 = 0x80;
pub(super) const CONTINUATION: u8 = 0x0;
pub(super) const TEXT: u8 = 0x1;
pub(super) const BINARY: u8 = 0x2;
pub(super) const CLOSE: u8 = FIN | 0x8;
pub(super) const PING: u8 = FIN | 0x9;
pub(super) const PONG: u8 = FIN | 0xa;

const MASKED: u8 = 0x80;
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// How a head writes its length.
#[derive(Clone, Copy)]
pub(super) enum Length {
    Short(u8),
    Two(u16),
    Eight(u64),
}

impl Length {
    /// The shortest form.
    pub(super) fn of(bytes: usize) -> Self {
        match bytes {
            0..=125 => Self::Short(bytes as u8),
            126..=65_535 => Self::Two(bytes as u16),
            _ => Self::Eight(bytes as u64),
        }
    }
}

/// A masked head alone.
pub(super) fn head(first: u8, length: Length) -> Vec<u8> {
    let mut bytes = vec![first];
    match length {
        Length::Short(length) => bytes.push(MASKED | length),
        Length::Two(length) => {
            bytes.push(MASKED | 126);
            bytes.extend(length.to_be_bytes());
        }
        Length::Eight(length) => {
            bytes.push(MASKED | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(KEY);
    bytes
}

/// A masked frame with `first` as its first byte.
pub(super) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = head(first, Length::of(payload.len()));
    bytes.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    bytes
}

/// A frame that no client may send.
pub(super) fn unmasked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first, payload.len() as u8];
    bytes.extend(payload);
    bytes
}

/// A message in fragments.
pub(super) fn fragments(opcode: u8, parts: &[&[u8]]) -> Vec<u8> {
    let last = parts.len() - 1;
    let first_byte =
        |at| (if at == 0 { opcode } else { CONTINUATION }) | if at == last { FIN } else { 0 };
    parts.iter().enumerate().flat_map(|(at, part)| frame(first_byte(at), part)).collect()
}

/// A close frame with a code.
pub(super) fn close(code: u16) -> Vec<u8> {
    frame(CLOSE, &code.to_be_bytes())
}

/// Reads the frames of a server until the stream ends, each as its first byte and its payload.
pub(super) fn read_to_end(stream: &mut TcpStream, name: &str) -> Vec<(u8, Vec<u8>)> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => {
            panic!("{name}: the stream does not end")
        }
        Err(error) => panic!("{name}: {error} after {bytes:?}"),
        Ok(_) => split(&bytes, name),
    }
}

/// Takes a server's stream apart.
pub(super) fn split(mut bytes: &[u8], name: &str) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    while let [first, short, rest @ ..] = bytes {
        let (length, rest) = match short {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk().unwrap())), &rest[2..]),
            127 => (u64::from_be_bytes(*rest.first_chunk().unwrap()) as usize, &rest[8..]),
            128.. => panic!("{name}: a server's frame with a mask"),
            short => (usize::from(*short), rest),
        };
        assert!(length <= rest.len(), "{name}: the stream ends inside a frame");
        frames.push((*first, rest[..length].to_vec()));
        bytes = &rest[length..];
    }
    assert!(bytes.is_empty(), "{name}: the stream ends inside a head");
    frames
}
