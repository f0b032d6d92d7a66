//! A ring against plain sockets on the other side.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod floods;
mod flow;
mod pair;
mod removal;
