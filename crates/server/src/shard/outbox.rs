//! What is on its way to one client: the frame that its socket took only in part, whole frames behind
//! it, and the newest snapshot.

use std::collections::VecDeque;
use std::io;

use crate::config::Limits;
use crate::driver::Driver;
use crate::limits::{DRIVER_BYTES, SLOT_BYTES};
use crate::slab::Key;

/// Capacity kept once everything has gone out; what a slow client made it grow beyond is given back.
const KEPT_BYTES: usize = 1024;

/// What a frame's head and its TLS records add to it at most: 22 bytes for each 16 KiB.
const FRAME_OVERHEAD_BYTES: usize = 512;

/// Sent bytes at the front after which they are forgotten.
const COMPACT_BYTES: usize = 16 * 1024;

/// The bytes that wait for a busy socket. Empty for a client that keeps up: its frames go straight
/// from the room's buffers to the kernel.
///
/// What is in `waiting` is certain to go out, in order, or the connection ends. The snapshot behind it is
/// not: a newer one takes its place until the socket is free for it.
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
    /// The frame of the newest snapshot, as yet without TLS; empty when there is none.
    snapshot: Vec<u8>,
}

/// Why a frame could not be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    /// The socket is broken.
    #[error(transparent)]
    Broken(#[from] io::Error),
    /// More would wait than may.
    #[error("{waiting} bytes would wait, and {limit} may")]
    TooMuch {
        /// Bytes that would wait.
        waiting: usize,
        /// Bytes that may.
        limit: usize,
    },
}

impl Outbox {
    /// Whether a frame waits, here or in the driver, so that a snapshot now would be late.
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

    /// Bytes that wait; the snapshot is not among them.
    pub(crate) fn bytes(&self) -> usize {
        self.waiting.len() - self.start
    }

    /// Whether so much waits that a message had better wait elsewhere.
    pub(crate) fn is_full(&self, limits: &Limits) -> bool {
        self.frames() >= limits.queue_messages as usize
            || self.bytes() >= limits.queue_bytes.min(limits.tail_bytes / 2) as usize
    }

    /// Whether a frame of `len` bytes may wait, with what TLS adds to it.
    pub(crate) fn has_room(&self, len: usize, limits: &Limits) -> bool {
        self.bytes() + len + FRAME_OVERHEAD_BYTES <= limits.tail_bytes as usize
    }

    /// Bytes of memory that it holds, and those of the driver for it.
    pub(crate) fn memory_bytes(&self) -> usize {
        let ends = self.ends.capacity() * size_of::<usize>();
        let driver = if self.held { DRIVER_BYTES } else { 0 };
        self.waiting.capacity() + self.snapshot.capacity() + ends + driver
    }

    /// How long the socket has taken nothing although something waits.
    pub(crate) fn stalled_us(&self, now_us: u64) -> u64 {
        self.stalled_since_us.map_or(0, |since_us| now_us.saturating_sub(since_us))
    }

    /// Keeps a snapshot, given as the parts of its frame, in place of the one kept before. Returns false, and
    /// changes nothing, when it is too large for that.
    pub(crate) fn keep_snapshot(&mut self, parts: [&[u8]; 3]) -> bool {
        let len: usize = parts.iter().map(|part| part.len()).sum();
        if len > SLOT_BYTES {
            return false;
        }
        self.snapshot.clear();
        self.snapshot.reserve_exact(len);
        parts.iter().for_each(|part| self.snapshot.extend_from_slice(part));
        true
    }

