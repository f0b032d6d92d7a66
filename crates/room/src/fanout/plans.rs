//! The shared part of snapshots: written once for all viewers that need the same chunks.

use std::ops::Range;

use tickwire_wire::snapshot::Chunk;

use super::events::Events;
use super::streams::Streams;

/// One chunk of a plan, as the head of the chunk has it: stream number × 4 + kind.
pub(crate) type PlanItem = u32;

const DELTA: u32 = 0;
const KEYFRAME: u32 = 1;
const EVENTS: u32 = 2;
const LEFT: u32 = 3;

/// The chunks one viewer needs. Built in order: what it leaves, states, events.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    items: Vec<PlanItem>,
}

impl Plan {
    /// Starts over.
    pub(crate) fn clear(&mut self) {
        self.items.clear();
    }

    /// The viewer no longer has a stream.
    pub(crate) fn left(&mut self, stream: u32) {
        self.items.push((stream << 2) | LEFT);
    }

    /// The viewer gets this snapshot's delta of a stream.
    pub(crate) fn delta(&mut self, stream: u32) {
        self.items.push((stream << 2) | DELTA);
    }

    /// The viewer gets a keyframe of a stream.
    pub(crate) fn keyframe(&mut self, stream: u32) {
        self.items.push((stream << 2) | KEYFRAME);
    }

    /// The viewer gets the events of a stream's audience.
    pub(crate) fn events(&mut self, stream: u32) {
        self.items.push((stream << 2) | EVENTS);
    }

    /// Whether nothing is needed.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether it holds a keyframe of the main stream.
    pub(crate) fn restarts(&self) -> bool {
        self.items.contains(&KEYFRAME)
    }

    /// Whether it holds states.
    pub(crate) fn has_state(&self) -> bool {
        self.items.iter().any(|&item| is_state(item))
    }
}

fn is_state(item: PlanItem) -> bool {
    matches!(item & 3, DELTA | KEYFRAME)
}

/// The plans of one snapshot and their bytes. Keeps its memory from snapshot to snapshot.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    /// Items of all plans, back to back.
    items: Vec<PlanItem>,
    written: Vec<Written>,
    /// (hash of the items, index in `written`), sorted.
    index: Vec<(u64, usize)>,
    bytes: Vec<u8>,
    hashes: Vec<u32>,
}

#[derive(Debug)]
struct Written {
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
        streams: &mut Streams,
        events: &mut Events,
    ) -> PlanId {
        let hash = fingerprint(&plan.items);
        let place = self.index.partition_point(|&(other, _)| other < hash);
        let alike = self.index[place..].iter().take_while(|&&(other, _)| other == hash);
        for &(_, index) in alike {
            if self.items[self.written[index].items.clone()] == plan.items[..] {
                return PlanId(index);
            }
        }
        let start = self.bytes.len();
        for &item in &plan.items {
            let stream = item >> 2;
            match item & 3 {
                DELTA => streams.write_delta(stream, &mut self.bytes),
                KEYFRAME => streams.write_keyframe(tick, stream, &mut self.bytes),
                EVENTS => events.write(tick, stream, &mut self.bytes),
                _ => Chunk::Left { stream }.write(tick, &mut self.bytes),
            }
        }
        let items = self.items.len()..self.items.len() + plan.items.len();
        self.items.extend_from_slice(&plan.items);
        let bytes = start..self.bytes.len();
        self.index.insert(place, (hash, self.written.len()));
        self.written.push(Written { items, bytes, hashes: None });
        PlanId(self.written.len() - 1)
    }

    /// Hashes of a plan's states, in chunk order.
    pub(crate) fn hashes(&mut self, plan: PlanId, streams: &mut Streams) -> &[u32] {
        let written = &mut self.written[plan.0];
        let range = written.hashes.get_or_insert_with(|| {
            let start = self.hashes.len();
            let states = self.items[written.items.clone()].iter().filter(|&&item| is_state(item));
            self.hashes.extend(states.filter_map(|&item| streams.hash(item >> 2)));
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
fn fingerprint(items: &[PlanItem]) -> u64 {
    items.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &item| {
        (hash ^ u64::from(item)).wrapping_mul(0x0100_0000_01b3)
    })
}
