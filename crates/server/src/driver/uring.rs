//! io_uring: what came in is received without being asked for, and all that a wake-up wrote goes out in
//! one system call.

use std::io::{self, ErrorKind};
use std::net::TcpStream;

use tickwire_ring::{Completion, ProbeError, Ring, RingConfig, SocketId};
use tracing::error;

use super::{Arrival, Driver};
use crate::limits::READ_BUDGET_BYTES;
use crate::slab::Key;

/// Sends of one system call: the largest cohorts have a few hundred.
const ENTRIES: u32 = 1024;

/// Completions between two looks: an input and a send of each of some thousand sockets.
const COMPLETIONS: u32 = 8192;

/// Buffers to receive into, of all sockets together: inputs between two wake-ups are far fewer.
const BUFFERS: u16 = 1024;

/// Size of one. Inputs are shorter; and since the kernel fills up to 32 for one socket at a time, a flood
/// takes its budget and no more than as much again.
const BUFFER_BYTES: u32 = READ_BUDGET_BYTES as u32 / 32;

fn sizes() -> RingConfig {
    RingConfig {
        entries: ENTRIES,
        completions: COMPLETIONS,
        buffers: BUFFERS,
        buffer_bytes: BUFFER_BYTES,
        budget_bytes: READ_BUDGET_BYTES,
    }
}

/// Sockets whose operations the kernel completes.
pub(crate) struct Uring {
    ring: Ring,
    sockets: Sockets,
    /// Whether the ring failed at the last call; said once.
    failing: bool,
}

/// Indexed by the key's index.
#[derive(Default)]
struct Sockets(Vec<Option<Socket>>);

struct Socket {
    key: Key,
    id: SocketId,
    /// Whether it is to be said that it is writable.
    waits: bool,
    /// Whether its end has been handed out.
    ended: bool,
}

impl Uring {
    /// For the calling thread alone.
    ///
    /// # Errors
    /// When the kernel lacks or forbids a part of it.
    pub(crate) fn new() -> io::Result<Self> {
        let ring = Ring::new(&sizes())?;
        Ok(Self { ring, sockets: Sockets::default(), failing: false })
    }

    /// Whether one can be had here, in its full size, and works.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn probe() -> Result<(), ProbeError> {
        tickwire_ring::probe(&sizes())
    }

    fn note(&mut self, outcome: io::Result<()>) {
        let failing = outcome.is_err();
        if let Err(error) = outcome
            && !self.failing
        {
            error!(%error, "io_uring takes nothing; trying on");
        }
        self.failing = failing;
    }
}

impl Driver for Uring {
    fn adopt(&mut self, key: Key, stream: TcpStream) -> io::Result<()> {
        let id = self.ring.adopt(stream.into(), key.to_u64())?;
        let places = &mut self.sockets.0;
        if places.len() <= key.index() {
            places.resize_with(key.index() + 1, || None);
        }
        places[key.index()] = Some(Socket { key, id, waits: false, ended: false });
        Ok(())
    }

    fn drain(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let sockets = &mut self.sockets;
        let outcome = self.ring.drain(|completion| sockets.hand_out(completion, take));
        self.note(outcome);
    }

    fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize> {
        let socket = self.sockets.get(key).ok_or(ErrorKind::NotConnected)?;
        let taken = self.ring.send(socket.id, parts)?;
        socket.waits |= taken < parts.iter().map(|part| part.len()).sum();
        Ok(taken)
    }

    fn finish(&mut self, key: Key) {
        if let Some(socket) = self.sockets.get(key) {
            self.ring.shutdown_write(socket.id);
        }
    }

    fn remove(&mut self, key: Key) {
        if let Some(socket) = self.sockets.get(key) {
            self.ring.remove(socket.id);
            self.sockets.0[key.index()] = None;
        }
    }

    fn submit(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let sockets = &mut self.sockets;
        let outcome = self.ring.submit(|completion| sockets.hand_out(completion, take));
        self.note(outcome);
    }
}

impl Sockets {
    fn get(&mut self, key: Key) -> Option<&mut Socket> {
        self.0.get_mut(key.index())?.as_mut().filter(|socket| socket.key == key)
    }

    fn hand_out(&mut self, completion: Completion<'_>, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        let (Completion::Received { tag, .. }
        | Completion::Ended { tag, .. }
        | Completion::Busy { tag }
        | Completion::Sent { tag }
        | Completion::Failed { tag, .. }) = completion;
        let key = Key::from_u64(tag);
        let Some(socket) = self.get(key) else { return };
        match completion {
            Completion::Received { bytes, .. } if !socket.ended => take(key, Arrival::Bytes(bytes)),
            Completion::Ended { .. } | Completion::Failed { .. } if !socket.ended => {
                socket.ended = true;
                take(key, Arrival::Closed);
            }
            Completion::Busy { .. } => {
                socket.waits = true;
                take(key, Arrival::Busy);
            }
            // What waits for a socket that failed learns so by writing.
            Completion::Sent { .. } | Completion::Failed { .. } => {
                if std::mem::take(&mut socket.waits) {
                    take(key, Arrival::Writable);
                }
            }
            Completion::Received { .. } | Completion::Ended { .. } => {}
        }
    }
}
