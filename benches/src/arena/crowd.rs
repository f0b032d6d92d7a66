//! The players of a room, and its states without one.

use tickwire_game::wire::columns::Extract;
use tickwire_game::{Dice, PlayerId, Profile, World};

use crate::arena::Arena;
use crate::arena::config::Config;
use crate::arena::leg::Leg;
use crate::arena::state::Input;

/// Salt of the players' dice, apart from those of the room.
const PLAYER_SALT: u64 = 0xc0de << 32;

/// The players of one room, each on its own leg, as a load client has them.
#[derive(Clone, Debug)]
pub struct Crowd {
    seed: u64,
    /// Inputs made so far, which is also the tick of the dice.
    made: Vec<u32>,
    legs: Vec<Leg>,
    /// Seconds of a tick.
    dt: f32,
}

impl Crowd {
    /// `players` players who send `tick_hz` inputs a second.
    pub fn new(players: u16, tick_hz: u16, seed: u64) -> Self {
        let leg = |player| Leg::new(&mut dice(seed, 0, player));
        Self {
            seed,
            made: vec![0; players.into()],
            legs: (0..players.into()).map(leg).collect(),
            dt: 1.0 / f32::from(tick_hz),
        }
    }

    /// How many players.
    pub fn len(&self) -> usize {
        self.legs.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// The next input of a player, who must be below [`len`](Self::len).
    pub fn input(&mut self, player: usize) -> Input {
        self.made[player] += 1;
        let mut dice = dice(self.seed, self.made[player], player);
        let leg = &mut self.legs[player];
        leg.step(self.dt, &mut dice);
        leg.input(&mut dice)
    }
}

fn dice(seed: u64, tick: u32, player: usize) -> Dice {
    Dice::new(seed, tick, PLAYER_SALT | player as u64)
}

/// The state of one room after each of `ticks` ticks, the first of which brings the players in.
///
/// # Panics
/// When the configuration makes no room: then there is nothing to measure.
pub fn states(config: &Config, seed: u64, ticks: usize) -> Vec<Extract> {
    let mut world =
        World::<Arena>::create(config.options(), &(), seed).expect("a room of the workload opens");
    let mut crowd = Crowd::new(config.players, config.tick_hz, seed);
    let mut states = Vec::with_capacity(ticks);
    for tick in 0..ticks {
        let mut entry = world.next_entry();
        for (index, player) in (1..=config.players).map(PlayerId).enumerate() {
            if tick == 0 {
                let name = format!("Player {}", player.0);
                entry.joins.push((player, Profile { name, ..Profile::default() }));
            } else {
                entry.inputs.push((player, crowd.input(index)));
            }
        }
        world.advance(&entry);
        let mut extract = Extract::default();
        world.extract(&mut extract);
        states.push(extract);
    }
    states
}
