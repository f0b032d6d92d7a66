//! How much of its time a shard works, and what each of its rooms needs.
//!
//! Work is wall time between waking and having sent everything. Time in which the system ran something
//! else counts as work: it is no capacity either. Both measures are taken over windows of a quarter of a
//! second, on which the shard decides, and smoothed over a second for everybody else.

use crate::limits::LOAD_US;

/// A share of time, smoothed over [`LOAD_US`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Smoothed(f64);

impl Smoothed {
    /// Takes in that the share was `share` for `over_us`.
    pub(super) fn add(&mut self, share: f64, over_us: u64) {
        let weight = 1.0 - (-(over_us as f64) / LOAD_US as f64).exp();
        self.0 += (share - self.0) * weight;
    }

    pub(super) fn get(self) -> f64 {
        self.0
    }
}

/// What a shard did since the window began.
#[derive(Debug)]
pub(super) struct Window {
    began_us: u64,
    busy_us: u64,
    /// Whether a room had to catch up or to give up ticks.
    is_behind: bool,
    load: Smoothed,
}

impl Window {
    pub(super) fn new(now_us: u64) -> Self {
        Self { began_us: now_us, busy_us: 0, is_behind: false, load: Smoothed::default() }
    }

    /// The shard has worked from one moment to another.
    pub(super) fn worked(&mut self, from_us: u64, to_us: u64) {
        self.busy_us += to_us - from_us;
    }

    /// A room had to catch up or to give up ticks.
    pub(super) fn fell_behind(&mut self) {
        self.is_behind = true;
    }

    /// Ends the window once it has lasted: a short while when rooms have fallen behind, because ticks are
    /// about to be lost.
    pub(super) fn end(&mut self, now_us: u64) -> Option<Busy> {
        let lasted_us = now_us.saturating_sub(self.began_us);
        let least_us =
            if self.is_behind { super::shedding::HURRY_US } else { super::shedding::WINDOW_US };
        if lasted_us < least_us {
            return None;
        }
        let share = self.busy_us as f64 / lasted_us as f64;
        self.load.add(share, lasted_us);
        let busy = Busy { share, is_behind: self.is_behind, load: self.load.get() };
        (self.began_us, self.busy_us, self.is_behind) = (now_us, 0, false);
        Some(busy)
    }
}

/// What a window showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Busy {
    /// Share of the window that the shard worked.
    pub(super) share: f64,
    /// Whether a room had to catch up or to give up ticks.
    pub(super) is_behind: bool,
    /// The share, smoothed.
    pub(super) load: f64,
}

/// What a room's ticks cost, as shares of its tick period.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Cost {
    /// Everything.
    pub(super) whole: f64,
    /// Encoding and sending alone.
    pub(super) snapshots: f64,
}

/// What one room has cost.
#[derive(Debug)]
pub(super) struct RoomMeter {
    period_us: u64,
    /// Since the window began: periods ticked, all work, encoding and sending.
    span_us: u64,
    work_us: u64,
    snapshots_us: u64,
    newest: Cost,
    load: Smoothed,
}

impl RoomMeter {
    pub(super) fn new(tick_hz: u16) -> Self {
        Self {
            period_us: 1_000_000 / u64::from(tick_hz.max(1)),
            span_us: 0,
            work_us: 0,
            snapshots_us: 0,
            newest: Cost::default(),
            load: Smoothed::default(),
        }
    }

    /// The room has run so many ticks.
    pub(super) fn turn(&mut self, ticks: u32, simulate_us: u64, snapshots_us: u64) {
        self.span_us += u64::from(ticks) * self.period_us;
        self.work_us += simulate_us + snapshots_us;
        self.snapshots_us += snapshots_us;
    }

    /// Ends the window. A room that did not tick in it costs what it did before.
    pub(super) fn end_window(&mut self) -> Cost {
        if self.span_us > 0 {
            let share = |us: u64| us as f64 / self.span_us as f64;
            self.newest = Cost { whole: share(self.work_us), snapshots: share(self.snapshots_us) };
            self.load.add(self.newest.whole, self.span_us);
            (self.span_us, self.work_us, self.snapshots_us) = (0, 0, 0);
        }
        self.newest
    }

    /// Its cost in the window before.
    pub(super) fn newest(&self) -> Cost {
        self.newest
    }

    /// The share of its tick period that it needs, smoothed; above 1 it cannot keep up.
    pub(super) fn load(&self) -> f64 {
        self.load.get()
    }
}

#[cfg(test)]
mod tests {
    use super::super::shedding::{HURRY_US, WINDOW_US};
    use super::*;

    #[test]
    fn a_steady_share_is_known_after_a_few_seconds_and_forgotten_as_fast() {
        let mut window = Window::new(0);
        let mut load = 0.0;
        let mut now_us = 0;
        for (share, seconds, expected) in [(30, 1, 0.19), (30, 4, 0.3), (0, 1, 0.11), (90, 5, 0.9)]
        {
            for _ in 0..seconds * 100 {
                window.worked(now_us, now_us + share * 100);
                now_us += 10_000;
                load = window.end(now_us).map_or(load, |busy| busy.load);
            }
            assert!((load - expected).abs() < 0.01, "{load} instead of {expected}");
        }
    }

    #[test]
    fn a_window_ends_early_when_ticks_are_about_to_be_lost() {
        let mut window = Window::new(1_000);
        window.worked(1_000, 51_000);
        assert_eq!(window.end(1_000 + HURRY_US), None);
        assert!(!window.end(1_000 + WINDOW_US).unwrap().is_behind);
        window.fell_behind();
        let from_us = 1_000 + WINDOW_US;
        window.worked(from_us, from_us + HURRY_US);
        let busy = window.end(from_us + HURRY_US).unwrap();
        assert!(busy.is_behind && busy.share == 1.0);
        window.worked(from_us + HURRY_US, from_us + 2 * HURRY_US);
        assert_eq!(window.end(from_us + 2 * HURRY_US), None, "it is over with the window");
    }

    #[test]
    fn a_room_costs_its_work_per_period_ticked_however_late_it_runs() {
        let mut meter = RoomMeter::new(50);
        for _ in 0..10 {
            meter.turn(1, 4_000, 6_000);
        }
        assert_eq!(meter.end_window(), Cost { whole: 0.5, snapshots: 0.3 });
        assert_eq!(meter.end_window(), meter.newest(), "a window without ticks tells nothing");
        // Three ticks at once and one snapshot for them.
        meter.turn(3, 60_000, 6_000);
        let Cost { whole, snapshots } = meter.end_window();
        assert!((whole - 1.1).abs() < 1e-9 && (snapshots - 0.1).abs() < 1e-9);
        for _ in 0..500 {
            meter.turn(1, 30_000, 0);
            meter.end_window();
        }
        assert!((meter.load() - 1.5).abs() < 0.01, "{}", meter.load());
    }
}
