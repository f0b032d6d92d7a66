//! Where a bot walks.

use tickwire_game::Vec2;

use super::mood::{Mood, between};
use super::senses::{Foe, danger};
use crate::Ground;
use crate::balance::DIAGONAL;
use crate::map::Map;
use crate::pickups::useful;
use crate::ray::{clear, unit_and_length};
use crate::state::{Arena, Avatar, PickupKind};

/// Distance along an axis below which a bot counts as level with where it goes, metres.
const LEVEL: f32 = 0.2;
/// How far ahead of its step a bot looks for walls, metres.
const FEELER: f32 = 0.6;
/// Distance at which bots make room for one another, metres.
const ELBOW_ROOM: f32 = 1.6;
/// How far ahead of its step a fighting bot checks that it will still see its foe, metres.
const PEEK: f32 = 1.0;
/// How much a fighting bot minds losing sight of its foe.
const HIDING: f32 = 1.6;
/// How much a bot prefers to keep its direction: less trembling, fewer bytes.
const HABIT: f32 = 0.5;
/// Speed above which a bot counts as moving along an axis, m/s.
const MOVING: f32 = 2.0;
/// Bots like to fight from at least this distance, metres.
const RANGE: f32 = 4.5;
/// By how much more, at most, each in its own way, metres.
const RANGE_TASTE: f32 = 4.0;
/// How far off its range a bot does not mind to be, metres.
const AT_EASE: f32 = 1.5;
/// Share of the moments of a fight in which a bot stands still and aims.
const STANDS: f32 = 0.3;

/// The eight ways to walk.
const WAYS: [(i8, i8); 8] = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)];

/// What walking is decided from.
pub(super) struct Legs<'a> {
    pub(super) arena: &'a Arena,
    pub(super) own: &'a Avatar,
    pub(super) ground: &'a Ground,
    pub(super) mood: Mood,
}

impl Legs<'_> {
    /// The directions to hold: out of a shot's way, else to something it needs, else to the fight.
    pub(super) fn walk(&self, foe: Option<&Foe<'_>>) -> (i8, i8) {
        if let Some(way_out) = danger(self.arena, self.own) {
            return self.steer(way_out, None);
        }
        if let Some(goal) = self.errand() {
            return self.travel(goal);
        }
        match foe {
            Some(foe) if foe.in_sight => self.strafe(foe),
            Some(foe) => self.travel(foe.avatar.pos),
            None => self.roam(),
        }
    }

    /// A pick-up worth its way.
    fn errand(&self) -> Option<Vec2> {
        let mut best = 0.0;
        let mut goal = None;
        for pickup in self.arena.pickups.values() {
            if !pickup.ready || !useful(pickup.kind, self.own) {
                continue;
            }
            let straight = (pickup.pos - self.own.pos).length();
            let in_sight = clear(&self.ground.map, self.own.pos, pickup.pos);
            let way = if in_sight { straight } else { straight * 1.5 + 2.0 };
            let gain = self.worth(pickup.kind) - way;
            if gain > best {
                best = gain;
                goal = Some(pickup.pos);
            }
        }
        goal
    }

    /// The longest way, in metres, that a pick-up is worth.
    fn worth(&self, kind: PickupKind) -> f32 {
        match kind {
            PickupKind::Health => (100.0 - f32::from(self.own.health)) * 0.3,
            PickupKind::Shield => (50.0 - f32::from(self.own.shield)) * 0.2,
            PickupKind::Ammo => (10.0 - f32::from(self.own.ammo)).max(0.0) * 1.2,
        }
    }

    /// One step of the way to a place, from tile to tile around the walls.
    fn travel(&self, goal: Vec2) -> (i8, i8) {
        let (x, y) = Map::tile(self.own.pos);
        let next = match self.ground.nav.step(self.own.pos, goal) {
            Some((dx, dy)) => Map::centre(x + dx, y + dy),
            None => goal,
        };
        let to = next - self.own.pos;
        (toward(to.x), toward(to.y))
    }

    /// Circles a foe at a comfortable distance, now and then standing still to aim.
    fn strafe(&self, foe: &Foe<'_>) -> (i8, i8) {
        let Some((ahead, _)) = unit_and_length(foe.avatar.pos - self.own.pos) else {
            return self.roam();
        };
        let range = RANGE + between(u32::from(self.own.player.0), 0) * RANGE_TASTE;
        let off = foe.distance - range;
        let closer = (off - off.clamp(-AT_EASE, AT_EASE)).clamp(-1.0, 1.0);
        let whim = self.mood.unit(2);
        if whim < STANDS && closer.abs() < 0.8 {
            return (0, 0);
        }
        let side = if whim < STANDS / 2.0 + 0.5 { 1.0 } else { -1.0 };
        self.steer(ahead.perp() * side + ahead * closer, Some(foe.avatar.pos))
    }

    /// With nobody left: walks to one spawn point after the other.
    fn roam(&self) -> (i8, i8) {
        let spawns = &self.ground.map.spawns;
        let round = &self.arena.round;
        let leg = usize::from(round.ends_in_s / 8) + usize::from(self.own.player.0) * 3;
        self.travel(spawns[leg % spawns.len()])
    }

    /// The walkable direction nearest to `wish`, keeping the present one when it is about as good, and
    /// rather not one from which `foe` is out of sight.
    fn steer(&self, wish: Vec2, foe: Option<Vec2>) -> (i8, i8) {
        let Some((mut wish, _)) = unit_and_length(wish) else {
            return (0, 0);
        };
        for other in self.arena.avatars.values() {
            let apart = self.own.pos - other.pos;
            if let Some((away, distance)) = unit_and_length(apart)
                && other.alive
                && distance < ELBOW_ROOM
            {
                wish += away * (1.0 - distance / ELBOW_ROOM);
            }
        }
        let moving = |v: f32| {
            if v > MOVING {
                1
            } else if v < -MOVING {
                -1
            } else {
                0
            }
        };
        let present = (moving(self.own.vel.x), moving(self.own.vel.y));
        let mut best = 0.0;
        let mut choice = (0, 0);
        for way in WAYS {
            let length = if way.0 != 0 && way.1 != 0 { DIAGONAL } else { 1.0 };
            let step = Vec2::new(f32::from(way.0), f32::from(way.1)) * length;
            let habit = if way == present { HABIT } else { 0.0 };
            let score = step.dot(wish) + habit;
            if score <= best || !self.ground.map.fits(self.own.pos + step * FEELER) {
                continue;
            }
            let ahead = self.own.pos + step * PEEK;
            let hides = foe.is_some_and(|foe| !clear(&self.ground.map, ahead, foe));
            let score = if hides { score - HIDING } else { score };
            if score > best {
                best = score;
                choice = way;
            }
        }
        choice
    }
}

/// The direction to hold along one axis for a distance along it.
fn toward(distance: f32) -> i8 {
    if distance > LEVEL {
        1
    } else if distance < -LEVEL {
        -1
    } else {
        0
    }
}
