//! Reading a trace, plain or xz.

use std::fs;
use std::io::Read;
use std::path::Path;

use lzma_rust2::XzReader;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;

use super::{BODIES, COLUMNS, MAX_RAW, QUAT_BITS, REACH_M, STEPS_PER_M, TABLE, schema};

/// Bytes of a frame.
const FRAME_BYTES: usize = BODIES * COLUMNS * size_of::<i32>();
/// What an xz file begins with.
const XZ_MAGIC: &[u8] = b"\xfd7zXZ\0";
/// Most bytes a trace may unpack to: 20 minutes, and short of what a small machine has.
const MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// What each number of a record is, for messages.
const NAMES: [&str; COLUMNS] =
    ["largest component", "component a", "component b", "component c", "x", "y", "z", "touched"];

/// Why a trace cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The xz data are damaged or end early.
    #[error("its xz data are damaged or cut off: {0}")]
    Xz(std::io::Error),
    /// Larger than any trace.
    #[error("unpacks to more than {MAX_BYTES} bytes")]
    TooLong,
    /// Not whole frames.
    #[error(
        "has {bytes} bytes: not a multiple of {FRAME_BYTES}, a frame of {BODIES} records; cut off, or no trace of this kind"
    )]
    Ragged {
        /// Its length.
        bytes: usize,
    },
    /// Too short to measure anything.
    #[error("has {frames} frames, at least {least} are needed")]
    Short {
        /// What it has.
        frames: usize,
        /// What is asked for.
        least: usize,
    },
    /// A number that no record has.
    #[error("frame {frame}, record {record}: {name} is {value}, allowed are {min} to {max}")]
    Range {
        /// Counted from 0.
        frame: usize,
        /// Counted from 0.
        record: usize,
        /// Which number.
        name: &'static str,
        /// What it is.
        value: i32,
        /// Lowest allowed.
        min: i32,
        /// Highest allowed.
        max: i32,
    },
}

/// Reads a trace of at least `least` frames: one state a frame, in the columns of [`schema`].
///
/// # Errors
/// When the file is no such trace; the error says where.
pub fn read(path: &Path, least: usize) -> Result<Vec<StateColumns>, TraceError> {
    parse(&unpack(fs::read(path)?)?, least)
}

/// The bytes themselves, or what they unpack to.
fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>, TraceError> {
    if !bytes.starts_with(XZ_MAGIC) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let reader = XzReader::new(bytes.as_slice(), true);
    reader.take(MAX_BYTES + 1).read_to_end(&mut unpacked).map_err(TraceError::Xz)?;
    if unpacked.len() as u64 > MAX_BYTES {
        return Err(TraceError::TooLong);
    }
    Ok(unpacked)
}

fn parse(bytes: &[u8], least: usize) -> Result<Vec<StateColumns>, TraceError> {
    let (frames, rest) = bytes.as_chunks::<FRAME_BYTES>();
    if !rest.is_empty() || bytes.is_empty() {
        return Err(TraceError::Ragged { bytes: bytes.len() });
    }
    if frames.len() < least {
        return Err(TraceError::Short { frames: frames.len(), least });
    }
    let layout = Layout::new(&schema());
    let states = frames.iter().enumerate();
    states.map(|(frame, bytes)| state(&layout, frame, bytes)).collect()
}

/// One frame.
fn state(layout: &Layout, frame: usize, bytes: &[u8]) -> Result<StateColumns, TraceError> {
    let mut state = StateColumns::public(layout);
    let (words, _) = bytes.as_chunks::<4>();
    let (records, _) = words.as_chunks::<COLUMNS>();
    for (record, words) in records.iter().enumerate() {
        let mut row = [0; COLUMNS];
        for (column, (cell, word)) in row.iter_mut().zip(words).enumerate() {
            let value = i32::from_le_bytes(*word);
            let (min, max) = range(column);
            if !(min..=max).contains(&value) {
                let name = NAMES[column];
                return Err(TraceError::Range { frame, record, name, value, min, max });
            }
            *cell = (value - min) as u32;
        }
        state.tables[TABLE].push(record as u32 + 1, &row);
    }
    Ok(state)
}

/// Lowest and highest value of a number in a record.
const fn range(column: usize) -> (i32, i32) {
    match column {
        0 => (0, 3),
        1..=3 => (0, (1 << QUAT_BITS) - 1),
        4..=6 => (-REACH_M * STEPS_PER_M, MAX_RAW as i32 - REACH_M * STEPS_PER_M),
        _ => (0, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of bodies at rest at the origin.
    fn frames(count: usize) -> Vec<i32> {
        let record = [3, 255, 256, 257, 0, -512, 1024, 0];
        record.repeat(BODIES * count)
    }

    fn bytes(words: &[i32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn a_frame_is_a_state() {
        let mut words = frames(3);
        words[(2 * BODIES + 7) * COLUMNS + 4] = -5;
        let states = parse(&bytes(&words), 3).unwrap();
        assert_eq!(states.len(), 3);
        let table = &states[2].tables[TABLE];
        assert_eq!((table.len(), table.ids[7], states[2].tables[0].len()), (BODIES, 8, 0));
        let middle = (REACH_M * STEPS_PER_M) as u32;
        assert_eq!(table.row(7), [3, 255, 256, 257, middle - 5, middle - 512, middle + 1024, 0]);
        assert_eq!(table.row(8)[4], middle);
    }

    #[test]
    fn what_is_no_trace_is_refused_with_its_place() {
        let error = |words: &[i32]| parse(&bytes(words), 2).unwrap_err().to_string();
        assert!(error(&[]).contains("0 bytes"));
        assert!(error(&frames(2)[1..]).contains("57660 bytes: not a multiple of 28832"));
        assert!(error(&frames(1)).contains("1 frames, at least 2"));
        for (column, value) in
            [(0, 4), (0, -1), (1, 512), (3, -1), (4, 131_072), (6, -131_073), (7, 2), (5, i32::MIN)]
        {
            let mut words = frames(2);
            words[(BODIES + 900) * COLUMNS + column] = value;
            let error = error(&words);
            let place = format!("frame 1, record 900: {} is {value}", NAMES[column]);
            assert!(error.contains(&place), "{error}");
        }
    }

    #[test]
    fn damaged_xz_is_refused() {
        let packed = include_bytes!("../../tests/data/twelve-frames.bin.xz");
        assert_eq!(parse(&unpack(packed.to_vec()).unwrap(), 12).unwrap().len(), 12);
        for len in XZ_MAGIC.len()..packed.len() {
            assert!(matches!(unpack(packed[..len].to_vec()), Err(TraceError::Xz(_))), "{len}");
        }
        for at in XZ_MAGIC.len()..packed.len() {
            let mut damaged = packed.to_vec();
            damaged[at] ^= 0x40;
            assert!(matches!(unpack(damaged), Err(TraceError::Xz(_))), "byte {at}");
        }
    }
}
