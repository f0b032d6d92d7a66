//! The bytes of Tickwire: bit I/O, quantisation, schema, snapshot deltas, messages and WebSocket frames.
//!
//! Pure: no socket, thread, clock or hash-map order. `PROTOCOL.md` beside this crate describes every
//! byte; the JavaScript SDK speaks the same.
//!
//! From the bottom up:
//!
//! | layer | modules |
//! |---|---|
//! | bytes and bits | [`bits`], [`varint`], [`hash`] |
//! | one value | [`quant`] (floats to raw integers), [`shape`] (its columns), [`plain`] (its bits) |
//! | one room's description | [`schema`] (JSON, sent at join), [`layout`] (the same, compiled for the codec) |
//! | one room's state | [`columns`], [`level`] (how hard to compress), [`prior`] (what is known beforehand), [`stream`] (keyframes and deltas of it) |
//! | messages | [`snapshot`], [`events`], [`input`], [`message`], [`close`] |
//! | transport | [`websocket`] |
//!
//! Every decoder here is total: any bytes give a value or an error, never a panic, and never more
//! memory than [`limits`] allows.

pub mod bits;
pub mod close;
pub mod columns;
pub mod error;
pub mod events;
pub mod hash;
pub mod input;
pub mod layout;
pub mod level;
pub mod limits;
pub mod message;
pub mod plain;
pub mod prior;
pub mod quant;
pub mod schema;
pub mod shape;
pub mod snapshot;
pub mod stream;
pub mod varint;
pub mod websocket;

/// Property tests try the same cases in every run.
#[cfg(test)]
fn fixed_cases() -> proptest::test_runner::Config {
    proptest::test_runner::Config {
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..Default::default()
    }
}
