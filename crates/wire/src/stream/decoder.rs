//! The receiving side of a stream.

use std::sync::Arc;

use super::adaptive::Adaptive;
use super::{CHANGED_GAP, ID_GAP, LEFT_GAP};
use crate::bits::BitReader;
use crate::columns::{StateColumns, TableColumns};
use crate::error::DecodeError;
use crate::hash::hash_state;
use crate::layout::{Layout, TableLayout};
use crate::limits::{MAX_CELLS_PER_STATE, MAX_ROWS_PER_TABLE};

/// The id of the row of a `single` table.
const SINGLE_ID: u32 = 1;

/// Follows one stream from a keyframe on.
///
/// After an error it holds no state until the next keyframe.
#[derive(Clone, Debug)]
pub struct StreamDecoder {
    layout: Arc<Layout>,
    /// Tick of `now`; none before the first keyframe and after an error.
    tick: Option<u32>,
    now: StateColumns,
    /// The state before it, with the rows of `now`.
    last: StateColumns,
    scratch: Scratch,
}

/// Parts of one table's delta. Kept for its memory.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Indices of rows that left, in the old order.
    left: Vec<u32>,
    /// Rows that entered.
    entered: TableColumns,
    /// The table after the delta.
    now: TableColumns,
    /// The same rows before it.
    last: TableColumns,
    /// One entry per public field.
    adaptive: Vec<Adaptive>,
}

/// Cells that a state may still take.
struct Budget(usize);

impl Budget {
    /// Accounts for one more row in `table`.
    fn take_row(&mut self, table: &TableColumns) -> Result<(), DecodeError> {
        let left = self.0.checked_sub(table.width).filter(|_| table.len() < MAX_ROWS_PER_TABLE);
        self.0 = left.ok_or(DecodeError::TooManyRows)?;
        Ok(())
    }
}

impl StreamDecoder {
    /// A decoder without a state.
    pub fn new(layout: Arc<Layout>) -> Self {
        let now = StateColumns::public(&layout);
        let last = now.clone();
        Self { layout, tick: None, now, last, scratch: Scratch::default() }
    }

    /// Tick of the state it holds.
    pub fn tick(&self) -> Option<u32> {
        self.tick
    }

    /// The state it holds.
    pub fn state(&self) -> &StateColumns {
        &self.now
    }

    /// The state before it, of the same rows; of a row that has just entered, the same as now.
    pub fn previous(&self) -> &StateColumns {
        &self.last
    }

    /// Hash of the state it holds.
    pub fn hash(&self) -> u32 {
        hash_state(&self.now)
    }

    /// Forgets its state, as when the stream is left.
    pub fn clear(&mut self) {
        self.tick = None;
        self.now.clear();
        self.last.clear();
    }

    /// Takes the whole state at `tick`.
    ///
    /// # Errors
    /// When the bytes are not a keyframe of this layout; the decoder then holds no state.
    pub fn keyframe(&mut self, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        self.clear();
        let result = self.read_keyframe(bytes);
        self.settle(tick, result)
    }

    /// Moves from the state at `base` to the one at `tick`.
    ///
    /// # Errors
    /// When `base` is not the tick of the state held, or the bytes are not a delta from it; the
    /// decoder then holds no state.
    pub fn delta(&mut self, base: u32, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        let result = if self.tick == Some(base) && base < tick {
            self.read_delta(bytes)
        } else {
            Err(DecodeError::WrongBase)
        };
        self.settle(tick, result)
    }

    /// Moves from the state at `base` to the one at `tick`, over deltas that were skipped.
    ///
    /// # Errors
    /// When `base` is not the tick of the state held, or the bytes are not a catch-up from it; the
    /// decoder then holds no state.
    pub fn catch_up(&mut self, base: u32, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        if self.tick != Some(base) || base >= tick {
            self.clear();
            return Err(DecodeError::WrongBase);
        }
        self.keyframe(tick, bytes)
    }

    fn settle(&mut self, tick: u32, result: Result<(), DecodeError>) -> Result<(), DecodeError> {
        match result {
            Ok(()) => self.tick = Some(tick),
            Err(_) => self.clear(),
        }
        result
    }

    fn read_keyframe(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(bytes);
        let mut budget = Budget(MAX_CELLS_PER_STATE);
        let tables = self.now.tables.iter_mut().zip(&mut self.last.tables);
        for (table, (now, last)) in self.layout.tables.iter().zip(tables) {
            let rows = if table.single { reader.read(1)? } else { reader.read_gamma()? };
            let mut id = 0;
            for _ in 0..rows {
                id = if table.single { SINGLE_ID } else { read_id(id, &mut reader)? };
                budget.take_row(now)?;
                table.read_row(&mut reader, push_zeroed(now, id))?;
                let row = now.row(now.len() - 1);
                last.push(id, row);
                if reader.read_bit()? {
                    table.read_last(&mut reader, last_row(last))?;
                }
            }
        }
        Ok(reader.finish()?)
    }

    fn read_delta(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(bytes);
        let mut budget = Budget(MAX_CELLS_PER_STATE);
        let tables = self.now.tables.iter_mut().zip(&mut self.last.tables);
        for (table, (now, last)) in self.layout.tables.iter().zip(tables) {
            self.scratch.read_table(table, now, last, &mut reader, &mut budget)?;
            std::mem::swap(now, &mut self.scratch.now);
            std::mem::swap(last, &mut self.scratch.last);
        }
        Ok(reader.finish()?)
    }
}

impl TableLayout {
    /// Reads the fields of a keyframe row's `last` that differ from its `now`.
    fn read_last(&self, reader: &mut BitReader<'_>, row: &mut [u32]) -> Result<(), DecodeError> {
        for field in &self.public {
            if reader.read_bit()? {
                field.read_plain(reader, row)?;
            }
        }
        Ok(())
    }
}

