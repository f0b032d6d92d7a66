//! One field, and one row, in a stream: whole, or as its difference from a prediction.

use super::adaptive::Adaptive;
use crate::bits::{BitSink, BitSource, unzigzag, zigzag};
use crate::error::DecodeError;
use crate::layout::{Coding, FieldLayout, Residual, TableLayout};
use crate::plain::{read_column, read_plain, write_plain};
use crate::shape::ColumnSpec;

impl FieldLayout {
    /// The part of a row (of public or private columns) that is this field.
    #[inline]
    pub(crate) fn of<'a>(&self, row: &'a [u32]) -> &'a [u32] {
        &row[self.offset..self.offset + self.columns]
    }

    #[inline]
    pub(crate) fn of_mut<'a>(&self, row: &'a mut [u32]) -> &'a mut [u32] {
        &mut row[self.offset..self.offset + self.columns]
    }

    /// The range of each column, where they are all the same and simply follow each other.
    #[inline]
    fn uniform(&self) -> Option<ColumnSpec> {
        match self.coding {
            Coding::Flip => Some(ColumnSpec::of_width(1)),
            Coding::Bits(spec) | Coding::Count(spec) | Coding::Residual(Residual { spec, .. }) => {
                Some(spec)
            }
            Coding::Whole => None,
        }
    }

    /// How differences of its columns are to be read.
    fn residual(&self) -> Residual {
        match self.coding {
            Coding::Residual(residual) => residual,
            _ => Residual { spec: self.shape.tag_spec(), wraps: false },
        }
    }

    /// The field of `row` in plain encoding.
    #[inline]
    pub(crate) fn write_plain(&self, row: &[u32], writer: &mut impl BitSink) {
        match self.uniform() {
            Some(spec) => {
                for &value in self.of(row) {
                    debug_assert!(value <= spec.max, "a column exceeds its maximum: {value}");
                    writer.push(value, spec.width);
                }
            }
            None => write_plain(&self.shape, self.of(row), writer),
        }
    }

    /// Reads the field in plain encoding into `row`.
    #[inline]
    pub(crate) fn read_plain(
        &self,
        reader: &mut impl BitSource,
        row: &mut [u32],
    ) -> Result<(), DecodeError> {
        match self.uniform() {
            Some(spec) => {
                for value in self.of_mut(row) {
                    *value = read_column(spec, reader)?;
                }
                Ok(())
            }
            None => read_plain(&self.shape, reader, self.of_mut(row)),
        }
    }

    /// The field of `row`, which differs from `prediction`.
    #[inline]
    fn write_change(
        &self,
        prediction: &[u32],
        row: &[u32],
        adaptive: &mut Adaptive,
        writer: &mut impl BitSink,
    ) {
        match self.coding {
            Coding::Flip => {}
            Coding::Bits(_) | Coding::Whole => self.write_plain(row, writer),
            Coding::Count(_) | Coding::Residual(_) => {
                let residual = self.residual();
                for (&predicted, &value) in self.of(prediction).iter().zip(self.of(row)) {
                    let difference = residual.between(predicted, value);
                    writer.push_rice(difference, adaptive.k());
                    adaptive.learn(difference);
                }
            }
        }
    }

    /// Reads a change into `row`, which holds the prediction.
    #[inline]
    fn read_change(
        &self,
        reader: &mut impl BitSource,
        row: &mut [u32],
        adaptive: &mut Adaptive,
    ) -> Result<(), DecodeError> {
        match self.coding {
            Coding::Flip => {
                for value in self.of_mut(row) {
                    *value ^= 1;
                }
                Ok(())
            }
            Coding::Bits(_) | Coding::Whole => self.read_plain(reader, row),
            Coding::Count(_) | Coding::Residual(_) => {
                let residual = self.residual();
                for value in self.of_mut(row) {
                    let difference = reader.read_rice(adaptive.k())?;
                    adaptive.learn(difference);
                    *value = residual.apply(*value, difference)?;
                }
                Ok(())
            }
        }
    }
}

impl Residual {
    /// The zigzagged way from `predicted` to `value`; the shorter one where values wrap.
    #[inline]
    fn between(&self, predicted: u32, value: u32) -> u32 {
        let difference = value.wrapping_sub(predicted);
        if !self.wraps {
            return zigzag(difference);
        }
        let unused = u32::BITS - self.spec.width;
        zigzag((((difference << unused) as i32) >> unused) as u32)
    }

    /// Where a zigzagged difference leads from `predicted`.
    #[inline]
    fn apply(&self, predicted: u32, difference: u32) -> Result<u32, DecodeError> {
        let value = predicted.wrapping_add(unzigzag(difference));
        if self.wraps {
            Ok(value & self.spec.max)
        } else if value <= self.spec.max {
            Ok(value)
        } else {
            Err(DecodeError::InvalidColumn)
        }
    }
}

impl TableLayout {
    /// All public fields of a row in plain encoding.
    pub(super) fn write_row(&self, row: &[u32], writer: &mut impl BitSink) {
        for field in &self.public {
            field.write_plain(row, writer);
        }
    }

    /// Reads all public fields of a row in plain encoding.
    pub(super) fn read_row(
        &self,
        reader: &mut impl BitSource,
        row: &mut [u32],
    ) -> Result<(), DecodeError> {
        self.public.iter().try_for_each(|field| field.read_plain(reader, row))
    }

    /// Which fields differ, then how. `adaptive` has one entry per public field.
    pub(super) fn write_changes(
        &self,
        prediction: &[u32],
        row: &[u32],
        adaptive: &mut [Adaptive],
        writer: &mut impl BitSink,
    ) {
        let mut differing: u128 = 0;
        for (index, field) in self.public.iter().enumerate() {
            let differs = field.of(prediction) != field.of(row);
            writer.push_bit(differs);
            differing |= u128::from(differs) << index;
        }
        while differing != 0 {
            let index = differing.trailing_zeros() as usize;
            differing &= differing - 1;
            self.public[index].write_change(prediction, row, &mut adaptive[index], writer);
        }
    }

    /// Reads what `write_changes` wrote into `row`, which holds the prediction.
    pub(super) fn read_changes(
        &self,
        reader: &mut impl BitSource,
        row: &mut [u32],
        adaptive: &mut [Adaptive],
    ) -> Result<(), DecodeError> {
        let mut differing: u128 = 0;
        for index in 0..self.public.len() {
            differing |= u128::from(reader.read_bit()?) << index;
        }
        while differing != 0 {
            let index = differing.trailing_zeros() as usize;
            differing &= differing - 1;
            self.public[index].read_change(reader, row, &mut adaptive[index])?;
        }
        Ok(())
    }
}
