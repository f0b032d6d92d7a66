//! Which rows left a table and which entered it.

use super::record::Change;
use crate::bits::{BitSink, BitSource};
use crate::columns::TableColumns;
use crate::error::DecodeError;
use crate::layout::TableLayout;
use crate::limits::{MAX_CELLS_PER_STATE, MAX_ROWS_PER_TABLE};

/// Rice parameter of the gaps between row ids.
const ID_GAP: u32 = 4;
/// Rice parameter of the gaps between rows that left.
const LEFT_GAP: u32 = 3;

/// Cells that a state may still take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(usize);

impl Budget {
    /// Of a whole state.
    pub(super) const WHOLE: Self = Self(MAX_CELLS_PER_STATE);

    /// Accounts for one more row in `table`.
    pub(super) fn take_row(&mut self, table: &TableColumns) -> Result<(), DecodeError> {
        let left = self.0.checked_sub(table.width).filter(|_| table.len() < MAX_ROWS_PER_TABLE);
        self.0 = left.ok_or(DecodeError::TooManyRows)?;
        Ok(())
    }

    /// Accounts for all rows of a table that stays as it is.
    pub(super) fn take_table(&mut self, table: &TableColumns) -> Result<(), DecodeError> {
        self.0 = self.0.checked_sub(table.cells.len()).ok_or(DecodeError::TooManyRows)?;
        Ok(())
    }
}

/// Writes the rows that left and those that entered, whole.
pub(super) fn write_members(table: &TableLayout, change: &Change, sink: &mut impl BitSink) {
    sink.push_gamma(change.left.len() as u32);
    let mut expected = 0;
    for &index in &change.left {
        sink.push_rice(index - expected, LEFT_GAP);
        expected = index + 1;
    }
    sink.push_gamma(change.entered.len() as u32);
    let mut previous = 0;
    for &index in &change.entered {
        write_id(&mut previous, change.next.ids[index as usize], sink);
        table.write_row(change.next.row(index as usize), sink);
    }
}

/// Reads what [`write_members`] wrote and builds the rows to come: those that stay as they were at
/// the base. `entered` is memory to be reused.
pub(super) fn read_members(
    table: &TableLayout,
    base: &TableColumns,
    (change, entered): (&mut Change, &mut TableColumns),
    source: &mut impl BitSource,
    budget: &mut Budget,
) -> Result<(), DecodeError> {
    change.same_rows = false;
    change.next.reset(base.width);
    let mut next = 0;
    for _ in 0..source.read_gamma()? {
        let index = read_index(next, LEFT_GAP, base.len(), source)?;
        source.check()?;
        change.left.push(index);
        next = index + 1;
    }
    entered.reset(base.width);
    let mut id = 0;
    let mut room = Budget::WHOLE;
    for _ in 0..source.read_gamma()? {
        id = read_id(id, source)?;
        source.check()?;
        room.take_row(entered)?;
        table.read_row(source, push_zeroed(entered, id))?;
    }
    merge(base, change, entered, budget)
}

/// Puts the rows that stay and those that enter in the order of their ids.
fn merge(
    base: &TableColumns,
    change: &mut Change,
    entered: &TableColumns,
    budget: &mut Budget,
) -> Result<(), DecodeError> {
    let (mut gone, mut new) = (0, 0);
    for (index, &id) in base.ids.iter().enumerate() {
        if change.left.get(gone) == Some(&(index as u32)) {
            gone += 1;
            continue;
        }
        while entered.ids.get(new).is_some_and(|&other| other < id) {
            budget.take_row(&change.next)?;
            change.enters(entered.ids[new], entered.row(new));
            new += 1;
        }
        if entered.ids.get(new) == Some(&id) {
            return Err(DecodeError::InvalidIds);
        }
        budget.take_row(&change.next)?;
        change.stays(id, index, base.row(index));
    }
    for new in new..entered.len() {
        budget.take_row(&change.next)?;
        change.enters(entered.ids[new], entered.row(new));
    }
    Ok(())
}

/// Writes an id as its distance from the `previous` one, which it becomes.
pub(super) fn write_id(previous: &mut u32, id: u32, sink: &mut impl BitSink) {
    debug_assert!(*previous < id, "row ids ascend from 1");
    sink.push_rice(id - *previous - 1, ID_GAP);
    *previous = id;
}

/// Reads a row id as its distance from the `previous` one.
pub(super) fn read_id(previous: u32, source: &mut impl BitSource) -> Result<u32, DecodeError> {
    let gap = source.read_rice(ID_GAP)?;
    let id = previous.checked_add(gap).and_then(|id| id.checked_add(1));
    id.ok_or(DecodeError::InvalidIds)
}

/// Reads a row index as its distance from the lowest possible one; below `rows`.
pub(super) fn read_index(
    lowest: u32,
    k: u32,
    rows: usize,
    source: &mut impl BitSource,
) -> Result<u32, DecodeError> {
    let index = lowest.checked_add(source.read_rice(k)?).ok_or(DecodeError::InvalidIndex)?;
    if (index as usize) < rows { Ok(index) } else { Err(DecodeError::InvalidIndex) }
}

/// Appends a row of zeros and returns it.
pub(super) fn push_zeroed(table: &mut TableColumns, id: u32) -> &mut [u32] {
    table.ids.push(id);
    let start = table.cells.len();
    table.cells.resize(start + table.width, 0);
    &mut table.cells[start..]
}
