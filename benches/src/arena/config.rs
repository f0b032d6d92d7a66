//! The configurations that are compared, and what a peer needs for them.

use crate::arena::Options;

/// One configuration of the workload.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Its short name.
    pub name: &'static str,
    /// Rooms at once.
    pub rooms: u64,
    /// Players in each.
    pub players: u16,
    /// NPCs in each.
    pub npcs: u16,
    /// Ticks and snapshots a second.
    pub tick_hz: u16,
    /// How far a player sees, metres; `None` = everything.
    pub view_radius: Option<f32>,
    /// Bytes of a patch of Colyseus 0.18.8, fields as floats.
    pub peer_float_bytes: u32,
    /// The same with fields quantised by hand.
    pub peer_bytes: u32,
}

/// Rooms of 16, 30 Hz.
pub const A: Config = Config {
    name: "a",
    rooms: 10,
    players: 16,
    npcs: 0,
    tick_hz: 30,
    view_radius: None,
    peer_float_bytes: 431,
    peer_bytes: 286,
};

/// One room of 200 entities, 30 Hz.
pub const B: Config = Config {
    name: "b",
    rooms: 1,
    players: 64,
    npcs: 136,
    peer_float_bytes: 4702,
    peer_bytes: 2852,
    ..A
};

/// The same, and players see 50 m far.
pub const B50: Config =
    Config { name: "b50", view_radius: Some(50.0), peer_float_bytes: 830, peer_bytes: 520, ..B };

/// Rooms of 20, 60 Hz.
pub const C: Config = Config {
    name: "c",
    rooms: 20,
    players: 20,
    tick_hz: 60,
    peer_float_bytes: 529,
    peer_bytes: 348,
    ..A
};

/// All of them.
pub const CONFIGS: [Config; 4] = [A, B, B50, C];

impl Config {
    /// The options of one of its rooms.
    pub fn options(&self) -> Options {
        Options {
            tick_hz: self.tick_hz,
            seats: self.players,
            npcs: self.npcs,
            view_radius: self.view_radius,
        }
    }
}
