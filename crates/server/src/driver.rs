//! The seam between a shard and the operating system's sockets.
//!
//! A shard hands its sockets to a driver and speaks of them by key from then on. Everything is
//! non-blocking and belongs to the shard's one thread. There are three, which pass the same tests:
//!
//! | driver | where | how |
//! |---|---|---|
//! | [`uring`] | Linux 6.1, where it is not forbidden | receives by completion, sends once per wake-up |
//! | [`epoll`] | Linux | edge-triggered readiness, one `send` per message |
//! | [`poll`] | any Unix | the same with level-triggered poll(2): slower with many sockets |
//!
//! A driver may take bytes (`write` says how many) before the kernel has them, and gets a `submit` at
//! the end of each wake-up.

mod choice;
#[cfg(target_os = "linux")]
pub(crate) mod epoll;
pub(crate) mod poll;
mod streams;
#[cfg(test)]
mod tests;
#[cfg(target_os = "linux")]
pub(crate) mod uring;

pub use choice::IoChoice;
pub(crate) use choice::{Io, IoError};

use std::io;
use std::net::TcpStream;

use crate::slab::Key;

/// Parts of one write: head, own section, shared section.
pub(crate) const MAX_PARTS: usize = 3;

/// What came from a socket.
#[derive(Debug)]
pub(crate) enum Arrival<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// What was written has gone out: a write that was cut short or refused may go on.
    Writable,
    /// Bytes that the driver took have not gone out, because the socket is busy. Until a
    /// [`Arrival::Writable`] follows, it takes no more.
    Busy,
    /// The other side has ended its sending, or the socket failed. No bytes follow.
    Closed,
}

/// The sockets of one shard.
pub(crate) trait Driver {
    /// Takes over a connected socket.
    ///
    /// # Errors
    /// When the system refuses to watch it; the socket is dropped then.
    fn adopt(&mut self, key: Key, stream: TcpStream) -> io::Result<()>;

    /// Hands out what has come since the last call, a bounded part of it per socket. Never blocks.
    fn drain(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>));

    /// Sends `parts`, at most [`MAX_PARTS`], one after the other, and says how many bytes it took: 0 when the socket is busy,
    /// and then an [`Arrival::Writable`] follows once it is not.
    ///
    /// # Errors
    /// When the socket is broken.
    fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize>;

    /// Nothing more will be written: tells the other side so, after what was taken.
    fn finish(&mut self, key: Key);

    /// Drops the socket.
    fn remove(&mut self, key: Key);

    /// The end of a wake-up: whatever was written goes out now. Says which sockets are busy with it, and
    /// which broke.
    fn submit(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>));
}
