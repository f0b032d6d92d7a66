//! What is on its way to one client: the frame that its socket took only in part, and whole frames
//! behind it.

use std::collections::VecDeque;
use std::io;

use tickwire_wire::websocket::{Opcode, write_frame};

use crate::driver::Driver;
use crate::slab::Key;

/// Capacity kept once everything has gone out; what a slow client made it grow beyond is given back.
const KEPT_BYTES: usize = 1024;

/// Sent bytes at the front after which they are forgotten.
const COMPACT_BYTES: usize = 16 * 1024;

/// The bytes that wait for a busy socket. Empty for a client that keeps up: its frames go straight
/// from the room's buffers to the kernel.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Bytes still to be sent; those before `start` are gone already.
    waiting: Vec<u8>,
    start: usize,
    /// Ends in `waiting` of the frames in it.
    ends: VecDeque<usize>,
    /// Whether the driver holds bytes that it took and the socket did not.
    held: bool,
    /// Since when no byte has been taken; `None` while nothing waits.
    stalled_since_us: Option<u64>,
}

impl Outbox {
    /// Whether a frame waits, here or in the driver, so that a snapshot now would be late and is better
    /// skipped.
    pub(crate) fn is_busy(&self) -> bool {
        self.held || !self.waiting.is_empty()
    }

    /// The driver could not get rid of what it took.
    pub(crate) fn hold(&mut self, now_us: u64) {
        self.held = true;
        self.stalled_since_us.get_or_insert(now_us);
    }

    /// The driver has got rid of it.
    pub(crate) fn release(&mut self, now_us: u64) {
        if std::mem::take(&mut self.held) {
            self.stalled_since_us = (!self.waiting.is_empty()).then_some(now_us);
        }
    }

    /// Frames that wait, the one partly sent included.
    pub(crate) fn frames(&self) -> usize {
        self.ends.len()
    }

    /// Bytes that wait.
    pub(crate) fn bytes(&self) -> usize {
        self.waiting.len() - self.start
    }

    /// How long the socket has taken nothing although something waits.
    pub(crate) fn stalled_us(&self, now_us: u64) -> u64 {
        self.stalled_since_us.map_or(0, |since_us| now_us.saturating_sub(since_us))
    }

    /// Sends one frame, given as its head and the two parts of its payload; what the socket does not
    /// take waits.
    ///
    /// # Errors
    /// When the socket is broken.
    pub(crate) fn send<D: Driver>(
        &mut self,
        driver: &mut D,
        key: Key,
        parts: [&[u8]; 3],
        now_us: u64,
    ) -> io::Result<()> {
        let mut taken = 0;
        if !self.is_busy() {
            taken = driver.write(key, &parts)?;
        }
        self.keep(&parts, taken, now_us);
        Ok(())
    }

    /// Puts a control frame behind what waits; [`Outbox::flush`] sends it.
    pub(crate) fn queue(&mut self, opcode: Opcode, payload: &[u8], now_us: u64) {
        write_frame(&mut self.waiting, opcode, payload, None);
        self.ends.push_back(self.waiting.len());
        self.stalled_since_us.get_or_insert(now_us);
    }

    /// Sends what waits, as far as the socket takes it.
    ///
    /// # Errors
    /// When the socket is broken.
    pub(crate) fn flush<D: Driver>(
        &mut self,
        driver: &mut D,
        key: Key,
        now_us: u64,
    ) -> io::Result<()> {
        while !self.held && !self.waiting.is_empty() {
            let taken = driver.write(key, &[&self.waiting[self.start..]])?;
            if taken == 0 {
                return Ok(());
            }
            self.start += taken;
            self.stalled_since_us = Some(now_us);
            while self.ends.front().is_some_and(|end| *end <= self.start) {
                self.ends.pop_front();
            }
            if self.start == self.waiting.len() {
                self.empty();
            } else if self.start >= COMPACT_BYTES {
                self.compact();
            }
        }
        Ok(())
    }

    /// Keeps what of `parts` was not `taken`.
    fn keep(&mut self, parts: &[&[u8]], mut taken: usize, now_us: u64) {
        for part in parts {
            let gone = taken.min(part.len());
            taken -= gone;
            self.waiting.extend_from_slice(&part[gone..]);
        }
        if !self.waiting.is_empty() && self.ends.back() != Some(&self.waiting.len()) {
            self.ends.push_back(self.waiting.len());
            self.stalled_since_us.get_or_insert(now_us);
        }
    }

