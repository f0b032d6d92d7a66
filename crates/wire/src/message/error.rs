//! Why a control message was refused, in words short enough for a close frame.

use bincode::error::DecodeError;
use thiserror::Error;

use super::PROTOCOL_VERSION;
use crate::close::{self, Close};
use crate::limits::MAX_CLIENT_MESSAGE_BYTES;

/// Why a message was refused. The text always fits a close reason.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MessageError {
    /// No kind byte.
    #[error("empty message")]
    Empty,
    /// A kind byte that this side never receives.
    #[error("unknown message kind 0x{0:02x}")]
    Kind(u8),
    /// A known kind where only another is allowed.
    #[error("expected {0}")]
    Expected(&'static str),
    /// More bytes than a client may send in one message.
    #[error("message of {0} bytes, at most {MAX_CLIENT_MESSAGE_BYTES} allowed")]
    TooLong(usize),
    /// The other side speaks another protocol version.
    #[error("protocol version {0} is not supported; this side speaks {PROTOCOL_VERSION}")]
    Version(u16),
    /// The value itself is malformed.
    #[error("{message}: {problem}")]
    Body {
        /// Name of the message.
        message: &'static str,
        /// What is wrong with it.
        problem: BodyError,
    },
    /// Bytes follow the value.
    #[error("{message}: {bytes} bytes after its end")]
    Trailing {
        /// Name of the message.
        message: &'static str,
        /// How many.
        bytes: usize,
    },
    /// A text above its own limit.
    #[error("{field} is longer than {max} bytes")]
    Field {
        /// Message and field.
        field: &'static str,
        /// Most bytes allowed.
        max: usize,
    },
    /// Reliable numbers start at 1.
    #[error("reliable message with number 0; numbers start at 1")]
    NumberZero,
    /// `Ping` and `Pong` carry exactly four bytes.
    #[error("{message} carries {bytes} bytes instead of 4")]
    Echo {
        /// Name of the message.
        message: &'static str,
        /// Bytes after the kind.
        bytes: usize,
    },
}

/// What is wrong with a bincode value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// Bytes are missing.
    #[error("ends too early")]
    Short,
    /// It claims more than the decoder's limit.
    #[error("claims more bytes than allowed")]
    Claim,
    /// An enum tag without a variant.
    #[error("unknown variant")]
    Variant,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
    /// A bool or option byte that is neither 0 nor 1.
    #[error("bool is neither 0 nor 1")]
    Bool,
    /// An integer that is too wide for its field.
    #[error("integer out of range")]
    Range,
    /// Anything else.
    #[error("malformed")]
    Other,
}

impl MessageError {
    pub(super) fn body(message: &'static str, error: &DecodeError) -> Self {
        let problem = match error {
            DecodeError::UnexpectedEnd { .. } => BodyError::Short,
            DecodeError::LimitExceeded => BodyError::Claim,
            DecodeError::UnexpectedVariant { .. } => BodyError::Variant,
            DecodeError::Utf8 { .. } => BodyError::Utf8,
            DecodeError::InvalidBooleanValue(_) => BodyError::Bool,
            DecodeError::InvalidIntegerType { .. } => BodyError::Range,
            _ => BodyError::Other,
        };
        Self::Body { message, problem }
    }

    /// The close code that this deserves.
    pub fn code(&self) -> u16 {
        match self {
            Self::TooLong(_) => close::TOO_LONG,
            Self::Version(_) => close::VERSION,
            _ => close::MALFORMED,
        }
    }

    /// The close that tells the peer.
    pub fn close(&self) -> Close {
        Close::new(self.code(), self.to_string())
    }
}