    /// The frame of the snapshot that was kept, empty when none was; none is from then on.
    pub(crate) fn take_snapshot(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.snapshot)
    }

    /// Sends one frame, given in parts; what the socket does not take waits, at most `limit` bytes.
    ///
    /// # Errors
    /// When the socket is broken, or more would wait: the connection is at its end then.
    pub(crate) fn send<D: Driver>(
        &mut self,
        driver: &mut D,
        key: Key,
        parts: [&[u8]; 3],
        (now_us, limit): (u64, usize),
    ) -> Result<(), SendError> {
        let mut taken = 0;
        if !self.is_busy() {
            taken = driver.write(key, &parts)?;
        }
        self.keep(&parts, taken, (now_us, limit))
    }

    /// Puts a frame behind what waits; [`Outbox::flush`] sends it.
    pub(crate) fn queue(&mut self, frame: &[u8], now_us: u64) {
        self.append(&[frame], 0, now_us);
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

    /// Puts what of a frame was not `taken` behind what waits, at most `limit` bytes.
    ///
    /// # Errors
    /// When more would wait.
    pub(crate) fn keep(
        &mut self,
        parts: &[&[u8]],
        taken: usize,
        (now_us, limit): (u64, usize),
    ) -> Result<(), SendError> {
        let rest = parts.iter().map(|part| part.len()).sum::<usize>() - taken;
        let waiting = self.bytes() + rest;
        if waiting > limit {
            return Err(SendError::TooMuch { waiting, limit });
        }
        if rest > 0 {
            self.append(parts, taken, now_us);
        }
        Ok(())
    }

    fn append(&mut self, parts: &[&[u8]], mut taken: usize, now_us: u64) {
        let rest = parts.iter().map(|part| part.len()).sum::<usize>() - taken;
        if self.waiting.len() + rest > self.waiting.capacity() {
            self.compact();
            // Exactly: what is accounted for is capacity, and a client this slow is not in a hurry.
            self.waiting.reserve_exact(rest);
        }
        for part in parts {
            let gone = taken.min(part.len());
            taken -= gone;
            self.waiting.extend_from_slice(&part[gone..]);
        }
        self.ends.push_back(self.waiting.len());
        self.stalled_since_us.get_or_insert(now_us);
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

    const LIMIT: usize = 64 * 1024;

    fn key() -> Key {
        Slab::default().insert(())
    }

    #[test]
    fn what_a_busy_socket_did_not_take_follows_in_order() {
        let (mut driver, key) = (Narrow { room: 4, ..Narrow::default() }, key());
        let mut outbox = Outbox::default();
        outbox.send(&mut driver, key, [b"ab", b"cd", b"ef"], (10, LIMIT)).unwrap();
        assert!(outbox.is_busy());
        outbox.send(&mut driver, key, [b"gh", b"", b"ij"], (11, LIMIT)).unwrap();
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
            outbox.send(&mut driver, key, [b"", &frame, b""], (round, LIMIT)).unwrap();
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
        outbox.send(&mut driver, key, [b"x", b"", b""], (100, LIMIT)).unwrap();
        outbox.queue(b"ping", 200);
        outbox.flush(&mut driver, key, 300).unwrap();
        assert_eq!(outbox.stalled_us(350), 250);
    }

    #[test]
    fn what_the_driver_holds_counts_as_waiting() {
        let (mut driver, key) = (Narrow { room: 100, ..Narrow::default() }, key());
        let mut outbox = Outbox::default();
        outbox.send(&mut driver, key, [b"ab", b"", b""], (10, LIMIT)).unwrap();
        outbox.hold(20);
        assert!(outbox.is_busy());
        assert_eq!(outbox.stalled_us(50), 30);
        outbox.send(&mut driver, key, [b"cd", b"", b""], (60, LIMIT)).unwrap();
        outbox.flush(&mut driver, key, 70).unwrap();
        assert_eq!(driver.taken, b"ab", "nothing overtakes what is held");
        outbox.release(80);
        outbox.flush(&mut driver, key, 80).unwrap();
        assert_eq!(driver.taken, b"abcd");
        assert!(!outbox.is_busy());
        assert_eq!(outbox.stalled_us(1_000), 0);
    }

    #[test]
    fn the_newest_snapshot_takes_the_place_of_the_one_before() {
        let mut outbox = Outbox::default();
        assert!(outbox.take_snapshot().is_empty());
        assert!(outbox.keep_snapshot([b"a", b"bcd", b"e"]));
        assert!(outbox.keep_snapshot([b"1", b"", b"23"]));
        assert!(!outbox.keep_snapshot([b"", &[0; SLOT_BYTES], b"x"]), "too large");
        assert_eq!(outbox.take_snapshot(), b"123");
        assert!(outbox.take_snapshot().is_empty());
        assert_eq!(outbox.memory_bytes(), 0);
    }

    #[test]
    fn memory_is_what_waits_and_no_more_than_may() {
        let (mut driver, key) = (Narrow::default(), key());
        let mut outbox = Outbox::default();
        let frame = [7; 5000];
        let mut error = None;
        while error.is_none() {
            error = outbox.send(&mut driver, key, [b"", &frame, b""], (1, LIMIT)).err();
            assert!(outbox.memory_bytes() <= LIMIT + 1024, "{}", outbox.memory_bytes());
        }
        assert_eq!(error.unwrap().to_string(), "70000 bytes would wait, and 65536 may");
    }
}
