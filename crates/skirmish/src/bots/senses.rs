//! What a bot notices: whom to fight, what to run from.

use tickwire_game::{Vec2, math};

use super::mood;
use crate::Ground;
use crate::ray::{clear, unit_and_length};
use crate::state::{Arena, Avatar};

/// How far a bot sees, metres: about what a player's screen shows.
const SIGHT: f32 = 22.0;
/// By how much farther away a foe counts that is out of sight, metres.
const HIDDEN: f32 = 9.0;
/// By how much farther away foes count that this bot happens to care less for, metres: it keeps the
/// bots from all running at one.
const TASTE: f32 = 6.0;
/// How much nearer a foe counts that has no health left, metres.
const WOUNDED: f32 = 4.0;
/// How much nearer the foe counts that the bot is aiming at, metres: it finishes what it began.
const LOYALTY: f32 = 3.0;
/// How long before it would pass a bot reacts to a shot, seconds.
const ALERT_S: f32 = 0.45;
/// How near a shot must pass to be dodged, metres.
const NEAR_MISS: f32 = 0.9;
/// Share of shots that a bot tries to dodge.
const WATCHFUL: f32 = 0.45;

/// Whom a bot is after.
pub(super) struct Foe<'a> {
    /// Its body.
    pub(super) avatar: &'a Avatar,
    /// Metres away.
    pub(super) distance: f32,
    /// Whether no wall is between.
    pub(super) in_sight: bool,
}

/// The most sensible enemy: near, in sight, wounded, and not everybody's.
pub(super) fn choose_foe<'a>(arena: &'a Arena, own: &Avatar, ground: &Ground) -> Option<Foe<'a>> {
    let mut best: Option<(f32, Foe<'a>)> = None;
    for avatar in arena.avatars.values() {
        if avatar.player == own.player || !avatar.alive {
            continue;
        }
        let distance = (avatar.pos - own.pos).length();
        let taste = mood::between(u32::from(own.player.0), u32::from(avatar.player.0)) * TASTE;
        let weak = (1.0 - f32::from(avatar.health) / 100.0) * WOUNDED;
        let appeal = distance + taste - weak - faced(own, avatar.pos) * LOYALTY;
        let worst = best.as_ref().map_or(f32::INFINITY, |(appeal, _)| *appeal);
        if appeal >= worst {
            continue;
        }
        let in_sight = distance < SIGHT && clear(&ground.map, own.pos, avatar.pos);
        let appeal = if in_sight { appeal } else { appeal + HIDDEN };
        if appeal < worst {
            best = Some((appeal, Foe { avatar, distance, in_sight }));
        }
    }
    best.map(|(_, foe)| foe)
}

/// How well a bot faces a point: 1 straight ahead, 0 from a quarter turn on.
fn faced(own: &Avatar, point: Vec2) -> f32 {
    let ahead = math::direction(own.aim);
    unit_and_length(point - own.pos).map_or(0.0, |(dir, _)| ahead.dot(dir).max(0.0))
}

/// The direction out of the way of the most urgent shot, if one is coming.
pub(super) fn danger(arena: &Arena, own: &Avatar) -> Option<Vec2> {
    let mut soonest = ALERT_S;
    let mut way_out = None;
    for (id, shot) in arena.shots.iter() {
        let speed_squared = shot.vel.length_squared();
        if shot.owner == own.player || speed_squared == 0.0 {
            continue;
        }
        let to_own = own.pos - shot.pos;
        let passes_in = to_own.dot(shot.vel) / speed_squared;
        if passes_in <= 0.0 || passes_in >= soonest {
            continue;
        }
        let miss = to_own - shot.vel * passes_in;
        let noticed = mood::between(id.raw(), u32::from(own.player.0)) < WATCHFUL;
        if miss.length() < NEAR_MISS && noticed {
            soonest = passes_in;
            let across = shot.vel.perp();
            way_out = Some(if across.dot(miss) >= 0.0 { across } else { -across });
        }
    }
    way_out
}
