//! The rows of one player, as columns that can be compared bit by bit.

use tickwire_game::PlayerId;
use tickwire_wire::columns::Extract;
use tickwire_wire::layout::Layout;

/// All rows that one player owns, in the order of tables and ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnRows {
    pub(super) rows: Vec<OwnRow>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnRow {
    /// Index of the table in the schema.
    pub(super) table: usize,
    pub(super) id: u32,
    /// Public columns, then private ones.
    pub(super) cells: Vec<u32>,
}

impl OwnRows {
    /// The rows of `me` in `columns`, whose first table is table `first` of the schema.
    pub(super) fn of(layout: &Layout, me: PlayerId, columns: &Extract, first: usize) -> Self {
        let mut rows = Vec::new();
        for (table, layout) in layout.tables.iter().enumerate().skip(first) {
            let Some(owner) = layout.owner else { continue };
            let Some(public) = columns.public.tables.get(table - first) else { continue };
            let private = columns.private.tables.get(table - first);
            for (id, row) in public.iter().filter(|(_, row)| row[owner] == u32::from(me.0)) {
                let mut cells = row.to_vec();
                let hidden = private.and_then(|private| private.get(id)).unwrap_or_default();
                cells.extend_from_slice(hidden);
                cells.resize(layout.public_width + layout.private_width, 0);
                rows.push(OwnRow { table, id, cells });
            }
        }
        Self { rows }
    }

    /// The row of this table and id.
    pub(super) fn get(&self, table: usize, id: u32) -> Option<&OwnRow> {
        self.rows.iter().find(|row| row.table == table && row.id == id)
    }
}

/// Which columns prediction writes, by table. Learnt: what it never changes (health, score) is the
/// server's alone and cannot be mispredicted.
#[derive(Debug, Clone)]
pub(super) struct Written {
    tables: Vec<Vec<bool>>,
}

impl Written {
    pub(super) fn new(layout: &Layout) -> Self {
        let width = |table: &tickwire_wire::layout::TableLayout| {
            vec![false; table.public_width + table.private_width]
        };
        Self { tables: layout.tables.iter().map(width).collect() }
    }

    /// Learns from one predicted tick.
    pub(super) fn note(&mut self, before: &OwnRows, after: &OwnRows) {
        for row in &after.rows {
            let Some(old) = before.get(row.table, row.id) else { continue };
            let cells = old.cells.iter().zip(&row.cells);
            for (written, (old, new)) in self.tables[row.table].iter_mut().zip(cells) {
                *written |= old != new;
            }
        }
    }

    /// Whether rows that both have differ in a written column.
    pub(super) fn differ(&self, predicted: &OwnRows, confirmed: &OwnRows) -> bool {
        predicted.rows.iter().any(|row| {
            confirmed.get(row.table, row.id).is_some_and(|truth| {
                let cells = row.cells.iter().zip(&truth.cells);
                let mut pairs = self.tables[row.table].iter().zip(cells);
                pairs.any(|(written, (guess, truth))| *written && guess != truth)
            })
        })
    }
}
