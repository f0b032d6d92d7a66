//! The `Inputs` message: what a client sends each tick (section 6 of `PROTOCOL.md`).

use crate::bits::{BitReader, BitSink, BitSource, BitWriter};
use crate::error::DecodeError;
use crate::limits::MAX_INPUTS_PER_MESSAGE;
use crate::plain::{read_plain, write_plain};
use crate::shape::Shape;

/// Kind byte of the message.
pub const INPUTS_KIND: u8 = 0x02;

/// Bits of the count of inputs.
const COUNT_BITS: u32 = 4;

/// Consecutive inputs of one player. Keeps its memory when it is read or filled again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputsMessage {
    /// Highest server reliable sequence number delivered.
    pub reliable_received: u32,
    /// The tick now drawn, in 1/16 ticks, modulo 2^32; 0 = nothing drawn yet.
    pub drawn: u32,
    /// Number of the first input: its tick (scheduled) or a running count from 1 (latest).
    pub first: u32,
    count: usize,
    /// Columns of one input.
    width: usize,
    columns: Vec<u32>,
}

impl InputsMessage {
    /// A message without inputs.
    pub fn new(reliable_received: u32, drawn: u32, first: u32) -> Self {
        Self { reliable_received, drawn, first, ..Self::default() }
    }

    /// Number of inputs.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are no inputs.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Removes the inputs.
    pub fn clear(&mut self) {
        self.count = 0;
        self.columns.clear();
    }

    /// Appends the next input, all with the same number of columns. Returns whether there was room:
    /// a message holds [`MAX_INPUTS_PER_MESSAGE`].
    pub fn push(&mut self, input: &[u32]) -> bool {
        if self.count == MAX_INPUTS_PER_MESSAGE {
            return false;
        }
        debug_assert!(self.count == 0 || self.width == input.len(), "inputs of one shape");
        self.width = input.len();
        self.count += 1;
        self.columns.extend_from_slice(input);
        true
    }

    /// Columns of the input at `index`, which must be below [`len`](Self::len).
    pub fn input(&self, index: usize) -> &[u32] {
        &self.columns[index * self.width..(index + 1) * self.width]
    }

    /// The inputs with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u32])> {
        (0..self.count).map(|index| (self.first.wrapping_add(index as u32), self.input(index)))
    }

    /// Appends the whole message, kind byte first.
    pub fn write(&self, shape: &Shape, out: &mut Vec<u8>) {
        out.push(INPUTS_KIND);
        let mut writer = BitWriter::new(out);
        writer.push(self.reliable_received, 32);
        writer.push(self.drawn, 32);
        writer.push(self.first, 32);
        writer.push(self.count as u32, COUNT_BITS);
        for index in 0..self.count {
            let same = index > 0 && self.input(index) == self.input(index - 1);
            writer.push_bit(same);
            if !same {
                write_plain(shape, self.input(index), &mut writer);
            }
        }
        writer.finish();
    }

    /// Reads the message's body, without the kind byte.
    ///
    /// # Errors
    /// When it is not a list of inputs of this shape, or their numbers exceed 32 bits; the message
    /// then holds no inputs.
    pub fn read(&mut self, shape: &Shape, body: &[u8]) -> Result<(), DecodeError> {
        self.clear();
        let result = self.read_inputs(shape, body);
        if result.is_err() {
            self.clear();
        }
        result
    }

    fn read_inputs(&mut self, shape: &Shape, body: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(body);
        self.reliable_received = reader.read(32)?;
        self.drawn = reader.read(32)?;
        self.first = reader.read(32)?;
        let count = reader.read(COUNT_BITS)?;
        if self.first.checked_add(count).is_none() {
            return Err(DecodeError::InvalidHead);
        }
        self.width = shape.columns();
        for index in 0..count as usize {
            let start = self.columns.len();
            if reader.read_bit()? {
                let previous = start.checked_sub(self.width).ok_or(DecodeError::InvalidHead)?;
                if index == 0 {
                    return Err(DecodeError::InvalidHead);
                }
                self.columns.extend_from_within(previous..start);
            } else {
                self.columns.resize(start + self.width, 0);
                read_plain(shape, &mut reader, &mut self.columns[start..])?;
            }
            self.count += 1;
        }
        Ok(reader.finish()?)
    }
}
