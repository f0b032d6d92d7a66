//! A line that is busy: when a snapshot is next worth making for it.

/// A line that is busy. Each snapshot offered to it leads from an ever older state, and is made for it
/// alone; so it is offered one when it becomes busy, and then when it has been so for 1, 2, 4, 8...
/// snapshots. One that never takes anything costs as many as its time has binary digits; one that
/// does again has a snapshot waiting that is at most half as old as its pause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stall {
    /// Whether the newest snapshot offered was not taken at once.
    is_busy: bool,
    /// Snapshots that have been due since then.
    age: u32,
    /// Those among them that the client does not get.
    missed: u32,
}

impl Stall {
    /// A snapshot is due: whether it is to be made.
    pub(crate) fn is_turn(&mut self) -> bool {
        if !self.is_busy {
            return true;
        }
        self.age += 1;
        let is_turn = self.age.is_power_of_two();
        self.missed += u32::from(!is_turn);
        is_turn
    }

    /// A snapshot was offered and not taken at once; `is_missed` when one is lost by that.
    pub(crate) fn refused(&mut self, is_missed: bool) {
        self.is_busy = true;
        self.missed += u32::from(is_missed);
    }

    /// The line takes something, though no snapshot yet: it is to be offered the next one.
    pub(crate) fn paused(&mut self) {
        self.age = 0;
    }

    /// A snapshot is on its way. Returns how many were missed before it.
    pub(crate) fn end(&mut self) -> u32 {
        std::mem::take(self).missed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_stays_busy_is_asked_ever_more_rarely() {
        let mut stall = Stall::default();
        assert!((0..10).all(|_| stall.is_turn()));
        stall.refused(false);
        let turns: Vec<u32> = (1..=100).filter(|_| stall.is_turn()).collect();
        assert_eq!(turns, [1, 2, 4, 8, 16, 32, 64]);
        stall.paused();
        assert!(stall.is_turn());
        assert_eq!(stall.end(), 93, "of 101 snapshots, those that were not made");
        assert_eq!(stall, Stall::default());
    }
}
