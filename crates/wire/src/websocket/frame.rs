//! Heads of frames: reading one strictly, writing one for either role.

use super::{Role, Violation, apply_mask};
use crate::close::Close;
use crate::limits::MAX_CONTROL_PAYLOAD_BYTES;

/// Bytes of the longest frame head: two, a 64-bit length, a mask key.
pub const MAX_HEAD_BYTES: usize = 14;

const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// A further fragment of the open message.
    Continuation = 0x0,
    /// A text message or its first fragment.
    Text = 0x1,
    /// A binary message or its first fragment.
    Binary = 0x2,
    /// The last frame of this direction.
    Close = 0x8,
    /// To be answered with a pong of the same payload.
    Ping = 0x9,
    /// The answer to a ping.
    Pong = 0xa,
}

impl Opcode {
    fn parse(bits: u8) -> Result<Self, Violation> {
        Ok(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            other => return Err(Violation::ReservedOpcode(other)),
        })
    }

    /// Close, ping and pong: short, whole, allowed between fragments.
    pub fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A frame head that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    /// Key of the mask; present exactly when the role asks for it.
    pub(super) key: Option<[u8; 4]>,
    /// Claimed bytes of payload; not yet held against any limit.
    pub(super) length: u64,
    /// Bytes of the head itself.
    pub(super) size: usize,
}

impl Head {
    /// Reads the head at the start of `bytes`; `None` when more bytes are needed.
    ///
    /// Each byte is judged as soon as it is there, in order, so that the verdict does not depend on
    /// how the stream was cut.
    pub(super) fn parse(bytes: &[u8], role: Role) -> Result<Option<Self>, Violation> {
        let Some(&first) = bytes.first() else { return Ok(None) };
        if first & RESERVED != 0 {
            return Err(Violation::ReservedBits);
        }
        let opcode = Opcode::parse(first & 0x0f)?;
        let fin = first & FIN != 0;
        if opcode.is_control() && !fin {
            return Err(Violation::FragmentedControl);
        }
        let Some(&second) = bytes.get(1) else { return Ok(None) };
        let masked = second & MASKED != 0;
        match role {
            Role::Server if !masked => return Err(Violation::Unmasked),
            Role::Client if masked => return Err(Violation::Masked),
            _ => {}
        }
        let short = second & !MASKED;
        if opcode.is_control() && usize::from(short) > MAX_CONTROL_PAYLOAD_BYTES {
            return Err(Violation::LongControl);
        }
        let Some((length, size)) = parse_length(short, &bytes[2..])? else { return Ok(None) };
        let size = 2 + size;
        if !masked {
            return Ok(Some(Self { fin, opcode, key: None, length, size }));
        }
        let Some(&key) = bytes[size..].first_chunk::<4>() else { return Ok(None) };
        Ok(Some(Self { fin, opcode, key: Some(key), length, size: size + 4 }))
    }
}

/// The payload length and how many bytes it took after the second byte of the head.
fn parse_length(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    match short {
        LENGTH_16 => {
            let Some(&bytes) = rest.first_chunk::<2>() else { return Ok(None) };
            let length = u64::from(u16::from_be_bytes(bytes));
            if length < u64::from(LENGTH_16) {
                return Err(Violation::LongLength);
            }
            Ok(Some((length, 2)))
        }
        LENGTH_64 => {
            let Some(&bytes) = rest.first_chunk::<8>() else { return Ok(None) };
            let length = u64::from_be_bytes(bytes);
            if length >> 63 != 0 {
                return Err(Violation::NegativeLength);
            }
            if length <= u64::from(u16::MAX) {
                return Err(Violation::LongLength);
            }
            Ok(Some((length, 8)))
        }
        short => Ok(Some((u64::from(short), 0))),
    }
}

/// Appends the head of an unfragmented frame with `len` bytes of payload.
///
/// A server passes no `mask`; a client passes a fresh random key for each frame and masks the
/// payload with [`apply_mask`].
pub fn write_head(out: &mut Vec<u8>, opcode: Opcode, len: usize, mask: Option<[u8; 4]>) {
    let masked = if mask.is_some() { MASKED } else { 0 };
    out.push(FIN | opcode as u8);
    if len < usize::from(LENGTH_16) {
        out.push(masked | len as u8);
    } else if let Ok(len) = u16::try_from(len) {
        out.push(masked | LENGTH_16);
        out.extend_from_slice(&len.to_be_bytes());
    } else {
        out.push(masked | LENGTH_64);
        out.extend_from_slice(&(len as u64).to_be_bytes());
    }
    if let Some(key) = mask {
        out.extend_from_slice(&key);
    }
}

/// Appends a whole unfragmented frame, its payload masked when there is a key.
pub fn write_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], mask: Option<[u8; 4]>) {
    write_head(out, opcode, payload.len(), mask);
    let start = out.len();
    out.extend_from_slice(payload);
    if let Some(key) = mask {
        apply_mask(&mut out[start..], key);
    }
}

/// Appends a close frame; the reason is cut to what it holds.
pub fn write_close(out: &mut Vec<u8>, close: &Close, mask: Option<[u8; 4]>) {
    let mut payload = Vec::with_capacity(MAX_CONTROL_PAYLOAD_BYTES);
    close.write_payload(&mut payload);
    write_frame(out, Opcode::Close, &payload, mask);
}
