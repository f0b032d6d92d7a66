//! The shell of Tickwire: everything around the deterministic core that touches the world.
//!
//! | to read about | start at |
//! |---|---|
//! | starting and ending a server | [`Server`] |
//! | settings and where they come from | [`config`] |
//! | every limit and its reason | [`limits`] |
//! | how a match runs: one thread, its rooms and sockets | `shard` |
//! | how bytes reach the kernel | `driver` |
//! | HTTP: routes, errors, pages, the way to a match socket | `http` |
//! | TLS: files, reload | `tls`; of a match socket `shard/transport.rs` |
//! | which rooms there are | `directory`, `lobby` |
//! | what `/metrics` shows | `metrics` |
//!
//! Two kinds of threads: the *control plane* (tokio; HTTP, never a match) and the *shard* (a plain
//! thread; matches, never HTTP). They meet in the shard's mailbox and in atomics, nowhere else.

pub mod config;
pub mod limits;

mod app;
mod assets;
mod clock;
mod directory;
mod driver;
mod http;
mod lobby;
mod metrics;
mod per_ip;
mod server;
mod shard;
mod slab;
mod tls;

pub use config::Config;
pub use server::{Running, Server, ServerError};
pub use tls::TlsError;
