//! Which row belongs to which stream, worked out once per snapshot.

use std::ops::Range;

use tickwire_wire::columns::Extract;

use super::key::{Place, StreamKey};
use super::tables::Tables;

/// The rows of one snapshot, sorted into groups of one stream each.
#[derive(Debug, Default)]
pub(crate) struct Placing {
    /// Rows of divided tables that somebody may have, sorted.
    rows: Vec<PlacedRow>,
    /// Ranges of `rows`, in order of their keys.
    groups: Vec<Group>,
    /// Rows with an owner, sorted: (player, table, index).
    owned: Vec<(u16, u16, u32)>,
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
        self.rows.clear();
        self.groups.clear();
        self.owned.clear();
        for (table, columns) in state.public.tables.iter().enumerate() {
            if let Some(owner) = tables.layout.tables[table].owner {
                let owners = columns.iter().map(|(_, row)| row[owner] as u16);
                let owned = owners.enumerate().filter(|(_, owner)| *owner != 0);
                self.owned.extend(owned.map(|(index, owner)| (owner, table as u16, index as u32)));
            }
            if !tables.is_divided(table) {
                continue;
            }
            self.rows.extend(columns.iter().enumerate().filter_map(|(index, (_, row))| {
                let key = tables.key(table, row)?;
                Some(PlacedRow { key, table: table as u16, index: index as u32 })
            }));
        }
        self.owned.sort_unstable();
        self.rows.sort_unstable();
        let mut start = 0;
        for rows in self.rows.chunk_by(|a, b| a.key == b.key) {
            let end = start + rows.len();
            self.groups.push(Group { key: rows[0].key, rows: start..end });
            start = end;
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
