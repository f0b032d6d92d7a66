//! Which shard a new room goes to: the one with the least load, counting rooms that were opened too
//! recently to show in it. Plain numbers in, a choice out.

use crate::limits::{MOST_ROOM_COST, ROOM_COST, ROOM_SETTLE_US};

/// What is known of one shard.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Measured {
    /// Share of its time that it works, smoothed.
    pub(super) load: f64,
    /// Rooms it has or is about to get.
    pub(super) rooms: u64,
    /// Those that somebody plays in.
    pub(super) rooms_played: u64,
}

/// What was opened lately.
#[derive(Debug)]
pub(super) struct Placement {
    /// By shard.
    pending: Vec<Pending>,
}

/// Load that is still to come from a shard's new rooms, at a moment; it fades as their players come and
/// the measured load takes its place.
#[derive(Debug, Clone, Copy, Default)]
struct Pending {
    load: f64,
    at_us: u64,
}

/// A shard, and what the new room is expected to cost it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    pub(super) shard: usize,
    pending: Pending,
}

impl Pending {
    fn at(self, now_us: u64) -> f64 {
        let age_us = now_us.saturating_sub(self.at_us);
        self.load * (-(age_us as f64) / ROOM_SETTLE_US as f64).exp()
    }
}

impl Placement {
    /// For so many shards.
    pub(super) fn new(shards: usize) -> Self {
        Self { pending: vec![Pending::default(); shards] }
    }

    /// The shard for the next room, unless each is expected to be as busy as `budget` without it.
    pub(super) fn choose(
        &mut self,
        shards: &[Measured],
        budget: f64,
        now_us: u64,
    ) -> Option<Choice> {
        let expected = |shard: usize| shards[shard].load + self.pending[shard].at(now_us);
        let chosen = (0..shards.len()).min_by(|a, b| {
            let by_load = expected(*a).total_cmp(&expected(*b));
            by_load.then(shards[*a].rooms.cmp(&shards[*b].rooms))
        })?;
        if expected(chosen) >= budget {
            return None;
        }
        let pending = Pending { load: room_cost(shards), at_us: now_us };
        let load = self.pending[chosen].at(now_us) + pending.load;
        self.pending[chosen] = Pending { load, at_us: now_us };
        Some(Choice { shard: chosen, pending })
    }

    /// Takes a choice back: the room was not opened after all.
    pub(super) fn take_back(&mut self, choice: Choice, now_us: u64) {
        let pending = &mut self.pending[choice.shard];
        let load = (pending.at(now_us) - choice.pending.at(now_us)).max(0.0);
        *pending = Pending { load, at_us: now_us };
    }
}

/// What a room of this server costs on the average.
fn room_cost(shards: &[Measured]) -> f64 {
    let rooms: u64 = shards.iter().map(|shard| shard.rooms_played).sum();
    let load: f64 = shards.iter().map(|shard| shard.load).sum();
    match rooms {
        0 => ROOM_COST,
        rooms => (load / rooms as f64).min(MOST_ROOM_COST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_US: u64 = 1_000_000;

    fn choose(
        placement: &mut Placement,
        shards: &[Measured],
        budget: f64,
        now_us: u64,
    ) -> Option<usize> {
        Some(placement.choose(shards, budget, now_us)?.shard)
    }

    fn shard(load: f64, rooms: u64) -> Measured {
        Measured { load, rooms, rooms_played: rooms }
    }

    #[test]
    fn rooms_opened_at_once_are_spread_before_any_load_shows() {
        let mut placement = Placement::new(3);
        let mut shards = [Measured::default(); 3];
        for _ in 0..30 {
            let chosen = choose(&mut placement, &shards, 0.75, 0).unwrap();
            shards[chosen].rooms += 1;
        }
        assert_eq!(shards.map(|shard| shard.rooms), [10; 3]);
    }

    #[test]
    fn the_shard_with_the_least_load_gets_the_room_whatever_the_number_of_its_rooms() {
        let shards = [shard(0.3, 1), shard(0.2, 50)];
        assert_eq!(choose(&mut Placement::new(2), &shards, 0.75, 0), Some(1));
    }

    #[test]
    fn new_rooms_count_as_an_average_one_until_they_show() {
        let mut placement = Placement::new(2);
        // 0.02 each: after two more rooms the first is expected to be as busy as the second.
        let mut shards = [shard(0.2, 10), shard(0.239, 12)];
        let mut at = |shards: &[Measured], now_us| choose(&mut placement, shards, 0.75, now_us);
        assert_eq!([0, 1, 2].map(|us| at(&shards, us)), [Some(0), Some(0), Some(1)]);
        shards[1].load = 0.21;
        assert_eq!(at(&shards, 60 * SECOND_US), Some(0), "all that was opened shows by now");
    }

    #[test]
    fn past_its_budget_no_shard_gets_a_room_until_it_has_time_again() {
        let mut placement = Placement::new(2);
        let busy = [shard(0.8, 4), shard(0.76, 4)];
        assert_eq!(choose(&mut placement, &busy, 0.75, 0), None);
        let [first, _] = busy;
        let shards = [first, shard(0.7, 4)];
        assert_eq!(choose(&mut placement, &shards, 0.75, 1), Some(1));
        assert_eq!(choose(&mut placement, &shards, 0.75, 2), None, "that room is still to show");
        assert_eq!(choose(&mut placement, &shards, 0.75, 60 * SECOND_US), Some(1));
        assert_eq!(choose(&mut placement, &busy, f64::INFINITY, 60 * SECOND_US), Some(0));
    }

    #[test]
    fn rooms_that_were_not_opened_close_the_server_to_nobody() {
        let mut placement = Placement::new(1);
        let shards = [shard(0.5, 5)];
        for us in 0..1000 {
            let choice = placement.choose(&shards, 0.75, us * 50_000).unwrap();
            placement.take_back(choice, us * 50_000 + 10_000);
        }
        assert_eq!(choose(&mut placement, &shards, 0.51, 1000 * 50_000), Some(0));
    }

    #[test]
    fn what_a_room_costs_is_guessed_within_reason() {
        assert_eq!(room_cost(&[Measured { load: 0.1, rooms: 3, rooms_played: 0 }]), ROOM_COST);
        assert_eq!(room_cost(&[shard(0.1, 10), shard(0.3, 30)]), 0.01);
        assert_eq!(room_cost(&[shard(0.9, 1)]), MOST_ROOM_COST);
    }
}
