//! The sending side of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use super::adaptive::Adaptive;
use super::history::NOTHING;
use super::members::write_members;
use super::model;
use super::neighbours::Neighbours;
use super::packed::PackedWriter;
use super::ranged::{Coder, Memory, RangedWriter, Rows};
use super::record::{Change, Records};
use super::whole::{write_catch_up, write_keyframe};
use crate::bits::BitWriter;
use crate::columns::StateColumns;
use crate::hash::hash_state;
use crate::layout::Layout;
use crate::level::Level;

/// What [`StreamEncoder::advance`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// There was no state to differ from: whoever is to have the stream needs a keyframe.
    First,
    /// Nothing differs from the state held, and nothing moved before: nothing is to be sent, and the
    /// tick of the state held stays as it was.
    Unchanged,
    /// A delta was written.
    Delta {
        /// Tick of the state that it starts from.
        base: u32,
    },
}

/// Encodes the state of one stream, once for all who receive it.
///
/// Works over any subset of a room's rows, as long as a row of a `single` table is either always in
/// it or never (when that changes, a keyframe is needed again). Allocates only while it grows.
#[derive(Clone, Debug)]
pub struct StreamEncoder {
    layout: Arc<Layout>,
    /// Tick of the state held; none before the first.
    tick: Option<u32>,
    /// What receivers have.
    records: Records,
    /// Earlier states with their ticks, oldest first: what a catch-up may start from.
    ring: VecDeque<(u32, StateColumns)>,
    scratch: Scratch,
}

/// Kept from tick to tick for its memory.
#[derive(Clone, Debug)]
struct Scratch {
    /// One per table.
    changes: Vec<Change>,
    packed: PackedWriter,
    memory: Memory,
    neighbours: Neighbours,
    adaptive: Vec<Adaptive>,
}

impl StreamEncoder {
    /// An encoder without a state.
    pub fn new(layout: Arc<Layout>) -> Self {
        let records = Records::new(&layout);
        let changes = vec![Change::default(); layout.tables.len()];
        let scratch = Scratch {
            changes,
            packed: PackedWriter::default(),
            memory: Memory::new(layout.level),
            neighbours: Neighbours::default(),
            adaptive: Vec::new(),
        };
        Self { layout, tick: None, records, ring: VecDeque::new(), scratch }
    }

    /// Tick of the state it holds: the base of the next delta.
    pub fn tick(&self) -> Option<u32> {
        self.tick
    }

    /// The state it holds.
    pub fn state(&self) -> &StateColumns {
        &self.records.now
    }

    /// Hash of the state it holds.
    pub fn hash(&self) -> u32 {
        hash_state(&self.records.now)
    }

    /// Moves to `state` at `tick`, which must be later than the tick held, and appends the delta
    /// from the state held before to `out`.
    ///
    /// `state` has the layout's tables and widths, ascending ids, valid columns, and at most
    /// [`MAX_ROWS_PER_TABLE`](crate::limits::MAX_ROWS_PER_TABLE) rows a table.
    pub fn advance(&mut self, tick: u32, state: &StateColumns, out: &mut Vec<u8>) -> Advance {
        let Some(base) = self.tick.filter(|_| self.singles_stay(state)) else {
            self.ring.clear();
            self.tick = Some(tick);
            self.records.start(state);
            return Advance::First;
        };
        debug_assert!(base < tick, "ticks grow");
        let rests = self.records.rest();
        if rests && *state == self.records.now {
            return Advance::Unchanged;
        }
        self.keep(base);
        let tables = self.records.now.tables.iter().zip(&state.tables);
        for (change, (now, next)) in self.scratch.changes.iter_mut().zip(tables) {
            debug_assert!(next.width == now.width, "the layout's width");
            change.compare(&now.ids, next);
        }
        let ticks = self.layout.ticks(base, tick, rests);
        match self.layout.level {
            Level::Packed => self.write_packed(ticks, out),
            Level::Ranged | Level::RangedMax => self.write_ranged(ticks, out),
        }
        for (index, change) in self.scratch.changes.iter_mut().enumerate() {
            self.records.advance(index, change);
        }
        self.tick = Some(tick);
        Advance::Delta { base }
    }

    fn write_packed(&mut self, ticks: f64, out: &mut Vec<u8>) {
        let Scratch { changes, packed, .. } = &mut self.scratch;
        let mut writer = BitWriter::new(out);
        for (index, (table, change)) in self.layout.tables.iter().zip(changes).enumerate() {
            let record = self.records.table(index);
            packed.table((table, ticks), record, change, &mut writer);
        }
        writer.finish();
    }

    fn write_ranged(&mut self, ticks: f64, out: &mut Vec<u8>) {
        let Scratch { changes, memory, neighbours, .. } = &mut self.scratch;
        let model = &*self.layout.model;
        let mut coder = RangedWriter::new(out, memory, model);
        for (index, (table, change)) in self.layout.tables.iter().zip(changes).enumerate() {
            let record = self.records.table(index);
            if record.rests() && !coder.bit(model::stirs(), change.differs_from(record.now)) {
                change.history.resize(record.now.len(), NOTHING);
                continue;
            }
            if !table.single && coder.bit(model::members(), !change.same_rows) {
                write_members(table, change, &mut coder.range);
            }
            let mut rows = Rows { table, model, coder: &mut coder, neighbours, ticks };
            // An encoder meets nothing that it cannot write.
            let written = rows.code(record, change);
            debug_assert!(written.is_ok(), "{written:?}");
        }
        coder.range.finish();
    }

    /// Appends a keyframe of the state held; of no state, an empty one.
    pub fn keyframe(&self, out: &mut Vec<u8>) {
        let mut writer = BitWriter::new(out);
        for (index, table) in self.layout.tables.iter().enumerate() {
            write_keyframe(table, self.records.table(index), &mut writer);
        }
        writer.finish();
    }

    /// Appends what leads from the state at `base` to the state held: for a client that skipped the
    /// deltas between. Returns false, and appends nothing, when `base` is not in the ring any more;
    /// the client then needs a keyframe.
    pub fn catch_up(&mut self, base: u32, out: &mut Vec<u8>) -> bool {
        let Ok(index) = self.ring.binary_search_by_key(&base, |(tick, _)| *tick) else {
            return false;
        };
        let Scratch { changes, adaptive, .. } = &mut self.scratch;
        let mut writer = BitWriter::new(out);
        let parts = self.layout.tables.iter().zip(changes).zip(&self.ring[index].1.tables);
        for (index, ((table, change), base)) in parts.enumerate() {
            let record = self.records.table(index);
            write_catch_up(table, base, record, (change, &mut *adaptive), &mut writer);
        }
        writer.finish();
        true
    }

    /// Puts the state held, of `tick`, into the ring.
    fn keep(&mut self, tick: u32) {
        let slot =
            if self.ring.len() < self.layout.ring_states { None } else { self.ring.pop_front() };
        let (_, mut state) = slot.unwrap_or_default();
        state.copy_from(&self.records.now);
        self.ring.push_back((tick, state));
    }

    /// Whether the single rows in the stream are the same as before.
    fn singles_stay(&self, state: &StateColumns) -> bool {
        let tables = self.records.now.tables.iter().zip(&state.tables);
        let mut pairs = self.layout.tables.iter().zip(tables);
        pairs.all(|(table, (now, next))| !table.single || now.ids == next.ids)
    }
}
