//! Chunks: what all receivers of a stream share.

use super::own::{Newest, OwnSection, take_prefixed};
use crate::bits::ReadError;
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
pub fn write_steady<'a>(
    deltas: impl Iterator<Item = Option<&'a [u8]>> + Clone,
    out: &mut Vec<u8>,
) -> bool {
    let is_empty = |delta: Option<&[u8]>| delta.unwrap_or_default().is_empty();
    if deltas.clone().all(is_empty) {
        return false;
    }
    let mut lengths = HalfBytes::default();
    let mut ahead = deltas.clone().peekable();
    while let Some(delta) = ahead.next() {
        debug_assert!(delta.is_none_or(|delta| !delta.is_empty()), "a delta has a byte at least");
        // The last one takes what is left of the message.
        if ahead.peek().is_some() {
            lengths.write(delta.unwrap_or_default().len(), out);
        }
    }
    deltas.flatten().for_each(|delta| out.extend_from_slice(delta));
    true
}

/// Lengths in half bytes: three bits of the number, the low ones first, and whether more follow.
/// Most deltas of a small cell are shorter than eight bytes.
#[derive(Clone, Copy, Debug, Default)]
struct HalfBytes {
    /// Half bytes written or read.
    count: usize,
}

impl HalfBytes {
    fn write(&mut self, mut value: usize, out: &mut Vec<u8>) {
        loop {
            let more = value > 7;
            let half = (value & 7) as u8 | u8::from(more) << 3;
            match out.last_mut().filter(|_| self.count % 2 == 1) {
                Some(last) => *last |= half << 4,
                None => out.push(half),
            }
            self.count += 1;
            value >>= 3;
            if !more {
                return;
            }
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<usize, ReadError> {
        let mut value = 0_u64;
        for shift in (0..33).step_by(3) {
            let byte = *bytes.get(self.count / 2).ok_or(ReadError::End)?;
            let half = byte >> (self.count % 2 * 4) & 15;
            self.count += 1;
            value |= u64::from(half & 7) << shift;
            if half < 8 {
                let value = u32::try_from(value).map_err(|_| ReadError::Code)?;
                return Ok(value as usize);
            }
        }
        Err(ReadError::Code)
    }

    /// Whole bytes that the half ones fill.
    fn bytes(self) -> usize {
        self.count.div_ceil(2)
    }
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

/// A snapshot being read: the own section, the chunks one by one, the deltas.
#[derive(Clone, Debug)]
pub struct SnapshotReader<'a> {
    /// The own section.
    pub own: OwnSection<'a>,
    /// Chunks not yet read.
    chunks_left: u32,
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
        Ok(Self { own, chunks_left, rest })
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

    /// The deltas, one for each of the `count` streams that the client holds after the chunks and
    /// none of them restated, in ascending order of their numbers; `None` where nothing changed. To
    /// be called after the chunks: it checks that the message ends where it should.
    ///
    /// # Errors
    /// When there are not the deltas that the message promised, or bytes are left.
    pub fn deltas(&mut self, count: usize) -> Result<Deltas<'a>, DecodeError> {
        debug_assert_eq!(self.chunks_left, 0, "chunks come first");
        let bytes = std::mem::take(&mut self.rest);
        let mut deltas = Deltas { lengths: bytes, at: HalfBytes::default(), left: 0, bodies: &[] };
        if !self.own.sections.steady {
            deltas.left =
                if bytes.is_empty() { 0 } else { return Err(DecodeError::TrailingBytes) };
            return Ok(deltas);
        }
        let mut lengths = HalfBytes::default();
        let mut sum = 0_usize;
        for _ in 1..count {
            sum = sum.saturating_add(lengths.read(bytes)?);
        }
        let padding = if lengths.count % 2 == 1 { bytes[lengths.count / 2] >> 4 } else { 0 };
        deltas.bodies = &bytes[lengths.bytes()..];
        deltas.left = count;
        if count == 0 || padding != 0 || deltas.bodies.is_empty() {
            return Err(DecodeError::InvalidHead);
        }
        if sum > deltas.bodies.len() { Err(ReadError::End.into()) } else { Ok(deltas) }
    }
}

/// The deltas of a snapshot, in order of their streams; then `None`.
#[derive(Clone, Debug)]
pub struct Deltas<'a> {
    /// Starts with the lengths of all but the last.
    lengths: &'a [u8],
    at: HalfBytes,
    /// Deltas to come, changed or not.
    left: usize,
    /// Their bytes.
    bodies: &'a [u8],
}

impl<'a> Deltas<'a> {
    /// The delta of the next stream; `None` when it is unchanged.
    pub fn next_delta(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        // They were read before, and add up to no more than there is.
        let len = if self.left == 0 {
            self.bodies.len()
        } else {
            self.at.read(self.lengths).unwrap_or_default()
        };
        let (delta, rest) = self.bodies.split_at_checked(len)?;
        self.bodies = rest;
        Some(delta).filter(|delta| !delta.is_empty())
    }
}
