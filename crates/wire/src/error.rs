//! Why bytes could not be decoded.

use crate::bits::ReadError;

/// Why a bit-coded message, chunk or value could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end too early or hold an impossible code.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A column exceeds its maximum.
    #[error("a column exceeds its maximum")]
    InvalidColumn,
    /// A text is not UTF-8.
    #[error("a text is not valid UTF-8")]
    InvalidText,
    /// Bytes or non-zero padding bits follow the last value.
    #[error("bytes follow the last value")]
    TrailingBytes,
    /// Row ids that are 0, do not ascend, or exceed 32 bits.
    #[error("row ids do not ascend")]
    InvalidIds,
    /// A row index past the end of the table.
    #[error("a row index is past the end of its table")]
    InvalidIndex,
    /// More rows or cells than a decoder holds.
    #[error("more rows than the limit")]
    TooManyRows,
    /// More events, hashes or inputs than a message may hold.
    #[error("a list is longer than its limit")]
    TooLong,
    /// A delta whose base is not the state held (or no state is held).
    #[error("the delta's base is not the state held")]
    WrongBase,
    /// A head that means nothing: an unknown kind or flag, or flags that exclude each other.
    #[error("a head has an impossible value")]
    InvalidHead,
}
