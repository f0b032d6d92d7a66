//! What travels: the entities, and what a player sends.

use tickwire_game::{PlayerId, Replicate, Row, Table, Vec2, Wire};

use crate::arena::leg::Leg;

/// Step of an input's direction: 0.12 cm/s of a player's velocity, finer than the step in which
/// velocities travel, so that these are as random as the workload has them.
pub const DIRECTION_STEP: f64 = 1.0 / 4096.0;

/// All that changes.
#[derive(Clone, Replicate)]
pub struct State {
    /// Players and NPCs alike.
    #[net(at = pos)]
    pub entities: Table<Entity>,
    /// How far players see, metres; `None` = everything.
    #[net(skip)]
    pub view_radius: Option<f32>,
}

/// A player's body, or an NPC. The peer sends the same fields at the same precision.
#[derive(Clone, Row)]
pub struct Entity {
    /// Whose it is; nobody's is an NPC. The peer's clients know it from the key of its map.
    #[net(owner)]
    pub player: PlayerId,
    /// Metres.
    #[net(range = 0.0..=200.0, step = 0.01, lerp, velocity = vel)]
    pub pos: Vec2,
    /// Metres per second.
    #[net(range = -10.0..=10.0, step = 0.01, keeps_length)]
    pub vel: Vec2,
    /// Where it looks, radians.
    #[net(angle, bits = 8, lerp)]
    pub angle: f32,
    /// 0..=100.
    pub health: u8,
    /// Shots fired.
    pub score: u16,
    /// Where it is without rounding: what is added up must not be what is sent.
    #[net(skip)]
    pub exact: Vec2,
    /// Where an NPC or a bot is going; of no meaning for others.
    #[net(skip)]
    pub leg: Leg,
}

/// A player's input of one tick; the default stands.
#[derive(Clone, Debug, Default, PartialEq, Wire)]
pub struct Input {
    /// Where to go, of length 0 or 1.
    #[net(range = -1.0..=1.0, step = DIRECTION_STEP)]
    pub direction: Vec2,
    /// Where to look, radians. Finer than what others see, so that rounding once more is nothing.
    #[net(angle, bits = 16)]
    pub aim: f32,
    /// Button 0.
    #[net(sticky)]
    pub fire: bool,
}
