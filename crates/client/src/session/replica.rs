//! The client's copy of a room: a decoder per stream, and the union of their rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_wire::columns::{Extract, StateColumns, TableColumns};
use tickwire_wire::error::DecodeError;
use tickwire_wire::events::EventsReader;
use tickwire_wire::layout::Layout;
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::{Chunk, Hashes, Newest, PrivateDecoder, SnapshotReader};
use tickwire_wire::stream::StreamDecoder;

use super::error::SessionError;
use crate::limits::{MAX_STREAMS, PENDING_EVENTS};

/// The state of a room as this client has it.
#[derive(Debug)]
pub(super) struct Replica {
    layout: Arc<Layout>,
    /// What the newest snapshot applied has told.
    newest: Option<Newest>,
    /// By stream number.
    streams: BTreeMap<u32, StreamDecoder>,
    /// The union of all streams' rows, and the own private columns.
    merged: Extract,
    private: PrivateDecoder,
    /// Which rows make up a table: (id, place of its stream, row index). Kept for its memory.
    picks: Vec<(u32, usize, usize)>,
    /// Streams that chunks of the snapshot in progress have restated. Kept for its memory.
    restated: Vec<u32>,
}

/// What a snapshot brought beside the state.
#[derive(Debug, Default)]
pub(super) struct Applied {
    pub(super) tick: u32,
    pub(super) acked_input: u16,
    pub(super) input_margin: i8,
    pub(super) reliable_received: Option<u32>,
    pub(super) counters: Option<(u32, u32)>,
    /// State chunks in the snapshot.
    pub(super) states: u32,
    pub(super) keyframes: u32,
    pub(super) catch_ups: u32,
    /// State chunks that a whole hash confirmed.
    pub(super) confirmed: u32,
    /// Bytes of 32-bit hashes.
    pub(super) verify_bytes: u32,
    /// Streams whose hash, whole or half, differed.
    pub(super) desyncs: Vec<u32>,
    /// Droppable events: tick and columns.
    pub(super) events: Vec<(u32, Vec<u32>)>,
}

impl Replica {
    /// Knows nothing yet.
    pub(super) fn new(layout: Arc<Layout>, player: u16) -> Self {
        let mut merged = Extract::default();
        merged.public = StateColumns::public(&layout);
        merged.private = StateColumns::private(&layout);
        let private = PrivateDecoder::new(Arc::clone(&layout), player);
        Self {
            layout,
            newest: None,
            streams: BTreeMap::new(),
            merged,
            private,
            picks: Vec::new(),
            restated: Vec::new(),
        }
    }

    /// Tick of the newest snapshot applied.
    pub(super) fn tick(&self) -> Option<u32> {
        self.newest.map(|newest| newest.tick)
    }

    /// The newest state.
    pub(super) fn state(&self) -> &Extract {
        &self.merged
    }

    /// Applies a snapshot (its body, after the kind byte). `fresh`: it is the first of a connection,
    /// for which the server takes this client to know no stream.
    ///
    /// After an error this replica is of no more use.
    pub(super) fn apply(
        &mut self,
        body: &[u8],
        fresh: bool,
        event: &Shape,
    ) -> Result<Applied, SessionError> {
        if fresh {
            self.newest = None;
            self.streams.clear();
        }
        let mut reader = SnapshotReader::new(body, self.newest)?;
        let tick = reader.own.tick;
        if let Some(newest) = self.tick()
            && tick <= newest
        {
            return Err(SessionError::OldSnapshot { tick, newest });
        }
        let mut applied = Applied {
            tick,
            acked_input: reader.own.acked_input,
            input_margin: reader.own.input_margin,
            reliable_received: reader.own.reliable_received,
            counters: reader.own.counters,
            verify_bytes: verify_bytes(&reader.own.hashes),
            ..Applied::default()
        };
        let mut changed = fresh;
        let mut starts_over = fresh;
        self.restated.clear();
        while let Some(chunk) = reader.next_chunk()? {
            changed |= !matches!(chunk, Chunk::Events { .. });
            starts_over |= matches!(chunk, Chunk::Keyframe { stream: 0, .. });
            self.apply_chunk(&chunk, &reader.own.hashes, event, &mut applied)?;
        }
        changed |= reader.own.sections.steady;
        self.apply_deltas(&mut reader, &mut applied)?;
        let newest = reader.own.newest();
        let private = reader.own.private;
        if changed {
            self.merge();
        }
        self.private.apply(&self.merged.public, starts_over, private)?;
        self.merged.private.copy_from(self.private.columns());
        self.newest = Some(newest);
        Ok(applied)
    }

