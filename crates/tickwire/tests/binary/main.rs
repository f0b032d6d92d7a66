//! The real binary over real sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod abuse;
mod command_line;
mod echo;
mod good;
mod levels;
mod pages;
mod program;
#[path = "../../../server/tests/server/raw.rs"]
mod raw;
mod shutdown;
mod tls;
mod two_games;
