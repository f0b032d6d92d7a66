//! The shared part of snapshots: written once for all viewers that need the same chunks.

use std::ops::Range;

use tickwire_wire::snapshot::{Chunk, Sections, write_chunk_count, write_steady};

use super::events::{Events, Untold};
use super::lane::Lane;
use super::streams::Slot;

/// One entry of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// The viewer no longer has the stream of this number.
    Left(u32),
    /// It gets the catch-up of a stream from this tick.
    CatchUp(Slot, u32),
    /// It gets the keyframe of a stream.
    Keyframe(Slot),
    /// It gets events.
    Events(Untold),
    /// It gets this snapshot's delta of a stream.
    Delta(Slot),
    /// It has a stream that is unchanged.
    Unchanged,
}

impl Item {
    /// The stream whose state it changes.
    fn state(self) -> Option<Slot> {
        match self {
            Self::CatchUp(slot, _) | Self::Keyframe(slot) | Self::Delta(slot) => Some(slot),
            Self::Left(_) | Self::Events(_) | Self::Unchanged => None,
        }
    }

    /// A number that tells most entries apart.
    fn word(self) -> u64 {
        let (kind, id, more) = match self {
            Self::Left(number) => (0, number, 0),
            Self::CatchUp(slot, from) => (1, slot, from),
            Self::Keyframe(slot) => (2, slot, 0),
            Self::Events(untold) => (3, untold.stream, untold.first),
            Self::Delta(slot) => (4, slot, 0),
            Self::Unchanged => (5, 0, 0),
        };
        (u64::from(more) << 32 | u64::from(id)) << 3 ^ kind
    }
}

/// The chunks one viewer needs. Special ones in order: what it leaves, states, events; then one entry
/// for each other stream it holds, in ascending order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    special: Vec<Item>,
    steady: Vec<Item>,
    restarts: bool,
    has_state: bool,
    has_delta: bool,
}

impl Plan {
    /// Starts over.
    pub(crate) fn clear(&mut self) {
        self.special.clear();
        self.steady.clear();
        (self.restarts, self.has_state, self.has_delta) = (false, false, false);
    }

    /// The viewer no longer has a stream.
    pub(crate) fn left(&mut self, number: u32) {
        self.special.push(Item::Left(number));
    }

    /// The viewer gets a catch-up of a stream.
    pub(crate) fn catch_up(&mut self, slot: Slot, from: u32) {
        self.special.push(Item::CatchUp(slot, from));
        self.has_state = true;
    }

    /// The viewer gets a keyframe of a stream; the main one starts everything over.
    pub(crate) fn keyframe(&mut self, slot: Slot, is_main: bool) {
        self.special.push(Item::Keyframe(slot));
        self.has_state = true;
        self.restarts |= is_main;
    }

    /// The viewer gets events.
    pub(crate) fn events(&mut self, untold: Untold) {
        self.special.push(Item::Events(untold));
    }

    /// The viewer gets this snapshot's delta of a stream.
    pub(crate) fn delta(&mut self, slot: Slot) {
        self.steady.push(Item::Delta(slot));
        (self.has_state, self.has_delta) = (true, true);
    }

    /// The viewer has a stream that did not change.
    pub(crate) fn unchanged(&mut self) {
        self.steady.push(Item::Unchanged);
    }

    /// Nothing more is added.
    pub(crate) fn finish(&mut self) {
        if !self.has_delta {
            self.steady.clear();
        }
    }

    /// Whether nothing is needed.
    pub(crate) fn is_empty(&self) -> bool {
        self.special.is_empty() && !self.has_delta
    }

    /// Whether it holds a keyframe of the main stream.
    pub(crate) fn restarts(&self) -> bool {
        self.restarts
    }

    /// Whether it holds states.
    pub(crate) fn has_state(&self) -> bool {
        self.has_state
    }

    /// The sections that its chunks make up.
    pub(crate) fn sections(&self) -> Sections {
        Sections { special: !self.special.is_empty(), steady: self.has_delta }
    }

