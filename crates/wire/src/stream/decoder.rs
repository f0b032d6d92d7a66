//! The receiving side of a stream.

use std::sync::Arc;

use super::adaptive::Adaptive;
use super::members::{Budget, read_members};
use super::model;
use super::neighbours::Neighbours;
use super::packed::PackedReader;
use super::ranged::{Coder, Memory, RangedReader, Rows};
use super::record::{Change, Records};
use super::whole::{read_catch_up, read_keyframe};
use crate::bits::BitReader;
use crate::columns::{StateColumns, TableColumns};
use crate::error::DecodeError;
use crate::hash::hash_state;
use crate::layout::Layout;
use crate::level::Level;

/// Follows one stream from a keyframe on.
///
/// After an error it holds no state until the next keyframe.
#[derive(Clone, Debug)]
pub struct StreamDecoder {
    layout: Arc<Layout>,
    /// Tick of the state held; none before the first keyframe and after an error.
    tick: Option<u32>,
    records: Records,
    scratch: Scratch,
}

/// Kept for its memory.
#[derive(Clone, Debug)]
struct Scratch {
    change: Change,
    packed: PackedReader,
    memory: Memory,
    neighbours: Neighbours,
    adaptive: Vec<Adaptive>,
    entered: TableColumns,
}

impl StreamDecoder {
    /// A decoder without a state.
    pub fn new(layout: Arc<Layout>) -> Self {
        let records = Records::new(&layout);
        let scratch = Scratch {
            change: Change::default(),
            packed: PackedReader::default(),
            memory: Memory::new(layout.level),
            neighbours: Neighbours::default(),
            adaptive: Vec::new(),
            entered: TableColumns::default(),
        };
        Self { layout, tick: None, records, scratch }
    }

    /// Tick of the state it holds.
    pub fn tick(&self) -> Option<u32> {
        self.tick
    }

    /// The state it holds.
    pub fn state(&self) -> &StateColumns {
        &self.records.now
    }

    /// The state before it, of the same rows; of a row that has just entered, the same as now.
    pub fn previous(&self) -> &StateColumns {
        &self.records.last
    }

    /// Whether another decoder of the same stream holds the very same: the state, and all that the
    /// next delta may read.
    pub fn agrees_with(&self, other: &Self) -> bool {
        self.tick == other.tick && self.records == other.records
    }

    /// Hash of the state it holds.
    pub fn hash(&self) -> u32 {
        hash_state(&self.records.now)
    }

    /// Forgets its state, as when the stream is left.
    pub fn clear(&mut self) {
        self.tick = None;
        self.records.clear();
    }

    /// Takes the whole state at `tick`.
    ///
    /// # Errors
    /// When the bytes are not a keyframe of this layout; the decoder then holds no state.
    pub fn keyframe(&mut self, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        self.clear();
        let result = self.read_keyframe(bytes);
        self.settle(tick, result)
    }

    /// Moves from the state at `base` to the one at `tick`.
    ///
    /// # Errors
    /// When `base` is not the tick of the state held, or the bytes are not a delta from it; the
    /// decoder then holds no state.
    pub fn delta(&mut self, base: u32, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        let ticks = self.layout.ticks(base, tick, self.records.rest());
        let result = self.check_base(base, tick).and_then(|()| match self.layout.level {
            Level::Packed => self.read_packed(ticks, bytes),
            Level::Ranged | Level::RangedMax => self.read_ranged(ticks, bytes),
        });
        self.settle(tick, result)
    }

    /// Moves from the state at `base` to the one at `tick`, over deltas that were skipped.
    ///
    /// # Errors
    /// When `base` is not the tick of the state held, or the bytes are not a catch-up from it; the
    /// decoder then holds no state.
    pub fn catch_up(&mut self, base: u32, tick: u32, bytes: &[u8]) -> Result<(), DecodeError> {
        let result = self.check_base(base, tick).and_then(|()| self.read_catch_up(bytes));
        self.settle(tick, result)
    }

    fn check_base(&self, base: u32, tick: u32) -> Result<(), DecodeError> {
        if self.tick == Some(base) && base < tick { Ok(()) } else { Err(DecodeError::WrongBase) }
    }

    fn settle(&mut self, tick: u32, result: Result<(), DecodeError>) -> Result<(), DecodeError> {
        match result {
            Ok(()) => self.tick = Some(tick),
            Err(_) => self.clear(),
        }
        result
    }

    fn read_keyframe(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(bytes);
        let mut budget = Budget::WHOLE;
        for (index, table) in self.layout.tables.iter().enumerate() {
            read_keyframe(table, &mut self.records.table_mut(index), &mut reader, &mut budget)?;
        }
        Ok(reader.finish()?)
    }

    fn read_catch_up(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(bytes);
        let mut budget = Budget::WHOLE;
        let Scratch { change, adaptive, entered, .. } = &mut self.scratch;
        for (index, table) in self.layout.tables.iter().enumerate() {
            let memory = (&mut *change, &mut *adaptive, &mut *entered);
            read_catch_up(
                table,
                &mut self.records.table_mut(index),
                memory,
                &mut reader,
                &mut budget,
            )?;
        }
        Ok(reader.finish()?)
    }

    fn read_packed(&mut self, ticks: f64, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut reader = BitReader::new(bytes);
        let mut budget = Budget::WHOLE;
        let Scratch { change, packed, .. } = &mut self.scratch;
        for (index, table) in self.layout.tables.iter().enumerate() {
            let record = self.records.table(index);
            packed.table((table, ticks), record, change, &mut reader, &mut budget)?;
            self.records.advance(index, change);
        }
        Ok(reader.finish()?)
    }

    fn read_ranged(&mut self, ticks: f64, bytes: &[u8]) -> Result<(), DecodeError> {
        let mut budget = Budget::WHOLE;
        let Scratch { change, memory, neighbours, entered, .. } = &mut self.scratch;
        let model = &*self.layout.model;
        let mut coder = RangedReader::new(bytes, memory, model);
        for (index, table) in self.layout.tables.iter().enumerate() {
            let record = self.records.table(index);
            change.start();
            if record.rests() && !coder.bit(model::stirs(), false) {
                budget.take_table(record.now)?;
                continue;
            }
            if !table.single && coder.bit(model::members(), false) {
                let memory = (&mut *change, &mut *entered);
                read_members(table, record.now, memory, &mut coder.range, &mut budget)?;
                coder.check()?;
            } else {
                budget.take_table(record.now)?;
                change.next.copy_from(record.now);
            }
            let mut rows = Rows { table, model, coder: &mut coder, neighbours, ticks };
            rows.code(record, change)?;
            self.records.advance(index, change);
        }
        coder.range.finish()
    }
}
