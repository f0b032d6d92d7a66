//! [`Table`]: the rows of one kind.

pub(crate) mod columns;

use crate::ids::{Id, PlayerId};
use crate::limits::{MAX_CELLS, MAX_ROWS};
use crate::row::Row;

/// The rows of one kind, in ascending order of their ids.
///
/// Ids count from 1 and are never used again, so an id that a game keeps finds its row or nothing.
/// Two vectors side by side rather than a map: rows are nearly always walked in order, and walking
/// order is part of what must be the same on every machine.
#[derive(Clone)]
pub struct Table<R> {
    /// Ascending.
    ids: Vec<u32>,
    /// `rows[i]` belongs to `ids[i]`.
    rows: Vec<R>,
    /// Highest id ever given.
    last_id: u32,
    /// Inserts refused because the table was full.
    refused: u32,
}

impl<R: Row> Table<R> {
    /// Rows this table may hold: [`limits::MAX_ROWS`](crate::limits::MAX_ROWS), or fewer when its
    /// rows are wide ([`limits::MAX_CELLS`](crate::limits::MAX_CELLS)).
    pub const MAX_ROWS: usize = match MAX_CELLS.checked_div(R::PUBLIC_COLUMNS) {
        Some(rows) if rows < MAX_ROWS => rows,
        _ => MAX_ROWS,
    };

    /// An empty table.
    pub const fn new() -> Self {
        Self { ids: Vec::new(), rows: Vec::new(), last_id: 0, refused: 0 }
    }

    /// Adds a row and returns its id.
    ///
    /// A table holds at most [`MAX_ROWS`](Self::MAX_ROWS) rows: beyond, the row is dropped, the id
    /// is [`Id::NONE`] (which finds nothing), and [`refused`](Self::refused) counts it. A game that
    /// runs into that has lost rows it should have removed; the room goes on.
    pub fn insert(&mut self, row: R) -> Id<R> {
        if self.ids.len() >= Self::MAX_ROWS || self.last_id == u32::MAX {
            self.refused = self.refused.saturating_add(1);
            return Id::NONE;
        }
        self.last_id += 1;
        self.ids.push(self.last_id);
        self.rows.push(row);
        Id::new(self.last_id)
    }

    /// The row with this id.
    pub fn get(&self, id: Id<R>) -> Option<&R> {
        self.index(id).map(|index| &self.rows[index])
    }

    /// The row with this id, to change it.
    pub fn get_mut(&mut self, id: Id<R>) -> Option<&mut R> {
        self.index(id).map(|index| &mut self.rows[index])
    }

    /// Whether there is a row with this id.
    pub fn contains(&self, id: Id<R>) -> bool {
        self.index(id).is_some()
    }

    /// Removes and returns the row with this id.
    pub fn remove(&mut self, id: Id<R>) -> Option<R> {
        let index = self.index(id)?;
        self.ids.remove(index);
        Some(self.rows.remove(index))
    }

    /// Keeps the rows that `keep` accepts.
    pub fn retain(&mut self, mut keep: impl FnMut(Id<R>, &mut R) -> bool) {
        let mut kept = 0;
        for index in 0..self.ids.len() {
            if keep(Id::new(self.ids[index]), &mut self.rows[index]) {
                self.ids.swap(kept, index);
                self.rows.swap(kept, index);
                kept += 1;
            }
        }
        self.ids.truncate(kept);
        self.rows.truncate(kept);
    }

