//! What a match consists of: the rows that are replicated.

use tickwire_game::{PlayerId, Replicate, Row, Single, Table, Vec2, Wire};

/// Everything that changes in a match.
#[derive(Clone, Replicate)]
pub struct Arena {
    /// One per player in the room.
    pub avatars: Table<Avatar>,
    /// Blast shots in flight.
    pub shots: Table<Shot>,
    /// The map's pick-ups, in its order.
    pub pickups: Table<Pickup>,
    /// Where the round stands.
    pub round: Single<Round>,
}

/// A player's body.
#[derive(Clone, Row)]
pub struct Avatar {
    /// Whose it is.
    #[net(owner)]
    pub player: PlayerId,
    /// Centre, metres. Jumps when `alive` turns true.
    #[net(range = 0.0..64.0, step = 1.0/128.0, lerp, velocity = vel)]
    pub pos: Vec2,
    /// Metres per second. A tick of acceleration is 2 of them.
    #[net(range = -15.0..15.0, step = 15.0/64.0, keeps_length, usual = 2.0)]
    pub vel: Vec2,
    /// Where it looks, radians; 0 is right, a quarter turn is down.
    #[net(angle, bits = 8, lerp)]
    pub aim: f32,
    /// False from death to respawn; `pos` is then where it fell.
    pub alive: bool,
    /// 0..=100; 0 when dead.
    #[net(max = 100)]
    pub health: u8,
    /// 0..=50; takes damage before health does.
    #[net(max = 50)]
    pub shield: u8,
    /// Index into the page's palette.
    #[net(max = 15)]
    pub hue: u8,
    /// Kills in this round.
    pub score: u16,
    /// Deaths in this round.
    pub deaths: u16,
    /// Ticks until the rail can fire.
    #[net(to = owner)]
    pub rail_ready: u8,
    /// Blaster cells.
    #[net(to = owner)]
    pub ammo: u8,
    /// Ticks until respawn; 0 when alive.
    #[net(to = owner)]
    pub respawn_in: u8,
    /// Ticks until the blaster can fire.
    #[net(skip)]
    pub blast_ready: u8,
    /// Ticks until a cell recharges.
    #[net(skip)]
    pub recharge_in: u8,
}

/// A blast shot in flight: straight, with constant velocity.
#[derive(Clone, Row)]
pub struct Shot {
    /// Who fired it.
    pub owner: PlayerId,
    /// Metres. The grid of `pos` and `vel` makes steady flight exact: a velocity step for one tick is a
    /// position step.
    #[net(range = 0.0..64.0, step = 1.0/256.0, lerp, velocity = vel)]
    pub pos: Vec2,
    /// Metres per second.
    #[net(range = -15.0..15.0, step = 15.0/128.0)]
    pub vel: Vec2,
    /// Ticks until it bursts by itself.
    #[net(skip)]
    pub fuse: u8,
}

/// What a pick-up gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Wire)]
pub enum PickupKind {
    /// Health, 40.
    Health,
    /// A full shield, 50.
    Shield,
    /// Blaster cells, 10.
    Ammo,
}

/// Something to walk over.
#[derive(Clone, Row)]
pub struct Pickup {
    /// What it gives.
    pub kind: PickupKind,
    /// Metres.
    #[net(range = 0.0..64.0, step = 1.0/128.0)]
    pub pos: Vec2,
    /// Whether it lies there.
    pub ready: bool,
    /// Ticks until it is back.
    #[net(skip)]
    pub back_in: u16,
}

/// Part of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Wire)]
pub enum Phase {
    /// Weapons are hot.
    Playing,
    /// The scoreboard shows; players can walk, not fire.
    Over,
}

/// Where the round stands.
#[derive(Clone, Row)]
pub struct Round {
    /// Playing, or over.
    pub phase: Phase,
    /// Counts from 1.
    pub number: u16,
    /// Seconds until the phase ends, rounded up.
    pub ends_in_s: u16,
    /// Who won, while over; none while playing, and when nobody had a kill.
    pub winner: PlayerId,
    /// Ticks until the phase ends.
    #[net(skip)]
    pub ticks_left: u32,
}

impl Arena {
    /// A player's avatar.
    pub fn avatar(&self, player: PlayerId) -> Option<&Avatar> {
        self.avatars.values().find(|avatar| avatar.player == player)
    }

    /// A player's avatar, to change it.
    pub fn avatar_mut(&mut self, player: PlayerId) -> Option<&mut Avatar> {
        self.avatars.iter_mut().map(|(_, avatar)| avatar).find(|avatar| avatar.player == player)
    }
}
