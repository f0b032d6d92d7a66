//! Multishot receives into shared buffers, and all sends of a cohort in one system call: crate `ring`,
//! and nothing around it.

use std::io;
use std::net::TcpStream;
use std::ops::Range;

use tickwire_ring::{Completion, Ring, SocketId};

use super::Mover;
use crate::rig::ring_for;

pub(super) struct Uring {
    ring: Ring,
    /// `None` once it has left.
    clients: Vec<Option<SocketId>>,
    /// What came with the completions of sends, not counted yet.
    bytes: u64,
}

impl Uring {
    pub(super) fn new(streams: Vec<TcpStream>) -> io::Result<Self> {
        let mut ring = ring_for(streams.len())?;
        let adopt = |(tag, stream): (u64, TcpStream)| ring.adopt(stream.into(), tag).map(Some);
        let clients = (0..).zip(streams).map(adopt).collect::<io::Result<_>>()?;
        Ok(Self { ring, clients, bytes: 0 })
    }
}

/// What a completion means to a loop that only counts.
fn take(completion: &Completion<'_>, bytes: &mut u64, clients: &mut [Option<SocketId>]) {
    match completion {
        Completion::Received { bytes: more, .. } => *bytes += more.len() as u64,
        Completion::Ended { tag, .. } | Completion::Failed { tag, .. } => {
            clients[*tag as usize] = None;
        }
        Completion::Busy { .. } | Completion::Sent { .. } => {}
    }
}

impl Mover for Uring {
    fn drain(&mut self) -> io::Result<u64> {
        let Self { ring, clients, bytes } = self;
        ring.drain(|completion| take(&completion, bytes, clients))?;
        Ok(std::mem::take(bytes))
    }

    fn send(&mut self, clients: Range<usize>, frame: &[u8]) -> io::Result<()> {
        for client in self.clients[clients].iter().flatten() {
            // One that does not read misses frames: a send in flight takes nothing more. A broken one
            // shows when it is read.
            let _ = self.ring.send(*client, &[frame]);
        }
        Ok(())
    }

    fn submit(&mut self) -> io::Result<()> {
        let Self { ring, clients, bytes } = self;
        ring.submit(|completion| take(&completion, bytes, clients))
    }
}