    /// Removes every row. Ids still count on.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.rows.clear();
    }

    /// The rows with their ids, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Id<R>, &R)> + ExactSizeIterator + Clone {
        self.ids.iter().map(|&id| Id::new(id)).zip(&self.rows)
    }

    /// The rows with their ids, ascending, to change them.
    pub fn iter_mut(
        &mut self,
    ) -> impl DoubleEndedIterator<Item = (Id<R>, &mut R)> + ExactSizeIterator {
        self.ids.iter().map(|&id| Id::new(id)).zip(&mut self.rows)
    }

    /// The ids, ascending, detached from the table: rows may be removed while walking them.
    pub fn ids(&self) -> Vec<Id<R>> {
        self.ids.iter().map(|&id| Id::new(id)).collect()
    }

    /// The rows, in the order of their ids.
    pub fn values(&self) -> std::slice::Iter<'_, R> {
        self.rows.iter()
    }

    /// The rows, in the order of their ids, to change them.
    pub fn values_mut(&mut self) -> std::slice::IterMut<'_, R> {
        self.rows.iter_mut()
    }

    /// The first row, by id, that `wanted` accepts.
    pub fn find(&self, mut wanted: impl FnMut(&R) -> bool) -> Option<(Id<R>, &R)> {
        self.iter().find(|(_, row)| wanted(row))
    }

    /// The first row, by id, that `wanted` accepts, to change it.
    pub fn find_mut(&mut self, mut wanted: impl FnMut(&R) -> bool) -> Option<(Id<R>, &mut R)> {
        self.iter_mut().find(|(_, row)| wanted(row))
    }

    /// The first row, by id, whose `owner` field names `player`.
    pub fn owned_by(&self, player: PlayerId) -> Option<(Id<R>, &R)> {
        self.find(|row| !player.is_none() && row.owner() == player)
    }

    /// The first row, by id, whose `owner` field names `player`, to change it.
    pub fn owned_by_mut(&mut self, player: PlayerId) -> Option<(Id<R>, &mut R)> {
        self.find_mut(|row| !player.is_none() && row.owner() == player)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Rows that [`insert`](Self::insert) dropped because the table was full.
    pub fn refused(&self) -> u32 {
        self.refused
    }

    /// Adds a row under an id given from outside (player ids); `false` when it is taken or 0.
    pub(crate) fn insert_at(&mut self, id: u32, row: R) -> bool {
        match self.ids.binary_search(&id) {
            Err(index) if id != 0 => {
                self.ids.insert(index, id);
                self.rows.insert(index, row);
                self.last_id = self.last_id.max(id);
                true
            }
            _ => false,
        }
    }

    fn index(&self, id: Id<R>) -> Option<usize> {
        self.ids.binary_search(&id.raw()).ok()
    }
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: std::fmt::Debug> std::fmt::Debug for Table<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.ids.iter().zip(&self.rows)).finish()
    }
}

/// The row with this id.
///
/// # Panics
/// When there is none: for ids that a game has just looked up.
impl<R: Row> std::ops::Index<Id<R>> for Table<R> {
    type Output = R;

    fn index(&self, id: Id<R>) -> &R {
        self.get(id).expect("no row has this id")
    }
}

impl<R: Row> std::ops::IndexMut<Id<R>> for Table<R> {
    fn index_mut(&mut self, id: Id<R>) -> &mut R {
        self.get_mut(id).expect("no row has this id")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::player::Player;

    fn named(name: &str) -> Player {
        Player { name: name.into(), ..Player::default() }
    }

    #[test]
    fn ids_ascend_and_are_never_given_again() {
        let mut table = Table::new();
        let ada = table.insert(named("Ada"));
        let grace = table.insert(named("Grace"));
        assert_eq!((ada.raw(), grace.raw()), (1, 2));
        assert_eq!(table.remove(grace), Some(named("Grace")));
        assert_eq!(table.remove(grace), None);
        assert_eq!(table.insert(named("Linus")).raw(), 3);
        assert_eq!(table.get(grace), None);
        assert_eq!(table.get(Id::NONE), None);
        table.clear();
        assert_eq!(table.insert(named("Ken")).raw(), 4);
    }

    #[test]
    fn rows_are_walked_in_the_order_of_their_ids() {
        let mut table = Table::new();
        assert!(table.insert_at(9, named("9")) && table.insert_at(3, named("3")));
        assert!(!table.insert_at(3, named("again")) && !table.insert_at(0, named("0")));
        let order: Vec<_> = table.iter().map(|(id, row)| (id.raw(), &*row.name)).collect();
        assert_eq!(order, [(3, "3"), (9, "9")]);
        table.retain(|id, row| {
            row.ping_ms = 1;
            id.raw() > 3
        });
        assert_eq!(table.ids(), [Id::new(9)]);
        assert_eq!(table[Id::new(9)].ping_ms, 1);
        assert_eq!(table.find(|row| row.ping_ms == 2), None);
    }

    #[test]
    fn a_full_table_refuses_and_counts() {
        let mut table = Table::new();
        let limit = Table::<Player>::MAX_ROWS;
        assert_eq!(limit, MAX_CELLS / Player::PUBLIC_COLUMNS, "a player is eleven columns wide");
        (0..limit).for_each(|_| assert!(!table.insert(Player::default()).is_none()));
        assert_eq!(table.insert(Player::default()), Id::NONE);
        assert_eq!((table.len(), table.refused()), (limit, 1));
    }
}
