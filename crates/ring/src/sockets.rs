//! The sockets of a ring, and where each stands.

use std::os::fd::OwnedFd;

use crate::queues::Mark;

/// A socket of a ring. An id of a socket that was removed finds nothing, not its successor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SocketId {
    index: u32,
    generation: u32,
}

impl SocketId {
    pub(crate) fn mark(self) -> Mark {
        Mark { index: self.index, generation: self.generation }
    }
}

/// One socket. It stays in its place after it was removed, until the kernel has let go of it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) fd: OwnedFd,
    /// What its owner calls it.
    pub(crate) tag: u64,
    pub(crate) receiving: Receiving,
    pub(crate) sending: Sending,
    /// Nothing more will be sent, and the other side is told when what was taken has gone.
    pub(crate) finishing: bool,
    /// Its owner has let go of it.
    pub(crate) removed: bool,
    /// The turn that `turn_bytes` counts for.
    pub(crate) turn: u64,
    /// Bytes received in that turn.
    pub(crate) turn_bytes: usize,
}

/// How far the receiving side is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Receiving {
    /// The kernel receives.
    Armed,
    /// It does, but has been told to stop.
    Stopping,
    /// It does not until the next turn, because this turn's budget is spent.
    Held,
    /// Nothing more will come.
    Over,
}

/// How far the sending side is.
#[derive(Debug)]
pub(crate) enum Sending {
    /// Nothing is to be sent.
    Idle,
    /// Bytes wait for the next submission.
    Queued(Vec<u8>),
    /// The kernel has them.
    InFlight,
    /// The socket is broken.
    Broken,
}

impl Socket {
    /// Whether an operation is in flight or about to be.
    pub(crate) fn is_in_use(&self) -> bool {
        matches!(self.receiving, Receiving::Armed | Receiving::Stopping)
            || matches!(self.sending, Sending::Queued(_) | Sending::InFlight)
    }

    /// Adds to what came in this turn, and gives the sum.
    pub(crate) fn count(&mut self, turn: u64, bytes: usize) -> usize {
        if self.turn != turn {
            self.turn = turn;
            self.turn_bytes = 0;
        }
        self.turn_bytes += bytes;
        self.turn_bytes
    }
}

/// Sockets in places that are used again.
#[derive(Debug, Default)]
pub(crate) struct Sockets {
    places: Vec<Place>,
    /// Indices of empty places.
    free: Vec<u32>,
}

#[derive(Debug)]
struct Place {
    generation: u32,
    socket: Option<Socket>,
}

impl Sockets {
    pub(crate) fn insert(&mut self, socket: Socket) -> SocketId {
        let index = self.free.pop().unwrap_or_else(|| {
            self.places.push(Place { generation: 0, socket: None });
            self.places.len() as u32 - 1
        });
        let place = &mut self.places[index as usize];
        place.socket = Some(socket);
        SocketId { index, generation: place.generation }
    }

    pub(crate) fn get_mut(&mut self, mark: Mark) -> Option<&mut Socket> {
        let place = self.places.get_mut(mark.index as usize)?;
        place.socket.as_mut().filter(|_| place.generation == mark.generation)
    }

    /// Empties a place; the socket closes with what this returns.
    pub(crate) fn remove(&mut self, mark: Mark) -> Option<Socket> {
        self.get_mut(mark)?;
        let place = &mut self.places[mark.index as usize];
        place.generation = (place.generation + 1) & Mark::GENERATIONS;
        self.free.push(mark.index);
        place.socket.take()
    }

    /// Sockets, those included that the kernel has not let go of.
    pub(crate) fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }
}
