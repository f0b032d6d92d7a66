//! A room in its shard: what the shard keeps beside it, and the wall around its panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tickwire_room::{AnyRoom, Relief, RoomCounters};

use super::load::RoomMeter;
use crate::directory::RoomEntry;
use crate::slab::{Key, Slab};

/// The rooms of a shard.
#[derive(Default)]
pub(super) struct Rooms {
    pub(super) seated: Slab<SeatedRoom>,
    /// Rooms that have panicked and are still to be ended.
    pub(super) failed: Vec<(Key, RoomPanic)>,
    /// Until when those that cannot keep up leave the time to the others.
    rest_until_us: u64,
}

impl Rooms {
    /// Runs `work` on a room that still works; a panic in it is noted in `failed`.
    pub(super) fn call<T>(
        &mut self,
        key: Option<Key>,
        work: impl FnOnce(&mut dyn AnyRoom) -> T,
    ) -> Option<T> {
        let key = key?;
        match self.seated.get_mut(key)?.guarded(work)? {
            Ok(result) => Some(result),
            Err(panic) => {
                self.failed.push((key, panic));
                None
            }
        }
    }

    /// When a room is to have its turn.
    pub(super) fn due_us(&self, room: &SeatedRoom) -> u64 {
        let due_us = room.due_us();
        if room.is_hopeless() { due_us.max(self.rest_until_us) } else { due_us }
    }

    /// Rooms that cannot keep up have taken so much time. As much is for the others, if anybody plays
    /// there: they would never get on time again otherwise.
    pub(super) fn hopeless_took(&mut self, took_us: u64, now_us: u64) {
        let is_played = |room: &SeatedRoom| room.entry.live.read().clients > 0;
        if self.seated.iter().any(|(_, room)| !room.is_hopeless() && is_played(room)) {
            self.rest_until_us = now_us + took_us;
        }
    }

    /// Takes a room in.
    pub(super) fn seat(&mut self, room: SeatedRoom) {
        let entry = Arc::clone(&room.entry);
        let key = self.seated.insert(room);
        // Nobody else sets it: a room is sent to one shard, once.
        let _ = entry.seat.set(key);
    }

    /// The room of a directory entry.
    pub(super) fn find(&self, entry: &RoomEntry) -> Option<Key> {
        let key = *entry.seat.get()?;
        self.seated.get(key).map(|_| key)
    }
}

/// A room that this shard runs.
pub(super) struct SeatedRoom {
    pub(super) entry: Arc<RoomEntry>,
    room: Box<dyn AnyRoom>,
    /// When its next tick is due; a copy, because the shard asks each time it sleeps.
    pub(super) next_tick_us: u64,
    /// Totals already added to the metrics.
    pub(super) counted: RoomCounters,
    /// Since when it has had no client.
    pub(super) empty_since_us: Option<u64>,
    /// When the shard noticed that the match is over.
    pub(super) finished_since_us: Option<u64>,
    /// Whether it has ticked here.
    pub(super) has_begun: bool,
    pub(super) meter: RoomMeter,
    /// What it is asked to save.
    pub(super) relief: Relief,
    /// Ticks of time given up that the log does not tell of yet.
    pub(super) skipped: u32,
    /// When the log last told.
    pub(super) skips_told_us: u64,
    /// Whether it has panicked.
    failed: bool,
}

/// What a panic said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct RoomPanic(String);

impl SeatedRoom {
    pub(super) fn new(entry: Arc<RoomEntry>, room: Box<dyn AnyRoom>, now_us: u64) -> Self {
        Self {
            next_tick_us: room.next_tick_us(),
            meter: RoomMeter::new(entry.tick_hz),
            relief: Relief::default(),
            skipped: 0,
            skips_told_us: 0,
            entry,
            room,
            counted: RoomCounters::default(),
            empty_since_us: Some(now_us),
            finished_since_us: None,
            has_begun: false,
            failed: false,
        }
    }

    /// Runs `work` on the room. A panic in it is the room's end and nobody else's: from then on this
    /// gives `None`, so that nothing half-changed is ever seen.
    pub(super) fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut dyn AnyRoom) -> T,
    ) -> Option<Result<T, RoomPanic>> {
        if self.failed {
            return None;
        }
        let room = self.room.as_mut();
        let result = catch_unwind(AssertUnwindSafe(|| work(room)));
        self.failed = result.is_err();
        Some(result.map_err(RoomPanic::new))
    }

    /// When its next tick is due; never for a room that has failed.
    pub(super) fn due_us(&self) -> u64 {
        if self.failed { u64::MAX } else { self.next_tick_us }
    }

    /// Whether its ticks alone take more time than there is.
    pub(super) fn is_hopeless(&self) -> bool {
        self.relief.catch_up_ticks < Relief::default().catch_up_ticks
    }

    /// Drops the room; its destructors may panic too.
    pub(super) fn discard(self) {
        let Self { room, .. } = self;
        let _ = catch_unwind(AssertUnwindSafe(move || drop(room)));
    }
}

impl RoomPanic {
    fn new(payload: Box<dyn Any + Send>) -> Self {
        let text = payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned());
        Self(text.unwrap_or_else(|| "panic without a message".to_owned()))
    }
}
