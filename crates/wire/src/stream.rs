//! Streams: the state of some rows, sent as one keyframe and then as deltas (section 7.3 of
//! `PROTOCOL.md`).
//!
//! Both sides hold a record: each row at the two last snapshots, and a word of history. From
//! it they predict each column; a delta tells what differs. Whatever path leads to a tick (a keyframe
//! there, deltas, a catch-up over what was skipped), the decoder ends in the same record.
//!
//! | part | what |
//! |---|---|
//! | [`StreamEncoder`], [`StreamDecoder`] | one stream |
//! | `record`, `history`, `members` | what both sides hold, and which rows |
//! | `motion`, `predict`, `neighbours`, `rotation` | where a row goes next |
//! | `packed` | level `packed`: bits |
//! | `ranged`, `model`, `range`, `mixing` | levels `ranged` and `ranged-max`: decisions of known probability |
//! | `whole` | keyframes and catch-ups |
//! | [`Trainer`] | learns priors from recordings |

mod adaptive;
mod decoder;
mod encoder;
mod field;
mod history;
mod members;
mod mixing;
mod model;
mod motion;
mod neighbours;
mod packed;
mod predict;
mod range;
mod ranged;
mod record;
mod rotation;
mod training;
mod whole;

pub use decoder::StreamDecoder;
pub use encoder::{Advance, StreamEncoder};
pub(crate) use model::{Model, PRIOR_BYTES};
pub(crate) use motion::TableMotion;
pub use training::Trainer;
