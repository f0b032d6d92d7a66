//! One rate of snapshots, and its streams.

use tickwire_wire::columns::Extract;

use super::numbers::Numbers;
use super::placing::Placing;
use super::streams::Streams;
use super::tables::Tables;

/// One rate of snapshots. The lane of the full rate is always open; the others while a client is in
/// them, and then for every stream: which ones must not depend on what that client sees.
#[derive(Debug)]
pub(crate) struct Lane {
    /// Of how many snapshots it makes one.
    rate: u32,
    pub(crate) streams: Streams,
    /// When it made its newest snapshot, counted in snapshots of the room; `None` while closed.
    turn: Option<u32>,
    /// Whether it makes one now.
    is_due: bool,
}

impl Lane {
    /// A closed lane.
    pub(crate) fn new(rate: u32) -> Self {
        Self { rate, streams: Streams::default(), turn: None, is_due: false }
    }

    /// Of how many snapshots it makes one.
    pub(crate) fn rate(&self) -> u32 {
        self.rate
    }

    /// Whether it makes a snapshot now.
    pub(crate) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Whether somebody is in it.
    pub(crate) fn is_open(&self) -> bool {
        self.turn.is_some()
    }

    /// Opens as a copy of the `full` lane.
    pub(crate) fn open(&mut self, full: &Self, tables: &Tables, numbers: &mut Numbers) {
        self.streams.copy(&full.streams, tables, numbers);
        self.turn = full.turn;
    }

    /// Moves its streams to the state of `tick` when the room's snapshot number `turn` is its turn.
    pub(crate) fn begin(
        &mut self,
        (tick, turn): (u32, u32),
        tables: &Tables,
        state: &Extract,
        placing: &Placing,
        numbers: &mut Numbers,
    ) {
        self.is_due = self.turn.is_none_or(|last| turn / self.rate > last / self.rate);
        if !self.is_due {
            return;
        }
        self.turn = Some(turn);
        self.streams.advance(tick, tables, state, placing, numbers);
    }

    /// Ends a snapshot: what nobody asked for is forgotten.
    pub(crate) fn end(&mut self, tables: &Tables, numbers: &mut Numbers) {
        if std::mem::take(&mut self.is_due) {
            self.streams.retire(tables, numbers);
        }
    }

    /// Closes: nobody is in it any more.
    pub(crate) fn close(&mut self, tables: &Tables, numbers: &mut Numbers) {
        self.streams.reset(tables, numbers);
        self.turn = None;
        self.is_due = false;
    }
}
