//! The `Snapshot` message: an own section for one client, then chunks that clients share (section 7
//! of `PROTOCOL.md`).
//!
//! A server writes an [`OwnSection`] per client and appends the same chunks for all who receive the
//! same streams: first those that name their stream (a [`write_chunk_count`], then each
//! [`Chunk::write`]), then the deltas ([`write_steady`]), whose streams follow from what the client
//! holds. A client reads all three with a [`SnapshotReader`].

mod chunk;
mod own;
mod private;

pub use chunk::{Chunk, Deltas, SnapshotReader, write_chunk_count, write_steady};
pub use own::{Hashes, MARGIN_UNKNOWN, Newest, OwnSection, Sections, needs_full_head};
pub use private::{PrivateDecoder, PrivateEncoder};

/// Kind byte of the message.
pub const SNAPSHOT_KIND: u8 = 0x82;