    /// Forgets the bytes that are gone, so that a client that never quite catches up costs no more.
    fn compact(&mut self) {
        self.waiting.drain(..self.start);
        for end in &mut self.ends {
            *end -= self.start;
        }
        self.start = 0;
    }

    fn empty(&mut self) {
        self.waiting.clear();
        self.waiting.shrink_to(KEPT_BYTES);
        self.ends.clear();
        self.start = 0;
        self.stalled_since_us = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Arrival;
    use crate::slab::Slab;

    /// A socket that takes `room` bytes and then is busy.
    #[derive(Default)]
    struct Narrow {
        room: usize,
        taken: Vec<u8>,
    }

    impl Driver for Narrow {
        fn adopt(&mut self, _: Key, _: std::net::TcpStream) -> io::Result<()> {
            Ok(())
        }
        fn drain(&mut self, _: &mut dyn FnMut(Key, Arrival<'_>)) {}
        fn write(&mut self, _: Key, parts: &[&[u8]]) -> io::Result<usize> {
            let all: Vec<u8> = parts.concat();
            let count = all.len().min(self.room);
            self.taken.extend_from_slice(&all[..count]);
            self.room -= count;
            Ok(count)
        }
        fn finish(&mut self, _: Key) {}
        fn remove(&mut self, _: Key) {}
        fn submit(&mut self, _: &mut dyn FnMut(Key, Arrival<'_>)) {}
    }

    fn key() -> Key {
        Slab::default().insert(())
    }

    #[test]
    fn what_a_busy_socket_did_not_take_follows_in_order() {
        let (mut driver, key) = (Narrow { room: 4, ..Narrow::default() }, key());
        let mut outbox = Outbox::default();
        outbox.send(&mut driver, key, [b"ab", b"cd", b"ef"], 10).unwrap();
        assert!(outbox.is_busy());
        outbox.send(&mut driver, key, [b"gh", b"", b"ij"], 11).unwrap();
        assert_eq!((outbox.frames(), outbox.bytes()), (2, 6));
        driver.room = 3;
        outbox.flush(&mut driver, key, 20).unwrap();
        assert_eq!((outbox.frames(), outbox.bytes()), (1, 3));
        assert_eq!(outbox.stalled_us(25), 5);
        driver.room = 100;
        outbox.flush(&mut driver, key, 30).unwrap();
        assert_eq!(driver.taken, b"abcdefghij");
        assert!(!outbox.is_busy());
        assert_eq!(outbox.stalled_us(1_000), 0);
    }

    #[test]
    fn a_client_that_never_quite_catches_up_costs_no_more_over_time() {
        let (mut driver, key) = (Narrow::default(), key());
        let mut outbox = Outbox::default();
        let frame = [7; 1000];
        for round in 0..1_000 {
            outbox.send(&mut driver, key, [b"", &frame, b""], round).unwrap();
            driver.room = 999;
            outbox.flush(&mut driver, key, round).unwrap();
        }
        assert!(outbox.waiting.capacity() < 64 * 1024, "{}", outbox.waiting.capacity());
        assert_eq!(outbox.bytes() + driver.taken.len(), 1_000_000);
    }

    #[test]
    fn no_progress_is_timed_from_when_the_data_began_to_wait() {
        let (mut driver, key) = (Narrow::default(), key());
        let mut outbox = Outbox::default();
        assert_eq!(outbox.stalled_us(5), 0);
        outbox.send(&mut driver, key, [b"x", b"", b""], 100).unwrap();
        outbox.queue(Opcode::Ping, b"", 200);
        outbox.flush(&mut driver, key, 300).unwrap();
        assert_eq!(outbox.stalled_us(350), 250);
    }

    #[test]
    fn what_the_driver_holds_counts_as_waiting() {
        let (mut driver, key) = (Narrow { room: 100, ..Narrow::default() }, key());
        let mut outbox = Outbox::default();
        outbox.send(&mut driver, key, [b"ab", b"", b""], 10).unwrap();
        outbox.hold(20);
        assert!(outbox.is_busy());
        assert_eq!(outbox.stalled_us(50), 30);
        outbox.send(&mut driver, key, [b"cd", b"", b""], 60).unwrap();
        outbox.flush(&mut driver, key, 70).unwrap();
        assert_eq!(driver.taken, b"ab", "nothing overtakes what is held");
        outbox.release(80);
        outbox.flush(&mut driver, key, 80).unwrap();
        assert_eq!(driver.taken, b"abcd");
        assert!(!outbox.is_busy());
        assert_eq!(outbox.stalled_us(1_000), 0);
    }
}
