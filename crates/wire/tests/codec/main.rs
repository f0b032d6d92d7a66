//! The codec as a whole: what is encoded decodes, and what is not is refused.
#![allow(clippy::unwrap_used, missing_docs)] // a failing test may panic

mod extremes;
mod games;
mod golden;
mod hints;
mod hostile;
mod messages;
mod rates;
mod streams;
mod training;
mod values;
mod worlds;
