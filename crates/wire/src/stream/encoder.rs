//! The sending side of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use super::adaptive::Adaptive;
use super::{CHANGED_GAP, ID_GAP, LEFT_GAP};
use crate::bits::BitWriter;
use crate::columns::{StateColumns, TableColumns};
use crate::hash::hash_state;
use crate::layout::{Layout, TableLayout};
use crate::limits::RING_STATES;

/// What [`StreamEncoder::advance`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// There was no state to differ from: whoever is to have the stream needs a keyframe.
    First,
    /// Nothing differs from the state held, nor from the one before: nothing is to be sent, and the
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
    /// Tick of `now`; none before the first state.
    tick: Option<u32>,
    /// The state that receivers have.
    now: StateColumns,
    /// The state before it, with the rows of `now`: of a row that had just entered, equal to `now`.
    last: StateColumns,
    /// Earlier states with their ticks, oldest first: what a catch-up may start from.
    ring: VecDeque<(u32, StateColumns)>,
    scratch: Scratch,
}

/// How one table differs from what receivers predict. Kept from tick to tick for its memory.
#[derive(Clone, Debug, Default)]
struct Scratch {
    /// Indices of rows that left, in the old order.
    left: Vec<u32>,
    /// Indices of rows that entered, in the new order.
    entered: Vec<u32>,
    /// Rows that stayed and differ: (index among those that stayed, index in the new order).
    changed: Vec<(u32, u32)>,
    /// The predictions of the changed rows, one after the other.
    predictions: Vec<u32>,
    /// The prediction being compared.
    prediction: Vec<u32>,
    /// The next `last`, built while comparing.
    last: TableColumns,
    /// One entry per public field.
    adaptive: Vec<Adaptive>,
}

impl StreamEncoder {
    /// An encoder without a state.
    pub fn new(layout: Arc<Layout>) -> Self {
        let now = StateColumns::public(&layout);
        let last = now.clone();
        Self { layout, tick: None, now, last, ring: VecDeque::new(), scratch: Scratch::default() }
    }

    /// Tick of the state it holds: the base of the next delta.
    pub fn tick(&self) -> Option<u32> {
        self.tick
    }

    /// The state it holds.
    pub fn state(&self) -> &StateColumns {
        &self.now
    }

    /// Hash of the state it holds.
    pub fn hash(&self) -> u32 {
        hash_state(&self.now)
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
            self.now.copy_from(state);
            self.last.copy_from(state);
            return Advance::First;
        };
        debug_assert!(base < tick, "ticks grow");
        if *state == self.now && self.now == self.last {
            return Advance::Unchanged;
        }
        self.keep(base);
        let mut writer = BitWriter::new(out);
        for (index, table) in self.layout.tables.iter().enumerate() {
            let (now, last) = (&mut self.now.tables[index], &mut self.last.tables[index]);
            let next = &state.tables[index];
            self.scratch.compare(table, now, last, next);
            self.scratch.write(table, next, &mut writer);
            std::mem::swap(last, &mut self.scratch.last);
            now.copy_from(next);
        }
        writer.finish();
        self.tick = Some(tick);
        Advance::Delta { base }
    }

    /// Appends a keyframe of the state held; of no state, an empty one.
    pub fn keyframe(&self, out: &mut Vec<u8>) {
        let mut writer = BitWriter::new(out);
        let tables = self.now.tables.iter().zip(&self.last.tables);
        for (table, (now, last)) in self.layout.tables.iter().zip(tables) {
            if table.single {
                writer.push_bit(!now.is_empty());
            } else {
                writer.push_gamma(now.len() as u32);
            }
            let mut previous = 0;
            for (index, &id) in now.ids.iter().enumerate() {
                if !table.single {
                    write_id(&mut previous, id, &mut writer);
                }
                table.write_keyframe_row(now.row(index), last.row(index), &mut writer);
            }
        }
        writer.finish();
    }

    /// Appends what leads from the state at `base` to the state held: for a client that skipped the
    /// deltas between. Returns false, and appends nothing, when `base` is not in the ring any more;
    /// the client then needs a keyframe.
    pub fn catch_up(&self, base: u32, out: &mut Vec<u8>) -> bool {
        if self.ring.binary_search_by_key(&base, |(tick, _)| *tick).is_err() {
            return false;
        }
        self.keyframe(out);
        true
    }

    /// Puts the state held, of `tick`, into the ring.
    fn keep(&mut self, tick: u32) {
        let mut slot = if self.ring.len() < RING_STATES {
            (tick, StateColumns::default())
        } else {
            self.ring.pop_front().unwrap_or_default()
        };
        slot.0 = tick;
        slot.1.copy_from(&self.now);
        self.ring.push_back(slot);
    }

    /// Whether the single rows in the stream are the same as before.
    fn singles_stay(&self, state: &StateColumns) -> bool {
        let tables = self.now.tables.iter().zip(&state.tables);
        let mut pairs = self.layout.tables.iter().zip(tables);
        pairs.all(|(table, (now, next))| !table.single || now.ids == next.ids)
    }
}