impl Scratch {
    /// Reads one table's part of a delta and builds the table after it.
    fn read_table(
        &mut self,
        table: &TableLayout,
        now: &TableColumns,
        last: &TableColumns,
        reader: &mut BitReader<'_>,
        budget: &mut Budget,
    ) -> Result<(), DecodeError> {
        self.left.clear();
        self.entered.reset(table.public_width);
        self.now.reset(table.public_width);
        self.last.reset(table.public_width);
        self.adaptive.clear();
        self.adaptive.resize(table.public.len(), Adaptive::START);
        let any = reader.read_bit()?;
        let mut changed = 0;
        if any && table.single {
            if now.is_empty() {
                return Err(DecodeError::InvalidIndex);
            }
            changed = 1;
        } else if any {
            self.read_left(now.len(), reader)?;
            self.read_entered(table, reader)?;
            changed = reader.read_gamma()?;
        }
        self.merge(table, now, last, changed, reader, budget)
    }

    fn read_left(&mut self, rows: usize, reader: &mut BitReader<'_>) -> Result<(), DecodeError> {
        let mut next = 0;
        for _ in 0..reader.read_gamma()? {
            let index = read_index(next, LEFT_GAP, rows, reader)?;
            self.left.push(index);
            next = index + 1;
        }
        Ok(())
    }

    fn read_entered(
        &mut self,
        table: &TableLayout,
        reader: &mut BitReader<'_>,
    ) -> Result<(), DecodeError> {
        let mut id = 0;
        let mut budget = Budget(MAX_CELLS_PER_STATE);
        for _ in 0..reader.read_gamma()? {
            id = read_id(id, reader)?;
            budget.take_row(&self.entered)?;
            table.read_row(reader, push_zeroed(&mut self.entered, id))?;
        }
        Ok(())
    }

    /// Walks the old rows and the entered ones in the order of their ids; reads the `changed`
    /// changes on the way.
    fn merge(
        &mut self,
        table: &TableLayout,
        now: &TableColumns,
        last: &TableColumns,
        changed: u32,
        reader: &mut BitReader<'_>,
        budget: &mut Budget,
    ) -> Result<(), DecodeError> {
        let stayed_rows = now.len() - self.left.len();
        let mut changes = Changes { left: changed, next: 0, single: table.single };
        let mut change = changes.next_index(stayed_rows, reader)?;
        let (mut gone, mut entered, mut stayed) = (0, 0, 0);
        for (index, &id) in now.ids.iter().enumerate() {
            if self.left.get(gone) == Some(&(index as u32)) {
                gone += 1;
                continue;
            }
            while self.entered.ids.get(entered).is_some_and(|&other| other < id) {
                self.enter(entered, budget)?;
                entered += 1;
            }
            if self.entered.ids.get(entered) == Some(&id) {
                return Err(DecodeError::InvalidIds);
            }
            budget.take_row(&self.now)?;
            self.last.push(id, now.row(index));
            let row = push_zeroed(&mut self.now, id);
            table.predict(now.row(index), last.row(index), row);
            if change == Some(stayed) {
                table.read_changes(reader, row, &mut self.adaptive)?;
                change = changes.next_index(stayed_rows, reader)?;
            }
            stayed += 1;
        }
        while entered < self.entered.len() {
            self.enter(entered, budget)?;
            entered += 1;
        }
        Ok(())
    }

    /// Appends an entered row to the new table.
    fn enter(&mut self, index: usize, budget: &mut Budget) -> Result<(), DecodeError> {
        budget.take_row(&self.now)?;
        let id = self.entered.ids[index];
        self.now.push(id, self.entered.row(index));
        self.last.push(id, self.entered.row(index));
        Ok(())
    }
}

/// The indices of the changed rows, read one by one between the changes themselves.
struct Changes {
    /// How many are still to come.
    left: u32,
    /// The lowest index that the next one can have.
    next: u32,
    /// A single row's index is not sent.
    single: bool,
}

impl Changes {
    fn next_index(
        &mut self,
        rows: usize,
        reader: &mut BitReader<'_>,
    ) -> Result<Option<u32>, DecodeError> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        if self.single {
            return Ok(Some(0));
        }
        let index = read_index(self.next, CHANGED_GAP, rows, reader)?;
        self.next = index + 1;
        Ok(Some(index))
    }
}

/// Reads a row index as its distance from the lowest possible one; below `rows`.
fn read_index(
    lowest: u32,
    k: u32,
    rows: usize,
    reader: &mut BitReader<'_>,
) -> Result<u32, DecodeError> {
    let index = lowest.checked_add(reader.read_rice(k)?).ok_or(DecodeError::InvalidIndex)?;
    if (index as usize) < rows { Ok(index) } else { Err(DecodeError::InvalidIndex) }
}

/// Reads a row id as its distance from the `previous` one.
fn read_id(previous: u32, reader: &mut BitReader<'_>) -> Result<u32, DecodeError> {
    let gap = reader.read_rice(ID_GAP)?;
    let id = previous.checked_add(gap).and_then(|id| id.checked_add(1));
    id.ok_or(DecodeError::InvalidIds)
}

/// Appends a row of zeros and returns it.
fn push_zeroed(table: &mut TableColumns, id: u32) -> &mut [u32] {
    table.ids.push(id);
    table.cells.resize(table.cells.len() + table.width, 0);
    last_row(table)
}

/// The row appended last.
fn last_row(table: &mut TableColumns) -> &mut [u32] {
    let start = table.cells.len() - table.width;
    &mut table.cells[start..]
}
