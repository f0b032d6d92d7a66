//! What the benches measure is what they say they measure.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail there")]

mod arena;
mod command_lines;
mod pairs;
mod rivals;
mod rooms;
