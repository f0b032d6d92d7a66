//! The writing side of level `packed`.

use super::{INDEX_BITS, Widths, gap_parameter, mask_bits};
use crate::bits::{BitSink, BitWriter, zigzag};
use crate::error::DecodeError;
use crate::layout::{Coding, FieldLayout, TableLayout};
use crate::stream::history::{History, NOTHING};
use crate::stream::members::write_members;
use crate::stream::predict::{Component, Components, RowRecord, Step};
use crate::stream::record::{Change, TOGETHER, TableRecord, same};

/// Writes tables. Kept for its memory.
#[derive(Clone, Debug, Default)]
pub(in crate::stream) struct PackedWriter {
    /// Rows that rested, rows that moved; of each, which differ from what is expected.
    resting: List,
    moving: List,
    /// Rows to be written.
    rows: Vec<Differing>,
    /// What is not as expected in them.
    found: Found,
    widths: Widths,
}

/// Positions of some of the rows of one kind.
#[derive(Clone, Debug, Default)]
struct List {
    /// Rows of this kind.
    rows: usize,
    /// Which of them differ.
    differ: Vec<u32>,
}

/// A row that is not as expected.
#[derive(Clone, Copy, Debug)]
struct Differing {
    /// Its index among those to come.
    index: usize,
    /// A bit per moving field, then one for the held ones.
    mask: u128,
    /// The mask that would have been no surprise.
    usual: u128,
    /// Its first entry among what is noted.
    first: usize,
}

/// What is not as expected of rows, noted while predicting.
#[derive(Clone, Debug, Default)]
struct Found {
    /// Of each field that differs, row after row.
    noted: Vec<Noted>,
    /// The field in hand, and whether it differs.
    hand: Noted,
    differs: bool,
}

/// What is to be written of a field.
#[derive(Clone, Copy, Debug, Default)]
struct Noted {
    /// Residuals of its components, zigzagged, and how many there are.
    residuals: [u32; 4],
    components: usize,
    /// Sizes of the residuals remembered of it.
    sizes: u32,
    /// Of a quaternion the expected index of the largest component.
    largest: Option<u32>,
}

impl Components for Found {
    #[inline]
    fn component(&mut self, component: &Component, actual: u32) -> Result<u32, DecodeError> {
        let (rounded, _) = component.rounded();
        let residual = zigzag(component.difference(rounded, actual) as u32);
        self.differs |= residual != 0;
        self.hand.residuals[self.hand.components & 3] = residual;
        self.hand.components += 1;
        self.hand.sizes = component.field;
        Ok(actual)
    }

    #[inline]
    fn largest(&mut self, expected: u32, _sure: bool, actual: u32) -> Result<u32, DecodeError> {
        self.differs |= expected != actual;
        self.hand.largest = Some(expected);
        Ok(actual)
    }
}

impl PackedWriter {
    /// Writes a table's way of `ticks` from `base` through `change`, whose histories it fills.
    pub(in crate::stream) fn table(
        &mut self,
        (table, ticks): (&TableLayout, f64),
        base: TableRecord<'_>,
        change: &mut Change,
        out: &mut BitWriter<'_>,
    ) {
        self.compare((table, ticks), base, change);
        let any = !(change.same_rows && self.rows.is_empty());
        out.push_bit(any);
        if !any {
            return;
        }
        if !table.single {
            out.push_bit(!change.same_rows);
            if !change.same_rows {
                write_members(table, change, out);
            }
            self.resting.write(out);
            self.moving.write_shorter(out);
        }
        self.widths.start(table);
        for row in &self.rows {
            let old = change.old(row.index).map(|old| base.now.row(old));
            let next = change.next.row(row.index);
            write_row(
                table,
                (row, old.unwrap_or(next), next),
                &self.found.noted,
                &mut self.widths,
                out,
            );
        }
    }

    /// Finds the rows that are not as expected.
    fn compare(
        &mut self,
        (table, ticks): (&TableLayout, f64),
        base: TableRecord<'_>,
        change: &mut Change,
    ) {
        self.resting.clear();
        self.moving.clear();
        self.rows.clear();
        self.found.noted.clear();
        let mut index = 0;
        while index < change.next.len() {
            let end = (index + TOGETHER).min(change.next.len());
            if change.is_quiet(base, index) {
                self.resting.rows += TOGETHER;
                change.history.extend([NOTHING; TOGETHER]);
            } else {
                (index..end)
                    .for_each(|index| self.compare_row((table, ticks), base, change, index));
            }
            index = end;
        }
    }

    /// Looks whether a row is as expected.
    fn compare_row(
        &mut self,
        (table, ticks): (&TableLayout, f64),
        base: TableRecord<'_>,
        change: &mut Change,
        index: usize,
    ) {
        let Some(old) = change.old(index) else {
            change.history.push(NOTHING);
            return;
        };
        let record = base.row(old);
        let next = change.next.row_mut(index);
        let rested = same(record.now, record.last);
        if rested && same(next, record.now) {
            self.resting.rows += 1;
            change.history.push(NOTHING);
            return;
        }
        let first = self.found.noted.len();
        let (history, mask, usual) = self.found.row((table, ticks), (&record, rested), next);
        change.history.push(history);
        let list = if rested { &mut self.resting } else { &mut self.moving };
        list.rows += 1;
        if mask != 0 {
            list.differ.push(list.rows as u32 - 1);
            self.rows.push(Differing { index, mask, usual, first });
        }
    }
}

