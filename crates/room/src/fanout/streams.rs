//! The streams of a room and their encoders: each moves once per snapshot, for all who have it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::layout::Layout;
use tickwire_wire::snapshot::Chunk;
use tickwire_wire::stream::{Advance, StreamEncoder};

use super::key::{Place, StreamKey};
use super::placing::Placing;
use super::tables::Tables;

/// The streams of a room.
///
/// A stream of an audience or cell lives while it has rows, whether or not anybody has it: what a
/// viewer reads must not depend on who else looks. Streams of single rows live while somebody has
/// them; their history begins there.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    streams: BTreeMap<StreamKey, Stream>,
    /// Which stream has which number.
    numbers: BTreeMap<u32, StreamKey>,
    /// Chunks of this snapshot, back to back.
    chunks: Vec<u8>,
    /// The body of the chunk being written.
    body: Vec<u8>,
    /// The rows of the stream being moved.
    rows: StateColumns,
    made: Made,
}

/// Chunks made since the room was opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Made {
    /// Keyframes.
    pub(crate) keyframes: u64,
    /// Deltas.
    pub(crate) deltas: u64,
}

/// One stream.
#[derive(Debug)]
struct Stream {
    number: u32,
    encoder: StreamEncoder,
    /// Tick of the snapshot in which it was last alive.
    alive: u32,
    /// The delta chunk of this snapshot, and the base it starts from.
    delta: Option<(u32, Range<usize>)>,
    /// The keyframe chunk of this snapshot, once somebody has needed it.
    keyframe: Option<Range<usize>>,
    /// Hash of its state, once somebody has needed it.
    hash: Option<u32>,
}

/// What a viewer needs of a stream to have its newest state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: it is unchanged.
    Nothing,
    /// This snapshot's delta.
    Delta,
    /// A keyframe.
    Keyframe,
}

impl Streams {
    /// Moves every audience's and cell's stream to the state of `tick`.
    pub(crate) fn advance(
        &mut self,
        tick: u32,
        tables: &Tables,
        state: &Extract,
        placing: &Placing,
    ) {
        self.chunks.clear();
        let mut rows = std::mem::take(&mut self.rows);
        if tables.any_divided() {
            rows = main_rows(rows, tables, &state.public);
            self.advance_one(tick, StreamKey::MAIN, tables, &rows);
            for group in placing.groups() {
                start_rows(&mut rows, &tables.layout);
                for row in placing.rows(group) {
                    copy_row(&mut rows, &state.public, usize::from(row.table), row.index as usize);
                }
                self.advance_one(tick, group.key, tables, &rows);
            }
        } else {
            self.advance_one(tick, StreamKey::MAIN, tables, &state.public);
        }
        self.rows = rows;
        let numbers = &mut self.numbers;
        self.streams.retain(|key, stream| {
            let lives = stream.alive == tick || matches!(key.place, Place::Row { .. });
            if !lives {
                numbers.remove(&stream.number);
            }
            lives
        });
    }

    /// Moves the stream of a single row, unless that has been done in this snapshot. `row` is its
    /// index in the table.
    pub(crate) fn advance_row(
        &mut self,
        tick: u32,
        key: StreamKey,
        tables: &Tables,
        state: &Extract,
        (table, row): (usize, usize),
    ) {
        if self.streams.get(&key).is_some_and(|stream| stream.alive == tick) {
            return;
        }
        let mut rows = std::mem::take(&mut self.rows);
        start_rows(&mut rows, &tables.layout);
        copy_row(&mut rows, &state.public, table, row);
        self.advance_one(tick, key, tables, &rows);
        self.rows = rows;
    }

    /// Forgets the single-row streams that nobody asked for in the snapshot of `tick`.
    pub(crate) fn retire(&mut self, tick: u32) {
        let numbers = &mut self.numbers;
        self.streams.retain(|_, stream| {
            if stream.alive != tick {
                numbers.remove(&stream.number);
            }
            stream.alive == tick
        });
    }

    /// Forgets everything: nobody watches.
    pub(crate) fn reset(&mut self) {
        self.streams.clear();
        self.numbers.clear();
    }

    /// The number of a stream on the wire.
    pub(crate) fn number(&self, key: StreamKey) -> Option<u32> {
        self.streams.get(&key).map(|stream| stream.number)
    }

