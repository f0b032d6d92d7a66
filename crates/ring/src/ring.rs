//! The interface: sockets in, completions out.

mod direct;
mod events;

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};

use crate::queues::{Mark, Queues};
use crate::sockets::{Receiving, Sending, Socket, SocketId, Sockets};

/// Bytes that a socket holds until the kernel has all of them. Half of what the kernel keeps unsent
/// (`TCP_NOTSENT_LOWAT` of a match socket, 16 KiB): it wakes a sender when that is half empty, so that
/// this much goes in at once, and the progress of a slow line shows as often as with readiness.
pub const SEND_BYTES: usize = 8 * 1024;

/// Capacity of a send buffer that is kept for the next message. Whole states of large rooms are longer
/// and rare; snapshots are not.
const KEPT_BYTES: usize = 4 * 1024;

/// Rounds of one call, beside those that many sockets need, after which the rest waits for the next
/// call: sockets within their budgets cannot keep it busy for long, but may send while it runs.
const ROUNDS: usize = 16;

/// Sockets that the kernel serves in one round (`IO_LOCAL_TW_DEFAULT_MAX`).
const ROUND_SOCKETS: usize = 20;

/// Sizes of a ring.
#[derive(Debug, Clone)]
pub struct RingConfig {
    /// Operations that are handed over in one system call; more take another. A power of two.
    pub entries: u32,
    /// Completions that may wait to be read; what is beyond waits in the kernel, at a price.
    pub completions: u32,
    /// Buffers to receive into, of all sockets together; a power of two up to 32,768. When there are
    /// none left, what comes waits in its socket.
    pub buffers: u16,
    /// Size of one. The kernel fills up to 32 of them for one socket before it looks at the next.
    pub buffer_bytes: u32,
    /// Bytes received from one socket per [`Ring::drain`] or [`Ring::wait`], so that a flood starves
    /// nobody. What the kernel has filled already is given out beyond it.
    pub budget_bytes: usize,
}

impl Default for RingConfig {
    /// For a thousand or two of sockets with short messages.
    fn default() -> Self {
        Self {
            entries: 1024,
            completions: 8192,
            buffers: 1024,
            buffer_bytes: 512,
            budget_bytes: 16 * 1024,
        }
    }
}

/// What has become of a socket, by the tag that it was adopted with.
#[derive(Debug)]
pub enum Completion<'a> {
    /// Bytes have come.
    Received {
        /// Whose.
        tag: u64,
        /// At least one, and at most one buffer's.
        bytes: &'a [u8],
    },
    /// The other side sends no more, or receiving has failed. Nothing more will be received.
    Ended {
        /// Whose.
        tag: u64,
        /// Why, unless the other side just ended.
        error: Option<io::Error>,
    },
    /// The bytes taken for this socket did not go out at once. It takes none until
    /// [`Completion::Sent`] or [`Completion::Failed`].
    Busy {
        /// Whose.
        tag: u64,
    },
    /// The kernel has all that was taken: there is room for more.
    Sent {
        /// Whose.
        tag: u64,
    },
    /// What was taken cannot be sent; the socket is broken.
    Failed {
        /// Whose.
        tag: u64,
        /// Why.
        error: io::Error,
    },
}

/// Sockets on io_uring. It belongs to the thread that made it:
///
/// ```compile_fail,E0277
/// let ring = tickwire_ring::Ring::new(&tickwire_ring::RingConfig::default()).unwrap();
/// std::thread::spawn(move || drop(ring));
/// ```
///
/// Dropping it sends what was taken as far as the sockets take it at once, and closes them. Soon after,
/// the kernel interrupts the thread once more to tidy up: a blocking call with a timeout that is under
/// way then fails with [`ErrorKind::Interrupted`](io::ErrorKind::Interrupted).
pub struct Ring {
    /// Before `sockets`: what is queued names descriptors, which must not be closed before it is over.
    queues: Queues,
    sockets: Sockets,
    budget_bytes: usize,
    /// The current turn: since the last [`Ring::drain`] or [`Ring::wait`].
    turn: u64,
    /// Sockets with [`Sending::Queued`].
    queued: Vec<Mark>,
    /// Those of the last submission.
    submitted: Vec<Mark>,
    /// Sockets with [`Receiving::Held`].
    held: Vec<Mark>,
    /// Removed sockets whose operations could not be cancelled yet.
    leaving: Vec<Mark>,
    /// Send buffers of messages that have gone out; the last used is the first used again.
    spare: Vec<Vec<u8>>,
}

