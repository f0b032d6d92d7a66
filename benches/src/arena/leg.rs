//! The law by which everyone walks.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use tickwire_game::{Dice, Vec2, math};

use crate::arena::FIRE_CHANCE;
use crate::arena::state::Input;

/// How long a leg lasts, seconds.
pub const LEG_S: Range<f32> = 0.5..2.0;
/// Probability that a leg is a stand.
pub const STAND_CHANCE: f32 = 0.2;
/// How far the heading turns in a tick of walking, radians.
pub const TURN: Range<f32> = -0.2..0.2;
/// How far the aim turns in a tick of walking, radians.
pub const AIM_TURN: Range<f32> = -0.15..0.15;

/// Where somebody is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// Direction of walking, radians; kept over a stand.
    pub heading: f32,
    /// Where it looks, radians.
    pub aim: f32,
    /// Seconds until the leg is over.
    pub left_s: f32,
    /// Whether the leg is a stand.
    pub stands: bool,
}

impl Leg {
    /// Any heading and aim; the first [`step`](Self::step) begins a leg.
    pub fn new(dice: &mut Dice) -> Self {
        let heading = dice.range(-math::PI..math::PI);
        Self { heading, aim: dice.range(-math::PI..math::PI), left_s: 0.0, stands: false }
    }

    /// Goes on for a tick of `dt` seconds.
    pub fn step(&mut self, dt: f32, dice: &mut Dice) {
        if self.left_s <= 0.0 {
            self.left_s = dice.range(LEG_S);
            self.stands = dice.chance(STAND_CHANCE);
        }
        self.left_s -= dt;
        if !self.stands {
            self.heading = math::wrap_angle(self.heading + dice.range(TURN));
            self.aim = math::wrap_angle(self.aim + dice.range(AIM_TURN));
        }
    }

    /// A unit vector, or nothing in a stand.
    pub fn direction(&self) -> Vec2 {
        if self.stands { Vec2::ZERO } else { math::direction(self.heading) }
    }

    /// The input of a player on this leg.
    pub fn input(&self, dice: &mut Dice) -> Input {
        Input { direction: self.direction(), aim: self.aim, fire: dice.chance(FIRE_CHANCE) }
    }

    /// Goes back where it came from along x.
    pub fn turn_back_x(&mut self) {
        self.heading = math::wrap_angle(math::PI - self.heading);
    }

    /// Goes back where it came from along y.
    pub fn turn_back_y(&mut self) {
        self.heading = math::wrap_angle(-self.heading);
    }
}
