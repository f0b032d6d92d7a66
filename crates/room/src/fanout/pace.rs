//! How many of the snapshots a client gets: one whose line is too thin for all of them gets every
//! second or third, encoded at that rate for all clients of that kind.

use crate::limits::{PACE_CLIMB_SNAPSHOTS, PACE_SKIPS, PACE_SNAPSHOTS, RATES};

/// Index of the slowest rate.
const SLOWEST: usize = RATES.len() - 1;

/// How one client's line copes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Index into [`RATES`].
    rate: usize,
    /// One bit for each of the newest snapshots, the newest lowest: whether it was skipped.
    skips: u64,
    /// Snapshots since the last skip or change of rate.
    clean: u32,
}

impl Pace {
    /// Index into [`RATES`] of the rate at which the client is to get snapshots.
    pub(crate) fn rate(&self) -> usize {
        self.rate
    }

    /// A snapshot has been queued. Returns whether that changed the rate.
    pub(crate) fn queued(&mut self) -> bool {
        self.skips <<= 1;
        self.clean += 1;
        if self.rate == 0 || self.clean < PACE_CLIMB_SNAPSHOTS {
            return false;
        }
        *self = Self { rate: self.rate - 1, ..Self::default() };
        true
    }

    /// A snapshot has been skipped because the line was busy. Returns whether that changed the rate.
    pub(crate) fn skipped(&mut self) -> bool {
        self.skips = self.skips << 1 | 1;
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
        for _ in 0..10 {
            assert!((0..PACE_SKIPS - 1).all(|_| !pace.skipped()));
            assert!((0..PACE_SNAPSHOTS).all(|_| !pace.queued()));
        }
        assert_eq!(pace.rate(), 0);
        let changes = (0..100).filter(|n| if n % 3 == 0 { pace.skipped() } else { pace.queued() });
        assert_eq!((changes.count(), pace.rate()), (2, SLOWEST));
        assert!((0..1000).all(|_| !pace.skipped()), "there is nothing slower");
    }

    #[test]
    fn a_line_without_trouble_climbs_back() {
        let mut pace = Pace::default();
        assert_eq!((0..PACE_SKIPS * 2).filter(|_| pace.skipped()).count(), 2);
        for rate in [1, 0] {
            assert!((1..PACE_CLIMB_SNAPSHOTS).all(|_| !pace.queued()));
            assert!(pace.queued());
            assert_eq!(pace.rate(), rate);
        }
        assert!((0..1000).all(|_| !pace.queued()));
        let mut pace = Pace { rate: 1, ..Pace::default() };
        for _ in 0..10 {
            assert!((1..PACE_CLIMB_SNAPSHOTS).all(|_| !pace.queued()));
            assert!(!pace.skipped());
        }
        assert_eq!(pace.rate(), 1);
    }
}
