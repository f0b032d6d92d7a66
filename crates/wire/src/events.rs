//! The events chunk: droppable events for the audience of a stream (section 7.2 of `PROTOCOL.md`).

use crate::bits::{BitReader, BitSink, BitSource, BitWriter};
use crate::error::DecodeError;
use crate::limits::MAX_EVENTS_PER_CHUNK;
use crate::plain::{read_plain, write_plain};
use crate::shape::Shape;

/// Appends the body of an events chunk of the snapshot at `tick`: events as (tick, columns), each of
/// a tick that is not later. At most [`MAX_EVENTS_PER_CHUNK`] are written.
pub fn write_events<'a>(
    shape: &Shape,
    tick: u32,
    events: impl ExactSizeIterator<Item = (u32, &'a [u32])>,
    out: &mut Vec<u8>,
) {
    let mut writer = BitWriter::new(out);
    let count = events.len().min(MAX_EVENTS_PER_CHUNK as usize);
    writer.push_gamma(count as u32);
    for (event_tick, columns) in events.take(count) {
        debug_assert!(event_tick <= tick, "an event is not of the future");
        writer.push_gamma(tick.saturating_sub(event_tick));
        write_plain(shape, columns, &mut writer);
    }
    writer.finish();
}

/// Reads the events of a chunk one by one.
#[derive(Clone, Debug)]
pub struct EventsReader<'a> {
    shape: &'a Shape,
    /// Tick of the snapshot.
    tick: u32,
    /// Events still to come.
    left: u32,
    reader: BitReader<'a>,
}

impl<'a> EventsReader<'a> {
    /// Reads the body of an events chunk of the snapshot at `tick`.
    ///
    /// # Errors
    /// When the count cannot be read or exceeds its limit.
    pub fn new(shape: &'a Shape, tick: u32, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = BitReader::new(bytes);
        let left = reader.read_gamma()?;
        if left > MAX_EVENTS_PER_CHUNK {
            return Err(DecodeError::TooLong);
        }
        Ok(Self { shape, tick, left, reader })
    }

    /// The next event's tick; its columns replace what `columns` held. `None` after the last.
    ///
    /// # Errors
    /// When the bytes are not an event of the shape, or go on after the last one.
    pub fn next(&mut self, columns: &mut Vec<u32>) -> Result<Option<u32>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else {
            self.reader.clone().finish()?;
            return Ok(None);
        };
        self.left = left;
        let age = self.reader.read_gamma()?;
        let tick = self.tick.checked_sub(age).ok_or(DecodeError::InvalidHead)?;
        columns.clear();
        columns.resize(self.shape.columns(), 0);
        read_plain(self.shape, &mut self.reader, columns)?;
        Ok(Some(tick))
    }
}
