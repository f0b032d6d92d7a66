//! The cohorts of a shard: which grid points of the tick period its rooms lie on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::limits::COHORT_HZ;

/// How many rooms each cohort of a shard has.
#[derive(Debug)]
pub(crate) struct Phases(Mutex<Vec<u32>>);

impl Phases {
    /// For so many cohorts, at least one.
    pub(crate) fn new(cohorts: u16) -> Arc<Self> {
        Arc::new(Self(Mutex::new(vec![0; usize::from(cohorts.max(1))])))
    }

    /// A place in the cohort that has the fewest rooms.
    pub(crate) fn take(self: &Arc<Self>) -> Phase {
        let mut rooms = self.rooms_of();
        let cohort = (0..rooms.len()).min_by_key(|cohort| rooms[*cohort]).unwrap_or_default();
        rooms[cohort] += 1;
        let us = cohort as u64 * 1_000_000 / (COHORT_HZ * rooms.len() as u64);
        Phase { phases: Arc::clone(self), cohort, us }
    }

    /// Rooms of all cohorts.
    pub(crate) fn rooms(&self) -> u64 {
        self.rooms_of().iter().copied().map(u64::from).sum()
    }

    fn rooms_of(&self) -> MutexGuard<'_, Vec<u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A room's place in a cohort, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Phase {
    phases: Arc<Phases>,
    cohort: usize,
    us: u64,
}

impl Phase {
    /// The number of the cohort.
    pub(crate) fn cohort(&self) -> usize {
        self.cohort
    }

    /// Where its ticks lie within the period, microseconds.
    pub(crate) fn us(&self) -> u64 {
        self.us
    }
}

impl Drop for Phase {
    fn drop(&mut self) {
        self.phases.rooms_of()[self.cohort] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_goes_where_the_fewest_are_and_leaves_a_gap_when_it_ends() {
        let phases = Phases::new(3);
        let mut taken: Vec<Phase> = (0..6).map(|_| phases.take()).collect();
        let cohorts: Vec<usize> = taken.iter().map(Phase::cohort).collect();
        assert_eq!(cohorts, [0, 1, 2, 0, 1, 2]);
        assert_eq!([0, 1, 2].map(|index: usize| taken[index].us()), [0, 11_111, 22_222]);
        drop((taken.remove(4), taken.remove(1)));
        assert_eq!(phases.rooms(), 4);
        let again = [phases.take(), phases.take(), phases.take()];
        assert_eq!(again.map(|phase| phase.cohort()), [1, 1, 0]);
        drop(taken);
        assert_eq!(phases.rooms(), 0);
    }
}
