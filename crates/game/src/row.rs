//! [`Row`]: what one thing in a table is made of.

use tickwire_wire::limits;
use tickwire_wire::schema::FieldSchema;

use crate::bytes::{ByteReader, LoadError};
use crate::coding::ColumnReader;
use crate::ids::PlayerId;

/// A row of a [`Table`](crate::Table) or [`Single`](crate::Single). Derived only: the methods are
/// for the tables.
///
/// Its fields fall in three: public (everyone who receives the row), private (`to = owner`), and
/// skipped (never leave the server, but are saved).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a row",
    note = "a table holds structs with #[derive(Clone, Row)]"
)]
pub trait Row: Clone + 'static {
    /// Path of the type, by which ids name it before the schema knows the table.
    const NAME: &'static str;
    /// The fields that travel, in schema order.
    const FIELDS: &'static [FieldInfo];
    /// Columns of the public fields.
    const PUBLIC_COLUMNS: usize;
    /// Columns of the private fields.
    const PRIVATE_COLUMNS: usize;
    /// Index in [`FIELDS`](Self::FIELDS) of the field marked `owner`.
    const OWNER: Option<usize>;

    /// The fields that travel, for the schema.
    fn fields() -> Vec<FieldSchema>;

    /// The player in the field marked `owner`; nobody without one.
    fn owner(&self) -> PlayerId;

    /// Appends the public columns.
    fn put_public(&self, out: &mut Vec<u32>);

    /// Appends the private columns.
    fn put_private(&self, out: &mut Vec<u32>);

    /// The row of these columns; skipped fields are `Default`.
    fn get(public: &mut ColumnReader<'_>, private: &mut ColumnReader<'_>) -> Self;

    /// Replaces the private fields.
    fn set_private(&mut self, private: &mut ColumnReader<'_>);

    /// Rounds every field that travels to what a receiver will read.
    fn snap(&mut self);

    /// Appends the skipped fields.
    fn save_skipped(&self, out: &mut Vec<u8>);

    /// Reads back what [`save_skipped`](Self::save_skipped) wrote.
    fn load_skipped(&mut self, bytes: &mut ByteReader<'_>) -> Result<(), LoadError>;
}

/// What the compiler knows of a field: lets `#[derive(Replicate)]` check the fields it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FieldInfo {
    /// Its name.
    pub name: &'static str,
    /// Whether only the owner receives it.
    pub private: bool,
    /// What a table may use it for.
    pub kind: FieldKind,
}

/// What a table may use a field for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// `at`: a `Vec2` or `Vec3`.
    Place,
    /// `audience`: a `Team` or `PlayerId`.
    Audience,
    /// Nothing more.
    Other,
}

/// The index of the field `name` in `fields`, at compile time; `fields.len()` when there is none.
pub const fn field_index(fields: &[FieldInfo], name: &str) -> usize {
    let mut index = 0;
    while index < fields.len() {
        if same(fields[index].name.as_bytes(), name.as_bytes()) {
            break;
        }
        index += 1;
    }
    index
}

/// Whether the field at `index` is public and may say who receives a row, at compile time.
pub const fn is_audience(fields: &[FieldInfo], index: usize) -> bool {
    index < fields.len()
        && !fields[index].private
        && matches!(fields[index].kind, FieldKind::Audience)
}

/// Whether the field at `index` is public and may say where a row is, at compile time.
pub const fn is_place(fields: &[FieldInfo], index: usize) -> bool {
    index < fields.len() && !fields[index].private && matches!(fields[index].kind, FieldKind::Place)
}

/// Whether the codec can carry a row of this size, at compile time.
pub const fn fits_row<R: Row>() -> bool {
    R::FIELDS.len() <= limits::MAX_FIELDS
        && R::PUBLIC_COLUMNS + R::PRIVATE_COLUMNS <= limits::MAX_COLUMNS
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut index = 0;
    while index < a.len() {
        if a[index] != b[index] {
            return false;
        }
        index += 1;
    }
    true
}
