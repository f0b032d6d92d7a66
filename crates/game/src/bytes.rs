//! Saved bytes: writing them, and reading them back without trusting them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits::MAX_SKIP_BYTES;

/// Why saved bytes could not be read back.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoadError {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    End,
    /// Bytes follow the last value.
    #[error("bytes follow the last value")]
    Trailing,
    /// The first byte is not the format that this version writes.
    #[error("format {0} is not known here")]
    Format(u8),
    /// Saved by another game or another version of this one.
    #[error("saved with schema {saved}, but this game has {here}")]
    Schema {
        /// Schema hash in the bytes.
        saved: String,
        /// Schema hash of this game.
        here: String,
    },
    /// A number is longer or larger than its kind allows.
    #[error("a number is out of range")]
    Number,
    /// More items than the limit.
    #[error("{count} items, above the limit of {limit}")]
    TooMany {
        /// Claimed.
        count: u64,
        /// Allowed.
        limit: usize,
    },
    /// A column that no value has.
    #[error("a column holds what no value of its field has")]
    Column,
    /// Row ids that do not ascend or were never given.
    #[error("row ids do not ascend")]
    Ids,
    /// A tag that names no variant, or text that is not UTF-8.
    #[error("a value is malformed")]
    Malformed,
    /// A field marked `skip` could not be read.
    #[error("a skipped field: {0}")]
    Skipped(String),
}

/// Appends `value` as LEB128: seven bits a byte, low group first, the high bit says that more
/// follow.
pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a length and the bytes.
pub fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Appends a skipped field. A value that serde cannot write is left empty and fails to load: the
/// sync test of [`testing::check`](crate::testing::check) finds it.
pub fn put_skipped<T: Serialize>(value: &T, out: &mut Vec<u8>) {
    let bytes = bincode::serde::encode_to_vec(value, bincode::config::standard());
    put_bytes(&bytes.unwrap_or_default(), out);
}

/// Reads saved bytes; every read can fail, none panics or allocates more than it has read.
#[derive(Clone, Debug)]
pub struct ByteReader<'a> {
    rest: &'a [u8],
}

impl<'a> ByteReader<'a> {
    /// Reads `bytes` from the first on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Succeeds when everything has been read.
    pub fn finish(&self) -> Result<(), LoadError> {
        if self.rest.is_empty() { Ok(()) } else { Err(LoadError::Trailing) }
    }

    /// The next `len` bytes.
    pub fn take(&mut self, len: usize) -> Result<&'a [u8], LoadError> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(LoadError::End)?;
        self.rest = rest;
        Ok(taken)
    }

    /// All that is left.
    pub fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// The next byte.
    pub fn u8(&mut self) -> Result<u8, LoadError> {
        Ok(self.take(1)?[0])
    }

    /// A varint of at most 64 bits.
    pub fn varint(&mut self) -> Result<u64, LoadError> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                return Err(LoadError::Number);
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(LoadError::Number)
    }

    /// A varint that fits in 32 bits.
    pub fn u32(&mut self) -> Result<u32, LoadError> {
        u32::try_from(self.varint()?).map_err(|_| LoadError::Number)
    }

    /// A varint that fits in 16 bits.
    pub fn u16(&mut self) -> Result<u16, LoadError> {
        u16::try_from(self.varint()?).map_err(|_| LoadError::Number)
    }

    /// A count of at most `limit`.
    pub fn count(&mut self, limit: usize) -> Result<usize, LoadError> {
        let count = self.varint()?;
        if count > limit as u64 {
            return Err(LoadError::TooMany { count, limit });
        }
        Ok(count as usize)
    }

    /// A length of at most `limit`, and that many bytes.
    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], LoadError> {
        let len = self.count(limit)?;
        self.take(len)
    }

    /// A text of at most `limit` bytes.
    pub fn text(&mut self, limit: usize) -> Result<&'a str, LoadError> {
        std::str::from_utf8(self.bytes(limit)?).map_err(|_| LoadError::Malformed)
    }

    /// A skipped field.
    pub fn skipped<T: DeserializeOwned>(&mut self) -> Result<T, LoadError> {
        let bytes = self.bytes(MAX_SKIP_BYTES)?;
        let config = bincode::config::standard().with_limit::<MAX_SKIP_BYTES>();
        let (value, read) = bincode::serde::decode_from_slice(bytes, config)
            .map_err(|error| LoadError::Skipped(error.to_string()))?;
        if read != bytes.len() {
            return Err(LoadError::Trailing);
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_come_back() {
        for value in [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put_varint(value, &mut bytes);
            let mut reader = ByteReader::new(&bytes);
            assert_eq!(reader.varint(), Ok(value));
            assert_eq!(reader.finish(), Ok(()));
        }
        assert_eq!(ByteReader::new(&[0x80; 11]).varint(), Err(LoadError::Number));
        assert_eq!(ByteReader::new(&[0x80, 0x80]).varint(), Err(LoadError::End));
    }

    #[test]
    fn a_corrupt_length_in_a_skipped_field_allocates_nothing() {
        let mut bytes = Vec::new();
        // A Vec<u64> that claims 2^60 items.
        let mut claim = vec![253];
        claim.extend((1_u64 << 60).to_le_bytes());
        put_bytes(&claim, &mut bytes);
        assert!(matches!(
            ByteReader::new(&bytes).skipped::<Vec<u64>>(),
            Err(LoadError::Skipped(_))
        ));
    }
}
