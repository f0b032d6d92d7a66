//! Private fields: the columns of a player's own rows that nobody else receives (section 7.4 of
//! `PROTOCOL.md`).

use std::sync::Arc;

use crate::bits::{BitReader, BitSink, BitSource, BitWriter};
use crate::columns::{Extract, StateColumns, TableColumns};
use crate::error::DecodeError;
use crate::layout::{Layout, TableLayout};

/// What one player has, or is known to have, of the private columns of their rows.
#[derive(Clone, Debug)]
struct Holding {
    layout: Arc<Layout>,
    player: u16,
    /// Rows that the player owned at the newest snapshot.
    held: StateColumns,
    /// The same for the snapshot in progress. Kept for its memory.
    next: StateColumns,
}

impl Holding {
    fn new(layout: Arc<Layout>, player: u16) -> Self {
        let held = StateColumns::private(&layout);
        let next = held.clone();
        Self { layout, player, held, next }
    }

    /// Fills `next`: lets `visit` bring each owned row's private columns from the old values (zeros for a row that
    /// is new, or when everything starts over) to the new ones, in the order of the wire.
    fn update<E>(
        &mut self,
        public: &StateColumns,
        reset: bool,
        mut visit: impl FnMut(&TableLayout, (usize, usize), &mut [u32]) -> Result<(), E>,
    ) -> Result<(), E> {
        for (index, layout) in self.layout.tables.iter().enumerate() {
            let Some(owner) = layout.owner.filter(|_| layout.private_width > 0) else { continue };
            let next = &mut self.next.tables[index];
            next.reset(layout.private_width);
            for (row, (id, cells)) in public.tables[index].iter().enumerate() {
                if cells[owner] != u32::from(self.player) {
                    continue;
                }
                let old = if reset { None } else { self.held.tables[index].get(id) };
                let columns = push(next, id, old);
                visit(layout, (index, row), columns)?;
            }
        }
        Ok(())
    }

    /// What [`update`](Self::update) has built is held from now on.
    fn settle(&mut self) {
        std::mem::swap(&mut self.held, &mut self.next);
    }
}

/// Appends a row, of zeros when there are no columns for it, and returns it.
fn push<'a>(table: &'a mut TableColumns, id: u32, columns: Option<&[u32]>) -> &'a mut [u32] {
    let start = table.cells.len();
    table.ids.push(id);
    match columns {
        Some(columns) => table.cells.extend_from_slice(columns),
        None => table.cells.resize(start + table.width, 0),
    }
    &mut table.cells[start..]
}

/// Writes one player's private fields, as differences from what the player has.
#[derive(Clone, Debug)]
pub struct PrivateEncoder {
    holding: Holding,
    /// What the client has once the snapshot is sent that was parked last.
    parked: StateColumns,
}

impl PrivateEncoder {
    /// For a client that has nothing yet.
    pub fn new(layout: Arc<Layout>, player: u16) -> Self {
        let holding = Holding::new(layout, player);
        Self { parked: holding.held.clone(), holding }
    }

    /// [`prepare`](Self::prepare) for a snapshot that is certain to be sent.
    pub fn encode(&mut self, rows: &Extract, keyframe: bool, out: &mut Vec<u8>) -> bool {
        let any = self.prepare(rows, keyframe, out);
        self.park();
        self.sent();
        any
    }

    /// Appends the private fields to `out` and returns true, or appends nothing when none differs.
    ///
    /// To be called for every snapshot, with the rows that the client sees after it, then
    /// [`park`](Self::park), and [`sent`](Self::sent) once it is on its way. `rows` need hold no others than the player's own.
    /// `keyframe` says whether the snapshot holds a keyframe of stream 0: everything then starts over.
    pub fn prepare(&mut self, rows: &Extract, keyframe: bool, out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let mut any = false;
        let mut writer = BitWriter::new(out);
        let never: Result<(), std::convert::Infallible> =
            self.holding.update(&rows.public, keyframe, |layout, (table, row), held| {
                let columns = rows.private.tables[table].row(row);
                for field in &layout.private {
                    let differs = field.of(columns) != field.of(held);
                    any |= differs;
                    writer.push_bit(differs);
                    if differs {
                        field.write_plain(columns, &mut writer);
                    }
                }
                held.copy_from_slice(columns);
                Ok(())
            });
        match never {
            Ok(()) => writer.finish(),
        }
        if !any {
            out.truncate(start);
        }
        any
    }

    /// What was prepared last may be sent later, in place of what was parked before.
    pub fn park(&mut self) {
        std::mem::swap(&mut self.parked, &mut self.holding.next);
    }

    /// The client has what was parked last.
    pub fn sent(&mut self) {
        std::mem::swap(&mut self.holding.held, &mut self.parked);
    }
}

/// Follows one player's private fields.
///
/// After an error its columns mean nothing until a keyframe.
#[derive(Clone, Debug)]
pub struct PrivateDecoder(Holding);

impl PrivateDecoder {
    /// For a client that has nothing yet.
    pub fn new(layout: Arc<Layout>, player: u16) -> Self {
        Self(Holding::new(layout, player))
    }

    /// Takes a snapshot's private fields, `None` when it has none. To be called for every snapshot,
    /// after its chunks were applied, with the public columns of all rows seen.
    ///
    /// # Errors
    /// When the bytes are not the private fields of these rows.
    pub fn apply(
        &mut self,
        rows: &StateColumns,
        keyframe: bool,
        bytes: Option<&[u8]>,
    ) -> Result<(), DecodeError> {
        let Some(bytes) = bytes else {
            self.0.update(rows, keyframe, |_, _, _| Ok::<(), DecodeError>(()))?;
            self.0.settle();
            return Ok(());
        };
        let mut reader = BitReader::new(bytes);
        self.0.update(rows, keyframe, |layout, _, held| {
            for field in &layout.private {
                if reader.read_bit()? {
                    field.read_plain(&mut reader, held)?;
                }
            }
            Ok::<(), DecodeError>(())
        })?;
        self.0.settle();
        Ok(reader.finish()?)
    }

    /// The private columns of the player's own rows: one table per table of the schema, those
    /// without private columns empty.
    pub fn columns(&self) -> &StateColumns {
        &self.0.held
    }
}
