//! When ticks are due.
//!
//! Deadlines lie on one grid for all rooms of a rate: `phase + n × period`, computed from n, so
//! that nothing drifts. A room is a window onto that grid: tick t is due at grid point `origin + t`.
//! Giving time up moves the origin; tick numbers have no holes.

const SECOND_US: u64 = 1_000_000;

/// The deadlines of one room's ticks.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    tick_hz: u64,
    phase_us: u64,
    /// Grid point of tick 0.
    origin: u64,
    /// The tick to run next.
    next: u32,
}

/// Which ticks a call should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    /// Ticks to run now.
    pub(crate) ticks: u32,
    /// Ticks of time given up after them.
    pub(crate) skipped: u32,
    /// How long the first deadline has passed.
    pub(crate) late_us: u64,
}

impl Schedule {
    /// A schedule whose tick `next` is due at the first grid point after `now_us`. `tick_hz` is at
    /// least 1.
    pub(crate) fn new(tick_hz: u16, phase_us: u64, next: u32, now_us: u64) -> Self {
        let tick_hz = u64::from(tick_hz.max(1));
        let phase_us = phase_us % SECOND_US;
        let mut schedule = Self { tick_hz, phase_us, origin: 0, next };
        // `next` lies before the epoch's grid only in tests whose clock starts at 0.
        schedule.origin = schedule.grid_after(now_us).saturating_sub(u64::from(next));
        schedule
    }

    /// When `tick` is due, if no more time is given up.
    pub(crate) fn deadline_us(&self, tick: u32) -> u64 {
        self.grid_us(self.origin + u64::from(tick))
    }

    /// When the next tick is due.
    pub(crate) fn next_us(&self) -> u64 {
        self.deadline_us(self.next)
    }

    /// The length of a tick in microseconds, rounded down.
    pub(crate) fn period_us(&self) -> u64 {
        SECOND_US / self.tick_hz
    }

    /// Takes the ticks that are due at `now_us`, `most` at once.
    pub(crate) fn take_due(&mut self, now_us: u64, most: u32) -> Due {
        let first_us = self.next_us();
        if now_us < first_us {
            return Due { ticks: 0, skipped: 0, late_us: 0 };
        }
        let first = self.origin + u64::from(self.next);
        let behind = self.grid_after(now_us).saturating_sub(first).max(1);
        let ticks = behind.min(u64::from(most));
        let skipped = behind - ticks;
        self.next = self.next.wrapping_add(ticks as u32);
        self.origin += skipped;
        Due {
            ticks: ticks as u32,
            skipped: skipped.min(u64::from(u32::MAX)) as u32,
            late_us: now_us - first_us,
        }
    }

    fn grid_us(&self, n: u64) -> u64 {
        self.phase_us + n * SECOND_US / self.tick_hz
    }

    /// The first grid point strictly after `now_us`.
    fn grid_after(&self, now_us: u64) -> u64 {
        let since = now_us.saturating_sub(self.phase_us);
        // Divided by the second first: microseconds since 1970 times a rate would still fit, but
        // not those of a clock set wrongly far ahead.
        let whole = since / SECOND_US * self.tick_hz;
        let part = (since % SECOND_US) * self.tick_hz / SECOND_US;
        let mut n = whole + part;
        while self.grid_us(n) <= now_us {
            n += 1;
        }
        n
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_CATCH_UP_TICKS;

    const START_US: u64 = 1_800_000_000_123_456;

    #[test]
    fn deadlines_do_not_drift() {
        for tick_hz in [1, 7, 20, 30, 60, 128, 240] {
            let schedule = Schedule::new(tick_hz, 0, 0, START_US);
            let hour = schedule.deadline_us(u32::from(tick_hz) * 3600);
            assert_eq!(hour - schedule.deadline_us(0), 3_600 * SECOND_US, "{tick_hz}");
            assert!(schedule.next_us() > START_US);
            assert!(schedule.next_us() - START_US <= SECOND_US / u64::from(tick_hz) + 1);
        }
    }

    #[test]
    fn rooms_of_one_rate_share_a_grid_and_phases_shift_it() {
        let a = Schedule::new(30, 0, 0, START_US);
        let b = Schedule::new(30, 0, 17, START_US + 5_000_000);
        assert_eq!(a.deadline_us(0) % SECOND_US, b.deadline_us(17) % SECOND_US);
        let shifted = Schedule::new(30, 10_000, 0, START_US);
        let apart = shifted.deadline_us(30) as i64 - a.deadline_us(30) as i64;
        assert_eq!(apart.rem_euclid(33_333), 10_000);
    }

    #[test]
    fn nothing_is_due_early_and_each_tick_once() {
        let mut schedule = Schedule::new(30, 0, 0, START_US);
        let mut now_us = START_US;
        let mut ran = 0;
        for _ in 0..100_000 {
            now_us += 100;
            let due = schedule.take_due(now_us, MAX_CATCH_UP_TICKS);
            assert!(due.ticks <= 1 && due.skipped == 0 && due.late_us < 100);
            ran += due.ticks;
        }
        assert_eq!(ran, 300);
    }

    #[test]
    fn an_overrun_runs_three_ticks_and_gives_up_the_rest() {
        let mut schedule = Schedule::new(50, 0, 0, START_US);
        let first_us = schedule.next_us();
        let late = Due { ticks: 3, skipped: 7, late_us: 195_000 };
        assert_eq!(schedule.take_due(first_us + 195_000, MAX_CATCH_UP_TICKS), late);
        assert_eq!(schedule.take_due(first_us + 195_000, MAX_CATCH_UP_TICKS).ticks, 0);
        assert_eq!(schedule.next_us(), first_us + 200_000);
        assert_eq!(schedule.deadline_us(3), schedule.next_us());
    }
}
