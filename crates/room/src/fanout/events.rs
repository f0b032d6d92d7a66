//! Droppable events that wait for the next snapshot.

use std::ops::Range;

use tickwire_wire::events::write_events;
use tickwire_wire::limits::MAX_EVENTS_PER_CHUNK;
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::Chunk;

use super::key::{Audience, StreamKey};

/// Droppable events that wait for the next snapshot, as columns.
#[derive(Clone, Debug)]
pub(crate) struct Events {
    shape: Shape,
    width: usize,
    waiting: Vec<Waiting>,
    /// Columns of the waiting events, back to back.
    cells: Vec<u32>,
    /// Chunks written in this snapshot.
    chunks: Vec<(u32, Range<usize>)>,
    bytes: Vec<u8>,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Waiting {
    audience: Audience,
    tick: u32,
    /// Where its columns start.
    start: usize,
}

impl Events {
    /// For events of this shape.
    pub(crate) fn new(shape: Shape) -> Self {
        let width = shape.columns();
        Self {
            shape,
            width,
            waiting: Vec::new(),
            cells: Vec::new(),
            chunks: Vec::new(),
            bytes: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds an event. Beyond what a chunk holds it is dropped, as droppable events may be.
    pub(crate) fn push(&mut self, audience: Audience, tick: u32, columns: &[u32]) {
        if self.waiting.len() < MAX_EVENTS_PER_CHUNK as usize {
            self.waiting.push(Waiting { audience, tick, start: self.cells.len() });
            self.cells.extend_from_slice(columns);
        }
    }

    /// The audiences that events wait for: their streams' numbers, each once, and ascending.
    pub(crate) fn audiences(&mut self) -> impl Iterator<Item = (Audience, u32)> {
        // By where they start: the events of an audience stay in order.
        self.waiting.sort_unstable_by_key(|event| (event.audience, event.start));
        self.waiting.chunk_by(|a, b| a.audience == b.audience).map(|events| {
            let audience = events[0].audience;
            (audience, number(audience))
        })
    }

    /// Appends the events chunk of the stream with this number.
    pub(crate) fn write(&mut self, tick: u32, stream: u32, out: &mut Vec<u8>) {
        let written = self.chunks.iter().find(|(number, _)| *number == stream);
        let range = match written {
            Some((_, range)) => range.clone(),
            None => self.write_chunk(tick, stream),
        };
        out.extend_from_slice(&self.bytes[range]);
    }

    /// Forgets what waited: it has been sent to whoever was there.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
        self.cells.clear();
        self.chunks.clear();
        self.bytes.clear();
    }

    fn write_chunk(&mut self, tick: u32, stream: u32) -> Range<usize> {
        let mine = |event: &Waiting| number(event.audience) == stream;
        let first = self.waiting.iter().position(mine).unwrap_or(self.waiting.len());
        let events = &self.waiting[first..];
        let count = events.iter().take_while(|event| mine(event)).count();
        let columns = events[..count]
            .iter()
            .map(|event| (event.tick, &self.cells[event.start..event.start + self.width]));
        self.body.clear();
        write_events(&self.shape, tick, columns, &mut self.body);
        let start = self.bytes.len();
        Chunk::Events { stream, bytes: &self.body }.write(tick, &mut self.bytes);
        let range = start..self.bytes.len();
        self.chunks.push((stream, range.clone()));
        range
    }
}

/// The number of an audience's stream: of these every key has its own, whatever the tables.
fn number(audience: Audience) -> u32 {
    StreamKey::everywhere(audience).number(1)
}