    fn apply_chunk(
        &mut self,
        chunk: &Chunk<'_>,
        hashes: &Hashes<'_>,
        event: &Shape,
        applied: &mut Applied,
    ) -> Result<(), SessionError> {
        match *chunk {
            Chunk::CatchUp { stream, from, base, bytes } => {
                self.restate(stream)?;
                let decoder = self.streams.get_mut(&stream).ok_or(DecodeError::WrongBase)?;
                decoder.catch_up(from, base, bytes)?;
                applied.catch_ups += 1;
                check(decoder, stream, hashes, applied);
            }
            Chunk::Keyframe { stream, base, bytes } => {
                self.restate(stream)?;
                if self.streams.len() >= MAX_STREAMS && !self.streams.contains_key(&stream) {
                    return Err(SessionError::TooManyStreams);
                }
                let decoder = self
                    .streams
                    .entry(stream)
                    .or_insert_with(|| StreamDecoder::new(Arc::clone(&self.layout)));
                decoder.keyframe(base, bytes)?;
                applied.keyframes += 1;
                check(decoder, stream, hashes, applied);
            }
            Chunk::Events { bytes, .. } => {
                let mut events = EventsReader::new(event, applied.tick, bytes)?;
                let mut columns = Vec::new();
                while let Some(tick) = events.next(&mut columns)? {
                    if applied.events.len() >= PENDING_EVENTS {
                        return Err(SessionError::EventBacklog);
                    }
                    applied.events.push((tick, std::mem::take(&mut columns)));
                }
            }
            Chunk::Left { stream } => {
                self.streams.remove(&stream);
            }
        }
        Ok(())
    }

    /// Notes that a chunk restates a stream; a snapshot has no two for one.
    fn restate(&mut self, stream: u32) -> Result<(), SessionError> {
        match self.restated.binary_search(&stream) {
            Ok(_) => Err(DecodeError::InvalidHead.into()),
            Err(_) if self.restated.len() >= MAX_STREAMS => Err(SessionError::TooManyStreams),
            Err(place) => {
                self.restated.insert(place, stream);
                Ok(())
            }
        }
    }

    /// Moves the streams on that no chunk has restated, each from the state it has.
    fn apply_deltas(
        &mut self,
        reader: &mut SnapshotReader<'_>,
        applied: &mut Applied,
    ) -> Result<(), SessionError> {
        let restated = &self.restated;
        let is_held = |stream: &u32| restated.binary_search(stream).is_err();
        let mut deltas = reader.deltas(self.streams.keys().filter(|s| is_held(s)).count())?;
        for (&stream, decoder) in self.streams.iter_mut().filter(|(stream, _)| is_held(stream)) {
            if let Some(bytes) = deltas.next_delta() {
                let base = decoder.tick().ok_or(DecodeError::WrongBase)?;
                decoder.delta(base, applied.tick, bytes)?;
                check(decoder, stream, &reader.own.hashes, applied);
            }
        }
        Ok(())
    }

    /// Rebuilds the union of all streams.
    fn merge(&mut self) {
        if self.streams.len() == 1
            && let Some(only) = self.streams.values().next()
        {
            self.merged.public.copy_from(only.state());
            return;
        }
        let streams: Vec<&StateColumns> = self.streams.values().map(StreamDecoder::state).collect();
        for (index, table) in self.merged.public.tables.iter_mut().enumerate() {
            merge_table(table, &streams, index, &mut self.picks);
        }
    }
}

/// Becomes the union of one table's rows in all streams; of rows with the same id that of the last
/// (highest) stream counts.
fn merge_table(
    table: &mut TableColumns,
    streams: &[&StateColumns],
    index: usize,
    picks: &mut Vec<(u32, usize, usize)>,
) {
    picks.clear();
    for (place, stream) in streams.iter().enumerate() {
        let ids = stream.tables[index].ids.iter().enumerate();
        picks.extend(ids.map(|(row, &id)| (id, place, row)));
    }
    picks.sort_unstable();
    table.clear();
    for (at, &(id, place, row)) in picks.iter().enumerate() {
        if picks.get(at + 1).is_none_or(|next| next.0 != id) {
            table.push(id, streams[place].tables[index].row(row));
        }
    }
}

/// Holds a stream's new state against its hash.
fn check(decoder: &StreamDecoder, stream: u32, hashes: &Hashes<'_>, applied: &mut Applied) {
    let index = applied.states as usize;
    applied.states += 1;
    if matches!(hashes, Hashes::None) {
        return;
    }
    match hashes.confirms(index, decoder.hash()) {
        Some(true) => applied.confirmed += u32::from(matches!(hashes, Hashes::Full(_))),
        Some(false) => applied.desyncs.push(stream),
        None => {}
    }
}

/// Bytes that the 32-bit hashes take: their count and four each.
fn verify_bytes(hashes: &Hashes<'_>) -> u32 {
    match hashes {
        Hashes::Full(hashes) => {
            let count = hashes.len() as u32;
            4 * count + 1 + u32::from(count > 127)
        }
        _ => 0,
    }
}
