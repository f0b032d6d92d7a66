//! Traces as files: frames of 901 records of 8 little-endian `i32`.

use super::{BODIES, FLAT_MAX, QUAT_BITS, RECORD};

/// Bytes of a frame.
pub const FRAME_BYTES: usize = BODIES * RECORD * 4;

/// Why bytes are not a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TraceError {
    /// They do not end with a frame.
    #[error("a trace is whole frames of {FRAME_BYTES} bytes; {0} bytes are left over")]
    Length(usize),
    /// A value does not fit its place.
    #[error("frame {frame}, body {body}: value {value} in column {column} is out of range")]
    Range {
        /// Index of the frame.
        frame: usize,
        /// Index of the record in the frame.
        body: usize,
        /// Index of the value in the record.
        column: usize,
        /// What was there.
        value: i32,
    },
}

/// The frames in `bytes`, each value checked against its range.
///
/// # Errors
/// When the length or a value is not that of a trace.
pub fn parse(bytes: &[u8]) -> Result<Vec<Vec<i32>>, TraceError> {
    let (frames, rest) = bytes.as_chunks::<FRAME_BYTES>();
    if !rest.is_empty() {
        return Err(TraceError::Length(rest.len()));
    }
    frames.iter().enumerate().map(|(index, frame)| parse_frame(index, frame)).collect()
}

fn parse_frame(frame: usize, bytes: &[u8]) -> Result<Vec<i32>, TraceError> {
    let values: Vec<i32> =
        bytes.as_chunks::<4>().0.iter().map(|&value| i32::from_le_bytes(value)).collect();
    for (index, &value) in values.iter().enumerate() {
        let (body, column) = (index / RECORD, index % RECORD);
        let fits = match column {
            0 => (0..4).contains(&value),
            1..=3 => (0..1 << QUAT_BITS).contains(&value),
            4..=6 => (-FLAT_MAX..FLAT_MAX).contains(&value),
            _ => (0..2).contains(&value),
        };
        if !fits {
            return Err(TraceError::Range { frame, body, column, value });
        }
    }
    Ok(values)
}

/// Appends a frame as bytes.
pub fn write(frame: &[i32], out: &mut Vec<u8>) {
    out.extend(frame.iter().flat_map(|value| value.to_le_bytes()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn still() -> Vec<i32> {
        [3, 256, 256, 256, -512, 0, 102, 0].repeat(BODIES)
    }

    #[test]
    fn a_written_frame_is_read_again() {
        let mut bytes = Vec::new();
        write(&still(), &mut bytes);
        write(&still(), &mut bytes);
        assert_eq!(parse(&bytes), Ok(vec![still(); 2]));
    }

    #[test]
    fn what_is_no_trace_is_refused() {
        let mut bytes = Vec::new();
        write(&still(), &mut bytes);
        bytes.pop();
        assert_eq!(parse(&bytes), Err(TraceError::Length(FRAME_BYTES - 1)));
        for (column, value) in
            [(0, 4), (1, 512), (3, -1), (4, FLAT_MAX), (6, -FLAT_MAX - 1), (7, 2)]
        {
            let mut frame = still();
            frame[RECORD * 5 + column] = value;
            let mut bytes = Vec::new();
            write(&frame, &mut bytes);
            assert_eq!(parse(&bytes), Err(TraceError::Range { frame: 0, body: 5, column, value }));
        }
    }
}
