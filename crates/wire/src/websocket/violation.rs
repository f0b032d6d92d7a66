//! What a peer can get wrong in its frames, and the close code of each.

use thiserror::Error;

use crate::close::{self, Close};

/// A breach of RFC 6455 or of this side's limits; the connection must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// RSV1..3 set although no extension was negotiated.
    #[error("reserved bits set")]
    ReservedBits,
    /// Opcodes 3..7 and 11..15.
    #[error("reserved opcode {0}")]
    ReservedOpcode(u8),
    /// A client sent a frame without a mask.
    #[error("frame of a client without a mask")]
    Unmasked,
    /// A server sent a frame with a mask.
    #[error("frame of a server with a mask")]
    Masked,
    /// Close, ping or pong in more than one frame.
    #[error("control frame in fragments")]
    FragmentedControl,
    /// Close, ping or pong with more than 125 bytes.
    #[error("control frame above 125 bytes")]
    LongControl,
    /// A text or binary frame before the last fragment of the message before it.
    #[error("new message inside an unfinished one")]
    Interleaved,
    /// A continuation frame although nothing is unfinished.
    #[error("continuation of nothing")]
    StrayContinuation,
    /// A payload length written longer than it needs to be.
    #[error("payload length not in its shortest form")]
    LongLength,
    /// A 64-bit payload length with its top bit set.
    #[error("payload length above 2^63")]
    NegativeLength,
    /// A message or frame above its size limit.
    #[error("message above the size limit")]
    TooLong,
    /// More fragments than allowed.
    #[error("message in too many fragments")]
    TooManyFragments,
    /// More bytes pushed than one frame needs, without asking for messages in between.
    #[error("too many bytes at once")]
    Backlog,
    /// A text message that is not UTF-8.
    #[error("text is not UTF-8")]
    TextNotUtf8,
    /// A close frame of one byte: half a code.
    #[error("close frame of one byte")]
    ShortClose,
    /// A close code that must not travel.
    #[error("invalid close code {0}")]
    CloseCode(u16),
    /// A close reason that is not UTF-8.
    #[error("close reason is not UTF-8")]
    ReasonNotUtf8,
}

impl Violation {
    /// The close code that this deserves: 1002, 1007 or 1009.
    pub fn code(self) -> u16 {
        match self {
            Self::TooLong | Self::TooManyFragments | Self::Backlog => close::TOO_LONG,
            Self::TextNotUtf8 | Self::ReasonNotUtf8 => close::INVALID_UTF8,
            _ => close::PROTOCOL_ERROR,
        }
    }

    /// The close that tells the peer.
    pub fn close(self) -> Close {
        Close::new(self.code(), self.to_string())
    }
}