    /// What a viewer whose state of the stream is of `base` needs, and the tick of the state it then
    /// has. `base` is `None` when it has none.
    pub(crate) fn need(&self, key: StreamKey, base: Option<u32>) -> (Need, Option<u32>) {
        let Some(stream) = self.streams.get(&key) else { return (Need::Nothing, base) };
        let newest = stream.encoder.tick();
        let need = match (&stream.delta, base) {
            (_, Some(_)) if base == newest => Need::Nothing,
            (Some((from, _)), Some(base)) if base == *from => Need::Delta,
            _ => Need::Keyframe,
        };
        (need, newest)
    }

    /// Appends this snapshot's delta chunk of a stream.
    pub(crate) fn write_delta(&self, number: u32, out: &mut Vec<u8>) {
        let stream = self.numbers.get(&number).and_then(|key| self.streams.get(key));
        if let Some((_, range)) = stream.and_then(|stream| stream.delta.as_ref()) {
            out.extend_from_slice(&self.chunks[range.clone()]);
        }
    }

    /// Appends this snapshot's keyframe chunk of a stream; made for the first who needs it.
    pub(crate) fn write_keyframe(&mut self, tick: u32, number: u32, out: &mut Vec<u8>) {
        let key = self.numbers.get(&number);
        let Some(stream) = key.and_then(|key| self.streams.get_mut(key)) else { return };
        let range = stream.keyframe.get_or_insert_with(|| {
            self.body.clear();
            stream.encoder.keyframe(&mut self.body);
            self.made.keyframes += 1;
            let start = self.chunks.len();
            let base = stream.encoder.tick().unwrap_or(tick);
            let chunk = Chunk::Keyframe { stream: number, base, bytes: &self.body };
            chunk.write(tick, &mut self.chunks);
            start..self.chunks.len()
        });
        out.extend_from_slice(&self.chunks[range.clone()]);
    }

    /// Hash of a stream's newest state.
    pub(crate) fn hash(&mut self, number: u32) -> Option<u32> {
        let stream = self.streams.get_mut(self.numbers.get(&number)?)?;
        let encoder = &stream.encoder;
        Some(*stream.hash.get_or_insert_with(|| encoder.hash()))
    }

    /// Chunks made since the room was opened.
    pub(crate) fn made(&self) -> Made {
        self.made
    }

    fn advance_one(&mut self, tick: u32, key: StreamKey, tables: &Tables, rows: &StateColumns) {
        if !self.streams.contains_key(&key) {
            let number = free_number(&self.numbers, key, tables.len());
            self.numbers.insert(number, key);
            self.streams.insert(key, Stream::new(number, Arc::clone(&tables.layout)));
        }
        let Some(stream) = self.streams.get_mut(&key) else { return };
        self.body.clear();
        let advance = stream.encoder.advance(tick, rows, &mut self.body);
        stream.alive = tick;
        stream.keyframe = None;
        stream.delta = None;
        if advance != Advance::Unchanged {
            stream.hash = None;
        }
        if let Advance::Delta { base } = advance {
            let start = self.chunks.len();
            let chunk = Chunk::Delta { stream: stream.number, base, bytes: &self.body };
            chunk.write(tick, &mut self.chunks);
            stream.delta = Some((base, start..self.chunks.len()));
            self.made.deltas += 1;
        }
    }
}

impl Stream {
    fn new(number: u32, layout: Arc<Layout>) -> Self {
        Self {
            number,
            encoder: StreamEncoder::new(layout),
            alive: 0,
            delta: None,
            keyframe: None,
            hash: None,
        }
    }
}

/// The number that the key asks for, or the next that is free.
fn free_number(taken: &BTreeMap<u32, StreamKey>, key: StreamKey, tables: usize) -> u32 {
    let mut number = key.number(tables);
    while taken.contains_key(&number) {
        number = StreamKey::next_number(number);
    }
    number
}

/// The rows of the tables that are not divided.
fn main_rows(mut rows: StateColumns, tables: &Tables, state: &StateColumns) -> StateColumns {
    start_rows(&mut rows, &tables.layout);
    for (table, columns) in state.tables.iter().enumerate() {
        if !tables.is_divided(table) {
            rows.tables[table].copy_from(columns);
        }
    }
    rows
}

/// Empties `rows` and gives it the layout's tables.
fn start_rows(rows: &mut StateColumns, layout: &Layout) {
    rows.clear();
    if rows.tables.len() != layout.tables.len() {
        *rows = StateColumns::public(layout);
    }
}

fn copy_row(rows: &mut StateColumns, state: &StateColumns, table: usize, index: usize) {
    let columns = &state.tables[table];
    rows.tables[table].push(columns.ids[index], columns.row(index));
}
