//! The client against a server in memory, on a fake clock: no socket, no thread, no sleep.

#![allow(clippy::unwrap_used, reason = "a test: a panic is its verdict")]

mod hostile;
mod prediction;
mod reliable;
mod rink;
mod server;
mod session;
mod streams;
