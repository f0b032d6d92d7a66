//! The streams of a room at one rate, and their encoders: each moves once per snapshot, for all who
//! have it.

use std::ops::Range;
use std::sync::Arc;

use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::layout::Layout;
use tickwire_wire::snapshot::Chunk;
use tickwire_wire::stream::{Advance, StreamEncoder};

use super::key::{Place, StreamKey};
use super::numbers::Numbers;
use super::placing::Placing;
use super::tables::Tables;
use crate::limits::SPARE_STREAMS;

/// Where a stream is kept; stays the same while it lives.
pub(crate) type Slot = u32;

/// The streams of a room at one rate.
///
/// A stream of an audience or cell lives while it has rows, whether or not anybody has it: what a
/// viewer reads must not depend on who else looks. A stream of a single row lives while somebody has
/// it, and its history begins there; viewers who begin at different ticks have streams of their
/// own, for the same reason.
#[derive(Debug, Default)]
pub(crate) struct Streams {
    /// Tick of the newest snapshot.
    tick: u32,
    slots: Vec<Stream>,
    /// Slots of streams that are gone, the longest gone first. Their encoders hold the empty state, so
    /// that they do for any other stream.
    free: Vec<Slot>,
    /// The streams: key, since when it is followed (single rows; else 0), slot. Ascending.
    index: Vec<(StreamKey, u32, Slot)>,
    /// Catch-ups of this snapshot, ascending: slot, base, and the chunk unless there can be none.
    catch_ups: Vec<(Slot, u32, Option<Range<usize>>)>,
    /// Deltas and chunks of this snapshot, back to back.
    bytes: Vec<u8>,
    /// The body of the chunk being written.
    body: Vec<u8>,
    /// The rows of the stream being moved.
    rows: StateColumns,
    /// Chunks of single-row streams that are gone are counted too.
    made: Made,
}

/// Chunks made since the room was opened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Made {
    /// Keyframes.
    pub(crate) keyframes: u64,
    /// Catch-ups.
    pub(crate) catch_ups: u64,
    /// Deltas.
    pub(crate) deltas: u64,
}

