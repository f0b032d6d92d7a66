//! Getting hurt, and what follows.

use tickwire_game::{Cx, Id, PlayerId, To, Vec2};

use crate::Skirmish;
use crate::balance::RESPAWN_TICKS;
use crate::messages::{Event, Weapon};
use crate::state::{Arena, Avatar};

/// Takes `amount` from the victim's shield, then from its health; at 0 it dies and `by` scores.
pub(crate) fn harm(
    arena: &mut Arena,
    victim: Id<Avatar>,
    by: PlayerId,
    amount: u8,
    weapon: Weapon,
    cx: &mut Cx<'_, Skirmish>,
) {
    let Some(avatar) = arena.avatars.get_mut(victim).filter(|avatar| avatar.alive) else {
        return;
    };
    let absorbed = amount.min(avatar.shield);
    let hurt = (amount - absorbed).min(avatar.health);
    avatar.shield -= absorbed;
    avatar.health -= hurt;
    let fallen = avatar.player;
    cx.emit(To::Everyone, Event::Hit { victim: fallen, by, damage: absorbed + hurt });
    if avatar.health > 0 {
        return;
    }
    avatar.alive = false;
    avatar.vel = Vec2::ZERO;
    avatar.shield = 0;
    avatar.deaths = avatar.deaths.saturating_add(1);
    avatar.respawn_in = RESPAWN_TICKS;
    if let Some(killer) = arena.avatar_mut(by) {
        killer.score = killer.score.saturating_add(1);
    }
    cx.emit_reliable(To::Everyone, Event::Kill { killer: by, victim: fallen, weapon });
}
