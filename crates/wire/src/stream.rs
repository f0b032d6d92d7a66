//! Streams: the state of some rows, sent as one keyframe and then as deltas (section 7.3 of
//! `PROTOCOL.md`).
//!
//! Both sides hold two states, `now` and `last` (the one before), and predict each column from them.
//! A delta names only the rows that differ from their prediction. Whatever path leads to a tick (a
//! keyframe there, or a keyframe earlier and deltas), the decoder ends in the same two states.

mod adaptive;
mod decoder;
mod encoder;
mod field;

pub use decoder::StreamDecoder;
pub use encoder::{Advance, StreamEncoder};

/// Rice parameter of the gaps between row ids.
const ID_GAP: u32 = 4;
/// Rice parameter of the gaps between rows that left.
const LEFT_GAP: u32 = 3;
/// Rice parameter of the gaps between rows that differ from their prediction.
const CHANGED_GAP: u32 = 1;