/// One stream.
#[derive(Debug)]
struct Stream {
    key: StreamKey,
    number: u32,
    encoder: StreamEncoder,
    /// Tick of its first state. What the encoder knows from before is another stream's.
    born: u32,
    /// Tick of the snapshot in which it was last alive.
    alive: u32,
    /// Up to this tick its history is that of the stream at the full rate, of which it is a copy.
    copied: Option<u32>,
    /// The delta of this snapshot, and the base it starts from.
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
    /// What leads there from an older state.
    CatchUp {
        /// Tick of that state.
        from: u32,
    },
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
        numbers: &mut Numbers,
    ) {
        self.tick = tick;
        self.bytes.clear();
        self.catch_ups.clear();
        if !tables.any_divided() {
            self.advance_one((StreamKey::MAIN, 0), tables, &state.public, numbers);
            return;
        }
        let mut rows = std::mem::take(&mut self.rows);
        start_rows(&mut rows, &tables.layout);
        for (table, columns) in state.public.tables.iter().enumerate() {
            if !tables.is_divided(table) {
                rows.tables[table].copy_from(columns);
            }
        }
        self.advance_one((StreamKey::MAIN, 0), tables, &rows, numbers);
        for group in placing.groups() {
            start_rows(&mut rows, &tables.layout);
            for row in placing.rows(group) {
                copy_row(&mut rows, &state.public, usize::from(row.table), row.index as usize);
            }
            self.advance_one((group.key, 0), tables, &rows, numbers);
        }
        self.rows = rows;
    }

    /// Moves the stream of a single row that is followed since a tick, unless that has been done in
    /// this snapshot. `row` is its index in the table.
    pub(crate) fn advance_row(
        &mut self,
        (key, since): (StreamKey, u32),
        tables: &Tables,
        state: &Extract,
        (table, row): (usize, usize),
        numbers: &mut Numbers,
    ) -> Slot {
        if let Some(slot) = self.slot(key, since) {
            return slot;
        }
        let mut rows = std::mem::take(&mut self.rows);
        start_rows(&mut rows, &tables.layout);
        copy_row(&mut rows, &state.public, table, row);
        let slot = self.advance_one((key, since), tables, &rows, numbers);
        self.rows = rows;
        slot
    }

    /// Forgets the streams that were not alive in this snapshot.
    pub(crate) fn retire(&mut self, tables: &Tables, numbers: &mut Numbers) {
        let mut rows = std::mem::take(&mut self.rows);
        start_rows(&mut rows, &tables.layout);
        self.index.retain(|&(key, _, slot)| {
            let stream = &mut self.slots[slot as usize];
            if stream.alive == self.tick {
                return true;
            }
            self.body.clear();
            stream.encoder.advance(self.tick, &rows, &mut self.body);
            numbers.release(key, tables.len());
            self.free.push(slot);
            false
        });
        self.rows = rows;
    }

    /// Forgets everything: nobody watches.
    pub(crate) fn reset(&mut self, tables: &Tables, numbers: &mut Numbers) {
        self.index.drain(..).for_each(|(key, ..)| numbers.release(key, tables.len()));
        self.slots.clear();
        self.free.clear();
    }

    /// Becomes a copy of the streams at the full rate, but for single rows: these are followed for
    /// viewers who are there.
    pub(crate) fn copy(&mut self, full: &Self, tables: &Tables, numbers: &mut Numbers) {
        self.reset(tables, numbers);
        self.tick = full.tick;
        for &(key, since, slot) in &full.index {
            if matches!(key.place, Place::Row { .. }) {
                continue;
            }
            let stream = &full.slots[slot as usize];
            let number = numbers.take(key, tables.len());
            self.index.push((key, since, self.slots.len() as Slot));
            self.slots.push(Stream {
                born: stream.born,
                alive: stream.alive,
                copied: stream.encoder.tick(),
                ..Stream::new(key, number, stream.encoder.clone())
            });
        }
    }

    /// Where a stream is that is alive in this snapshot.
    pub(crate) fn slot(&self, key: StreamKey, since: u32) -> Option<Slot> {
        let at = self.position(key, since).ok()?;
        let slot = self.index[at].2;
        (self.slots[slot as usize].alive == self.tick).then_some(slot)
    }

    /// Whether a stream of a single row was there in the snapshot before, or is by now.
    pub(crate) fn follows(&self, key: StreamKey, since: u32) -> bool {
        self.position(key, since).is_ok()
    }

    /// The number of a stream on the wire.
    pub(crate) fn number(&self, slot: Slot) -> u32 {
        self.slots[slot as usize].number
    }

    /// Up to which tick a stream has the same history as the one at the full rate.
    pub(crate) fn copied(&self, key: StreamKey) -> Option<u32> {
        let at = self.position(key, 0).ok()?;
        self.slots[self.index[at].2 as usize].copied
    }

    /// What a viewer needs whose state of the stream is of `base`, and the tick of the state it
    /// then has. `base` is `None` when it has none. A state that comes `from_other` streams, those of
    /// another rate, has the same history up to the tick given there.
    pub(crate) fn need(
        &mut self,
        slot: Slot,
        base: Option<u32>,
        from_other: Option<Option<u32>>,
    ) -> (Need, Option<u32>) {
        let stream = &self.slots[slot as usize];
        let newest = stream.encoder.tick();
        let Some(base) = base.filter(|&base| base >= stream.born) else {
            return (Need::Keyframe, newest);
        };
        let is_same = from_other.is_none_or(|until| until.is_some_and(|until| base <= until));
        let delta_from = stream.delta.as_ref().map(|(from, _)| *from);
        let need = if is_same && newest == Some(base) {
            Need::Nothing
        } else if is_same && delta_from == Some(base) {
            Need::Delta
        } else if self.can_catch_up(slot, base) {
            Need::CatchUp { from: base }
        } else {
            Need::Keyframe
        };
        (need, newest)
    }

    /// This snapshot's delta of a stream.
    pub(crate) fn delta(&self, slot: Slot) -> Option<&[u8]> {
        let (_, range) = self.slots[slot as usize].delta.as_ref()?;
        Some(&self.bytes[range.clone()])
    }

    /// Appends a catch-up chunk that a viewer was found to need.
    pub(crate) fn write_catch_up(&self, slot: Slot, from: u32, out: &mut Vec<u8>) {
        let place =
            self.catch_ups.binary_search_by_key(&(slot, from), |(slot, from, _)| (*slot, *from));
        if let Ok(at) = place
            && let Some(range) = &self.catch_ups[at].2
        {
            out.extend_from_slice(&self.bytes[range.clone()]);
        }
    }

    /// Appends this snapshot's keyframe chunk of a stream; made for the first who needs it.
    pub(crate) fn write_keyframe(&mut self, slot: Slot, out: &mut Vec<u8>) {
        let stream = &mut self.slots[slot as usize];
        let range = stream.keyframe.get_or_insert_with(|| {
            self.body.clear();
            stream.encoder.keyframe(&mut self.body);
            self.made.keyframes += 1;
            let start = self.bytes.len();
            let base = stream.encoder.tick().unwrap_or(self.tick);
            let chunk = Chunk::Keyframe { stream: stream.number, base, bytes: &self.body };
            chunk.write(self.tick, &mut self.bytes);
            start..self.bytes.len()
        });
        out.extend_from_slice(&self.bytes[range.clone()]);
    }

    /// Hash of a stream's newest state.
    pub(crate) fn hash(&mut self, slot: Slot) -> u32 {
        let stream = &mut self.slots[slot as usize];
        *stream.hash.get_or_insert_with(|| stream.encoder.hash())
    }

    /// Chunks made since the room was opened.
    pub(crate) fn made(&self) -> Made {
        self.made
    }

    /// Makes the catch-up from `from`, unless somebody has asked for it before.
    fn can_catch_up(&mut self, slot: Slot, from: u32) -> bool {
        let place =
            self.catch_ups.binary_search_by_key(&(slot, from), |(slot, from, _)| (*slot, *from));
        let at = match place {
            Ok(at) => return self.catch_ups[at].2.is_some(),
            Err(at) => at,
        };
        let Stream { encoder, number, .. } = &mut self.slots[slot as usize];
        self.body.clear();
        let base = encoder.tick().filter(|&base| from < base);
        let made = base.filter(|_| encoder.catch_up(from, &mut self.body)).map(|base| {
            self.made.catch_ups += 1;
            let start = self.bytes.len();
            let chunk = Chunk::CatchUp { stream: *number, from, base, bytes: &self.body };
            chunk.write(self.tick, &mut self.bytes);
            start..self.bytes.len()
        });
        let can = made.is_some();
        self.catch_ups.insert(at, (slot, from, made));
        can
    }

    fn position(&self, key: StreamKey, since: u32) -> Result<usize, usize> {
        self.index.binary_search_by_key(&(key, since), |&(key, since, _)| (key, since))
    }

    fn advance_one(
        &mut self,
        (key, since): (StreamKey, u32),
        tables: &Tables,
        rows: &StateColumns,
        numbers: &mut Numbers,
    ) -> Slot {
        let (slot, is_new) = match self.position(key, since) {
            Ok(at) => (self.index[at].2, false),
            Err(at) => {
                let slot = self.open(key, numbers.take(key, tables.len()), &tables.layout);
                self.index.insert(at, (key, since, slot));
                (slot, true)
            }
        };
        let stream = &mut self.slots[slot as usize];
        self.body.clear();
        let advance = stream.encoder.advance(self.tick, rows, &mut self.body);
        stream.alive = self.tick;
        stream.keyframe = None;
        stream.delta = None;
        if advance != Advance::Unchanged {
            stream.hash = None;
        }
        match advance {
            Advance::Delta { base } if !is_new => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(&self.body);
                stream.delta = Some((base, start..self.bytes.len()));
                self.made.deltas += 1;
            }
            // A used encoder comes from the empty state, which nobody has.
            Advance::First | Advance::Delta { .. } => stream.born = self.tick,
            Advance::Unchanged => {}
        }
        slot
    }

    /// A slot for a new stream: the one it had before, whose memory is large enough, or one that has
    /// long been free.
    fn open(&mut self, key: StreamKey, number: u32, layout: &Arc<Layout>) -> Slot {
        let was = self.free.iter().position(|&slot| self.slots[slot as usize].key == key);
        let spare = (self.free.len() >= SPARE_STREAMS).then_some(0);
        let Some(slot) = was.or(spare).map(|at| self.free.remove(at)) else {
            let encoder = StreamEncoder::new(Arc::clone(layout));
            self.slots.push(Stream::new(key, number, encoder));
            return self.slots.len() as Slot - 1;
        };
        let stream = &mut self.slots[slot as usize];
        (stream.key, stream.number, stream.copied) = (key, number, None);
        slot
    }
}

