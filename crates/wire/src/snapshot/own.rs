//! The part of a snapshot that is for one client alone.

use std::borrow::Cow;

use super::SNAPSHOT_KIND;
use crate::bits::ReadError;
use crate::error::DecodeError;
use crate::limits::MAX_HASHES_PER_SNAPSHOT;
use crate::varint::{read_varint, write_varint};

const FULL: u8 = 1 << 0;
const RELIABLE: u8 = 1 << 1;
const COUNTERS: u8 = 1 << 2;
const HASHES_32: u8 = 1 << 3;
const HASHES_16: u8 = 1 << 4;
const PRIVATE: u8 = 1 << 5;
const SPECIAL: u8 = 1 << 6;
const STEADY: u8 = 1 << 7;

/// Value of [`OwnSection::input_margin`] when there is none.
pub const MARGIN_UNKNOWN: i8 = i8::MIN;

/// The own section of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSection<'a> {
    /// Tick of the snapshot.
    pub tick: u32,
    /// Whether tick and acknowledged input travel whole; see [`needs_full_head`].
    pub full: bool,
    /// Low 16 bits of the number of the newest input applied; 0 when none yet.
    pub acked_input: u16,
    /// How early the oldest input not yet consumed had come, in 1/8 ticks; [`MARGIN_UNKNOWN`].
    pub input_margin: i8,
    /// Highest client reliable sequence number that the server has, when it changed.
    pub reliable_received: Option<u32>,
    /// Total late inputs and total starved ticks of this player, when they changed.
    pub counters: Option<(u32, u32)>,
    /// Hashes of the streams that have a state chunk in this snapshot, in chunk order.
    pub hashes: Hashes<'a>,
    /// Private fields, as a [`PrivateEncoder`](super::PrivateEncoder) writes them, when they changed.
    pub private: Option<&'a [u8]>,
    /// What follows the section.
    pub sections: Sections,
}

/// Which sections of chunks follow the own section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    /// Chunks that name their stream.
    pub special: bool,
    /// The deltas of the streams that the client holds.
    pub steady: bool,
}

/// What a client's newest snapshot told it, as far as the next one builds on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Its tick.
    pub tick: u32,
    /// The input it acknowledged.
    pub acked_input: u16,
}

/// Stream hashes of a snapshot, one per state chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Hashes<'a> {
    /// Not in this snapshot.
    #[default]
    None,
    /// Of each hash the low 16 bits (as read, the others are 0).
    Low16(Cow<'a, [u32]>),
    /// Whole.
    Full(Cow<'a, [u32]>),
}

impl Hashes<'_> {
    /// Whether the state chunk at `index` leads to a state of this hash; `None` when nothing is said
    /// about it.
    pub fn confirms(&self, index: usize, hash: u32) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Low16(hashes) => Some(*hashes.get(index)? & 0xFFFF == hash & 0xFFFF),
            Self::Full(hashes) => Some(*hashes.get(index)? == hash),
        }
    }
}

/// Whether a snapshot must carry tick and acknowledged input whole, given what the newest one told
/// its client: a low byte alone tells at most 255 apart.
pub fn needs_full_head(newest: Option<Newest>, tick: u32, acked_input: u16) -> bool {
    newest.is_none_or(|newest| {
        let ticks = tick.checked_sub(newest.tick);
        let inputs = acked_input.wrapping_sub(newest.acked_input);
        ticks.is_none_or(|gap| gap == 0 || gap > 255) || inputs > 255
    })
}

impl<'a> OwnSection<'a> {
    /// What the next snapshot builds on.
    pub fn newest(&self) -> Newest {
        Newest { tick: self.tick, acked_input: self.acked_input }
    }

