//! Tables and singles as columns and as saved bytes: what `#[derive(Replicate)]` calls per field.

use tickwire_wire::columns::{Extract, TableColumns};
use tickwire_wire::schema::{Audience, TableSchema};

use super::Table;
use crate::bytes::{ByteReader, LoadError, put_varint};
use crate::coding::ColumnReader;
use crate::ids::PlayerId;
use crate::row::Row;
use crate::single::Single;

/// A field of a state that is a table of the schema: [`Table`] or [`Single`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "not a table",
    note = "fields of a state are `Table<Row>` or `Single<Row>`; others need #[net(skip)]"
)]
pub trait TableField: Sized {
    /// Its rows.
    type Row: Row;

    /// Whether it always holds one row.
    const SINGLE: bool;

    /// Its part of the schema.
    fn schema(name: &str, audience: Audience) -> TableSchema;
    /// Appends its rows to `out`.
    fn extract(&self, out: &mut Extract);
    /// What a receiver has of it: table `index` of `columns`.
    fn from_columns(columns: &Extract, index: usize) -> Self;
    /// Rounds every row to what a receiver will read.
    fn snap(&mut self);
    /// Sets private fields to 0, but of rows that `viewer` owns.
    fn clear_private(&mut self, viewer: PlayerId);
    /// Rows refused because the table was full.
    fn refused_rows(&self) -> u64;
    /// Appends everything.
    fn save(&self, out: &mut Vec<u8>);
    /// Reads back what `save` wrote.
    fn load(bytes: &mut ByteReader<'_>) -> Result<Self, LoadError>;
}

impl<R: Row> TableField for Table<R> {
    type Row = R;
    const SINGLE: bool = false;

    fn schema(name: &str, audience: Audience) -> TableSchema {
        table_schema::<Self>(name, audience)
    }

    fn extract(&self, out: &mut Extract) {
        let (public, private) = out.append(R::PUBLIC_COLUMNS, R::PRIVATE_COLUMNS);
        for (id, row) in self.ids.iter().zip(&self.rows) {
            extract_row(*id, row, public, private);
        }
    }

    fn from_columns(columns: &Extract, index: usize) -> Self {
        let Some(public) = columns.public.tables.get(index) else { return Self::new() };
        let private = columns.private.tables.get(index);
        let rows = public.iter().map(|(id, cells)| row_of(id, cells, private)).collect();
        let last_id = public.ids.last().copied().unwrap_or(0);
        Self { ids: public.ids.clone(), rows, last_id, refused: 0 }
    }

    fn snap(&mut self) {
        self.rows.iter_mut().for_each(R::snap);
    }

    fn clear_private(&mut self, viewer: PlayerId) {
        for row in &mut self.rows {
            if row.owner() != viewer {
                row.set_private(&mut ColumnReader::new(&[]));
            }
        }
    }

    fn refused_rows(&self) -> u64 {
        u64::from(self.refused)
    }

    fn save(&self, out: &mut Vec<u8>) {
        put_varint(u64::from(self.last_id), out);
        put_varint(u64::from(self.refused), out);
        put_varint(self.ids.len() as u64, out);
        let mut previous = 0;
        let mut columns = Vec::new();
        for (id, row) in self.ids.iter().zip(&self.rows) {
            put_varint(u64::from(id - previous), out);
            previous = *id;
            save_row(row, &mut columns, out);
        }
    }

    fn load(bytes: &mut ByteReader<'_>) -> Result<Self, LoadError> {
        let last_id = bytes.u32()?;
        let refused = bytes.u32()?;
        let len = bytes.count(Self::MAX_ROWS)?;
        let mut table = Self { ids: Vec::new(), rows: Vec::new(), last_id, refused };
        let mut previous = 0_u32;
        let mut columns = Vec::new();
        for _ in 0..len {
            let id = previous.checked_add(bytes.u32()?).ok_or(LoadError::Ids)?;
            if id == previous || id > last_id {
                return Err(LoadError::Ids);
            }
            previous = id;
            table.ids.push(id);
            table.rows.push(load_row(bytes, &mut columns)?);
        }
        Ok(table)
    }
}

impl<R: Row> TableField for Single<R> {
    type Row = R;
    const SINGLE: bool = true;

    fn schema(name: &str, audience: Audience) -> TableSchema {
        table_schema::<Self>(name, audience)
    }

    fn extract(&self, out: &mut Extract) {
        let (public, private) = out.append(R::PUBLIC_COLUMNS, R::PRIVATE_COLUMNS);
        extract_row(1, &**self, public, private);
    }

    fn from_columns(columns: &Extract, index: usize) -> Self {
        let cells = columns.public.tables.get(index).and_then(|table| table.get(1));
        Self::new(row_of(1, cells.unwrap_or_default(), columns.private.tables.get(index)))
    }

    fn snap(&mut self) {
        (**self).snap();
    }

    fn clear_private(&mut self, viewer: PlayerId) {
        if self.owner() != viewer {
            self.set_private(&mut ColumnReader::new(&[]));
        }
    }

    fn refused_rows(&self) -> u64 {
        0
    }

    fn save(&self, out: &mut Vec<u8>) {
        save_row(&**self, &mut Vec::new(), out);
    }

    fn load(bytes: &mut ByteReader<'_>) -> Result<Self, LoadError> {
        load_row(bytes, &mut Vec::new()).map(Self::new)
    }
}

fn table_schema<T: TableField>(name: &str, audience: Audience) -> TableSchema {
    let (single, owner, fields) = (T::SINGLE, T::Row::OWNER, T::Row::fields());
    TableSchema { name: name.to_owned(), single, owner, audience, fields }
}

fn extract_row<R: Row>(id: u32, row: &R, public: &mut TableColumns, private: &mut TableColumns) {
    public.ids.push(id);
    private.ids.push(id);
    row.put_public(&mut public.cells);
    row.put_private(&mut private.cells);
}

fn row_of<R: Row>(id: u32, public: &[u32], private: Option<&TableColumns>) -> R {
    let private = private.and_then(|table| table.get(id)).unwrap_or_default();
    R::get(&mut ColumnReader::new(public), &mut ColumnReader::new(private))
}

/// Writes the row's columns, public then private, and its skipped fields. `columns` is scratch.
fn save_row<R: Row>(row: &R, columns: &mut Vec<u32>, out: &mut Vec<u8>) {
    columns.clear();
    row.put_public(columns);
    row.put_private(columns);
    columns.iter().for_each(|column| put_varint(u64::from(*column), out));
    row.save_skipped(out);
}

/// Reads a row back. Columns that no snapped row has (beyond a field's range, text that is not
/// UTF-8) are refused: what was read must say the same again. `columns` is scratch.
fn load_row<R: Row>(bytes: &mut ByteReader<'_>, columns: &mut Vec<u32>) -> Result<R, LoadError> {
    columns.clear();
    let total = R::PUBLIC_COLUMNS + R::PRIVATE_COLUMNS;
    for _ in 0..total {
        columns.push(bytes.u32()?);
    }
    let (public, private) = columns.split_at(R::PUBLIC_COLUMNS);
    let mut row = R::get(&mut ColumnReader::new(public), &mut ColumnReader::new(private));
    row.put_public(columns);
    row.put_private(columns);
    let (read, again) = columns.split_at(total);
    if read != again {
        return Err(LoadError::Column);
    }
    row.load_skipped(bytes)?;
    Ok(row)
}
