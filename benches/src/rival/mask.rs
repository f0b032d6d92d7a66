//! A field-mask delta without prediction: of each changed row a bit per field, and the changed
//! fields as they are. What most engines' replication does, bit-packed.

use std::sync::Arc;

use tickwire_wire::bits::{BitReader, BitSink, BitSource, BitWriter, ReadError};
use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::layout::{Layout, TableLayout};
use tickwire_wire::plain::{read_plain, write_plain};

use super::Rival;

/// A field-mask delta.
pub struct Mask {
    layout: Arc<Layout>,
    /// The sender's state before, and the receiver's.
    sent: StateColumns,
    received: StateColumns,
    /// Rows that changed or entered: index in the new state, and in the one before.
    changed: Vec<(usize, Option<usize>)>,
    /// Ids of rows that left.
    left: Vec<u32>,
    next: TableColumns,
}

impl Mask {
    /// Sender and receiver of this layout, without a state.
    pub fn new(layout: Arc<Layout>) -> Self {
        let sent = StateColumns::public(&layout);
        let received = sent.clone();
        let (changed, left, next) = (Vec::new(), Vec::new(), TableColumns::default());
        Self { layout, sent, received, changed, left, next }
    }

    /// Finds what differs between two states of a table.
    fn compare(&mut self, table: usize, new: &TableColumns) {
        let old = &self.sent.tables[table];
        self.changed.clear();
        self.left.clear();
        let mut from = 0;
        for (index, (id, row)) in new.iter().enumerate() {
            while from < old.len() && old.ids[from] < id {
                self.left.push(old.ids[from]);
                from += 1;
            }
            if from < old.len() && old.ids[from] == id {
                if old.row(from) != row {
                    self.changed.push((index, Some(from)));
                }
                from += 1;
            } else {
                self.changed.push((index, None));
            }
        }
        self.left.extend_from_slice(&old.ids[from..]);
    }

    fn write(&self, table: usize, new: &TableColumns, writer: &mut BitWriter<'_>) {
        let old = &self.sent.tables[table];
        writer.push_gamma(self.left.len() as u32);
        let mut before = 0;
        for &id in &self.left {
            push_gap(&mut before, id, writer);
        }
        writer.push_gamma(self.changed.len() as u32);
        before = 0;
        for &(index, from) in &self.changed {
            push_gap(&mut before, new.ids[index], writer);
            writer.push_bit(from.is_none());
            let row = new.row(index);
            for field in &self.layout.tables[table].public {
                let columns = field.offset..field.offset + field.columns;
                let new = &row[columns.clone()];
                let differs = from.is_none_or(|from| old.row(from)[columns] != *new);
                if from.is_some() {
                    writer.push_bit(differs);
                }
                if differs {
                    write_plain(&field.shape, new, writer);
                }
            }
        }
    }

    fn read(&mut self, table: usize, reader: &mut BitReader<'_>) -> Result<(), String> {
        let said = |error: ReadError| error.to_string();
        let layout = Arc::clone(&self.layout);
        let Self { received, left, next, .. } = self;
        let old = &mut received.tables[table];
        next.reset(old.width);
        left.clear();
        let mut before = 0;
        for _ in 0..reader.read_gamma().map_err(said)? {
            left.push(read_gap(&mut before, reader).map_err(said)?);
        }
        let (mut from, mut gone) = (0, 0);
        let mut keep = |until: u32, next: &mut TableColumns| {
            while from < old.len() && old.ids[from] < until {
                if left.get(gone) == Some(&old.ids[from]) {
                    gone += 1;
                } else {
                    next.push(old.ids[from], old.row(from));
                }
                from += 1;
            }
            let found = from < old.len() && old.ids[from] == until;
            found.then(|| {
                from += 1;
                from - 1
            })
        };
        let mut row = vec![0; old.width];
        before = 0;
        for _ in 0..reader.read_gamma().map_err(said)? {
            let id = read_gap(&mut before, reader).map_err(said)?;
            let entered = reader.read_bit().map_err(said)?;
            match keep(id, next) {
                Some(from) if !entered => row.copy_from_slice(old.row(from)),
                None if entered => row.fill(0),
                _ => return Err(format!("row {id}: a change of what is not there")),
            }
            read_fields(&layout.tables[table], entered, reader, &mut row)?;
            next.push(id, &row);
        }
        keep(u32::MAX, next);
        std::mem::swap(old, next);
        Ok(())
    }
}

fn read_fields(
    layout: &TableLayout,
    entered: bool,
    reader: &mut BitReader<'_>,
    row: &mut [u32],
) -> Result<(), String> {
    for field in &layout.public {
        if entered || reader.read_bit().map_err(|error| error.to_string())? {
            let columns = &mut row[field.offset..field.offset + field.columns];
            read_plain(&field.shape, reader, columns).map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn push_gap(before: &mut u32, id: u32, writer: &mut BitWriter<'_>) {
    writer.push_gamma(id - *before - 1);
    *before = id;
}

fn read_gap(before: &mut u32, reader: &mut BitReader<'_>) -> Result<u32, ReadError> {
    let gap = reader.read_gamma()?;
    *before = before.saturating_add(gap).saturating_add(1);
    Ok(*before)
}

impl Rival for Mask {
    fn name(&self) -> String {
        "field mask, no prediction".to_owned()
    }

    fn encode(&mut self, state: &StateColumns, out: &mut Vec<u8>) {
        let mut writer = BitWriter::new(out);
        for (table, new) in state.tables.iter().enumerate() {
            self.compare(table, new);
            self.write(table, new, &mut writer);
        }
        writer.finish();
        self.sent.copy_from(state);
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<&StateColumns, String> {
        let mut reader = BitReader::new(bytes);
        for table in 0..self.received.tables.len() {
            self.read(table, &mut reader)?;
        }
        reader.finish().map_err(|_| "bits follow the last value".to_owned())?;
        Ok(&self.received)
    }
}
