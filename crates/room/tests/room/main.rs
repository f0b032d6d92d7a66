//! Rooms and clients in memory, on a fake clock: one file per behaviour.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail there")]

mod audiences;
mod bots;
mod events;
mod failure;
mod handshake;
mod harness;
mod held;
mod hostile;
mod inputs;
mod interest;
mod keyframes;
mod kinds;
mod native;
mod paths;
mod probe;
mod recording;
mod relief;
mod resume;
mod schedule;
mod secrecy;
mod yard;
