//! The games that bots can play, and what is counted of each.

use tickwire_game::Game;
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::messages::Event;
use tickwire_skirmish::state::Arena;

use crate::args::Args;
use crate::report::Report;
use crate::swarm::{Progress, Swarm, SwarmError};

/// Names for `--game`.
pub const GAMES: [&str; 1] = [Skirmish::NAME];

/// What happened in one room, as far as the report tells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Shots fired.
    pub shots: u64,
    /// Players killed by others.
    pub kills: u64,
}

/// Counts what happens in one room of `G`, watched through one of its clients.
pub trait Tally<G: Game>: Default {
    /// An event has come.
    fn event(&mut self, event: &G::Event);
    /// The state has been decoded, at least every few ticks.
    fn state(&mut self, state: &G::State);
    /// What was counted so far.
    fn counts(&self) -> Counts;
}

/// Plays the game that `args` names.
///
/// # Errors
/// When there is no such game, or the run could not take place.
pub async fn play(args: &Args, progress: &mut dyn FnMut(&Progress)) -> Result<Report, SwarmError> {
    match &*args.game {
        Skirmish::NAME => Swarm::<Skirmish, Duels>::new(args)?.run(progress).await,
        other => Err(SwarmError::UnknownGame { name: other.to_owned() }),
    }
}

/// Skirmish: beams by their events, blaster shots by their rows.
#[derive(Debug, Default)]
pub struct Duels {
    counts: Counts,
    /// Highest id of a shot seen: ids count up and are never used again, so none is missed even when
    /// it bursts between two looks.
    newest_shot: u32,
}

impl Tally<Skirmish> for Duels {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Rail { .. } => self.counts.shots += 1,
            Event::Kill { killer, victim, .. } => {
                let by_another = !killer.is_none() && killer != victim;
                self.counts.kills += u64::from(by_another);
            }
            _ => {}
        }
    }

    fn state(&mut self, state: &Arena) {
        let newest = state.shots.iter().next_back().map_or(0, |(id, _)| id.raw());
        if newest > self.newest_shot {
            self.counts.shots += u64::from(newest - self.newest_shot);
            self.newest_shot = newest;
        }
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_game::{PlayerId, Single, Table, Vec2};
    use tickwire_skirmish::messages::Weapon;
    use tickwire_skirmish::state::{Phase, Round, Shot};

    fn arena(shots_ever: u32, in_flight: usize) -> Arena {
        let mut shots = Table::new();
        for _ in 0..shots_ever {
            let shot = Shot { owner: PlayerId(1), pos: Vec2::ONE, vel: Vec2::ONE, fuse: 9 };
            shots.insert(shot);
        }
        let gone = shots_ever as usize - in_flight;
        for id in shots.ids().into_iter().take(gone) {
            shots.remove(id);
        }
        let round = Round {
            phase: Phase::Playing,
            number: 1,
            ends_in_s: 9,
            winner: PlayerId::NONE,
            ticks_left: 0,
        };
        Arena { avatars: Table::new(), shots, pickups: Table::new(), round: Single::new(round) }
    }

    #[test]
    fn each_shot_counts_once_however_often_it_is_seen() {
        let mut duels = Duels::default();
        duels.state(&arena(2, 2));
        duels.state(&arena(2, 1));
        duels.state(&arena(2, 0));
        duels.state(&arena(5, 1));
        assert_eq!(duels.counts(), Counts { shots: 5, kills: 0 });
        let (start, end) = (Vec2::ONE, Vec2::ONE);
        duels.event(&Event::Rail { shooter: PlayerId(1), start, end, victim: PlayerId::NONE });
        assert_eq!(duels.counts().shots, 6);
    }

    #[test]
    fn dying_by_ones_own_hand_is_no_kill() {
        let mut duels = Duels::default();
        for (killer, victim) in [(1, 2), (2, 2), (0, 2), (2, 1)] {
            duels.event(&Event::Kill {
                killer: PlayerId(killer),
                victim: PlayerId(victim),
                weapon: Weapon::Blast,
            });
        }
        assert_eq!(duels.counts().kills, 2);
    }
}
