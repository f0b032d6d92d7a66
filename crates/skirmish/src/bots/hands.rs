//! Where a bot aims and when it pulls the trigger.

use tickwire_game::{Dice, Vec2, math};

use super::mood::Mood;
use super::senses::Foe;
use crate::balance::BLAST_SPEED;
use crate::messages::Input;
use crate::ray::unit_and_length;
use crate::state::Avatar;

/// How far a bot turns in a tick, radians: half a turn takes half a second.
const TURN: f32 = 0.22;
/// Aim this near to the wanted one is left as it is, radians: a steady hand, and fewer bytes.
const STEADY: f32 = 0.05;
/// Aim this near to the wanted one is good enough to fire, radians.
const ON_TARGET: f32 = 0.12;
/// How far a rail shot may be off, radians either way.
const RAIL_ERROR: f32 = 0.19;
/// How far a blast shot may be off, radians either way.
const BLAST_ERROR: f32 = 0.1;
/// Chance to fire a ready rail in a tick on target: a reaction of about a third of a second.
const RAIL_REACTION: f32 = 0.05;
/// Chance to fire the blaster in a tick on target.
const BLAST_REACTION: f32 = 0.5;
/// Share of the moments of a fight in which a bot uses its blaster.
const BLASTING: f32 = 0.85;
/// Farthest foe worth a blast shot, metres: others have time to walk away.
const BLAST_RANGE: f32 = 15.0;
/// Nearest foe worth a rail shot, metres, while there are cells for the blaster.
const RAIL_RANGE: f32 = 2.0;

/// What aiming is decided from.
pub(super) struct Hands<'a> {
    pub(super) own: &'a Avatar,
    pub(super) mood: Mood,
    /// Where the legs go.
    pub(super) walk: (i8, i8),
}

/// The weapon that a bot has in mind.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    Rail,
    Blast,
    Wait,
}

impl Hands<'_> {
    /// Aim and triggers; the input's directions are left at rest.
    pub(super) fn fight(&self, foe: Option<&Foe<'_>>, dice: &mut Dice) -> Input {
        let Some(foe) = foe.filter(|foe| foe.in_sight) else {
            return Input { aim: self.look_ahead(), ..Input::default() };
        };
        let plan = self.plan(foe);
        let wanted = self.wanted(foe, plan);
        let off = math::wrap_angle(wanted - self.own.aim);
        if off.abs() > ON_TARGET {
            return Input { aim: self.turned(off), ..Input::default() };
        }
        match plan {
            Plan::Rail if dice.chance(RAIL_REACTION) => {
                Input { aim: wanted, rail: true, ..Input::default() }
            }
            Plan::Blast if dice.chance(BLAST_REACTION) => {
                Input { aim: wanted, blast: true, ..Input::default() }
            }
            _ => Input { aim: self.turned(off), ..Input::default() },
        }
    }

    /// Which weapon to use now.
    fn plan(&self, foe: &Foe<'_>) -> Plan {
        let cells = self.own.ammo > 0;
        let blast = cells && foe.distance < BLAST_RANGE;
        if self.own.rail_ready == 0 && (foe.distance > RAIL_RANGE || !cells) {
            Plan::Rail
        } else if blast && self.mood.unit(3) < BLASTING {
            Plan::Blast
        } else {
            Plan::Wait
        }
    }

    /// The angle to fire at, with this moment's mistake in it.
    fn wanted(&self, foe: &Foe<'_>, plan: Plan) -> f32 {
        let (at, error) = match plan {
            Plan::Blast => {
                let flight_s = foe.distance / BLAST_SPEED;
                (foe.avatar.pos + foe.avatar.vel * flight_s, BLAST_ERROR)
            }
            Plan::Rail | Plan::Wait => (foe.avatar.pos, RAIL_ERROR),
        };
        angle_of(at - self.own.pos, self.own.aim) + self.mood.signed(4) * error
    }

    /// With nobody in sight, a bot looks where it walks.
    fn look_ahead(&self) -> f32 {
        let ahead = Vec2::new(f32::from(self.walk.0), f32::from(self.walk.1));
        self.turned(math::wrap_angle(angle_of(ahead, self.own.aim) - self.own.aim))
    }

    /// The aim after one tick of turning by `off`.
    fn turned(&self, off: f32) -> f32 {
        if off.abs() < STEADY {
            return self.own.aim;
        }
        self.own.aim + off.clamp(-TURN, TURN)
    }
}

/// The angle of a vector; `otherwise` when it has no direction.
fn angle_of(v: Vec2, otherwise: f32) -> f32 {
    unit_and_length(v).map_or(otherwise, |(dir, _)| math::atan2(dir.y, dir.x))
}
