//! Keyframes and catch-ups: everything that later deltas may read, from nothing or from the columns
//! of an earlier state. The same bits at every level.

use super::adaptive::Adaptive;
use super::history::NOTHING;
use super::members::{
    Budget, push_zeroed, read_id, read_index, read_members, write_id, write_members,
};
use super::record::{Change, TableRecord, TableRecordMut};
use crate::bits::{BitReader, BitSink, BitSource, BitWriter};
use crate::columns::TableColumns;
use crate::error::DecodeError;
use crate::layout::TableLayout;

/// The id of the row of a `single` table.
const SINGLE_ID: u32 = 1;
/// Rice parameter of the gaps between rows that differ.
const CHANGED_GAP: u32 = 1;

/// Writes a table.
pub(super) fn write_keyframe(
    table: &TableLayout,
    record: TableRecord<'_>,
    out: &mut BitWriter<'_>,
) {
    let now = record.now;
    if table.single {
        out.push_bit(!now.is_empty());
    } else {
        out.push_gamma(now.len() as u32);
    }
    let mut previous = 0;
    for (index, &id) in now.ids.iter().enumerate() {
        if !table.single {
            write_id(&mut previous, id, out);
        }
        table.write_row(now.row(index), out);
        write_past(table, record, index, out);
    }
}

/// Reads a table into `record`, which is empty.
pub(super) fn read_keyframe(
    table: &TableLayout,
    record: &mut TableRecordMut<'_>,
    bits: &mut BitReader<'_>,
    budget: &mut Budget,
) -> Result<(), DecodeError> {
    let rows = if table.single { bits.read(1)? } else { bits.read_gamma()? };
    let mut id = 0;
    for _ in 0..rows {
        id = if table.single { SINGLE_ID } else { read_id(id, bits)? };
        budget.take_row(record.now)?;
        table.read_row(bits, push_zeroed(record.now, id))?;
        read_past(table, record, bits)?;
    }
    Ok(())
}

/// Writes what is held of a row beside its columns now: those of the snapshot before, and its history.
fn write_past(table: &TableLayout, record: TableRecord<'_>, index: usize, out: &mut BitWriter<'_>) {
    let row = record.row(index);
    let moved = row.now != row.last;
    out.push_bit(moved);
    if moved {
        for field in &table.public {
            let differs = field.of(row.now) != field.of(row.last);
            out.push_bit(differs);
            if differs {
                field.write_plain(row.last, out);
            }
        }
    }
    if table.motion.history_bits != NOTHING {
        out.push_bit(row.history != NOTHING);
        if row.history != NOTHING {
            for (word, bits) in row.history.iter().zip(table.motion.history_bits) {
                out.push(*word, bits);
            }
        }
    }
}

/// Reads it for the row of `record.now` that comes next.
fn read_past(
    table: &TableLayout,
    record: &mut TableRecordMut<'_>,
    bits: &mut BitReader<'_>,
) -> Result<(), DecodeError> {
    let index = record.last.len();
    let id = record.now.ids[index];
    record.last.push(id, record.now.row(index));
    if bits.read_bit()? {
        for field in &table.public {
            if bits.read_bit()? {
                field.read_plain(bits, record.last.row_mut(index))?;
            }
        }
    }
    let mut history = NOTHING;
    if table.motion.history_bits != NOTHING && bits.read_bit()? {
        for (word, width) in history.iter_mut().zip(table.motion.history_bits) {
            *word = bits.read(width)?;
        }
    }
    record.history.push(history);
    Ok(())
}

/// Writes a table as it differs from the columns `base`. `change` is memory to be reused.
pub(super) fn write_catch_up(
    table: &TableLayout,
    base: &TableColumns,
    record: TableRecord<'_>,
    (change, adaptive): (&mut Change, &mut Vec<Adaptive>),
    out: &mut BitWriter<'_>,
) {
    change.compare(&base.ids, record.now);
    out.push_bit(!change.same_rows);
    if !change.same_rows {
        write_members(table, change, out);
    }
    start(adaptive, table);
    let is_news = |index: usize| {
        let row = record.row(index);
        let is_old = |old| base.row(old) == row.now;
        !change.old(index).is_some_and(is_old) || row.now != row.last || row.history != NOTHING
    };
    let rows = 0..record.now.len();
    out.push_gamma(rows.clone().filter(|&index| is_news(index)).count() as u32);
    let mut expected = 0;
    for index in rows.filter(|&index| is_news(index)) {
        out.push_rice((index - expected) as u32, CHANGED_GAP);
        expected = index + 1;
        if let Some(old) = change.old(index) {
            table.write_changes(base.row(old), record.now.row(index), adaptive, out);
        }
        write_past(table, record, index, out);
    }
}

/// Reads what [`write_catch_up`] wrote into `record`, whose columns are the base.
pub(super) fn read_catch_up(
    table: &TableLayout,
    record: &mut TableRecordMut<'_>,
    (change, adaptive, entered): (&mut Change, &mut Vec<Adaptive>, &mut TableColumns),
    bits: &mut BitReader<'_>,
    budget: &mut Budget,
) -> Result<(), DecodeError> {
    change.start();
    if bits.read_bit()? {
        if table.single {
            return Err(DecodeError::InvalidIds);
        }
        read_members(table, record.now, (change, entered), bits, budget)?;
    } else {
        budget.take_table(record.now)?;
        change.next.copy_from(record.now);
    }
    start(adaptive, table);
    std::mem::swap(record.now, &mut change.next);
    record.last.reset(record.now.width);
    record.history.clear();
    let rows = record.now.len();
    let mut next = 0;
    for _ in 0..bits.read_gamma()? {
        let index = read_index(next as u32, CHANGED_GAP, rows, bits)? as usize;
        rest(record, next..index);
        if change.old(index).is_some() {
            table.read_changes(bits, record.now.row_mut(index), adaptive)?;
        }
        read_past(table, record, bits)?;
        next = index + 1;
    }
    rest(record, next..rows);
    Ok(())
}

/// Rows of which nothing is told rest.
fn rest(record: &mut TableRecordMut<'_>, rows: std::ops::Range<usize>) {
    for index in rows {
        record.last.push(record.now.ids[index], record.now.row(index));
        record.history.push(NOTHING);
    }
}

/// One entry per public field, as at the start of every chunk.
fn start(adaptive: &mut Vec<Adaptive>, table: &TableLayout) {
    adaptive.clear();
    adaptive.resize(table.public.len(), Adaptive::START);
}
