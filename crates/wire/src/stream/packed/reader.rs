//! The reading side of level `packed`.

use super::{FieldWidths, INDEX_BITS, Widths, gap_parameter, mask_bits};
use crate::bits::{BitReader, BitSource, unzigzag};
use crate::columns::TableColumns;
use crate::error::DecodeError;
use crate::layout::{Coding, TableLayout};
use crate::limits::MAX_ROWS_PER_TABLE;
use crate::stream::history::{History, NOTHING};
use crate::stream::members::{Budget, read_index, read_members};
use crate::stream::predict::{Component, Components, RowRecord, Step};
use crate::stream::record::{Change, TableRecord};

/// Reads tables. Kept for its memory.
#[derive(Clone, Debug, Default)]
pub(in crate::stream) struct PackedReader {
    /// Positions among the rows that rested, and among those that moved, of those that differ.
    resting: Positions,
    moving: Positions,
    entered: TableColumns,
    widths: Widths,
}

/// Some of the rows of one kind, ascending.
#[derive(Clone, Debug, Default)]
struct Positions {
    listed: Vec<u32>,
    /// The listed ones are those that do not differ.
    inverted: bool,
    /// Rows of the kind met so far, and entries of the list.
    met: u32,
    passed: usize,
}

/// Reads, or skips, the components of one field.
struct Field<'a, 'b> {
    /// `None`: everything is as expected.
    bits: Option<&'a mut BitReader<'b>>,
    widths: FieldWidths,
}

impl Components for Field<'_, '_> {
    #[inline]
    fn component(&mut self, component: &Component, _actual: u32) -> Result<u32, DecodeError> {
        let (rounded, _) = component.rounded();
        let Some(bits) = &mut self.bits else { return Ok(rounded) };
        let residual = bits.read_rice(self.widths.parameter(component.field))?;
        self.widths.learn(residual);
        component.apply(rounded, unzigzag(residual) as i32)
    }

    fn largest(&mut self, expected: u32, _sure: bool, _actual: u32) -> Result<u32, DecodeError> {
        let Some(bits) = &mut self.bits else { return Ok(expected) };
        Ok(if bits.read_bit()? { bits.read(INDEX_BITS)? } else { expected })
    }
}

impl PackedReader {
    /// Reads a table's way of `ticks` from `base` into `change`.
    pub(in crate::stream) fn table(
        &mut self,
        (table, ticks): (&TableLayout, f64),
        base: TableRecord<'_>,
        change: &mut Change,
        bits: &mut BitReader<'_>,
        budget: &mut Budget,
    ) -> Result<(), DecodeError> {
        change.start();
        self.resting.clear();
        self.moving.clear();
        let any = bits.read_bit()?;
        if any && !table.single && bits.read_bit()? {
            let memory = (&mut *change, &mut self.entered);
            read_members(table, base.now, memory, bits, budget)?;
        } else {
            budget.take_table(base.now)?;
            change.next.copy_from(base.now);
        }
        if any && table.single {
            self.only_row(base)?;
        } else if any {
            self.lists(base, change, bits)?;
        }
        self.widths.start(table);
        for index in 0..change.next.len() {
            let Some(old) = change.old(index) else {
                change.history.push(NOTHING);
                continue;
            };
            let record = base.row(old);
            let rested = record.now == record.last;
            let differs = if rested { self.resting.meet() } else { self.moving.meet() };
            let next = change.next.row_mut(index);
            let history = match (differs, rested) {
                (false, true) => NOTHING,
                _ => {
                    let row = (next, differs, rested);
                    read_row((table, ticks), &record, row, &mut self.widths, bits)?
                }
            };
            change.history.push(history);
        }
        Ok(())
    }

    /// The row of a single table differs.
    fn only_row(&mut self, base: TableRecord<'_>) -> Result<(), DecodeError> {
        if base.now.is_empty() {
            return Err(DecodeError::InvalidIndex);
        }
        self.resting.listed.push(0);
        self.moving.listed.push(0);
        Ok(())
    }

