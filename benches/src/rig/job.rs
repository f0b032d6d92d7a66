//! What a part is started for, what it is told later, and what it answers.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use tickwire_wire::level::Level;

use crate::arena;
use crate::fixed;
use crate::limits::{LOAD_CORE, SERVER_CORE};
use crate::rig::load::report::{Measured, Stormed};

/// What a part is started for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Job {
    /// The real server.
    Server(ServerJob),
    /// A server of nothing but system calls.
    Bare(BareJob),
    /// Clients.
    Load(LoadJob),
}

impl Job {
    /// The core to be pinned to.
    pub fn core(&self) -> usize {
        match self {
            Self::Server(_) | Self::Bare(_) => SERVER_CORE,
            Self::Load(_) => LOAD_CORE,
        }
    }
}

/// How sockets are driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Io {
    /// Readiness and a call for each send.
    Epoll,
    /// Completions.
    Uring,
}

impl Io {
    /// As settings and reports call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Epoll => "epoll",
            Self::Uring => "uring",
        }
    }

    /// What this machine can do: completions where they are to be had.
    pub fn best() -> Self {
        match tickwire_ring::probe(&tickwire_ring::RingConfig::default()) {
            Ok(()) => Self::Uring,
            Err(_) => Self::Epoll,
        }
    }

    /// The cohorts over which the driver spreads its rooms where nobody says.
    pub fn cohorts(self) -> u16 {
        match self {
            Self::Epoll => 5,
            Self::Uring => 12,
        }
    }
}

/// The real server, with one shard.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerJob {
    /// Its driver.
    pub io: Io,
    /// Cohorts over the period of its rooms.
    pub cohorts: u16,
    /// Ticks a second of its rooms.
    pub tick_hz: u16,
    /// How its rooms are coded; `None` = as the game says.
    pub level: Option<Level>,
    /// What its rooms play.
    pub game: Hosted,
}

/// What the rooms of a server play.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Hosted {
    /// The arena workload.
    Arena(arena::Options),
    /// The same bytes for everyone, tick after tick.
    Fixed(fixed::Options),
}

/// A server of nothing but system calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BareJob {
    /// How it drives its sockets.
    pub io: Io,
    /// Connections that it waits for before it begins.
    pub clients: u32,
    /// Clients that are served one after the other, as if they were in one room.
    pub per_room: u16,
    /// Frames a second for each.
    pub tick_hz: u16,
    /// Bytes of the message in each frame; its head comes on top.
    pub bytes: usize,
    /// Cohorts over the period.
    pub cohorts: u16,
}

/// Clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LoadJob {
    /// The server.
    pub address: SocketAddr,
    /// How it drives its sockets once they are in play.
    pub io: Io,
    /// What they do.
    pub manner: Manner,
    /// Rooms, named as [`rooms::name`](super::rooms::name) says.
    pub rooms: u32,
    /// Clients in each.
    pub per_room: u16,
    /// Inputs a second of each.
    pub tick_hz: u16,
    /// Rooms one of whose players stops reading, and sending, after its first snapshot.
    pub mute: u32,
}

impl LoadJob {
    /// All clients.
    pub fn clients(&self) -> u32 {
        self.rooms * u32::from(self.per_room)
    }

    /// Whether a client is one of those that stop reading: the second of its room.
    pub fn is_mute(&self, client: u32) -> bool {
        let per_room = u32::from(self.per_room);
        client / per_room < self.mute && client % per_room == 1 % per_room
    }
}

/// What clients do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// Connect, and exchange frames of fixed bytes at once.
    Bare,
    /// The same after a WebSocket handshake.
    Upgraded,
    /// The same, and say nothing.
    Idle,
    /// Take seats and play the arena workload.
    Arena,
}

/// What a load is told once all its clients have joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Measure this many milliseconds, after a warm-up; `server` is the process whose CPU counts.
    Measure {
        /// Its id.
        server: u32,
        /// Length of the window.
        window_ms: u64,
    },
    /// Close every socket and come back at once.
    Storm,
}

/// What a part says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Said {
    /// A server listens.
    Ready(SocketAddr),
    /// All clients are in.
    Joined,
    /// The window of measurement has begun.
    Begun,
    /// What the window came to.
    Measured(Box<Measured>),
    /// What the storm came to.
    Stormed(Stormed),
    /// It cannot go on.
    Failed(String),
}