    fn items(&self) -> impl Iterator<Item = Item> + '_ {
        self.special.iter().chain(&self.steady).copied()
    }
}

/// The plans of one snapshot and their bytes. Keeps its memory from snapshot to snapshot.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// Entries of all plans, back to back.
    items: Vec<Item>,
    written: Vec<Written>,
    /// (hash of rate and entries, index in `written`), sorted.
    index: Vec<(u64, usize)>,
    bytes: Vec<u8>,
    hashes: Vec<u32>,
}

#[derive(Debug)]
struct Written {
    rate: u32,
    items: Range<usize>,
    bytes: Range<usize>,
    /// Of its states, once a viewer has asked.
    hashes: Option<Range<usize>>,
}

/// A plan whose chunks have been written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanId(usize);

impl Plans {
    /// Forgets the plans of the snapshot before.
    pub(crate) fn clear(&mut self) {
        self.items.clear();
        self.written.clear();
        self.index.clear();
        self.bytes.clear();
        self.hashes.clear();
    }

    /// Writes the chunks of a plan, unless a viewer before had the same.
    pub(crate) fn write(
        &mut self,
        tick: u32,
        plan: &Plan,
        lane: &mut Lane,
        events: &mut Events,
    ) -> PlanId {
        let rate = lane.rate();
        let hash = fingerprint(rate, plan.items());
        let place = self.index.partition_point(|&(other, _)| other < hash);
        let alike = self.index[place..].iter().take_while(|&&(other, _)| other == hash);
        for &(_, index) in alike {
            let written = &self.written[index];
            let items = self.items[written.items.clone()].iter().copied();
            if written.rate == rate && items.eq(plan.items()) {
                return PlanId(index);
            }
        }
        let start = self.bytes.len();
        if !plan.special.is_empty() {
            write_chunk_count(plan.special.len() as u32, &mut self.bytes);
        }
        for &item in &plan.special {
            match item {
                Item::Left(stream) => Chunk::Left { stream }.write(tick, &mut self.bytes),
                Item::CatchUp(slot, from) => {
                    lane.streams.write_catch_up(slot, from, &mut self.bytes);
                }
                Item::Keyframe(slot) => lane.streams.write_keyframe(slot, &mut self.bytes),
                Item::Events(untold) => events.write(tick, untold, &mut self.bytes),
                Item::Delta(_) | Item::Unchanged => {}
            }
        }
        let delta = |item: &Item| item.state().and_then(|slot| lane.streams.delta(slot));
        write_steady(plan.steady.iter().map(delta), &mut self.bytes);
        let items = self.items.len();
        self.items.extend(plan.items());
        self.index.insert(place, (hash, self.written.len()));
        self.written.push(Written {
            rate,
            items: items..self.items.len(),
            bytes: start..self.bytes.len(),
            hashes: None,
        });
        PlanId(self.written.len() - 1)
    }

    /// Hashes of a plan's states, in chunk order.
    pub(crate) fn hashes(&mut self, plan: PlanId, lane: &mut Lane) -> &[u32] {
        let written = &mut self.written[plan.0];
        let range = written.hashes.get_or_insert_with(|| {
            let start = self.hashes.len();
            let items = self.items[written.items.clone()].iter();
            let states = items.filter_map(|item| item.state());
            self.hashes.extend(states.map(|slot| lane.streams.hash(slot)));
            start..self.hashes.len()
        });
        &self.hashes[range.clone()]
    }

    /// The chunks of a plan: the same slice for every viewer that has it.
    pub(crate) fn bytes(&self, plan: PlanId) -> &[u8] {
        &self.bytes[self.written[plan.0].bytes.clone()]
    }
}

/// FNV-1a over words: few plans, and equal ones are compared whole.
fn fingerprint(rate: u32, items: impl Iterator<Item = Item>) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325 ^ u64::from(rate);
    items.fold(start, |hash, item| (hash ^ item.word()).wrapping_mul(0x0100_0000_01b3))
}
