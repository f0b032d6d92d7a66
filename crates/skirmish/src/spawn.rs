//! Appearing: where, and as what.

use tickwire_game::{Cx, Id, PlayerId, To, Vec2};

use crate::Skirmish;
use crate::balance::{MAX_HEALTH, RECHARGE_TICKS, START_AMMO};
use crate::limits::HUES;
use crate::map::Map;
use crate::messages::Event;
use crate::state::{Arena, Avatar};

/// Adds a player's avatar and lets it appear.
pub(crate) fn enter(arena: &mut Arena, player: PlayerId, cx: &mut Cx<'_, Skirmish>) {
    let avatar = Avatar {
        player,
        pos: Vec2::ZERO,
        vel: Vec2::ZERO,
        aim: 0.0,
        alive: false,
        health: 0,
        shield: 0,
        hue: free_hue(arena),
        score: 0,
        deaths: 0,
        rail_ready: 0,
        ammo: 0,
        respawn_in: 0,
        blast_ready: 0,
        recharge_in: 0,
    };
    let id = arena.avatars.insert(avatar);
    appear(arena, id, cx);
}

/// Counts the dead down and lets those whose time has come appear.
pub(crate) fn respawn(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    for id in arena.avatars.ids() {
        if let Some(avatar) = arena.avatars.get_mut(id).filter(|avatar| !avatar.alive) {
            avatar.respawn_in = avatar.respawn_in.saturating_sub(1);
            if avatar.respawn_in == 0 {
                appear(arena, id, cx);
            }
        }
    }
}

/// Puts an avatar on the best spawn point, fresh. It looks towards the middle of the map.
pub(crate) fn appear(arena: &mut Arena, id: Id<Avatar>, cx: &mut Cx<'_, Skirmish>) {
    let map = &cx.fixed().map;
    let pick = cx.dice(u64::from(id.raw())).below(map.spawns.len() as u32) as usize;
    let pos = best_spawn(arena, id, map, pick);
    let aim = if pos.x * 2.0 < map.width() as f32 { 0.0 } else { std::f32::consts::PI };
    let Some(avatar) = arena.avatars.get_mut(id) else {
        return;
    };
    avatar.pos = pos;
    avatar.vel = Vec2::ZERO;
    avatar.aim = aim;
    avatar.alive = true;
    avatar.health = MAX_HEALTH;
    avatar.shield = 0;
    avatar.rail_ready = 0;
    avatar.ammo = START_AMMO;
    avatar.respawn_in = 0;
    avatar.blast_ready = 0;
    avatar.recharge_in = RECHARGE_TICKS;
    cx.emit(To::Everyone, Event::Spawned { player: avatar.player, at: pos });
}

/// The spawn point whose nearest living enemy is farthest away; on an empty map, number `pick`.
fn best_spawn(arena: &Arena, id: Id<Avatar>, map: &Map, pick: usize) -> Vec2 {
    let nearest_enemy = |spawn: Vec2| {
        let others = arena.avatars.iter().filter(|&(other, avatar)| other != id && avatar.alive);
        let squares = others.map(|(_, avatar)| (avatar.pos - spawn).length_squared());
        squares.fold(f32::INFINITY, f32::min)
    };
    let mut best = map.spawns[pick];
    let mut best_distance = nearest_enemy(best);
    for &spawn in &map.spawns {
        let distance = nearest_enemy(spawn);
        if distance > best_distance {
            (best, best_distance) = (spawn, distance);
        }
    }
    best
}

/// The first palette entry that the fewest avatars wear.
fn free_hue(arena: &Arena) -> u8 {
    let worn = |hue: u8| arena.avatars.values().filter(|avatar| avatar.hue == hue).count();
    (0..HUES).min_by_key(|&hue| worn(hue)).unwrap_or(0)
}
