//! Chunks: what all receivers of a stream share.

use super::own::{Newest, OwnSection, take, take_prefixed};
use crate::error::DecodeError;
use crate::limits::MAX_STREAM;
use crate::varint::{read_varint, write_varint};

const CATCH_UP: u32 = 0;
const KEYFRAME: u32 = 1;
const EVENTS: u32 = 2;
const LEFT: u32 = 3;

/// A chunk that names its stream: everything but the deltas that clients get snapshot after
/// snapshot. Stream numbers are at most [`MAX_STREAM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chunk<'a> {
    /// The way from an older state of a stream to its newest: for a client that skipped snapshots.
    CatchUp {
        /// The stream's number.
        stream: u32,
        /// Tick of the state that it starts from.
        from: u32,
        /// Tick of the state that it leads to: the snapshot's, or an earlier one when the stream
        /// has not changed since. Deltas go on from it.
        base: u32,
        /// For `StreamDecoder::catch_up`.
        bytes: &'a [u8],
    },
    /// The whole state of a stream.
    Keyframe {
        /// The stream's number.
        stream: u32,
        /// Tick of the state that it carries; see [`Chunk::CatchUp::base`].
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

/// Begins the special section: so many chunks follow, at least one.
pub fn write_chunk_count(count: u32, out: &mut Vec<u8>) {
    debug_assert!(count > 0, "a section without chunks is left out");
    write_varint(out, count);
}

/// Appends the steady section: the deltas of the streams that a client holds, in ascending order of
/// their numbers and without those that a chunk of the same message restates; `None` where nothing
/// changed. Returns false, and appends nothing, when that is so everywhere.
pub fn write_steady<'a>(deltas: impl Iterator<Item = Option<&'a [u8]>>, out: &mut Vec<u8>) -> bool {
    let start = out.len();
    let mut any = false;
    let mut deltas = deltas.peekable();
    while let Some(delta) = deltas.next() {
        debug_assert!(delta.is_none_or(|delta| !delta.is_empty()), "a delta has a byte at least");
        let delta = delta.unwrap_or_default();
        any |= !delta.is_empty();
        // The last one takes what is left of the message.
        if deltas.peek().is_some() {
            write_varint(out, delta.len() as u32);
        }
        out.extend_from_slice(delta);
    }
    if !any {
        out.truncate(start);
    }
    any
}

impl<'a> Chunk<'a> {
    /// Appends the chunk to a snapshot of `tick`.
    pub fn write(&self, tick: u32, out: &mut Vec<u8>) {
        let head = |stream: u32, kind, out: &mut Vec<u8>| {
            debug_assert!(stream <= MAX_STREAM, "a stream number has 30 bits");
            write_varint(out, stream << 2 | kind);
        };
        let body = match *self {
            Self::CatchUp { stream, from, base, bytes } => {
                debug_assert!(from < base && base <= tick, "a catch-up leads to a later state");
                head(stream, CATCH_UP, out);
                write_varint(out, tick.wrapping_sub(base));
                write_varint(out, base.wrapping_sub(from));
                bytes
            }
            Self::Keyframe { stream, base, bytes } => {
                debug_assert!(base <= tick, "a state is not later than its snapshot");
                head(stream, KEYFRAME, out);
                write_varint(out, tick.wrapping_sub(base));
                bytes
            }
            Self::Events { stream, bytes } => {
                head(stream, EVENTS, out);
                bytes
            }
            Self::Left { stream } => return head(stream, LEFT, out),
        };
        write_varint(out, body.len() as u32);
        out.extend_from_slice(body);
    }

    /// Takes a chunk off the front of `bytes`.
    fn read(bytes: &mut &'a [u8], tick: u32) -> Result<Self, DecodeError> {
        let head = read_varint(bytes)?;
        let stream = head >> 2;
        let mut before = |tick: u32| -> Result<u32, DecodeError> {
            tick.checked_sub(read_varint(bytes)?).ok_or(DecodeError::InvalidHead)
        };
        Ok(match head & 3 {
            CATCH_UP => {
                let base = before(tick)?;
                let from = before(base)?;
                if from == base {
                    return Err(DecodeError::InvalidHead);
                }
                Self::CatchUp { stream, from, base, bytes: take_prefixed(bytes)? }
            }
            KEYFRAME => {
                Self::Keyframe { stream, base: before(tick)?, bytes: take_prefixed(bytes)? }
            }
            EVENTS => Self::Events { stream, bytes: take_prefixed(bytes)? },
            _ => Self::Left { stream },
        })
    }
}

/// A snapshot being read: the own section, the chunks one by one, the deltas one by one.
#[derive(Clone, Debug)]
pub struct SnapshotReader<'a> {
    /// The own section.
    pub own: OwnSection<'a>,
    /// Chunks not yet read.
    chunks_left: u32,
    /// Whether a delta has come.
    any_delta: bool,
    /// What has not been read.
    rest: &'a [u8],
}

impl<'a> SnapshotReader<'a> {
    /// Reads the own section from a message's body (without the kind byte). `newest` is what the
    /// newest snapshot told the client.
    ///
    /// # Errors
    /// When the section is cut or impossible, or builds on a snapshot that the client does not have.
    pub fn new(body: &'a [u8], newest: Option<Newest>) -> Result<Self, DecodeError> {
        let mut rest = body;
        let own = OwnSection::read(&mut rest, newest)?;
        let mut chunks_left = 0;
        if own.sections.special {
            chunks_left = read_varint(&mut rest)?;
            if chunks_left == 0 {
                return Err(DecodeError::InvalidHead);
            }
        }
        Ok(Self { own, chunks_left, any_delta: false, rest })
    }

    /// The next chunk that names its stream, or `None` when there are no more.
    ///
    /// # Errors
    /// When the chunk is cut or impossible; nothing after it can be read.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk<'a>>, DecodeError> {
        let Some(left) = self.chunks_left.checked_sub(1) else { return Ok(None) };
        self.chunks_left = left;
        Chunk::read(&mut self.rest, self.own.tick).map(Some)
    }

    /// The delta of the next stream, `None` when it is unchanged. To be called after the chunks, for
    /// every stream that the client then holds and no chunk restated, in ascending order;
    /// `is_last` says that there are no more.
    ///
    /// # Errors
    /// When the delta is cut; nothing after it can be read.
    pub fn next_delta(&mut self, is_last: bool) -> Result<Option<&'a [u8]>, DecodeError> {
        debug_assert_eq!(self.chunks_left, 0, "chunks come first");
        if !self.own.sections.steady {
            return Ok(None);
        }
        let len = if is_last { self.rest.len() } else { read_varint(&mut self.rest)? as usize };
        let delta = take(&mut self.rest, len)?;
        self.any_delta |= !delta.is_empty();
        Ok((!delta.is_empty()).then_some(delta))
    }

    /// Checks that the message ends here.
    ///
    /// # Errors
    /// When bytes are left, or the message promised deltas and had none.
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.rest.is_empty() && self.any_delta == self.own.sections.steady {
            Ok(())
        } else {
            Err(DecodeError::InvalidHead)
        }
    }
}
