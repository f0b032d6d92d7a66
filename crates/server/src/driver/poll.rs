//! poll(2): the whole list of sockets goes to the kernel at each wake-up. Works on every Unix.

use std::io;
use std::net::TcpStream;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::streams::Streams;
use super::{Arrival, Driver};
use crate::slab::Key;

const NO_WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// After one of these there is something to be read: bytes, the end, or an error.
const READABLE: PollFlags = PollFlags::IN.union(PollFlags::HUP).union(PollFlags::ERR);

/// Sockets behind level-triggered readiness: what is not read now is reported again.
pub(crate) struct Poll {
    streams: Streams,
    /// Sockets that were ready at the last look.
    ready: Vec<(Key, PollFlags)>,
}

impl Poll {
    pub(crate) fn new() -> Self {
        Self { streams: Streams::new(), ready: Vec::new() }
    }

    /// Asks which sockets are ready.
    fn look(&mut self) {
        let mut asked = Vec::new();
        let mut keys = Vec::new();
        for (key, stream) in self.streams.iter() {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::IN, !stream.ended);
            flags.set(PollFlags::OUT, stream.waits);
            if !flags.is_empty() {
                asked.push(PollFd::new(&stream.socket, flags));
                keys.push(key);
            }
        }
        // An interrupted call says nothing; what was ready is reported next time.
        if poll(&mut asked, Some(&NO_WAIT)).is_ok() {
            let answers = keys.into_iter().zip(asked.iter().map(PollFd::revents));
            self.ready.extend(answers.filter(|(_, flags)| !flags.is_empty()));
        }
    }
}

impl Driver for Poll {
    fn adopt(&mut self, key: Key, stream: TcpStream) -> io::Result<()> {
        self.streams.insert(key, stream).map(drop)
    }

    fn drain(&mut self, take: &mut dyn FnMut(Key, Arrival<'_>)) {
        self.streams.begin_turn();
        self.look();
        let mut ready = std::mem::take(&mut self.ready);
        for (key, flags) in ready.drain(..) {
            let Some(stream) = self.streams.get(key) else { continue };
            // After an error a write says what it is.
            let writable = flags.intersects(PollFlags::OUT | PollFlags::ERR);
            if writable && std::mem::take(&mut stream.waits) {
                take(key, Arrival::Writable);
            }
            if flags.intersects(READABLE) {
                self.streams.read(key, take);
            }
        }
        self.ready = ready;
    }

    fn write(&mut self, key: Key, parts: &[&[u8]]) -> io::Result<usize> {
        self.streams.write(key, parts)
    }

    fn finish(&mut self, key: Key) {
        self.streams.finish(key);
    }

    fn remove(&mut self, key: Key) {
        self.streams.remove(key);
    }

    /// Everything went out when it was written.
    fn submit(&mut self, _: &mut dyn FnMut(Key, Arrival<'_>)) {}
}
