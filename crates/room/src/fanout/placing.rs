//! Which row belongs to which stream, worked out once per snapshot.

use std::ops::Range;

use tickwire_wire::columns::{Extract, TableColumns};

use super::grid::Grid;
use super::key::{Audience, Place, StreamKey};
use super::tables::Tables;

/// Rows are sorted by counting while the grid has no more cells than this for each of them, …
const COUNTED_CELLS_PER_ROW: usize = 4;
/// … and so many more: clearing that many counters costs less than sorting.
const COUNTED_CELLS: usize = 1024;

/// The rows of one snapshot, sorted into groups of one stream each.
#[derive(Debug, Default)]
pub(crate) struct Placing {
    /// Cells of each table's rows; empty for tables without a place.
    cells: Vec<Cells>,
    /// Rows of divided tables that somebody may have, in order of their tables.
    unsorted: Vec<PlacedRow>,
    /// The same in order of their keys.
    rows: Vec<PlacedRow>,
    /// Where each cell's rows begin in `rows`; kept for its memory.
    starts: Vec<u32>,
    /// Ranges of `rows`, in order of their keys.
    groups: Vec<Group>,
    /// Rows with an owner, sorted: (player, table, index).
    owned: Vec<(u16, u16, u32)>,
}

/// The cells of one table's rows.
///
/// A row keeps its cell until it is some way beyond the border: one that stands on it would otherwise
/// cross with every step, and each crossing costs a whole row. Where a row is filed depends on its
/// own path alone.
#[derive(Debug, Default)]
struct Cells {
    ids: Vec<u32>,
    cells: Vec<u32>,
    /// The cells of this snapshot while they are worked out. Kept for its memory.
    next: Vec<u32>,
}

impl Cells {
    fn follow(
        &mut self,
        rows: &TableColumns,
        grid: &Grid,
        position: impl Fn(&[u32]) -> Option<(f32, f32)>,
    ) {
        self.next.clear();
        let mut old = 0;
        for (id, row) in rows.iter() {
            while self.ids.get(old).is_some_and(|&other| other < id) {
                old += 1;
            }
            let was = self.ids.get(old).filter(|&&other| other == id).map(|_| self.cells[old]);
            let (x, y) = position(row).unwrap_or_default();
            let cell = was.filter(|&cell| grid.keeps(cell, x, y));
            self.next.push(cell.unwrap_or_else(|| grid.cell(x, y)));
        }
        self.ids.clone_from(&rows.ids);
        std::mem::swap(&mut self.cells, &mut self.next);
    }
}

/// A row of a divided table and its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlacedRow {
    key: StreamKey,
    /// Index of its table.
    pub(crate) table: u16,
    /// Index within the table's columns.
    pub(crate) index: u32,
}

/// The rows of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The stream.
    pub(crate) key: StreamKey,
    rows: Range<usize>,
}

impl Placing {
    /// Sorts the rows of a room's state.
    pub(crate) fn fill(&mut self, tables: &Tables, state: &Extract) {
        self.unsorted.clear();
        self.owned.clear();
        self.cells.resize_with(tables.len(), Cells::default);
        for (table, columns) in state.public.tables.iter().enumerate() {
            if let Some(owner) = tables.layout.tables[table].owner {
                let owners = columns.iter().map(|(_, row)| row[owner] as u16);
                let owned = owners.enumerate().filter(|(_, owner)| *owner != 0);
                self.owned.extend(owned.map(|(index, owner)| (owner, table as u16, index as u32)));
            }
            if !tables.is_divided(table) {
                continue;
            }
            if let Some(grid) = tables.grid_of(table) {
                self.cells[table].follow(columns, grid, |row| tables.position(table, row));
            }
            for index in 0..columns.len() {
                if let Some(key) = self.home(tables, state, (table, index)) {
                    let row = PlacedRow { key, table: table as u16, index: index as u32 };
                    self.unsorted.push(row);
                }
            }
        }
        self.owned.sort_unstable();
        self.sort(tables.grid.as_ref().map_or(0, Grid::cells));
        self.groups.clear();
        let mut start = 0;
        for rows in self.rows.chunk_by(|a, b| a.key == b.key) {
            let end = start + rows.len();
            self.groups.push(Group { key: rows[0].key, rows: start..end });
            start = end;
        }
    }

    /// Forgets where rows were.
    pub(crate) fn reset(&mut self) {
        self.cells.clear();
    }

    /// The stream of a row; `None` when nobody may have it.
    pub(crate) fn home(
        &self,
        tables: &Tables,
        state: &Extract,
        (table, index): (usize, usize),
    ) -> Option<StreamKey> {
        let audience = tables.audience(table, state.public.tables[table].row(index))?;
        let place = match tables.grid_of(table) {
            Some(_) => Place::Cell(self.cells[table].cells[index]),
            None => Place::Everywhere,
        };
        Some(StreamKey { place, audience })
    }

    /// Fills `rows` with `unsorted` in order of the keys.
    fn sort(&mut self, cells: usize) {
        self.rows.clear();
        if cells > self.unsorted.len() * COUNTED_CELLS_PER_ROW + COUNTED_CELLS {
            self.rows.extend_from_slice(&self.unsorted);
            self.rows.sort_unstable();
            return;
        }
        let Some(&filler) = self.unsorted.first() else { return };
        // Counted by cell, after those without one. Rows come in order of their tables, so that those
        // of a cell are in order at once unless some have an audience.
        let bucket = |row: &PlacedRow| match row.key.place {
            Place::Cell(cell) => cell as usize + 1,
            Place::Everywhere | Place::Row { .. } => 0,
        };
        self.starts.clear();
        self.starts.resize(cells + 2, 0);
        self.unsorted.iter().for_each(|row| self.starts[bucket(row) + 1] += 1);
        for at in 1..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        self.rows.resize(self.unsorted.len(), filler);
        for row in &self.unsorted {
            let place = &mut self.starts[bucket(row)];
            self.rows[*place as usize] = *row;
            *place += 1;
        }
        for rows in self.rows.chunk_by_mut(|a, b| a.key.place == b.key.place) {
            if rows.iter().any(|row| row.key.audience != Audience::Everyone) {
                rows.sort_unstable();
            }
        }
    }

    /// The groups, in order of their keys.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The rows of a group, by table and then by id.
    pub(crate) fn rows(&self, group: &Group) -> &[PlacedRow] {
        &self.rows[group.rows.clone()]
    }

    /// Indices of the groups of cells from `first` to `last`, both included.
    pub(crate) fn cells(&self, first: u32, last: u32) -> Range<usize> {
        let before = |cell: u32| {
            self.groups.partition_point(|group| match group.key.place {
                Place::Everywhere => true,
                Place::Cell(other) => other < cell,
                Place::Row { .. } => false,
            })
        };
        before(first)..before(last.saturating_add(1))
    }

    /// The rows that a player owns, as (table, index), ascending.
    pub(crate) fn owned_by(&self, player: u16) -> impl Iterator<Item = (usize, usize)> {
        let start = self.owned.partition_point(|&(owner, ..)| owner < player);
        let owned = self.owned[start..].iter().take_while(move |&&(owner, ..)| owner == player);
        owned.map(|&(_, table, index)| (usize::from(table), index as usize))
    }
}
