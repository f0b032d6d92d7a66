//! What is longer than a socket holds: the kernel gets at once what it takes without waiting.
//!
//! By submissions of [`SEND_BYTES`] alone, the state of a large room would take dozens of them, and to
//! its owner even a line that takes everything would look like a slow one.

use std::io::IoSlice;
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

use super::SEND_BYTES;

/// Pieces of one system call; what lies in further ones waits for the next.
const PIECES: usize = 8;

/// Takes `parts` behind what waits in `held`, and says how many bytes of them: as many as fit, and if
/// that is not all, as many as the kernel takes beside.
///
/// # Errors
/// When the socket is broken.
pub(super) fn take(fd: &OwnedFd, held: &mut Vec<u8>, parts: &[&[u8]]) -> Result<usize, Errno> {
    let room = SEND_BYTES.saturating_sub(held.len());
    let len: usize = parts.iter().map(|part| part.len()).sum();
    // A socket that holds as much as it may has been asked already.
    let gone = if room > 0 && len > room { send(fd, held, parts)? } else { 0 };
    let (mut skipped, before) = (gone, held.len());
    for part in parts {
        let rest = &part[skipped.min(part.len())..];
        skipped -= part.len() - rest.len();
        let room = SEND_BYTES.saturating_sub(held.len());
        held.extend_from_slice(&rest[..rest.len().min(room)]);
    }
    Ok(gone + held.len() - before)
}

/// Sends what waits in `held`, then `parts`, as far as the kernel takes it at once. Says how many bytes
/// of `parts` have gone.
fn send(fd: &OwnedFd, held: &mut Vec<u8>, parts: &[&[u8]]) -> Result<usize, Errno> {
    let mut pieces = [IoSlice::new(&[]); PIECES];
    for (piece, bytes) in pieces.iter_mut().zip([held.as_slice()].iter().chain(parts)) {
        *piece = IoSlice::new(bytes);
    }
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    let sent = match sendmsg(fd, &pieces, &mut SendAncillaryBuffer::default(), flags) {
        Err(Errno::AGAIN | Errno::INTR) => 0,
        other => other?,
    };
    let gone = sent.saturating_sub(held.len());
    held.drain(..sent.min(held.len()));
    Ok(gone)
}
