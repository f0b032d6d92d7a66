//! What is known of a game's snapshots before the first one comes (section 4.1 of `PROTOCOL.md`).

use std::sync::Arc;

use crate::hash::content_hash;
use crate::limits::MAX_PRIOR_BYTES;
use crate::stream::{Model, PRIOR_BYTES};

/// What every prior starts with.
pub const MAGIC: &[u8; 4] = b"TWP1";

/// What the coder of a game's streams starts from in place of the protocol's own. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prior {
    bytes: Arc<[u8]>,
    hash: String,
}

/// Why bytes are no prior.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriorError {
    /// More bytes than any client takes.
    #[error("a prior has at most {MAX_PRIOR_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// They do not start with [`MAGIC`].
    #[error("a prior starts with `TWP1`")]
    Magic,
    /// They are of another size: cut, or trained for another version.
    #[error("this prior should have {expected} bytes, it has {actual}")]
    Length {
        /// Bytes of every prior of this version.
        expected: usize,
        /// Bytes given.
        actual: usize,
    },
}

/// The protocol's own prior.
pub(crate) const SHIPPED_PRIOR: &[u8] = include_bytes!("prior/shipped.bin");

impl Prior {
    /// Bytes of every prior of this version.
    pub const BYTES: usize = MAGIC.len() + PRIOR_BYTES;

    /// Takes in a prior that a game ships or a server sent.
    ///
    /// # Errors
    /// When the bytes are too many or no prior.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PriorError> {
        if bytes.len() > MAX_PRIOR_BYTES {
            return Err(PriorError::TooLong(bytes.len()));
        }
        if !bytes.starts_with(MAGIC) {
            return Err(PriorError::Magic);
        }
        if bytes.len() != Self::BYTES {
            return Err(PriorError::Length { expected: Self::BYTES, actual: bytes.len() });
        }
        Ok(Self { bytes: bytes.into(), hash: content_hash(bytes) })
    }

    /// Identifies it: the first 8 bytes of the SHA-256 of its bytes, as 16 lower-case hex digits.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The numbers in it.
    pub(crate) fn model(&self) -> Arc<Model> {
        Arc::new(Model::from_bytes(&self.bytes[MAGIC.len()..]))
    }

    /// The bytes it was made from.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prior_is_short_and_begins_with_its_magic() {
        let shipped = Prior::from_bytes(SHIPPED_PRIOR).unwrap();
        assert_eq!(shipped.bytes(), SHIPPED_PRIOR);
        assert_eq!(shipped.hash(), content_hash(SHIPPED_PRIOR));
        let error = Prior::from_bytes(MAGIC).unwrap_err();
        assert_eq!(error, PriorError::Length { expected: Prior::BYTES, actual: 4 });
        assert_eq!(Prior::from_bytes(b"TWP"), Err(PriorError::Magic));
        assert_eq!(Prior::from_bytes(b"TWP2"), Err(PriorError::Magic));
        let mut long = MAGIC.to_vec();
        long.resize(MAX_PRIOR_BYTES + 1, 0);
        let error = Prior::from_bytes(&long).unwrap_err();
        assert_eq!(error.to_string(), "a prior has at most 65536 bytes, this one has 65537");
    }
}