    /// Appends the kind byte, the flags and the section; what `sections` names is to follow.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(SNAPSHOT_KIND);
        let flags_at = out.len();
        let mut flags = 0;
        out.push(flags);
        if self.full {
            flags |= FULL;
            out.extend_from_slice(&self.tick.to_le_bytes());
            out.extend_from_slice(&self.acked_input.to_le_bytes());
        } else {
            out.push(self.tick as u8);
            out.push(self.acked_input as u8);
        }
        out.extend_from_slice(&self.input_margin.to_le_bytes());
        if let Some(number) = self.reliable_received {
            flags |= RELIABLE;
            write_varint(out, number);
        }
        if let Some((late, starved)) = self.counters {
            flags |= COUNTERS;
            write_varint(out, late);
            write_varint(out, starved);
        }
        match &self.hashes {
            Hashes::None => {}
            Hashes::Full(hashes) => {
                flags |= HASHES_32;
                write_varint(out, hashes.len() as u32);
                out.extend(hashes.iter().flat_map(|hash| hash.to_le_bytes()));
            }
            Hashes::Low16(hashes) => {
                flags |= HASHES_16;
                write_varint(out, hashes.len() as u32);
                out.extend(hashes.iter().flat_map(|&hash| (hash as u16).to_le_bytes()));
            }
        }
        if let Some(private) = self.private {
            flags |= PRIVATE;
            write_varint(out, private.len() as u32);
            out.extend_from_slice(private);
        }
        if self.sections.special {
            flags |= SPECIAL;
        }
        if self.sections.steady {
            flags |= STEADY;
        }
        out[flags_at] = flags;
    }

    /// Takes flags and section off the front of `bytes` (after the kind byte). `newest` is what the
    /// client's newest snapshot told it.
    pub(super) fn read(bytes: &mut &'a [u8], newest: Option<Newest>) -> Result<Self, DecodeError> {
        let [flags] = take_array(bytes)?;
        let has = |flag| flags & flag != 0;
        if has(HASHES_32) && has(HASHES_16) {
            return Err(DecodeError::InvalidHead);
        }
        let full = has(FULL);
        let (tick, acked_input) = if full {
            (u32::from_le_bytes(take_array(bytes)?), u16::from_le_bytes(take_array(bytes)?))
        } else {
            let [tick, acked_input] = take_array(bytes)?;
            let newest = newest.ok_or(DecodeError::InvalidHead)?;
            let tick = tick_after(newest.tick, tick).ok_or(DecodeError::InvalidHead)?;
            (tick, input_from(newest.acked_input, acked_input))
        };
        // Struct fields are evaluated in the order written here: that of the section.
        Ok(Self {
            tick,
            full,
            acked_input,
            input_margin: i8::from_le_bytes(take_array(bytes)?),
            reliable_received: if has(RELIABLE) { Some(read_varint(bytes)?) } else { None },
            counters: if has(COUNTERS) {
                Some((read_varint(bytes)?, read_varint(bytes)?))
            } else {
                None
            },
            hashes: if has(HASHES_32) {
                Hashes::Full(read_hashes(bytes, |word| u32::from_le_bytes(*word))?)
            } else if has(HASHES_16) {
                Hashes::Low16(read_hashes(bytes, |word| u16::from_le_bytes(*word).into())?)
            } else {
                Hashes::None
            },
            private: if has(PRIVATE) { Some(take_prefixed(bytes)?) } else { None },
            sections: Sections { special: has(SPECIAL), steady: has(STEADY) },
        })
    }
}

/// The first tick after `newest` whose low byte is `low`.
fn tick_after(newest: u32, low: u8) -> Option<u32> {
    let gap = low.wrapping_sub(newest as u8);
    newest.checked_add(if gap == 0 { 256 } else { gap.into() })
}

/// The first input number from `newest` on whose low byte is `low`.
fn input_from(newest: u16, low: u8) -> u16 {
    newest.wrapping_add(u16::from(low.wrapping_sub(newest as u8)))
}

fn read_hashes<'a, const N: usize>(
    bytes: &mut &[u8],
    word: impl Fn(&[u8; N]) -> u32,
) -> Result<Cow<'a, [u32]>, DecodeError> {
    let count = read_varint(bytes)?;
    if count > MAX_HASHES_PER_SNAPSHOT {
        return Err(DecodeError::TooLong);
    }
    let words = take(bytes, count as usize * N)?;
    let (words, _) = words.as_chunks::<N>();
    Ok(words.iter().map(word).collect())
}

/// Takes `n` bytes off the front.
pub(super) fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Result<&'a [u8], ReadError> {
    let (front, rest) = bytes.split_at_checked(n).ok_or(ReadError::End)?;
    *bytes = rest;
    Ok(front)
}

/// Takes a varint length and that many bytes off the front.
pub(super) fn take_prefixed<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], ReadError> {
    let len = read_varint(bytes)?;
    take(bytes, len as usize)
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], ReadError> {
    let (front, rest) = bytes.split_first_chunk().ok_or(ReadError::End)?;
    *bytes = rest;
    Ok(*front)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_byte_means_the_next_tick_that_has_it() {
        assert_eq!(tick_after(10, 11), Some(11));
        assert_eq!(tick_after(10, 9), Some(265));
        assert_eq!(tick_after(10, 10), Some(266));
        assert_eq!(tick_after(250, 3), Some(259));
        assert_eq!(tick_after(u32::MAX, 3), None);
    }

    #[test]
    fn a_low_byte_means_the_same_input_or_the_next_that_has_it() {
        assert_eq!(input_from(10, 10), 10);
        assert_eq!(input_from(10, 11), 11);
        assert_eq!(input_from(10, 9), 265);
        assert_eq!(input_from(u16::MAX, 3), 3);
    }

    #[test]
    fn what_a_low_byte_would_mislead_about_travels_whole() {
        let newest = |tick| Some(Newest { tick, acked_input: u16::MAX });
        assert!(needs_full_head(None, 5, 0));
        assert!(needs_full_head(newest(5), 5, u16::MAX));
        assert!(needs_full_head(newest(6), 5, u16::MAX));
        assert!(!needs_full_head(newest(5), 260, u16::MAX));
        assert!(needs_full_head(newest(5), 261, u16::MAX));
        assert!(!needs_full_head(newest(5), 6, 254));
        assert!(needs_full_head(newest(5), 6, 255));
        assert!(needs_full_head(newest(5), 6, u16::MAX - 1));
    }
}