impl Stream {
    fn new(key: StreamKey, number: u32, encoder: StreamEncoder) -> Self {
        Self {
            key,
            number,
            encoder,
            born: 0,
            alive: 0,
            copied: None,
            delta: None,
            keyframe: None,
            hash: None,
        }
    }
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

#[cfg(test)]
mod tests {
    use tickwire_game::TableInfo;
    use tickwire_wire::schema::{Audience, FieldSchema, PROTOCOL, Schema, TableSchema};
    use tickwire_wire::shape::Shape;

    use super::*;

    /// Things with a number each, which a cell of its own would hold.
    struct Shelf {
        tables: Tables,
        numbers: Numbers,
        streams: Streams,
    }

    const KEY: (StreamKey, u32) = (
        StreamKey {
            place: Place::Row { table: 0, id: 7 },
            audience: super::super::Audience::Everyone,
        },
        0,
    );

    impl Shelf {
        fn new() -> Self {
            let field = FieldSchema::new("number", Shape::Int { min: 0, max: 255 });
            let things = TableSchema {
                name: "things".to_owned(),
                single: false,
                owner: None,
                audience: Audience::Everyone,
                fields: vec![field],
            };
            let schema = Schema {
                protocol: PROTOCOL,
                game: "shelf".to_owned(),
                tick_hz: 30,
                send_every: 1,
                tables: vec![things],
                input: Shape::Unit,
                sticky: Vec::new(),
                command: Shape::Unit,
                event: Shape::Unit,
            };
            let info = TableInfo { name: "things", row_type: "Thing", at: None, rewind: false };
            let layout = Arc::new(Layout::new(&schema));
            let tables = Tables::new(&schema, layout, &[info], None);
            Self { tables, numbers: Numbers::default(), streams: Streams::default() }
        }

