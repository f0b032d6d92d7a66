//! What the load counts.

use std::ops::Range;
use std::time::Duration;

use super::report::{Measured, Percentiles};
use crate::spread::Spread;

/// A room of which nothing came for this time stands still: three periods of 30 Hz.
const STANDS_NS: u64 = 100_000_000;

/// Everything counted, and the window that counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Since the start.
    pub(super) totals: Totals,
    /// The first thing that went wrong.
    pub(super) fault: Option<String>,
    /// The totals at the window's begin.
    before: Totals,
    /// Begin and end, nanoseconds.
    window_ns: Range<u64>,
    /// From input to acknowledgement, of inputs written within the window.
    echo: Spread,
    /// How late inputs were sent.
    input_late: Spread,
    rooms: Vec<RoomTicks>,
}

/// Numbers that only grow.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) inputs: u64,
    /// Snapshots of those who do not verify, and their bytes.
    pub(super) lean_snapshots: u64,
    pub(super) lean_bytes: u64,
    pub(super) verified: u64,
    pub(super) desyncs: u64,
    pub(super) closed: u64,
}

/// What a window counted, and how long it was.
#[derive(Debug)]
pub(super) struct Counted {
    totals: Totals,
    window_ns: u64,
    tick_hz_min: f64,
}

/// The newest tick of a room that any of its clients has seen.
#[derive(Clone, Copy, Debug, Default)]
struct RoomTicks {
    tick: u32,
    at_ns: u64,
    /// The same at the window's begin.
    first: Option<(u32, u64)>,
}

impl Tally {
    pub(super) fn new(rooms: u32) -> Self {
        Self { rooms: vec![RoomTicks::default(); rooms as usize], ..Self::default() }
    }

    /// Notes the first thing that went wrong.
    pub(super) fn fail(&mut self, fault: impl FnOnce() -> String) {
        self.fault.get_or_insert_with(fault);
    }

    /// A snapshot of this tick came from this room.
    pub(super) fn ticked(&mut self, room: u32, tick: u32, now_ns: u64) {
        let room = &mut self.rooms[room as usize];
        if tick > room.tick {
            (room.tick, room.at_ns) = (tick, now_ns);
        }
    }

    /// An input was sent so late.
    pub(super) fn sent(&mut self, now_ns: u64, late_ns: u64) {
        self.totals.inputs += 1;
        if self.window_ns.contains(&now_ns) {
            self.input_late.push(Duration::from_nanos(late_ns));
        }
    }

    /// An input that was written then is acknowledged now; says whether it counted.
    pub(super) fn echoed(&mut self, written_ns: u64, now_ns: u64) -> bool {
        let counts = self.window_ns.contains(&written_ns);
        if counts {
            self.echo.push(Duration::from_nanos(now_ns - written_ns));
        }
        counts
    }

    /// The window begins.
    pub(super) fn begin(&mut self, begin_ns: u64, end_ns: u64) {
        self.window_ns = begin_ns..end_ns;
        self.before = self.totals;
        (self.echo, self.input_late) = (Spread::default(), Spread::default());
        for room in &mut self.rooms {
            room.first = Some((room.tick, room.at_ns));
        }
    }

    /// The window is over.
    pub(super) fn end(&self, now_ns: u64) -> Counted {
        let rates = self.rooms.iter().filter_map(|room| room.hz(now_ns));
        Counted {
            totals: self.totals,
            window_ns: now_ns - self.window_ns.start,
            tick_hz_min: rates.reduce(f64::min).unwrap_or(0.0),
        }
    }

    pub(super) fn report(
        &mut self,
        counted: &Counted,
        server_cpu_ns: u64,
        load_cpu_ns: u64,
        unanswered: u64,
    ) -> Measured {
        let (now, before) = (&counted.totals, &self.before);
        let lean_snapshots = now.lean_snapshots - before.lean_snapshots;
        let lean_bytes = now.lean_bytes - before.lean_bytes;
        Measured {
            window_s: counted.window_ns as f64 / 1e9,
            server_cpu_ns,
            load_cpu_ns,
            messages: now.messages - before.messages,
            bytes: now.bytes - before.bytes,
            inputs: now.inputs - before.inputs,
            snapshot_bytes_mean: lean_bytes as f64 / lean_snapshots.max(1) as f64,
            echo_ms: percentiles_ms(&mut self.echo),
            unanswered,
            input_late_ms: percentiles_ms(&mut self.input_late),
            tick_hz_min: counted.tick_hz_min,
            verified: self.totals.verified,
            desyncs: self.totals.desyncs,
            closed: self.totals.closed,
            fault: self.fault.clone(),
        }
    }
}

impl RoomTicks {
    /// Ticks a second since the window's begin; `None` where no ticks are told.
    ///
    /// Counted up to the newest tick and not up to now, so that part of a period makes no difference;
    /// a room that stands still is no such case.
    fn hz(&self, now_ns: u64) -> Option<f64> {
        let (tick, first_ns) = self.first?;
        if self.tick == 0 {
            return None;
        }
        let stands = now_ns.saturating_sub(self.at_ns) > STANDS_NS;
        let until_ns = if stands { now_ns } else { self.at_ns };
        let ticks = f64::from(self.tick - tick);
        Some(ticks * 1e9 / until_ns.saturating_sub(first_ns).max(1) as f64)
    }
}

pub(super) fn percentiles_ms(spread: &mut Spread) -> Percentiles {
    let ms = |spread: &mut Spread, share| spread.micros(share) / 1e3;
    Percentiles { p50: ms(spread, 0.5), p99: ms(spread, 0.99), max: ms(spread, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inputs_of_the_window_count_whenever_they_are_answered() {
        let mut tally = Tally::new(1);
        tally.begin(1_000_000, 2_000_000);
        assert!(!tally.echoed(999_999, 1_500_000));
        assert!(tally.echoed(1_000_000, 5_000_000));
        assert!(!tally.echoed(2_000_000, 2_500_000));
        let counted = tally.end(2_000_000);
        let report = tally.report(&counted, 0, 0, 0);
        assert_eq!((report.echo_ms.p50, report.window_s), (4.0, 0.001));
    }

    #[test]
    fn the_slowest_room_decides() {
        let mut tally = Tally::new(2);
        tally.ticked(0, 10, 0);
        tally.ticked(1, 10, 0);
        tally.begin(0, 1_000_000_000);
        tally.ticked(0, 40, 1_000_000_000);
        tally.ticked(1, 39, 1_000_000_000);
        tally.ticked(1, 38, 1_100_000_000);
        assert_eq!(tally.end(1_000_000_000).tick_hz_min, 29.0);
        assert_eq!(tally.end(2_000_000_000).tick_hz_min, 14.5, "both stand still");
    }
}
