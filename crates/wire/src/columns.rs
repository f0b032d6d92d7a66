//! State as columns: what the codec sees of a room.

use crate::layout::Layout;

/// The rows of one table: ids in ascending order, cells row after row.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TableColumns {
    /// Row ids, ascending, from 1.
    pub ids: Vec<u32>,
    /// `width` columns per row, in the order of `ids`.
    pub cells: Vec<u32>,
    /// Columns of a row.
    pub width: usize,
}

impl TableColumns {
    /// An empty table of rows with `width` columns.
    pub fn new(width: usize) -> Self {
        Self { ids: Vec::new(), cells: Vec::new(), width }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Columns of the row at `index`, which must be below [`len`](Self::len).
    #[inline]
    pub fn row(&self, index: usize) -> &[u32] {
        &self.cells[index * self.width..(index + 1) * self.width]
    }

    /// Columns of the row at `index`, to be changed.
    #[inline]
    pub fn row_mut(&mut self, index: usize) -> &mut [u32] {
        &mut self.cells[index * self.width..(index + 1) * self.width]
    }

    /// Index of the row with this id.
    pub fn find(&self, id: u32) -> Option<usize> {
        self.ids.binary_search(&id).ok()
    }

    /// Columns of the row with this id.
    pub fn get(&self, id: u32) -> Option<&[u32]> {
        self.find(id).map(|index| self.row(index))
    }

    /// All rows with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u32])> {
        self.ids.iter().enumerate().map(|(index, &id)| (id, self.row(index)))
    }

    /// Appends a row. Its id must be above those before it, and it must have `width` columns.
    #[inline]
    pub fn push(&mut self, id: u32, row: &[u32]) {
        debug_assert!(self.ids.last().copied().unwrap_or(0) < id, "row ids ascend from 1");
        debug_assert_eq!(row.len(), self.width, "a row has the table's width");
        self.ids.push(id);
        self.cells.extend_from_slice(row);
    }

    /// Removes all rows; keeps the memory.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.cells.clear();
    }

    /// Removes all rows and sets another width; keeps the memory.
    pub fn reset(&mut self, width: usize) {
        self.clear();
        self.width = width;
    }

    /// Becomes equal to `other` within the memory it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.ids.clone_from(&other.ids);
        self.cells.clone_from(&other.cells);
        self.width = other.width;
    }
}

impl Clone for TableColumns {
    fn clone(&self) -> Self {
        Self { ids: self.ids.clone(), cells: self.cells.clone(), width: self.width }
    }

    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source);
    }
}

/// The rows of all tables of a stream or room, in schema order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct StateColumns {
    /// One entry per table of the schema.
    pub tables: Vec<TableColumns>,
}

impl StateColumns {
    /// Empty tables for the public columns of a layout.
    pub fn public(layout: &Layout) -> Self {
        Self { tables: layout.tables.iter().map(|t| TableColumns::new(t.public_width)).collect() }
    }

    /// Empty tables for the private columns of a layout.
    pub fn private(layout: &Layout) -> Self {
        Self { tables: layout.tables.iter().map(|t| TableColumns::new(t.private_width)).collect() }
    }

    /// Removes all rows; keeps tables and memory.
    pub fn clear(&mut self) {
        for table in &mut self.tables {
            table.clear();
        }
    }

    /// Becomes equal to `other` within the memory it has.
    pub fn copy_from(&mut self, other: &Self) {
        self.tables.clone_from(&other.tables);
    }
}

impl Clone for StateColumns {
    fn clone(&self) -> Self {
        Self { tables: self.tables.clone() }
    }

    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source);
    }
}

/// A whole room as columns: the public ones, and beside them, with the same ids, the private ones.
///
/// Filled once per tick: [`clear`](Self::clear), then [`append`](Self::append) for each table in
/// schema order. Memory is kept from tick to tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extract {
    /// Columns of `everyone` fields.
    pub public: StateColumns,
    /// Columns of `owner` fields; a table without any has width 0, and its ids.
    pub private: StateColumns,
    /// Tables appended since the last `clear`.
    filled: usize,
}

impl Extract {
    /// Starts over; keeps the memory.
    pub fn clear(&mut self) {
        self.public.clear();
        self.private.clear();
        self.filled = 0;
    }

    /// The next table, empty, as (public, private). Push each row's id to both.
    pub fn append(
        &mut self,
        public_width: usize,
        private_width: usize,
    ) -> (&mut TableColumns, &mut TableColumns) {
        let index = self.filled;
        self.filled += 1;
        if self.public.tables.len() < self.filled {
            self.public.tables.push(TableColumns::default());
            self.private.tables.push(TableColumns::default());
        }
        let public = &mut self.public.tables[index];
        let private = &mut self.private.tables[index];
        public.reset(public_width);
        private.reset(private_width);
        (public, private)
    }
}
