//! What a shard that is short of time gives up, and from whom: snapshots before ticks, and those of the
//! rooms that cost most first.
//!
//! A decision of plain numbers: what the window showed and what each room cost in it go in, what each
//! room is asked to save comes out.

use tickwire_room::Relief;
use tickwire_room::limits::{MAX_CATCH_UP_TICKS, RATES};

use super::load::{Busy, Cost};
use crate::slab::Key;

/// Time over which a shard judges itself: several ticks of any usual rate, and far less than players
/// bear.
pub(super) const WINDOW_US: u64 = 250_000;
/// The same when rooms have fallen behind: at 30 Hz ticks are lost from 100 ms on.
pub(super) const HURRY_US: u64 = 100_000;

/// Share of busy time from which a shard is short of it: a little more, and ticks are late. Below it they
/// are not, however much it does.
const HIGH: f64 = 0.94;
/// Windows in a row above [`HIGH`] that count: one alone is somebody joining.
const HIGH_WINDOWS: u32 = 2;
/// Share at which it no longer waits for a second window.
const FULL: f64 = 0.98;
/// Share that thinning aims at.
const TARGET: f64 = 0.85;
/// Share up to which rooms get their snapshots back, counting what these will cost: below [`TARGET`], so
/// that it does not swing.
const LOW: f64 = 0.8;
/// Windows below [`HIGH`] after which the first gets them back, and between one and the next.
const CALM_WINDOWS: u32 = 4;
/// A room is costly when it costs so many times the average.
const COSTLY: f64 = 1.5;
/// Share of what a shard has too much from which a room's cost matters by itself.
const WORTH_WHILE: f64 = 0.1;
/// Cost of a room's ticks alone from which it can never catch up, and below which it can again.
const HOPELESS: f64 = 1.0;
const HOPEFUL: f64 = 0.9;

/// One room as the decision sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Subject {
    pub(super) key: Key,
    /// What it cost in the window.
    pub(super) cost: Cost,
    /// What it is asked to save; the decision changes it.
    pub(super) relief: Relief,
}

impl Subject {
    /// What its next step down would save.
    fn saving(&self) -> Option<(u32, f64)> {
        let now = self.relief.snapshot_every;
        let next = RATES.into_iter().find(|rate| *rate > now)?;
        Some((next, self.cost.snapshots * (1.0 - f64::from(now) / f64::from(next))))
    }

    /// What all its steps down would save.
    fn most_saving(&self) -> f64 {
        let slowest = RATES[RATES.len() - 1];
        let share = f64::from(self.relief.snapshot_every) / f64::from(slowest);
        self.cost.snapshots * (1.0 - share)
    }

    /// What its next step up would cost.
    fn price(&self) -> Option<(u32, f64)> {
        let now = self.relief.snapshot_every;
        let next = RATES.into_iter().rev().find(|rate| *rate < now)?;
        Some((next, self.cost.snapshots * (f64::from(now) / f64::from(next) - 1.0)))
    }
}

/// How many rooms a decision took snapshots from, or gave them back to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) thinned: u64,
    pub(super) restored: u64,
}

/// The memory of the decisions.
#[derive(Debug, Default)]
pub(super) struct Shedding {
    /// Windows in a row above [`HIGH`].
    high: u32,
    /// Windows in a row in which nothing had to be done.
    calm: u32,
}

impl Shedding {
    /// Decides after a window what each room is to save from now on.
    pub(super) fn judge(&mut self, busy: &Busy, rooms: &mut [Subject]) -> Steps {
        rooms.iter_mut().for_each(judge_catch_up);
        self.high = if busy.share >= HIGH { self.high + 1 } else { 0 };
        // A stall of the machine lets rooms fall behind too, and thinning would not help.
        let is_overloaded = busy.share >= FULL
            || self.high >= HIGH_WINDOWS
            || (busy.is_behind && busy.share >= LOW);
        if is_overloaded {
            self.calm = 0;
            let thinned = thin(busy.share, rooms);
            return Steps { thinned, restored: 0 };
        }
        self.calm = if self.high == 0 { self.calm + 1 } else { 0 };
        if self.calm < CALM_WINDOWS {
            return Steps::default();
        }
        let restored = restore(busy.share, rooms);
        if restored > 0 {
            self.calm = 0;
        }
        Steps { thinned: 0, restored }
    }
}

/// A room whose ticks alone need all its time can never catch up; trying would only hold up the others.
fn judge_catch_up(room: &mut Subject) {
    let ticks = room.cost.whole - room.cost.snapshots;
    if ticks >= HOPELESS {
        room.relief.catch_up_ticks = 1;
    } else if ticks < HOPEFUL {
        room.relief.catch_up_ticks = MAX_CATCH_UP_TICKS;
    }
}

/// One step down for as many rooms as it takes, the costliest first.
fn thin(share: f64, rooms: &mut [Subject]) -> u64 {
    let sum: f64 = rooms.iter().map(|room| room.cost.whole).sum();
    let demand = share.max(sum);
    let average = sum / rooms.len().max(1) as f64;
    let mut excess = demand - TARGET;
    rooms.sort_unstable_by(|a, b| b.cost.whole.total_cmp(&a.cost.whole));
    let costly_from = (average * COSTLY).min(HOPELESS).max(excess * WORTH_WHILE);
    let costly = rooms.partition_point(|room| room.cost.whole >= costly_from);
    let thinned = thin_some(&mut excess, &mut rooms[..costly]);
    if thinned > 0 {
        return thinned;
    }
    // Nobody is to lose snapshots for nothing: where all of them together do not make up for what is too
    // much, a flood of messages or the ticks of a costly room, that has to give.
    let least = demand - rooms.iter().map(Subject::most_saving).sum::<f64>();
    if least >= HIGH {
        return 0;
    }
    thin_some(&mut excess, &mut rooms[costly..])
}

fn thin_some(excess: &mut f64, rooms: &mut [Subject]) -> u64 {
    let mut thinned = 0;
    for room in rooms {
        if *excess <= 0.0 {
            break;
        }
        if let Some((next, saving)) = room.saving() {
            room.relief.snapshot_every = next;
            *excess -= saving;
            thinned += 1;
        }
    }
    thinned
}

/// One step up for as many rooms as there is time for, the cheapest first.
fn restore(share: f64, rooms: &mut [Subject]) -> u64 {
    let mut left = LOW - share;
    let mut restored = 0;
    // What belongs to no room's turn (reading, a driver that sends at the end) grows with the snapshots.
    let sum: f64 = rooms.iter().map(|room| room.cost.whole).sum();
    let overhead = if sum > 0.0 { (share / sum).max(1.0) } else { 1.0 };
    rooms.sort_unstable_by(|a, b| a.cost.snapshots.total_cmp(&b.cost.snapshots));
    for room in rooms {
        if let Some((next, price)) = room.price()
            && price * overhead <= left
        {
            room.relief.snapshot_every = next;
            left -= price * overhead;
            restored += 1;
        }
    }
    restored
}

#[cfg(test)]
mod tests;
