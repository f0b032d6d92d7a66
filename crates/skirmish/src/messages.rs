//! What players send, and what happens between states.

use tickwire_game::{PlayerId, Vec2, Wire};

use crate::state::PickupKind;

/// A player's input of one tick; the default keeps hands off.
#[derive(Clone, Debug, Default, PartialEq, Wire)]
pub struct Input {
    /// -1 left, 1 right.
    #[net(range = -1..=1)]
    pub move_x: i8,
    /// -1 up, 1 down.
    #[net(range = -1..=1)]
    pub move_y: i8,
    /// Where the player aims, radians. Finer than the aim others see: shots use this one.
    #[net(angle, bits = 10)]
    pub aim: f32,
    /// Fire the rail as soon as it is ready.
    #[net(sticky)]
    pub rail: bool,
    /// Fire the blaster as fast as it goes.
    #[net(sticky)]
    pub blast: bool,
}

/// What a player asks for now and then.
#[derive(Clone, Debug, PartialEq, Wire)]
pub enum Command {
    /// Wear this palette entry, 0..=15.
    Colour {
        /// Palette index.
        #[net(max = 15)]
        hue: u8,
    },
}

/// What killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Wire)]
pub enum Weapon {
    /// The hitscan beam.
    Rail,
    /// The blaster's shots and their splash.
    Blast,
}

/// Things to see and hear. `Kill`, `RoundStarted` and `RoundEnded` are reliable, the others may be lost.
#[derive(Clone, Debug, PartialEq, Wire)]
pub enum Event {
    /// A beam was fired.
    Rail {
        /// By whom.
        shooter: PlayerId,
        /// Centre of the shooter, metres.
        #[net(range = 0.0..64.0, step = 1.0/32.0)]
        start: Vec2,
        /// Where it ended, metres.
        #[net(range = 0.0..64.0, step = 1.0/32.0)]
        end: Vec2,
        /// Whom it hit; none for a wall.
        victim: PlayerId,
    },
    /// Somebody lost health or shield.
    Hit {
        /// Who lost it.
        victim: PlayerId,
        /// Who did it.
        by: PlayerId,
        /// How much, shield and health together.
        #[net(max = 100)]
        damage: u8,
    },
    /// A blast shot burst.
    Burst {
        /// Where, metres.
        #[net(range = 0.0..64.0, step = 1.0/32.0)]
        at: Vec2,
    },
    /// A player appeared.
    Spawned {
        /// Who.
        player: PlayerId,
        /// Where, metres.
        #[net(range = 0.0..64.0, step = 1.0/32.0)]
        at: Vec2,
    },
    /// A player took a pick-up.
    Picked {
        /// Who.
        player: PlayerId,
        /// What.
        kind: PickupKind,
        /// Where, metres.
        #[net(range = 0.0..64.0, step = 1.0/32.0)]
        at: Vec2,
    },
    /// A player was killed.
    Kill {
        /// Who scored.
        killer: PlayerId,
        /// Who fell.
        victim: PlayerId,
        /// By what.
        weapon: Weapon,
    },
    /// A round began.
    RoundStarted {
        /// Its number.
        number: u16,
    },
    /// A round ended.
    RoundEnded {
        /// Who won; none when nobody had a kill.
        winner: PlayerId,
    },
}