impl TableLayout {
    fn write_keyframe_row(&self, now: &[u32], last: &[u32], writer: &mut BitWriter<'_>) {
        self.write_row(now, writer);
        let moved = now != last;
        writer.push_bit(moved);
        if !moved {
            return;
        }
        for field in &self.public {
            let differs = field.of(now) != field.of(last);
            writer.push_bit(differs);
            if differs {
                field.write_plain(last, writer);
            }
        }
    }
}

impl Scratch {
    /// Finds what differs between the prediction from (`now`, `last`) and `next`.
    fn compare(
        &mut self,
        table: &TableLayout,
        now: &TableColumns,
        last: &TableColumns,
        next: &TableColumns,
    ) {
        debug_assert!(next.width == table.public_width, "the layout's width");
        self.left.clear();
        self.entered.clear();
        self.changed.clear();
        self.predictions.clear();
        self.prediction.resize(table.public_width, 0);
        self.adaptive.clear();
        self.adaptive.resize(table.public.len(), Adaptive::START);
        self.last.reset(next.width);
        if now.ids == next.ids {
            for index in 0..now.len() {
                self.compare_row(table, index, now.row(index), last.row(index), (index, next));
            }
            self.last.copy_from(now);
            return;
        }
        let (mut old, mut new, mut stayed) = (0, 0, 0);
        while old < now.len() || new < next.len() {
            // Past either end stands an id above all: ids fit in 32 bits.
            let id_at = |ids: &[u32], index| ids.get(index).map_or(u64::MAX, |&id| u64::from(id));
            let (old_id, new_id) = (id_at(&now.ids, old), id_at(&next.ids, new));
            if old_id < new_id {
                self.left.push(old as u32);
                old += 1;
                continue;
            }
            if new_id < old_id {
                self.entered.push(new as u32);
                self.last.push(next.ids[new], next.row(new));
            } else {
                self.compare_row(table, stayed, now.row(old), last.row(old), (new, next));
                self.last.push(next.ids[new], now.row(old));
                old += 1;
                stayed += 1;
            }
            new += 1;
        }
    }

    #[inline]
    fn compare_row(
        &mut self,
        table: &TableLayout,
        stayed: usize,
        now: &[u32],
        last: &[u32],
        (new, next): (usize, &TableColumns),
    ) {
        let still = table.linear.is_empty() || now == last;
        let prediction = if still {
            now
        } else {
            table.predict(now, last, &mut self.prediction);
            &self.prediction[..]
        };
        if prediction != next.row(new) {
            self.changed.push((stayed as u32, new as u32));
            self.predictions.extend_from_slice(prediction);
        }
    }

    /// Writes what [`compare`](Self::compare) found.
    fn write(&mut self, table: &TableLayout, next: &TableColumns, writer: &mut BitWriter<'_>) {
        let any = !(self.left.is_empty() && self.entered.is_empty() && self.changed.is_empty());
        writer.push_bit(any);
        if !any {
            return;
        }
        if !table.single {
            self.write_left_and_entered(table, next, writer);
            writer.push_gamma(self.changed.len() as u32);
        }
        let width = table.public_width;
        let mut expected = 0;
        for (index, &(stayed, new)) in self.changed.iter().enumerate() {
            if !table.single {
                writer.push_rice(stayed - expected, CHANGED_GAP);
                expected = stayed + 1;
            }
            let prediction = &self.predictions[index * width..(index + 1) * width];
            table.write_changes(prediction, next.row(new as usize), &mut self.adaptive, writer);
        }
    }

    fn write_left_and_entered(
        &self,
        table: &TableLayout,
        next: &TableColumns,
        writer: &mut BitWriter<'_>,
    ) {
        writer.push_gamma(self.left.len() as u32);
        let mut expected = 0;
        for &index in &self.left {
            writer.push_rice(index - expected, LEFT_GAP);
            expected = index + 1;
        }
        writer.push_gamma(self.entered.len() as u32);
        let mut previous = 0;
        for &index in &self.entered {
            write_id(&mut previous, next.ids[index as usize], writer);
            table.write_row(next.row(index as usize), writer);
        }
    }
}

/// Writes an id as its distance from the `previous` one, which it becomes.
fn write_id(previous: &mut u32, id: u32, writer: &mut BitWriter<'_>) {
    debug_assert!(*previous < id, "row ids ascend from 1");
    writer.push_rice(id - *previous - 1, ID_GAP);
    *previous = id;
}
