//! What both sides hold of a table, and what a snapshot makes of it.

use super::history::{History, NOTHING};
use super::predict::RowRecord;
use crate::columns::{StateColumns, TableColumns};
use crate::layout::Layout;

/// Of a row that was not there before.
const ENTERED: u32 = u32::MAX;

/// The rows of a stream at one snapshot, with all that the next delta may read of them.
///
/// Keyframes and catch-ups carry all of it, so that every path to a tick ends in equal records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Records {
    /// The columns at this snapshot.
    pub(super) now: StateColumns,
    /// The columns at the one before, of the same rows; of one that has just entered, as now.
    pub(super) last: StateColumns,
    /// Per table and row what is remembered beside them.
    history: Vec<Vec<History>>,
}

/// One table of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct TableRecord<'a> {
    pub(super) now: &'a TableColumns,
    pub(super) last: &'a TableColumns,
    pub(super) history: &'a [History],
}

/// One table of them, to be filled.
#[derive(Debug)]
pub(super) struct TableRecordMut<'a> {
    pub(super) now: &'a mut TableColumns,
    pub(super) last: &'a mut TableColumns,
    pub(super) history: &'a mut Vec<History>,
}

impl Records {
    /// No rows.
    pub(super) fn new(layout: &Layout) -> Self {
        let now = StateColumns::public(layout);
        Self { last: now.clone(), history: vec![Vec::new(); now.tables.len()], now }
    }

    /// One table.
    #[inline]
    pub(super) fn table(&self, index: usize) -> TableRecord<'_> {
        TableRecord {
            now: &self.now.tables[index],
            last: &self.last.tables[index],
            history: &self.history[index],
        }
    }

    /// One table, to be filled.
    pub(super) fn table_mut(&mut self, index: usize) -> TableRecordMut<'_> {
        TableRecordMut {
            now: &mut self.now.tables[index],
            last: &mut self.last.tables[index],
            history: &mut self.history[index],
        }
    }

    /// Removes all rows; keeps the memory.
    pub(super) fn clear(&mut self) {
        self.now.clear();
        self.last.clear();
        self.history.iter_mut().for_each(Vec::clear);
    }

    /// Becomes a state in which all rows have just entered.
    pub(super) fn start(&mut self, state: &StateColumns) {
        self.now.copy_from(state);
        self.last.copy_from(state);
        for (history, table) in self.history.iter_mut().zip(&state.tables) {
            history.clear();
            history.resize(table.len(), NOTHING);
        }
    }

    /// Whether nothing moves: a snapshot of the same state would leave them as they are.
    pub(super) fn rest(&self) -> bool {
        (0..self.history.len()).all(|index| self.table(index).rests())
    }

    /// A table becomes what `change` leads to. The change is used up; its memory stays.
    pub(super) fn advance(&mut self, index: usize, change: &mut Change) {
        let TableRecordMut { now, last, history } = self.table_mut(index);
        if change.same_rows {
            std::mem::swap(last, now);
        } else {
            change.last.reset(change.next.width);
            for (index, &id) in change.next.ids.iter().enumerate() {
                let row = match change.old(index) {
                    Some(old) => now.row(old),
                    None => change.next.row(index),
                };
                change.last.push(id, row);
            }
            std::mem::swap(last, &mut change.last);
        }
        std::mem::swap(now, &mut change.next);
        std::mem::swap(history, &mut change.history);
    }
}

impl<'a> TableRecord<'a> {
    /// One row.
    #[inline]
    pub(super) fn row(&self, index: usize) -> RowRecord<'a> {
        RowRecord {
            now: self.now.row(index),
            last: self.last.row(index),
            history: self.history[index],
        }
    }

    /// Whether the `count` rows from `index` on, if there are so many, all rest and are forgotten.
    #[inline]
    pub(super) fn rest_together(&self, index: usize, count: usize) -> bool {
        let cells = index * self.now.width..(index + count) * self.now.width;
        self.now.cells.get(cells.clone()).is_some_and(|now| now == &self.last.cells[cells])
            // Without columns only this tells how many rows there are.
            && self.history.get(index..index + count).is_some_and(|rows| rows.iter().all(|&h| h == NOTHING))
    }

    /// Whether nothing moves in it.
    pub(super) fn rests(&self) -> bool {
        self.now == self.last && self.history.iter().all(|&history| history == NOTHING)
    }
}

