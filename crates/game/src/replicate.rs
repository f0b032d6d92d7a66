//! [`Replicate`]: a state as tables.

use tickwire_wire::columns::Extract;
use tickwire_wire::schema::TableSchema;

use crate::bytes::{ByteReader, LoadError};
use crate::ids::PlayerId;

/// A game's state: tables and singles, each a table of the schema, plus skipped fields that never
/// leave the server. Derived only: the methods are for [`World`](crate::World) and the clients.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be replicated",
    note = "a state is a struct of `Table<Row>` and `Single<Row>` fields with #[derive(Clone, Replicate)]"
)]
pub trait Replicate: Sized + 'static {
    /// The tables in order, without the built-in `players`.
    fn tables() -> Vec<TableSchema>;

    /// What the room knows of each table beside its schema, in the same order.
    fn table_infos() -> Vec<TableInfo>;

    /// Appends each table's rows to `out`.
    fn extract(&self, out: &mut Extract);

    /// The state that a receiver has: `columns` from table `first` on. Skipped fields are
    /// `Default`; private columns that are missing are 0.
    fn from_columns(columns: &Extract, first: usize) -> Self;

    /// Rounds every field that travels to what a receiver will read.
    fn snap(&mut self);

    /// Sets the private fields of all rows to 0, but of those that `viewer` owns.
    fn clear_private(&mut self, viewer: PlayerId);

    /// Rows that were refused because a table was full, all tables together.
    fn refused_rows(&self) -> u64;

    /// Appends every field. The state must be [snapped](Self::snap): what travels is saved as it
    /// travels.
    fn save(&self, out: &mut Vec<u8>);

    /// Reads back what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When the bytes are not such a state; never panics.
    fn load(bytes: &mut ByteReader<'_>) -> Result<Self, LoadError>;
}

/// What the room knows of a table beside its schema.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TableInfo {
    /// The table's name.
    pub name: &'static str,
    /// [`Row::NAME`](crate::Row::NAME) of its rows.
    pub row_type: &'static str,
    /// Index of the field that says where a row is (`#[net(at = field)]`).
    pub at: Option<usize>,
    /// Whether the table is marked for lag compensation (`#[net(rewind)]`); nothing keeps its past yet.
    pub rewind: bool,
}
