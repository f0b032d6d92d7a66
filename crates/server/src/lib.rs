//! The shell of Tickwire: everything around the deterministic core that touches the world.
//!
//! | to read about | start at |
//! |---|---|
//! | starting and ending a server | [`Server`] |
//! | settings and where they come from | [`config`] |
//! | every limit and its reason | [`limits`] |
//! | how a match runs: one thread, its rooms and sockets | `shard` |
//! | which shard a new room goes to | `shards` |
//! | how bytes reach the kernel | `driver` |
//! | HTTP: routes, errors, pages, the way to a match socket | `http` |
//! | TLS: files, reload | `tls`; of a match socket `shard/transport.rs` |
//! | which rooms there are | `directory`, `lobby` |
//! | the echo for conformance suites | [`echo`] |
//! | what `/metrics` shows | `metrics` |
//!
//! Two kinds of threads: the *control plane* (tokio; HTTP, never a match) and the *shards* (plain
//! threads; matches, never HTTP). They meet in a shard's mailbox and in atomics, nowhere else.

pub mod config;
pub mod echo;
pub mod limits;

mod app;
mod assets;
mod clock;
mod directory;
mod driver;
mod host;
mod http;
mod lobby;
mod metrics;
mod per_ip;
mod server;
mod shard;
mod shards;
mod slab;
mod tls;

pub use config::Config;
// For the bench that shows what counting costs.
#[doc(hidden)]
pub use metrics::{Histogram, Tally};
pub use server::{Running, Server, ServerError};
pub use tls::TlsError;
