//! Configuration: defaults < TOML file < `TICKWIRE_*` environment < flags.
//!
//! [`Config`] is plain data that a program may also fill by hand. [`load`] lays the sources over each
//! other and remembers where each value came from; anything it does not know is an error that names
//! the place and, where one is near, the name that was meant.

mod keys;
mod layers;
mod log_filter;
mod nearest;
mod pin;
mod setting;
mod show;

pub use crate::driver::IoChoice;
pub use layers::{ConfigError, DEFAULT_FILE, Effective, Flag, Source, Sources, load};
pub use log_filter::LogFilter;
pub use pin::Pin;
pub use setting::Subnet;
pub use show::{template, to_json, to_text};

use std::net::{Ipv4Addr, SocketAddr};

use tickwire_game::Level;

use crate::limits;

/// Everything that can be set. The keys in a file have the same names: `limits.hello_ms`.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Folder with `web/` and `maps/`; empty = the copies inside the binary.
    pub assets: String,
    /// What to log.
    pub log: LogFilter,
    /// Other sites whose pages may play here.
    pub origins: Vec<String>,
    /// TLS of the listener.
    pub tls: Tls,
    /// The room that is open from the start.
    pub room: FirstRoom,
    /// All rooms.
    pub rooms: Rooms,
    /// The threads that run matches.
    pub shard: Shard,
    /// The threads that serve HTTP.
    pub control: Control,
    /// How the server ends.
    pub shutdown: Shutdown,
    /// What clients may do, and how long.
    pub limits: Limits,
}

/// The room that is open from the start and stays open without players.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstRoom {
    /// Its name.
    pub id: String,
    /// Its game; a server without that game opens its first game instead.
    pub game: String,
    /// Players up to which bots fill it.
    pub bots: u16,
    /// The game's own options as JSON; empty = its defaults.
    pub options: String,
}

/// Settings of all rooms.
#[derive(Debug, Clone, PartialEq)]
pub struct Rooms {
    /// Rooms of the whole server.
    pub max: u32,
    /// A room made through REST is closed when it had no client for this time, milliseconds.
    pub idle_close_ms: u64,
    /// How hard snapshots are compressed where a room's maker does not say; `None` = as its game does.
    pub level: Option<Level>,
}

/// TLS of the listener. Both or neither.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// File with the certificate and those between it and its authority, PEM; empty = no TLS.
    pub cert: String,
    /// File with its private key, PEM.
    pub key: String,
}

/// Settings of the threads that run matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Shard {
    /// Shards; 0 = one for each core.
    pub count: u16,
    /// Whether each has a core of its own.
    pub pin: Pin,
    /// Share of a shard's time beyond which it gets no new room, per cent; 0 = no bound.
    pub budget_percent: u16,
    /// How sockets are served.
    pub io: IoChoice,
    /// Wake-ups per tick period of 30 Hz; 0 = what suits `io`.
    pub cohorts: u16,
}

/// Settings of the control plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Control {
    /// Threads.
    pub threads: u16,
    /// Niceness on Linux.
    pub nice: u16,
}

/// How the server ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Shutdown {
    /// `/readyz` says 503 for this time before clients are closed, milliseconds.
    pub linger_ms: u64,
    /// The hint in close code 1012, milliseconds.
    pub retry_after_ms: u64,
}

/// What clients may do, and how long. [`crate::limits`] says why each default is what it is.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is documented where its default stands, and in the key table
pub struct Limits {
    pub http_head_ms: u64,
    pub http_head_bytes: u32,
    pub http_body_bytes: u32,
    pub http_body_ms: u64,
    pub http_connection_ms: u64,
    pub rest_per_s: u32,
    pub hello_ms: u64,
    pub message_bytes: u32,
    pub frame_bytes: u32,
    pub fragments: u32,
    pub idle_ms: u64,
    pub ping_ms: u64,
    pub progress_ms: u64,
    pub close_ms: u64,
    pub queue_messages: u32,
    pub queue_bytes: u32,
    pub tail_bytes: u32,
    pub per_ip_unauthenticated: u32,
    pub per_ip_sockets: u32,
    pub per_ip_reservations: u32,
    pub per_ip_exempt: Vec<Subnet>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7777)),
            assets: String::new(),
            log: LogFilter::default(),
            origins: Vec::new(),
            tls: Tls::default(),
            room: FirstRoom {
                id: "skirmish".into(),
                game: "skirmish".into(),
                bots: 8,
                options: String::new(),
            },
            rooms: Rooms { max: limits::ROOMS, idle_close_ms: limits::ROOM_IDLE_MS, level: None },
            shard: Shard {
                count: 0,
                pin: Pin::No,
                budget_percent: limits::BUDGET_PERCENT,
                io: IoChoice::Auto,
                cohorts: 0,
            },
            control: Control { threads: 2, nice: 10 },
            shutdown: Shutdown { linger_ms: 250, retry_after_ms: 2_000 },
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            http_head_ms: limits::HTTP_HEAD_MS,
            http_head_bytes: limits::HTTP_HEAD_BYTES,
            http_body_bytes: limits::HTTP_BODY_BYTES,
            http_body_ms: limits::HTTP_BODY_MS,
            http_connection_ms: limits::HTTP_CONNECTION_MS,
            rest_per_s: limits::REST_PER_S,
            hello_ms: limits::HELLO_MS,
            message_bytes: limits::MESSAGE_BYTES,
            frame_bytes: limits::FRAME_BYTES,
            fragments: limits::FRAGMENTS,
            idle_ms: limits::IDLE_MS,
            ping_ms: limits::PING_MS,
            progress_ms: limits::PROGRESS_MS,
            close_ms: limits::CLOSE_MS,
            queue_messages: limits::QUEUE_MESSAGES,
            queue_bytes: limits::QUEUE_BYTES,
            tail_bytes: limits::TAIL_BYTES,
            per_ip_unauthenticated: limits::PER_IP_UNAUTHENTICATED,
            per_ip_sockets: limits::PER_IP_SOCKETS,
            per_ip_reservations: limits::PER_IP_RESERVATIONS,
            per_ip_exempt: ["127.0.0.0/8", "::1/128"]
                .into_iter()
                .filter_map(Subnet::parse)
                .collect(),
        }
    }
}