impl Found {
    /// Predicts a row. Returns its next history, the mask of what is not as expected, and the usual
    /// mask.
    fn row(
        &mut self,
        (table, ticks): (&TableLayout, f64),
        (record, rested): (&RowRecord<'_>, bool),
        next: &mut [u32],
    ) -> (History, u128, u128) {
        let motion = &table.motion;
        let (mut history, mut mask, mut usual) = (NOTHING, 0_u128, 0_u128);
        for (position, field) in motion.moving.iter().enumerate() {
            let columns = field.offset..field.offset + field.columns;
            usual |= u128::from(field.surprised(record)) << position;
            let still = field.is_still(record, rested);
            if still && same(&next[columns.clone()], &record.now[columns]) {
                continue;
            }
            self.hand = Noted::default();
            // What lay still and no longer does is told, even if it is where it would have gone.
            self.differs = still;
            let step = Step { class: motion.class(field), record: *record, ticks, guess: None };
            // Comparing fails on nothing.
            let compared = field.step(&step, next, &mut history, self);
            debug_assert!(compared.is_ok(), "{compared:?}");
            mask |= u128::from(self.differs) << position;
            if self.differs {
                self.noted.push(self.hand);
            }
        }
        let mut held = motion.held.iter().map(|&index| &table.public[index]);
        let differs = held.any(|field| field.of(record.now) != field.of(next));
        // A table of nothing but moving fields may have 128 of them, and then no bit is left.
        if differs {
            mask |= 1 << motion.moving.len();
        }
        (history, mask, usual)
    }
}

impl List {
    fn clear(&mut self) {
        self.rows = 0;
        self.differ.clear();
    }

    /// Writes which rows differ.
    fn write(&self, out: &mut BitWriter<'_>) {
        out.push_gamma(self.differ.len() as u32);
        let k = gap_parameter(self.rows, self.differ.len());
        let mut expected = 0;
        for &index in &self.differ {
            out.push_rice(index - expected, k);
            expected = index + 1;
        }
    }

    /// Writes which rows differ, or which do not: whichever are fewer.
    fn write_shorter(&mut self, out: &mut BitWriter<'_>) {
        if self.rows == 0 {
            return;
        }
        let most = self.differ.len() * 2 > self.rows;
        out.push_bit(most);
        if most {
            self.invert();
        }
        self.write(out);
    }

    /// The rows that do not differ take the place of those that do.
    fn invert(&mut self) {
        let count = self.differ.len();
        let mut at = 0;
        for index in 0..self.rows as u32 {
            if at < count && self.differ[at] == index {
                at += 1;
            } else {
                self.differ.push(index);
            }
        }
        self.differ.drain(..count);
    }
}

/// Writes which fields of a row are not as expected, and what they are.
fn write_row(
    table: &TableLayout,
    (row, now, next): (&Differing, &[u32], &[u32]),
    noted: &[Noted],
    widths: &mut Widths,
    out: &mut BitWriter<'_>,
) {
    let motion = &table.motion;
    out.push_bit(row.mask == row.usual);
    if row.mask != row.usual {
        write_mask(row.mask, mask_bits(table), out);
    }
    let mut noted = noted[row.first..].iter();
    for (position, field) in motion.moving.iter().enumerate() {
        if row.mask >> position & 1 == 0 {
            continue;
        }
        let Some(noted) = noted.next() else { break };
        if let Some(expected) = noted.largest {
            let actual = next[field.offset];
            out.push_bit(actual != expected);
            if actual != expected {
                out.push(actual, INDEX_BITS);
            }
        }
        let mut sizes = widths.of_field(position, field.columns);
        for &residual in noted.residuals.iter().take(noted.components) {
            out.push_rice(residual, sizes.parameter(noted.sizes));
            sizes.learn(residual);
        }
        widths.adaptive[position] = sizes.chunk;
    }
    if !motion.held.is_empty() && row.mask >> motion.moving.len() & 1 == 1 {
        write_held(table, (now, next), widths, out);
    }
}

/// Writes the lowest `n` bits of a mask.
fn write_mask(mask: u128, n: usize, out: &mut BitWriter<'_>) {
    for start in (0..n).step_by(16) {
        let bits = (n - start).min(16) as u32;
        out.push((mask >> start) as u32 & ((1 << bits) - 1), bits);
    }
}

/// Writes which held fields of a row changed, and what they are.
fn write_held(
    table: &TableLayout,
    (now, next): (&[u32], &[u32]),
    widths: &mut Widths,
    out: &mut BitWriter<'_>,
) {
    let held = || table.motion.held.iter().map(|&index| (index, &table.public[index]));
    let differs = |field: &FieldLayout| field.of(now) != field.of(next);
    if table.motion.held.len() > 1 {
        held().for_each(|(_, field)| out.push_bit(differs(field)));
    }
    for (index, field) in held().filter(|(_, field)| differs(field)) {
        match field.coding {
            Coding::Flip => {}
            Coding::Count(_) => {
                let residual = zigzag(next[field.offset].wrapping_sub(now[field.offset]));
                let entry = table.motion.moving.len() + index;
                out.push_rice(residual, widths.adaptive[entry].k());
                widths.adaptive[entry].learn(residual);
            }
            _ => field.write_plain(next, out),
        }
    }
}