/// Whether two rows, or the same columns of two rows, are equal. They are short: a call to compare them
/// would take longer than this does.
#[inline]
pub(super) fn same(one: &[u32], other: &[u32]) -> bool {
    let (fours, rest) = one.as_chunks::<4>();
    let (other_fours, other_rest) = other.as_chunks::<4>();
    fours.iter().zip(other_fours).all(|(one, other)| one == other)
        && rest.iter().zip(other_rest).all(|(one, other)| one == other)
}

/// Rows that are compared at once: most rest, and a call for each costs more than the comparison.
pub(super) const TOGETHER: usize = 8;

/// One table's way from one snapshot to the next. Kept for its memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Change {
    /// Whether the same rows are there before and after.
    pub(super) same_rows: bool,
    /// Indices of rows that left, in the old order.
    pub(super) left: Vec<u32>,
    /// Indices of rows that entered, in the new order.
    pub(super) entered: Vec<u32>,
    /// Per new row its index in the old order; empty when the rows are the same.
    old: Vec<u32>,
    /// The columns to come. A decoder fills those of rows that stay one by one.
    pub(super) next: TableColumns,
    /// Per new row what is to be remembered of it.
    pub(super) history: Vec<History>,
    /// The next `last`, while rows come and go.
    last: TableColumns,
}

impl Change {
    /// Starts one in which the same rows stay, and `next` still is to be filled.
    pub(super) fn start(&mut self) {
        self.same_rows = true;
        self.left.clear();
        self.entered.clear();
        self.old.clear();
        self.history.clear();
    }

    /// Finds which rows left and entered on the way from `ids` to `next`.
    pub(super) fn compare(&mut self, ids: &[u32], next: &TableColumns) {
        self.start();
        self.next.copy_from(next);
        if *ids == next.ids {
            return;
        }
        self.same_rows = false;
        let (mut old, mut new) = (0, 0);
        // Past either end stands an id above all: ids fit in 32 bits.
        let id_at = |ids: &[u32], index: usize| ids.get(index).map_or(u64::MAX, |&id| id.into());
        while old < ids.len() || new < next.len() {
            let (old_id, new_id) = (id_at(ids, old), id_at(&next.ids, new));
            if old_id < new_id {
                self.left.push(old as u32);
                old += 1;
                continue;
            }
            if new_id < old_id {
                self.entered.push(new as u32);
                self.old.push(ENTERED);
            } else {
                self.old.push(old as u32);
                old += 1;
            }
            new += 1;
        }
    }

    /// Whether it leads to anything but the table it started from.
    pub(super) fn differs_from(&self, now: &TableColumns) -> bool {
        !self.same_rows || self.next != *now
    }

    /// A row that stays, at `old` in the old order, follows in the new one.
    pub(super) fn stays(&mut self, id: u32, old: usize, row: &[u32]) {
        self.next.push(id, row);
        self.old.push(old as u32);
    }

    /// A row that enters follows in the new order.
    pub(super) fn enters(&mut self, id: u32, row: &[u32]) {
        self.entered.push(self.next.len() as u32);
        self.next.push(id, row);
        self.old.push(ENTERED);
    }

    /// Whether the next [`TOGETHER`] rows rest at the base and go on doing so, as far as `next` tells:
    /// in a decoder it still holds the base.
    #[inline]
    pub(super) fn is_quiet(&self, base: TableRecord<'_>, index: usize) -> bool {
        let cells = index * self.next.width..(index + TOGETHER) * self.next.width;
        self.same_rows
            && index + TOGETHER <= self.next.len()
            && self.next.cells[cells.clone()] == base.now.cells[cells]
            && base.rest_together(index, TOGETHER)
    }

    /// Index of a new row in the old order; `None` when it has entered.
    #[inline]
    pub(super) fn old(&self, index: usize) -> Option<usize> {
        if self.same_rows {
            return Some(index);
        }
        let old = self.old[index];
        (old != ENTERED).then_some(old as usize)
    }
}
