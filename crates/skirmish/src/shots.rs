//! Blast shots: start, flight, burst.

use tickwire_game::{Cx, Id, PlayerId, To, Vec2};

use crate::Skirmish;
use crate::balance::{
    BLAST_DAMAGE, BLAST_SPEED, HIT_RADIUS, MUZZLE, SHOT_TICKS, SPLASH_DAMAGE, SPLASH_RADIUS,
};
use crate::damage::harm;
use crate::limits::MAX_SHOTS;
use crate::messages::{Event, Weapon};
use crate::ray::{circle_distance, clear, unit_and_length, wall_distance};
use crate::state::{Arena, Avatar, Shot};

/// How far before a wall a shot bursts, metres: on the side of the wall that it came from.
const WALL_GAP: f32 = 1.0 / 32.0;

/// Starts a shot at the muzzle; with a wall right before it, it bursts there.
pub(crate) fn launch(arena: &mut Arena, shooter: Id<Avatar>, dir: Vec2, cx: &mut Cx<'_, Skirmish>) {
    let Some(avatar) = arena.avatars.get(shooter) else {
        return;
    };
    let (owner, centre) = (avatar.player, avatar.pos);
    let wall = wall_distance(&cx.fixed().map, centre, dir, MUZZLE);
    if wall < MUZZLE || arena.shots.len() >= MAX_SHOTS {
        burst(arena, owner, centre + dir * (wall - WALL_GAP), None, cx);
        return;
    }
    let vel = dir * BLAST_SPEED;
    arena.shots.insert(Shot { owner, pos: centre + dir * MUZZLE, vel, fuse: SHOT_TICKS });
}

/// Moves every shot by one tick; those that meet something burst.
pub(crate) fn fly(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    for id in arena.shots.ids() {
        let Some(shot) = arena.shots.get_mut(id) else {
            continue;
        };
        let (owner, from) = (shot.owner, shot.pos);
        let travel = shot.vel * cx.dt();
        shot.pos = from + travel;
        shot.fuse = shot.fuse.saturating_sub(1);
        let spent = shot.fuse == 0;
        let Some((dir, length)) = unit_and_length(travel) else {
            arena.shots.remove(id);
            continue;
        };
        let wall = wall_distance(&cx.fixed().map, from, dir, length);
        let met = first_met(arena, owner, from, dir, wall);
        let reach = met.map_or(wall, |(_, distance)| distance);
        if met.is_none() && wall >= length && !spent {
            continue;
        }
        arena.shots.remove(id);
        let gap = if met.is_none() && wall < length { WALL_GAP } else { 0.0 };
        burst(arena, owner, from + dir * (reach - gap), met.map(|(victim, _)| victim), cx);
    }
}

/// The nearest living avatar, other than the owner's, on the next `reach` metres of a shot's way.
fn first_met(
    arena: &Arena,
    owner: PlayerId,
    from: Vec2,
    dir: Vec2,
    reach: f32,
) -> Option<(Id<Avatar>, f32)> {
    let mut first: Option<(Id<Avatar>, f32)> = None;
    for (id, avatar) in arena.avatars.iter() {
        if avatar.player == owner || !avatar.alive {
            continue;
        }
        if let Some(distance) = circle_distance(from, dir, avatar.pos, HIT_RADIUS)
            && distance <= first.map_or(reach, |(_, nearest)| nearest)
        {
            first = Some((id, distance));
        }
    }
    first
}

/// A shot's end: whom it struck takes its damage, who stands near and in sight takes the splash. It
/// never hurts its owner.
fn burst(
    arena: &mut Arena,
    owner: PlayerId,
    at: Vec2,
    struck: Option<Id<Avatar>>,
    cx: &mut Cx<'_, Skirmish>,
) {
    cx.emit(To::Everyone, Event::Burst { at });
    if let Some(victim) = struck {
        harm(arena, victim, owner, BLAST_DAMAGE, Weapon::Blast, cx);
    }
    for id in arena.avatars.ids() {
        let Some(avatar) = arena.avatars.get(id) else {
            continue;
        };
        if Some(id) == struck || avatar.player == owner || !avatar.alive {
            continue;
        }
        let distance = (avatar.pos - at).length();
        if distance < SPLASH_RADIUS && clear(&cx.fixed().map, at, avatar.pos) {
            // Rounded up: whoever is in reach feels it.
            let damage = (SPLASH_DAMAGE * (1.0 - distance / SPLASH_RADIUS)).ceil();
            harm(arena, id, owner, damage as u8, Weapon::Blast, cx);
        }
    }
}
