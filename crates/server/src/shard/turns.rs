//! In which order the rooms that are due have their turns: cheap ones first, so that a costly one delays
//! those of its cohort least; those that cannot keep up anyway last, and in turn.

use crate::slab::Key;

/// One room that is due.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Turn {
    pub(super) key: Key,
    pub(super) due_us: u64,
    /// Share of its tick period that it needed lately.
    pub(super) cost: f64,
    /// Whether its ticks alone take more time than there is.
    pub(super) is_hopeless: bool,
}

/// Puts turns in order.
pub(super) fn order(turns: &mut [Turn]) {
    turns.sort_unstable_by(|a, b| {
        let within = match a.is_hopeless {
            false => a.cost.total_cmp(&b.cost),
            true => a.due_us.cmp(&b.due_us),
        };
        a.is_hopeless.cmp(&b.is_hopeless).then(within)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cheap_rooms_go_first_and_hopeless_ones_take_turns_at_the_end() {
        let turn = |index, due_us, cost, is_hopeless| {
            let key = Key::from_u64(index);
            Turn { key, due_us, cost, is_hopeless }
        };
        let mut turns = [
            turn(0, 40, 1.3, true),
            turn(1, 50, 0.4, false),
            turn(2, 30, 2.0, true),
            turn(3, 60, 0.1, false),
        ];
        order(&mut turns);
        assert_eq!(turns.map(|turn| turn.key.index()), [3, 1, 2, 0]);
    }
}
