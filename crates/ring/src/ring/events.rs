//! What the kernel says, and what follows from it.

use rustix::io::Errno;
use rustix::net::{Shutdown, shutdown};

use super::{Completion, KEPT_BYTES, Ring};
use crate::buffers::Filled;
use crate::queues::{Event, Mark};
use crate::sockets::{Receiving, Sending};

impl Ring {
    /// Gives out every completion that is there.
    pub(super) fn reap(&mut self, take: &mut dyn FnMut(Completion<'_>)) {
        while let Some(event) = self.queues.next() {
            match event {
                Event::Received { mark, result, armed } => {
                    self.received(mark, result, armed, take);
                }
                Event::Sent { mark, bytes, result } => self.sent(mark, bytes, result, take),
            }
        }
        for mark in self.submitted.drain(..) {
            if let Some(socket) = self.sockets.get_mut(mark)
                && matches!(socket.sending, Sending::InFlight)
                && !socket.removed
            {
                take(Completion::Busy { tag: socket.tag });
            }
        }
    }

    fn received(
        &mut self,
        mark: Mark,
        result: Result<Option<Filled>, Errno>,
        armed: bool,
        take: &mut dyn FnMut(Completion<'_>),
    ) {
        let Some(socket) = self.sockets.get_mut(mark) else { return };
        if !armed {
            socket.receiving = Receiving::Over;
        }
        if socket.removed {
            // The bytes go back with what `lend` returns.
            let _ = result.map(|filled| filled.map(|filled| self.queues.lend(filled)));
            return self.close_unused(mark);
        }
        let tag = socket.tag;
        let goes_on = match result {
            Ok(Some(filled)) => {
                let bytes = self.queues.lend(filled);
                socket.count(self.turn, bytes.len());
                take(Completion::Received { tag, bytes: &bytes });
                true
            }
            Ok(None) => {
                take(Completion::Ended { tag, error: None });
                false
            }
            // No buffer was free, or we have stopped it: there is more to receive.
            Err(Errno::NOBUFS | Errno::CANCELED | Errno::INTR | Errno::AGAIN) => true,
            Err(error) => {
                take(Completion::Ended { tag, error: Some(error.into()) });
                false
            }
        };
        if goes_on {
            self.keep_within_budget(mark);
        }
    }

    /// Stops or holds a receive whose budget is spent, and starts one again that is not.
    fn keep_within_budget(&mut self, mark: Mark) {
        let Some(socket) = self.sockets.get_mut(mark) else { return };
        let spent = socket.count(self.turn, 0) >= self.budget_bytes;
        match socket.receiving {
            // When the queue is full, the next bytes lead here again.
            Receiving::Armed if spent && self.queues.cancel_receive(mark).is_ok() => {
                socket.receiving = Receiving::Stopping;
            }
            Receiving::Over if spent => {
                socket.receiving = Receiving::Held;
                self.held.push(mark);
            }
            Receiving::Over => self.arm(mark),
            _ => {}
        }
    }

    fn sent(
        &mut self,
        mark: Mark,
        mut bytes: Vec<u8>,
        result: Result<usize, Errno>,
        take: &mut dyn FnMut(Completion<'_>),
    ) {
        let Some(socket) = self.sockets.get_mut(mark) else { return };
        socket.sending = Sending::Idle;
        let rest = match result {
            Ok(count) => bytes.len() - count.min(bytes.len()),
            Err(Errno::INTR | Errno::AGAIN) => bytes.len(),
            Err(error) => {
                socket.sending = Sending::Broken;
                if !socket.removed {
                    take(Completion::Failed { tag: socket.tag, error: error.into() });
                }
                0
            }
        };
        if rest > 0 && !socket.removed {
            // Cut short, by a signal for instance: it goes on with the next submission.
            bytes.drain(..bytes.len() - rest);
            socket.sending = Sending::Queued(bytes);
            return self.queued.push(mark);
        }
        if bytes.capacity() <= KEPT_BYTES {
            bytes.clear();
            self.spare.push(bytes);
        }
        if socket.finishing {
            let _ = shutdown(&socket.fd, Shutdown::Write);
        }
        match socket.removed {
            true => self.close_unused(mark),
            false if matches!(socket.sending, Sending::Idle) => {
                take(Completion::Sent { tag: socket.tag });
            }
            false => {}
        }
    }

    /// Closes a removed socket that the kernel has let go of.
    pub(super) fn close_unused(&mut self, mark: Mark) {
        if let Some(socket) = self.sockets.get_mut(mark)
            && socket.removed
            && !socket.is_in_use()
        {
            drop(self.sockets.remove(mark));
        }
    }
}
