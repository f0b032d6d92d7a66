//! Pulling triggers: the rail's beam, and the blaster's shots up to their start.

use tickwire_game::{Cx, Id, Inputs, PlayerId, To, Vec2, math};

use crate::Skirmish;
use crate::balance::{
    BLAST_COOLDOWN, HIT_RADIUS, RAIL_COOLDOWN, RAIL_DAMAGE, RECHARGE_TICKS, START_AMMO,
};
use crate::damage::harm;
use crate::limits::MAX_MAP_TILES;
use crate::messages::{Event, Weapon};
use crate::ray::{circle_distance, wall_distance};
use crate::shots::launch;
use crate::state::{Arena, Avatar};

/// Longer than any line of sight, metres.
const RAIL_REACH: f32 = 2.0 * MAX_MAP_TILES as f32;

/// Lets every living player fire what its input asks for and is ready.
pub(crate) fn fire(arena: &mut Arena, inputs: &Inputs<'_, Skirmish>, cx: &mut Cx<'_, Skirmish>) {
    let mut shooters = arena.avatars.ids();
    // When two shoot each other dead in one tick, the earlier one lives: take turns at being first.
    let turn = cx.tick() as usize % shooters.len().max(1);
    shooters.rotate_left(turn);
    for shooter in shooters {
        let Some(avatar) = arena.avatars.get_mut(shooter).filter(|avatar| avatar.alive) else {
            continue;
        };
        let input = inputs.get(avatar.player);
        let rail = input.rail && avatar.rail_ready == 0;
        let blast = input.blast && avatar.blast_ready == 0 && avatar.ammo > 0;
        if rail {
            avatar.rail_ready = RAIL_COOLDOWN;
        }
        if blast {
            avatar.blast_ready = BLAST_COOLDOWN;
            avatar.ammo -= 1;
        }
        let dir = math::direction(input.aim);
        if blast {
            launch(arena, shooter, dir, cx);
        }
        if rail {
            fire_rail(arena, shooter, dir, cx);
        }
    }
}

/// Counts down what a living avatar waits for.
pub(crate) fn cool(avatar: &mut Avatar) {
    avatar.rail_ready = avatar.rail_ready.saturating_sub(1);
    avatar.blast_ready = avatar.blast_ready.saturating_sub(1);
    if avatar.ammo >= START_AMMO {
        avatar.recharge_in = RECHARGE_TICKS;
    } else if avatar.recharge_in > 1 {
        avatar.recharge_in -= 1;
    } else {
        avatar.recharge_in = RECHARGE_TICKS;
        avatar.ammo += 1;
    }
}

/// A beam to the first wall or avatar in its way.
fn fire_rail(arena: &mut Arena, shooter: Id<Avatar>, dir: Vec2, cx: &mut Cx<'_, Skirmish>) {
    let Some(avatar) = arena.avatars.get(shooter) else {
        return;
    };
    let (player, start) = (avatar.player, avatar.pos);
    let wall = wall_distance(&cx.fixed().map, start, dir, RAIL_REACH);
    let mut nearest = wall;
    let mut hit = None;
    for (id, other) in arena.avatars.iter() {
        if id == shooter || !other.alive {
            continue;
        }
        if let Some(distance) = circle_distance(start, dir, other.pos, HIT_RADIUS)
            && distance < nearest
        {
            nearest = distance;
            hit = Some((id, other.player));
        }
    }
    let victim = hit.map_or(PlayerId::NONE, |(_, player)| player);
    let end = start + dir * nearest;
    cx.emit(To::Everyone, Event::Rail { shooter: player, start, end, victim });
    if let Some((id, _)) = hit {
        harm(arena, id, player, RAIL_DAMAGE, Weapon::Rail, cx);
    }
}
