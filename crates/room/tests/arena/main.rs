//! Rooms as they are in production, with many walkers: what a snapshot costs beside its bytes.
//!
//! A binary of its own, because the allocation counter replaces the allocator of the whole program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail there")]

mod allocation;
mod field;
mod reach;
