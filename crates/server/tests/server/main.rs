//! The server over real sockets, with rooms that only pretend to be games.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod config;
mod conformance;
mod handshake;
mod http;
mod press;
mod pretend;
mod raw;
mod rooms;
mod shutdown;
mod sockets;
mod tls;
