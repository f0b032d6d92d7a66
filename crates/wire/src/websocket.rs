//! Strict WebSocket frames (RFC 6455) without I/O, for both roles.
//!
//! Everything that comes from a socket goes through [`FrameDecoder`]: sizes are counted before a
//! byte is kept, and every violation names the close code it deserves. What is sent needs only
//! [`write_head`], because shared snapshot bytes are sent by reference.

mod decoder;
mod frame;
mod mask;
mod utf8;
mod violation;

pub use decoder::{FrameDecoder, Message};
pub use frame::{MAX_HEAD_BYTES, Opcode, write_close, write_frame, write_head};
pub use mask::apply_mask;
pub use violation::Violation;

use crate::limits::{
    HARD_CLIENT_MESSAGE_BYTES, MAX_CLIENT_FRAGMENTS, MAX_SERVER_FRAGMENTS, MAX_SERVER_MESSAGE_BYTES,
};

/// Which end of the connection this side is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Receives from clients, whose frames must be masked.
    Server,
    /// Receives from a server, whose frames must not be masked.
    Client,
}

/// What one message may cost before it is refused with 1009.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLimits {
    /// Bytes of a message, all its fragments together.
    pub max_message: usize,
    /// Bytes of one data frame's payload.
    pub max_frame: usize,
    /// Frames of one message.
    pub max_fragments: u32,
}

impl FrameLimits {
    /// What a server takes from a client. Above [`MAX_CLIENT_MESSAGE_BYTES`] the message itself is
    /// refused once it is whole, so that the close frame is not lost to a reset connection.
    ///
    /// [`MAX_CLIENT_MESSAGE_BYTES`]: crate::limits::MAX_CLIENT_MESSAGE_BYTES
    pub const FROM_CLIENT: Self = Self {
        max_message: HARD_CLIENT_MESSAGE_BYTES,
        max_frame: HARD_CLIENT_MESSAGE_BYTES,
        max_fragments: MAX_CLIENT_FRAGMENTS,
    };
    /// What a client takes from a server.
    pub const FROM_SERVER: Self = Self {
        max_message: MAX_SERVER_MESSAGE_BYTES,
        max_frame: MAX_SERVER_MESSAGE_BYTES,
        max_fragments: MAX_SERVER_FRAGMENTS,
    };
}
