//! Health, shields and cells that lie about.

use tickwire_game::{Cx, To};

use crate::Skirmish;
use crate::balance::{
    MAX_AMMO, MAX_HEALTH, MAX_SHIELD, PICKUP_AMMO, PICKUP_HEALTH, PICKUP_REACH, PICKUP_SHIELD,
    PICKUP_TICKS,
};
use crate::map::Map;
use crate::messages::Event;
use crate::state::{Arena, Avatar, Pickup, PickupKind};

/// Lays out the map's pick-ups, all ready.
pub(crate) fn lay_out(arena: &mut Arena, map: &Map) {
    for &(kind, pos) in &map.pickups {
        arena.pickups.insert(Pickup { kind, pos, ready: true, back_in: 0 });
    }
}

/// Hands each ready pick-up to the nearest avatar in reach that can use it; brings taken ones back.
pub(crate) fn collect(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    for pickup in arena.pickups.values_mut() {
        if !pickup.ready {
            pickup.back_in = pickup.back_in.saturating_sub(1);
            pickup.ready = pickup.back_in == 0;
            continue;
        }
        let mut nearest = PICKUP_REACH * PICKUP_REACH;
        let mut taker = None;
        for avatar in arena.avatars.values_mut() {
            let distance = (avatar.pos - pickup.pos).length_squared();
            if distance < nearest && useful(pickup.kind, avatar) {
                nearest = distance;
                taker = Some(avatar);
            }
        }
        if let Some(avatar) = taker {
            take(pickup.kind, avatar);
            pickup.ready = false;
            pickup.back_in = PICKUP_TICKS;
            let (player, kind, at) = (avatar.player, pickup.kind, pickup.pos);
            cx.emit(To::Everyone, Event::Picked { player, kind, at });
        }
    }
}

/// Whether a pick-up would give this avatar anything.
pub(crate) fn useful(kind: PickupKind, avatar: &Avatar) -> bool {
    avatar.alive
        && match kind {
            PickupKind::Health => avatar.health < MAX_HEALTH,
            PickupKind::Shield => avatar.shield < MAX_SHIELD,
            PickupKind::Ammo => avatar.ammo < MAX_AMMO,
        }
}

fn take(kind: PickupKind, avatar: &mut Avatar) {
    let add = |have: u8, more: u8, most: u8| have.saturating_add(more).min(most);
    match kind {
        PickupKind::Health => avatar.health = add(avatar.health, PICKUP_HEALTH, MAX_HEALTH),
        PickupKind::Shield => avatar.shield = add(avatar.shield, PICKUP_SHIELD, MAX_SHIELD),
        PickupKind::Ammo => avatar.ammo = add(avatar.ammo, PICKUP_AMMO, MAX_AMMO),
    }
}