impl Ring {
    /// An empty ring, for this thread alone.
    ///
    /// # Errors
    /// When the kernel lacks or forbids a part of it, or has no memory; [`probe`](crate::probe) says
    /// which.
    pub fn new(config: &RingConfig) -> io::Result<Self> {
        let RingConfig { entries, completions, buffers, buffer_bytes, budget_bytes } = *config;
        Ok(Self {
            sockets: Sockets::default(),
            queues: Queues::new(entries, completions, buffers, buffer_bytes)?,
            budget_bytes,
            turn: 0,
            queued: Vec::new(),
            submitted: Vec::new(),
            held: Vec::new(),
            leaving: Vec::new(),
            spare: Vec::new(),
        })
    }

    /// Takes over a connected stream socket and begins to receive from it. `tag` is its name in
    /// completions.
    ///
    /// # Errors
    /// When the descriptor cannot be made blocking, which here means: waiting is the kernel's business.
    pub fn adopt(&mut self, fd: OwnedFd, tag: u64) -> io::Result<SocketId> {
        // On a non-blocking descriptor, operations would fail where they should wait.
        rustix::io::ioctl_fionbio(&fd, false)?;
        let id = self.sockets.insert(Socket {
            fd,
            tag,
            receiving: Receiving::Held,
            sending: Sending::Idle,
            finishing: false,
            removed: false,
            turn: 0,
            turn_bytes: 0,
        });
        self.arm(id.mark());
        Ok(id)
    }

