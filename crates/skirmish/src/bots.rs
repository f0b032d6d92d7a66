//! Players without a person: they hunt, dodge, and fetch what they need.
//!
//! A bot decides from the state alone, the same in the server and in a load-testing client: it reads
//! what everyone sees and its own private fields, and remembers nothing. What has to last longer
//! than a tick (which way to strafe, how far to miss) hangs on a `mood`.

mod hands;
mod legs;
mod mood;
mod senses;

use tickwire_game::{Dice, PlayerId};

use crate::Ground;
use crate::messages::Input;
use crate::state::{Arena, Phase};
use hands::Hands;
use legs::Legs;
use mood::Mood;

/// The input of the bot in a player's seat.
pub fn decide(arena: &Arena, me: PlayerId, ground: &Ground, dice: &mut Dice) -> Input {
    let Some(own) = arena.avatar(me) else {
        return Input::default();
    };
    let idle = Input { aim: own.aim, ..Input::default() };
    if !own.alive || arena.round.phase == Phase::Over {
        return idle;
    }
    let mood = Mood::of(own, &arena.round);
    let foe = senses::choose_foe(arena, own, ground);
    let legs = Legs { arena, own, ground, mood };
    let (move_x, move_y) = legs.walk(foe.as_ref());
    let hands = Hands { own, mood, walk: (move_x, move_y) };
    Input { move_x, move_y, ..hands.fight(foe.as_ref(), dice) }
}
