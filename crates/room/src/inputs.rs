//! One player's inputs, from the wire to the tick that uses them (PROTOCOL section 6).
//!
//! Inputs are kept as columns in a ring of [`INPUT_AHEAD_TICKS`] slots: a client can fill the
//! ring, never grow it.

use tickwire_wire::message::InputMode;

use crate::limits::{INPUT_AHEAD_TICKS, INPUT_REPEAT_TICKS, LATEST_REPEAT_S};
use crate::schedule::Schedule;

/// Clock feedback before anything is known.
pub(crate) const MARGIN_UNKNOWN: i8 = -128;

/// What is the same for all players of a room.
#[derive(Clone, Debug)]
pub(crate) struct InputShape {
    /// Columns of an input.
    pub(crate) width: usize,
    /// Columns that are OR-ed when several inputs fall on one tick.
    pub(crate) sticky: Vec<usize>,
    /// Ticks for which the newest input stays in force in `latest` mode.
    pub(crate) latest_repeat_ticks: u32,
}

impl InputShape {
    /// For inputs of `width` columns in a room of `tick_hz`.
    pub(crate) fn new(width: usize, sticky: Vec<usize>, tick_hz: u16) -> Self {
        Self { width, sticky, latest_repeat_ticks: LATEST_REPEAT_S * u32::from(tick_hz) }
    }
}

/// One player's inputs.
#[derive(Clone, Debug)]
pub(crate) struct InputBuffer {
    mode: InputMode,
    /// Highest number that has been kept.
    newest: u32,
    /// Number of the newest input that a tick has used; 0 before the first.
    applied: u32,
    /// Columns of the input in force: the one used last.
    in_force: Vec<u32>,
    /// Ticks since the input in force was new; `None` when there is none.
    age_ticks: Option<u32>,
    waiting: Waiting,
    /// The worst lateness of an input since the last tick.
    late_by_us: Option<u64>,
    margin: i8,
    totals: InputTotals,
}

/// Inputs that no tick has used yet.
#[derive(Clone, Debug)]
enum Waiting {
    /// By target tick modulo the ring's size.
    Scheduled { slots: Vec<Slot>, cells: Vec<u32> },
    /// The newest, with the sticky columns of those before it.
    Latest { oldest_arrival_us: Option<u64>, cells: Vec<u32> },
}

/// An input that waits for its tick.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Its tick; 0 when the slot is empty.
    tick: u32,
    arrival_us: u64,
}

/// What a player's inputs suffered, over the player's whole stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputTotals {
    /// Came after their tick.
    pub(crate) late: u32,
    /// Were for a tick too far ahead.
    pub(crate) early: u32,
    /// Ticks that had to repeat an input.
    pub(crate) starved: u32,
}

impl InputBuffer {
    /// An empty buffer; `totals` are carried over from before a cut.
    pub(crate) fn new(mode: InputMode, shape: &InputShape, totals: InputTotals) -> Self {
        let waiting = match mode {
            InputMode::Scheduled => Waiting::Scheduled {
                slots: vec![Slot::default(); INPUT_AHEAD_TICKS as usize],
                cells: vec![0; INPUT_AHEAD_TICKS as usize * shape.width],
            },
            InputMode::Latest => {
                Waiting::Latest { oldest_arrival_us: None, cells: vec![0; shape.width] }
            }
        };
        Self {
            mode,
            newest: 0,
            applied: 0,
            in_force: vec![0; shape.width],
            age_ticks: None,
            waiting,
            late_by_us: None,
            margin: MARGIN_UNKNOWN,
            totals,
        }
    }