    /// Sockets that it holds, removed ones included that the kernel has not let go of.
    pub fn len(&self) -> usize {
        self.sockets.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes `parts`, one after the other, and says how many bytes it took; none while a send is in
    /// flight. Up to [`SEND_BYTES`] are copied, to be sent at the next [`Ring::submit`] or
    /// [`Ring::wait`]. Of more, the kernel gets at once what it takes without waiting, in a system call
    /// of its own. When not all is taken, a [`Completion::Sent`] says when there is room again.
    ///
    /// # Errors
    /// When the socket is broken, finished or removed.
    pub fn send(&mut self, id: SocketId, parts: &[&[u8]]) -> io::Result<usize> {
        let socket = self.sockets.get_mut(id.mark()).filter(|socket| !socket.removed);
        let socket = socket.ok_or(io::ErrorKind::NotConnected)?;
        if socket.finishing {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let was_idle = matches!(socket.sending, Sending::Idle);
        if was_idle {
            socket.sending = Sending::Queued(self.spare.pop().unwrap_or_default());
        }
        let bytes = match &mut socket.sending {
            Sending::Queued(bytes) => bytes,
            Sending::Broken => return Err(io::ErrorKind::BrokenPipe.into()),
            Sending::InFlight | Sending::Idle => return Ok(0),
        };
        let taken = match direct::take(&socket.fd, bytes, parts) {
            Ok(taken) => taken,
            Err(error) => {
                socket.sending = Sending::Broken;
                return Err(error.into());
            }
        };
        match was_idle {
            true if bytes.is_empty() => {
                self.spare.push(std::mem::take(bytes));
                socket.sending = Sending::Idle;
            }
            true => self.queued.push(id.mark()),
            false => {}
        }
        Ok(taken)
    }

    /// Hands over what was taken, in one system call, and gives out what is complete, without asking
    /// for what has come in. Sockets that did not take all at once are [`Completion::Busy`].
    ///
    /// # Errors
    /// When the kernel takes nothing. What was taken is kept; the next call tries again. What is
    /// complete is given out all the same.
    pub fn submit(&mut self, mut take: impl FnMut(Completion<'_>)) -> io::Result<()> {
        let outcome = self.queue_sends().and_then(|()| self.queues.submit());
        // Also after a failure: the kernel may take nothing until there is room for completions.
        self.reap(&mut take);
        outcome
    }

    /// Gives out what has come since the last call, up to the budget per socket. Does not wait, nor
    /// send what was taken.
    ///
    /// # Errors
    /// As [`Ring::submit`].
    pub fn drain(&mut self, mut take: impl FnMut(Completion<'_>)) -> io::Result<()> {
        self.begin_turn();
        self.rounds(&mut take)
    }

    /// [`Ring::submit`] and [`Ring::drain`] in one, and waits until there is something to give out,
    /// `most` at the longest.
    ///
    /// # Errors
    /// As [`Ring::submit`].
    pub fn wait(&mut self, most: Duration, mut take: impl FnMut(Completion<'_>)) -> io::Result<()> {
        self.begin_turn();
        let outcome = self.queue_sends().and_then(|()| self.queues.wait(most));
        outcome.and(self.rounds(&mut take))
    }

    /// Ends the sending side once all that was taken has gone out.
    pub fn shutdown_write(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(id.mark()) else { return };
        socket.finishing = true;
        if matches!(socket.sending, Sending::Idle) {
            // Fails only when the other side is gone already.
            let _ = shutdown(&socket.fd, Shutdown::Write);
        }
    }

    /// Lets go of a socket: no completion of it will be given out. What was taken before is sent as
    /// far as the socket takes it at once; it closes when the kernel has let go of it, soon after the
    /// next call.
    pub fn remove(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(id.mark()).filter(|socket| !socket.removed) else {
            return;
        };
        socket.removed = true;
        match socket.is_in_use() {
            true => self.let_go(id.mark()),
            false => drop(self.sockets.remove(id.mark())),
        }
    }

    /// Queues the cancellation of what a removed socket has in flight.
    fn let_go(&mut self, mark: Mark) {
        let Some(socket) = self.sockets.get_mut(mark) else { return };
        let mut outcome = Ok(());
        if socket.receiving == Receiving::Armed {
            outcome = self.queues.cancel_receive(mark);
            if outcome.is_ok() {
                socket.receiving = Receiving::Stopping;
            }
        }
        if matches!(socket.sending, Sending::InFlight) {
            outcome = outcome.and(self.queues.cancel_send(mark));
        }
        if outcome.is_err() {
            self.leaving.push(mark);
        }
    }

    /// Queues a receive; where that cannot be, the next turn tries again.
    fn arm(&mut self, mark: Mark) {
        let Some(socket) = self.sockets.get_mut(mark) else { return };
        if socket.removed {
            // It was held when its owner let go of it: there is nothing to cancel, nor to receive.
            socket.receiving = Receiving::Over;
            return self.close_unused(mark);
        }
        socket.receiving = match self.queues.receive(mark, socket.fd.as_fd()) {
            Ok(()) => Receiving::Armed,
            Err(_) => Receiving::Held,
        };
        if socket.receiving == Receiving::Held {
            self.held.push(mark);
        }
    }

    fn begin_turn(&mut self) {
        self.turn += 1;
        for mark in std::mem::take(&mut self.leaving) {
            self.let_go(mark);
        }
        for mark in std::mem::take(&mut self.held) {
            self.arm(mark);
        }
    }

    /// Queues the sends of all that was taken.
    fn queue_sends(&mut self) -> io::Result<()> {
        let mut queued = std::mem::take(&mut self.queued);
        let mut done = 0;
        let outcome = queued.iter().try_for_each(|mark| {
            self.queue_send(*mark)?;
            done += 1;
            Ok(())
        });
        queued.drain(..done);
        self.queued = queued;
        outcome
    }

    fn queue_send(&mut self, mark: Mark) -> io::Result<()> {
        let Some(socket) = self.sockets.get_mut(mark) else { return Ok(()) };
        let bytes = match std::mem::replace(&mut socket.sending, Sending::InFlight) {
            Sending::Queued(bytes) => bytes,
            other => {
                socket.sending = other;
                return Ok(());
            }
        };
        if let Err((error, bytes)) = self.queues.send(mark, socket.fd.as_fd(), bytes) {
            socket.sending = Sending::Queued(bytes);
            return Err(error);
        }
        match socket.removed {
            // It gets one chance: nobody waits for it any more.
            true => self.let_go(mark),
            false => self.submitted.push(mark),
        }
        Ok(())
    }

    fn rounds(&mut self, take: &mut dyn FnMut(Completion<'_>)) -> io::Result<()> {
        for _ in 0..ROUNDS + self.sockets.len() / ROUND_SOCKETS {
            let outcome = self.queues.turn();
            // As in `submit`.
            self.reap(take);
            outcome?;
            if !self.queues.has_work() {
                break;
            }
        }
        Ok(())
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // What fails now was to be dropped anyway.
        let _ = self.queue_sends().and_then(|()| self.queues.submit());
    }
}
