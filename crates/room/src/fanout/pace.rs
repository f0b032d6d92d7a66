//! How many of the snapshots a client gets: one whose line is too thin for all of them gets every
//! second or third, encoded at that rate for all clients of that kind.

use crate::limits::{PACE_CLIMB_SNAPSHOTS, PACE_SKIPS, PACE_SNAPSHOTS, PACE_STALL_SKIPS, RATES};

/// Index of the slowest rate.
const SLOWEST: usize = RATES.len() - 1;

/// How one client's line copes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Index into [`RATES`].
    rate: usize,
    /// One bit for each of the newest snapshots, the newest lowest: whether it was lost.
    skips: u64,
    /// Snapshots since the last loss or change of rate.
    clean: u32,
}

impl Pace {
    /// Index into [`RATES`] of the rate at which the client is to get snapshots.
    pub(crate) fn rate(&self) -> usize {
        self.rate
    }

    /// A snapshot is on its way, and `missed` before it are lost because the line was busy. Returns
    /// whether that changed the rate. A line that takes nothing at all is not judged before it does
    /// again: a lower rate would help nobody, and cost the room its encoding.
    pub(crate) fn queued(&mut self, missed: u32) -> bool {
        if missed > 0 && self.missed(missed.min(PACE_STALL_SKIPS)) {
            return true;
        }
        self.skips <<= 1;
        self.clean += 1;
        if self.rate == 0 || self.clean < PACE_CLIMB_SNAPSHOTS {
            return false;
        }
        *self = Self { rate: self.rate - 1, ..Self::default() };
        true
    }

    /// Snapshots are lost. Returns whether that changed the rate.
    fn missed(&mut self, count: u32) -> bool {
        self.skips = self.skips << count | ((1 << count) - 1);
        self.clean = 0;
        let judged = self.skips & ((1 << PACE_SNAPSHOTS) - 1);
        if self.rate == SLOWEST || judged.count_ones() < PACE_SKIPS {
            return false;
        }
        *self = Self { rate: self.rate + 1, ..Self::default() };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_changes_nothing_a_thin_line_does() {
        let mut pace = Pace::default();
        for stall in [1, 2, 3, 10, 1000, u32::MAX] {
            assert!(!pace.queued(stall));
            assert!((0..PACE_SNAPSHOTS).all(|_| !pace.queued(0)));
        }
        assert_eq!(pace.rate(), 0);
        let changes = (0..40).filter(|n| pace.queued(n % 2)).count();
        assert_eq!((changes, pace.rate()), (2, SLOWEST));
        assert!((0..1000).all(|n| !pace.queued(n)), "there is nothing slower");
    }

    #[test]
    fn a_line_without_trouble_climbs_back() {
        let mut pace = Pace::default();
        assert_eq!((0..4).filter(|_| pace.queued(PACE_STALL_SKIPS)).count(), 2);
        for rate in [1, 0] {
            assert!((1..PACE_CLIMB_SNAPSHOTS).all(|_| !pace.queued(0)));
            assert!(pace.queued(0));
            assert_eq!(pace.rate(), rate);
        }
        assert!((0..1000).all(|_| !pace.queued(0)));
        let mut pace = Pace { rate: 1, ..Pace::default() };
        for _ in 0..10 {
            assert!((2..PACE_CLIMB_SNAPSHOTS).all(|_| !pace.queued(0)));
            assert!(!pace.queued(1));
        }
        assert_eq!(pace.rate(), 1);
    }
}
