//! Droppable events: those that wait for the next snapshot, and those of the last second for clients
//! that skip some.

use std::ops::Range;

use tickwire_wire::events::write_events;
use tickwire_wire::limits::MAX_EVENTS_PER_CHUNK;
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::Chunk;

use super::key::{Audience, StreamKey};

/// Droppable events, as columns. A viewer is told those after the newest snapshot that it has, so that each
/// comes once, whichever snapshots were skipped or took another's place.
#[derive(Debug)]
pub(crate) struct Events {
    shape: Shape,
    width: usize,
    /// In order of their ticks.
    kept: Vec<Kept>,
    /// Columns of the kept events, back to back.
    cells: Vec<u32>,
    /// Tick of the newest snapshot: those after it wait to be told to anyone.
    told: u32,
    /// In this snapshot: which viewers have been asked about, and what they are to be told.
    heard: Vec<(u32, Range<usize>)>,
    untold: Vec<Untold>,
    /// Chunks written in this snapshot.
    chunks: Vec<(Untold, Range<usize>)>,
    /// Places in `kept` of the events of the chunk being written.
    places: Vec<usize>,
    bytes: Vec<u8>,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    audience: Audience,
    tick: u32,
}

/// Events that a viewer is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Untold {
    /// Whose they are.
    pub(crate) audience: Audience,
    /// The number of the audience's stream.
    pub(crate) stream: u32,
    /// Place of the first of them among those kept.
    pub(crate) first: u32,
}

impl Events {
    /// For events of this shape.
    pub(crate) fn new(shape: Shape) -> Self {
        let width = shape.columns();
        Self {
            shape,
            width,
            kept: Vec::new(),
            cells: Vec::new(),
            told: 0,
            heard: Vec::new(),
            untold: Vec::new(),
            chunks: Vec::new(),
            places: Vec::new(),
            bytes: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds an event. What is more than a chunk holds is dropped, as droppable events may be: first those
    /// that have been told.
    pub(crate) fn push(&mut self, audience: Audience, tick: u32, columns: &[u32]) {
        if self.kept.len() >= MAX_EVENTS_PER_CHUNK as usize {
            self.forget(self.told);
        }
        if self.kept.len() < MAX_EVENTS_PER_CHUNK as usize {
            debug_assert!(self.kept.last().is_none_or(|last| last.tick <= tick), "ticks grow");
            self.kept.push(Kept { audience, tick });
            self.cells.extend_from_slice(columns);
        }
    }

    /// Begins a snapshot; what is `keep_ticks` old by now is forgotten.
    pub(crate) fn begin(&mut self, tick: u32, keep_ticks: u32) {
        self.forget(tick.saturating_sub(keep_ticks));
    }

    /// The events that wait after tick `since`, by audience, ascending.
    pub(crate) fn after(&mut self, since: u32) -> &[Untold] {
        let Self { kept, heard, untold, .. } = self;
        let known = heard.iter().find(|(tick, _)| *tick == since);
        let range = match known {
            Some((_, range)) => range.clone(),
            None => {
                let start = untold.len();
                let first = kept.partition_point(|event| event.tick <= since);
                for (place, event) in (first as u32..).zip(&kept[first..]) {
                    let mine = &untold[start..];
                    let at = mine.binary_search_by_key(&event.audience, |untold| untold.audience);
                    if let Err(at) = at {
                        let (audience, stream) = (event.audience, number(event.audience));
                        untold.insert(start + at, Untold { audience, stream, first: place });
                    }
                }
                heard.push((since, start..untold.len()));
                start..untold.len()
            }
        };
        &self.untold[range]
    }

    /// Appends an events chunk.
    pub(crate) fn write(&mut self, tick: u32, untold: Untold, out: &mut Vec<u8>) {
        let written = self.chunks.iter().find(|(other, _)| *other == untold);
        let range = match written {
            Some((_, range)) => range.clone(),
            None => self.write_chunk(tick, untold),
        };
        out.extend_from_slice(&self.bytes[range]);
    }

    /// Ends the snapshot of `tick`: what waited has been told to whoever keeps up.
    pub(crate) fn end(&mut self, tick: u32) {
        self.told = tick;
        self.heard.clear();
        self.untold.clear();
        self.chunks.clear();
        self.bytes.clear();
    }

    /// Forgets everything: nobody is there.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.cells.clear();
    }

    /// Forgets the events up to a tick.
    fn forget(&mut self, until: u32) {
        let count = self.kept.partition_point(|event| event.tick <= until);
        self.kept.drain(..count);
        self.cells.drain(..count * self.width);
    }

    fn write_chunk(&mut self, tick: u32, untold: Untold) -> Range<usize> {
        let first = untold.first as usize;
        let mine = self.kept[first..].iter().enumerate();
        let mine = mine.filter(|(_, event)| event.audience == untold.audience);
        self.places.clear();
        self.places.extend(mine.map(|(place, _)| first + place));
        let events = self.places.iter().map(|&place| {
            let start = place * self.width;
            (self.kept[place].tick, &self.cells[start..start + self.width])
        });
        self.body.clear();
        write_events(&self.shape, tick, events, &mut self.body);
        let start = self.bytes.len();
        let chunk = Chunk::Events { stream: untold.stream, bytes: &self.body };
        chunk.write(tick, &mut self.bytes);
        let range = start..self.bytes.len();
        self.chunks.push((untold, range.clone()));
        range
    }
}

/// The number of an audience's stream: of these every key has its own, whatever the tables.
fn number(audience: Audience) -> u32 {
    StreamKey::everywhere(audience).number(1)
}
