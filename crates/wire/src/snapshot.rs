//! The `Snapshot` message: an own section for one client, then chunks that clients share (section 7
//! of `PROTOCOL.md`).
//!
//! A server writes an [`OwnSection`] per client and appends the same chunks for all who receive the
//! same streams. A client reads both with a [`SnapshotReader`].

mod chunk;
mod own;
mod private;

pub use chunk::{Chunk, SnapshotReader};
pub use own::{Hashes, MARGIN_UNKNOWN, OwnSection, needs_full_tick};
pub use private::{PrivateDecoder, PrivateEncoder};

/// Kind byte of the message.
pub const SNAPSHOT_KIND: u8 = 0x82;
