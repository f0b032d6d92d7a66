//! Chunks: what all receivers of a stream share.

use super::own::{OwnSection, take_prefixed};
use crate::error::DecodeError;
use crate::limits::MAX_STREAM;
use crate::varint::{read_varint, write_varint};

const DELTA: u32 = 0;
const KEYFRAME: u32 = 1;
const EVENTS: u32 = 2;
const LEFT: u32 = 3;

/// One chunk of a snapshot. Stream numbers are at most [`MAX_STREAM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The state of a stream, from that at `base` on.
    Delta {
        /// The stream's number.
        stream: u32,
        /// Tick of the state that it starts from; before the snapshot's.
        base: u32,
        /// For `StreamDecoder::delta`.
        bytes: &'a [u8],
    },
    /// The whole state of a stream.
    Keyframe {
        /// The stream's number.
        stream: u32,
        /// Tick of the state that it carries, for `StreamDecoder::keyframe`: the snapshot's, or an
        /// earlier one when the stream has not changed since. Deltas go on from it.
        base: u32,
        /// For `StreamDecoder::keyframe`.
        bytes: &'a [u8],
    },
    /// Events for the audience of a stream.
    Events {
        /// The stream's number.
        stream: u32,
        /// For an `EventsReader`.
        bytes: &'a [u8],
    },
    /// The client no longer receives this stream.
    Left {
        /// The stream's number.
        stream: u32,
    },
}

impl<'a> Chunk<'a> {
    /// Appends the chunk to a snapshot of `tick`.
    pub fn write(&self, tick: u32, out: &mut Vec<u8>) {
        let (stream, kind, base, body) = match *self {
            Self::Delta { stream, base, bytes } => (stream, DELTA, Some(base), Some(bytes)),
            Self::Keyframe { stream, base, bytes } => (stream, KEYFRAME, Some(base), Some(bytes)),
            Self::Events { stream, bytes } => (stream, EVENTS, None, Some(bytes)),
            Self::Left { stream } => (stream, LEFT, None, None),
        };
        debug_assert!(stream <= MAX_STREAM, "a stream number has 30 bits");
        write_varint(out, stream << 2 | kind);
        if let Some(base) = base {
            debug_assert!(base < tick || (base == tick && kind == KEYFRAME), "a base is not later");
            write_varint(out, tick.wrapping_sub(base));
        }
        if let Some(body) = body {
            write_varint(out, body.len() as u32);
            out.extend_from_slice(body);
        }
    }

    /// Takes a chunk off the front of `bytes`.
    fn read(bytes: &mut &'a [u8], tick: u32) -> Result<Self, DecodeError> {
        let head = read_varint(bytes)?;
        let stream = head >> 2;
        let mut base = || -> Result<u32, DecodeError> {
            tick.checked_sub(read_varint(bytes)?).ok_or(DecodeError::InvalidHead)
        };
        Ok(match head & 3 {
            DELTA => match base()? {
                base if base == tick => return Err(DecodeError::InvalidHead),
                base => Self::Delta { stream, base, bytes: take_prefixed(bytes)? },
            },
            KEYFRAME => Self::Keyframe { stream, base: base()?, bytes: take_prefixed(bytes)? },
            EVENTS => Self::Events { stream, bytes: take_prefixed(bytes)? },
            _ => Self::Left { stream },
        })
    }
}

/// A snapshot being read: the own section, then the chunks one by one.
#[derive(Clone, Debug)]
pub struct SnapshotReader<'a> {
    /// The own section.
    pub own: OwnSection<'a>,
    /// Chunks not yet read.
    rest: &'a [u8],
}

impl<'a> SnapshotReader<'a> {
    /// Reads the own section from a message's body (without the kind byte). `newest` is the tick of
    /// the newest snapshot that the client has.
    ///
    /// # Errors
    /// When the section is cut or impossible, or the tick is told by its low byte to a client
    /// without a snapshot.
    pub fn new(body: &'a [u8], newest: Option<u32>) -> Result<Self, DecodeError> {
        let mut rest = body;
        let own = OwnSection::read(&mut rest, newest)?;
        Ok(Self { own, rest })
    }

    /// The next chunk, or `None` at the end of the message.
    ///
    /// # Errors
    /// When the chunk is cut or impossible; nothing after it can be read.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk<'a>>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        Chunk::read(&mut self.rest, self.own.tick).map(Some)
    }
}