    fn lists(
        &mut self,
        base: TableRecord<'_>,
        change: &Change,
        bits: &mut BitReader<'_>,
    ) -> Result<(), DecodeError> {
        let stay = (0..change.next.len()).filter_map(|index| change.old(index));
        let rows = stay.clone().count();
        let rested = stay.map(|old| base.row(old)).filter(|row| row.now == row.last).count();
        self.resting.read(rested, bits)?;
        if rows > rested {
            self.moving.inverted = bits.read_bit()?;
            self.moving.read(rows - rested, bits)?;
        }
        Ok(())
    }
}

impl Positions {
    fn clear(&mut self) {
        self.listed.clear();
        (self.inverted, self.met, self.passed) = (false, 0, 0);
    }

    fn read(&mut self, rows: usize, bits: &mut BitReader<'_>) -> Result<(), DecodeError> {
        let count = bits.read_gamma()? as usize;
        if count > MAX_ROWS_PER_TABLE {
            return Err(DecodeError::TooManyRows);
        }
        let k = gap_parameter(rows, count);
        let mut next = 0;
        for _ in 0..count {
            let index = read_index(next, k, rows, bits)?;
            self.listed.push(index);
            next = index + 1;
        }
        Ok(())
    }

    /// Whether the next row of the kind differs.
    fn meet(&mut self) -> bool {
        let listed = self.listed.get(self.passed) == Some(&self.met);
        self.passed += usize::from(listed);
        self.met += 1;
        listed != self.inverted
    }
}

/// Reads a row into `next`, which holds its columns at the base. Returns its next history.
fn read_row(
    (table, ticks): (&TableLayout, f64),
    record: &RowRecord<'_>,
    (next, differs, rested): (&mut [u32], bool, bool),
    widths: &mut Widths,
    bits: &mut BitReader<'_>,
) -> Result<History, DecodeError> {
    let motion = &table.motion;
    let mask = if differs { read_mask(table, record, bits)? } else { 0 };
    let mut history = NOTHING;
    for (position, field) in motion.moving.iter().enumerate() {
        let is_news = mask >> position & 1 == 1;
        if !is_news && field.is_still(record, rested) {
            continue;
        }
        let bits = is_news.then_some(&mut *bits);
        let step = Step { class: motion.class(field), record: *record, ticks, guess: None };
        let mut coder = Field { bits, widths: widths.of_field(position, field.columns) };
        field.step(&step, next, &mut history, &mut coder)?;
        widths.adaptive[position] = coder.widths.chunk;
    }
    if !motion.held.is_empty() && mask >> motion.moving.len() & 1 == 1 {
        read_held(table, next, widths, bits)?;
    }
    Ok(history)
}

/// Reads which fields of a row are not as expected.
fn read_mask(
    table: &TableLayout,
    record: &RowRecord<'_>,
    bits: &mut BitReader<'_>,
) -> Result<u128, DecodeError> {
    let mut mask = 0;
    if bits.read_bit()? {
        for (position, field) in table.motion.moving.iter().enumerate() {
            mask |= u128::from(field.surprised(record)) << position;
        }
    } else {
        for position in 0..mask_bits(table) {
            mask |= u128::from(bits.read_bit()?) << position;
        }
    }
    Ok(mask)
}

/// Reads which held fields changed, and what they are.
fn read_held(
    table: &TableLayout,
    next: &mut [u32],
    widths: &mut Widths,
    bits: &mut BitReader<'_>,
) -> Result<(), DecodeError> {
    let held = || table.motion.held.iter().copied();
    let mut differing: u128 = if table.motion.held.len() > 1 { 0 } else { 1 };
    if table.motion.held.len() > 1 {
        for position in 0..table.motion.held.len() {
            differing |= u128::from(bits.read_bit()?) << position;
        }
    }
    for (position, index) in held().enumerate() {
        if differing >> position & 1 == 0 {
            continue;
        }
        let field = &table.public[index];
        match field.coding {
            Coding::Flip => next[field.offset] ^= 1,
            Coding::Count(spec) => {
                let entry = table.motion.moving.len() + index;
                let residual = bits.read_rice(widths.adaptive[entry].k())?;
                widths.adaptive[entry].learn(residual);
                let value = next[field.offset].wrapping_add(unzigzag(residual));
                if value > spec.max {
                    return Err(DecodeError::InvalidColumn);
                }
                next[field.offset] = value;
            }
            _ => field.read_plain(bits, next)?,
        }
    }
    Ok(())
}