        /// A snapshot in which the thing is there, with a number, or is not.
        fn snapshot(&mut self, tick: u32, number: Option<u32>) -> Option<Slot> {
            let Self { tables, numbers, streams } = self;
            let mut state = Extract::default();
            state.append(1, 0).0.push(7, &[number.unwrap_or(0)]);
            streams.tick = tick;
            streams.bytes.clear();
            streams.catch_ups.clear();
            let slot = number.map(|_| streams.advance_row(KEY, tables, &state, (0, 0), numbers));
            streams.retire(tables, numbers);
            slot
        }
    }

    #[test]
    fn one_catch_up_serves_all_who_skipped_the_same_snapshots() {
        let mut shelf = Shelf::new();
        let slot = (10..14).filter_map(|tick| shelf.snapshot(tick, Some(tick))).last().unwrap();
        let streams = &mut shelf.streams;
        assert_eq!(streams.need(slot, Some(13), None), (Need::Nothing, Some(13)));
        assert_eq!(streams.need(slot, Some(12), None), (Need::Delta, Some(13)));
        for _ in 0..3 {
            assert_eq!(streams.need(slot, Some(11), None), (Need::CatchUp { from: 11 }, Some(13)));
        }
        assert_eq!(streams.need(slot, Some(10), None), (Need::CatchUp { from: 10 }, Some(13)));
        assert_eq!(streams.made().catch_ups, 2);
        assert_eq!(streams.need(slot, None, None), (Need::Keyframe, Some(13)));
        assert_eq!(streams.need(slot, Some(9), None), (Need::Keyframe, Some(13)));
        // A state of another rate is no base for this one's delta, unless both are copies.
        let other = streams.need(slot, Some(12), Some(None));
        assert_eq!(other, (Need::CatchUp { from: 12 }, Some(13)));
        assert_eq!(streams.need(slot, Some(12), Some(Some(12))), (Need::Delta, Some(13)));
    }

    #[test]
    fn what_was_before_a_stream_began_anew_is_no_base() {
        let mut shelf = Shelf::new();
        let first = shelf.snapshot(10, Some(1)).unwrap();
        shelf.snapshot(11, Some(2));
        assert_eq!(shelf.snapshot(12, None), None);
        assert_eq!(shelf.streams.slot(KEY.0, KEY.1), None);
        let again = shelf.snapshot(15, Some(3)).unwrap();
        assert_eq!(again, first, "its memory is used again");
        for base in [10, 11, 12] {
            assert_eq!(shelf.streams.need(again, Some(base), None), (Need::Keyframe, Some(15)));
        }
        assert_eq!(shelf.streams.need(again, Some(15), None), (Need::Nothing, Some(15)));
        assert_eq!(shelf.streams.delta(again), None);
        shelf.snapshot(16, Some(4));
        assert_eq!(shelf.streams.need(again, Some(15), None), (Need::Delta, Some(16)));
        assert_eq!(shelf.streams.need(again, Some(11), None), (Need::Keyframe, Some(16)));
    }
}