    /// Takes in the input with this number, for a room whose next tick is `next_tick`.
    pub(crate) fn receive(
        &mut self,
        number: u32,
        columns: &[u32],
        now_us: u64,
        next_tick: u32,
        shape: &InputShape,
        schedule: &Schedule,
    ) {
        // Seen before: a client may repeat inputs to be sure. The first word counts.
        if number <= self.newest {
            return;
        }
        match &mut self.waiting {
            Waiting::Scheduled { .. } if number < next_tick => {
                self.newest = number;
                self.totals.late = self.totals.late.saturating_add(1);
                let late_us = now_us.saturating_sub(schedule.deadline_us(number));
                self.late_by_us = Some(self.late_by_us.unwrap_or(0).max(late_us));
            }
            Waiting::Scheduled { .. } if number - next_tick >= INPUT_AHEAD_TICKS => {
                self.totals.early = self.totals.early.saturating_add(1);
            }
            Waiting::Scheduled { slots, cells } => {
                self.newest = number;
                let slot = (number % INPUT_AHEAD_TICKS) as usize;
                slots[slot] = Slot { tick: number, arrival_us: now_us };
                cells[slot * shape.width..][..shape.width].copy_from_slice(columns);
            }
            Waiting::Latest { oldest_arrival_us, cells } => {
                self.newest = number;
                for (column, (cell, &new)) in cells.iter_mut().zip(columns).enumerate() {
                    let pressed = oldest_arrival_us.is_some() && shape.sticky.contains(&column);
                    *cell = if pressed { *cell | new } else { new };
                }
                oldest_arrival_us.get_or_insert(now_us);
            }
        }
    }

    /// The input for `tick`, as columns; `None` means `Default`.
    pub(crate) fn take(
        &mut self,
        tick: u32,
        shape: &InputShape,
        schedule: &Schedule,
    ) -> Option<&[u32]> {
        self.margin = self.measure(tick, schedule);
        self.late_by_us = None;
        if self.take_new(tick, shape) {
            self.age_ticks = Some(0);
            return Some(&self.in_force);
        }
        let age_ticks = self.age_ticks?.saturating_add(1);
        self.age_ticks = Some(age_ticks);
        let repeat_ticks = match self.mode {
            InputMode::Scheduled => INPUT_REPEAT_TICKS,
            InputMode::Latest => shape.latest_repeat_ticks,
        };
        if age_ticks > repeat_ticks {
            self.age_ticks = None;
            return None;
        }
        self.totals.starved = self.totals.starved.saturating_add(1);
        Some(&self.in_force)
    }

    /// Moves the input that is new for `tick`, if there is one, into force.
    fn take_new(&mut self, tick: u32, shape: &InputShape) -> bool {
        match &mut self.waiting {
            Waiting::Scheduled { slots, cells } => {
                let slot = (tick % INPUT_AHEAD_TICKS) as usize;
                if slots[slot].tick != tick || tick == 0 {
                    return false;
                }
                slots[slot] = Slot::default();
                self.applied = tick;
                self.in_force.copy_from_slice(&cells[slot * shape.width..][..shape.width]);
            }
            Waiting::Latest { oldest_arrival_us, cells } => {
                if oldest_arrival_us.take().is_none() {
                    return false;
                }
                self.applied = self.newest;
                self.in_force.copy_from_slice(cells);
            }
        }
        true
    }

    /// How early the oldest waiting input came, just before `tick` runs; negative when one was
    /// late.
    fn measure(&self, tick: u32, schedule: &Schedule) -> i8 {
        let early_us = match (&self.waiting, self.late_by_us) {
            (_, Some(late_us)) => -(late_us.min(i64::MAX as u64) as i64).max(1),
            (Waiting::Scheduled { slots, .. }, None) => {
                // Those of ticks that time gave up on stay in the ring until they are overwritten.
                let waiting = slots.iter().filter(|slot| slot.tick >= tick && slot.tick != 0);
                let Some(oldest) = waiting.min_by_key(|slot| slot.tick) else {
                    return MARGIN_UNKNOWN;
                };
                schedule.deadline_us(oldest.tick) as i64 - oldest.arrival_us as i64
            }
            (Waiting::Latest { oldest_arrival_us, .. }, None) => {
                let Some(arrival_us) = oldest_arrival_us else {
                    return MARGIN_UNKNOWN;
                };
                schedule.deadline_us(tick) as i64 - *arrival_us as i64
            }
        };
        eighths(early_us, schedule.period_us())
    }

    /// Low bits of the number of the newest input used; 0 before the first.
    pub(crate) fn acked(&self) -> u16 {
        self.applied as u16
    }

    /// Clock feedback of the last tick, in eighths of a tick.
    pub(crate) fn margin(&self) -> i8 {
        self.margin
    }

    /// Totals over the player's stay.
    pub(crate) fn totals(&self) -> InputTotals {
        self.totals
    }
}

/// A time in eighths of a tick, rounded down so that any lateness shows, within ±127.
fn eighths(early_us: i64, period_us: u64) -> i8 {
    early_us.saturating_mul(8).div_euclid(period_us.max(1) as i64).clamp(-127, 127) as i8
}
