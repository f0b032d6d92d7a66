//! Numbered messages, in both directions, that survive a cut.
//!
//! The numbers belong to the seat, not to the connection: after a resume the unacknowledged tail is
//! sent again with the numbers it had, and the receiver ignores what it has.

use std::collections::VecDeque;

use tickwire_wire::message::{ServerMessage, encode_server_reliable};

use crate::limits::{MAX_KEPT_BYTES, MAX_KEPT_MESSAGES, MAX_UNACKED_BYTES, MAX_UNACKED_MESSAGES};

/// The messages for one client that it has not acknowledged.
///
/// A window of them is in flight; the rest waits. A client that acknowledges nothing while more
/// waits is too slow.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail {
    /// Whole messages, oldest first; the first has number `acked + 1`.
    messages: VecDeque<Vec<u8>>,
    /// Bytes of all of them.
    bytes: usize,
    /// Highest number the client has acknowledged.
    acked: u32,
    /// How many of `messages` have been handed to the present connection.
    handed: usize,
    /// Bytes of those.
    handed_bytes: usize,
    /// How many of `messages` may be handed over: an event waits for the snapshot of its tick.
    open: usize,
    /// Since when the window has been full while more waits.
    blocked_since_us: Option<u64>,
}

/// More waits than is kept for a client: its seat cannot be resumed without a loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many messages wait to be acknowledged")]
pub(crate) struct TailFull;

/// A client acknowledged what it cannot have, or asks for what is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AckError {
    /// A number that has not been sent.
    #[error("acknowledged message {acked} of {sent}")]
    NotSent {
        /// What it acknowledged.
        acked: u32,
        /// The highest number sent.
        sent: u32,
    },
    /// On a resume: it lacks messages that it acknowledged before, so they are gone.
    #[error("messages after {has} cannot be sent again: {acked} were acknowledged")]
    Gone {
        /// The highest number it says it has.
        has: u32,
        /// What it acknowledged before.
        acked: u32,
    },
}

impl Tail {
    /// Appends a message under the next number.
    pub(crate) fn push(&mut self, message: &ServerMessage) -> Result<(), TailFull> {
        let seq = self.newest() + 1;
        let mut bytes = Vec::new();
        encode_server_reliable(seq, message, &mut bytes);
        let size = self.bytes + bytes.len();
        if self.messages.len() >= MAX_KEPT_MESSAGES || size > MAX_KEPT_BYTES {
            return Err(TailFull);
        }
        self.bytes = size;
        self.messages.push_back(bytes);
        Ok(())
    }

    /// Lets everything so far be handed over: the snapshot it belongs to goes first.
    pub(crate) fn open(&mut self) {
        self.open = self.messages.len();
    }

    /// Forgets what the client has.
    pub(crate) fn acknowledge(&mut self, received: u32) -> Result<(), AckError> {
        let sent = self.acked + self.handed as u32;
        if received > sent {
            return Err(AckError::NotSent { acked: received, sent });
        }
        if received > self.acked {
            self.blocked_since_us = None;
        }
        self.drop_through(received);
        Ok(())
    }

    /// Starts over on a new connection of a client that has everything through `received`.
    pub(crate) fn resume(&mut self, received: u32) -> Result<(), AckError> {
        if received < self.acked {
            return Err(AckError::Gone { has: received, acked: self.acked });
        }
        if received > self.newest() {
            return Err(AckError::NotSent { acked: received, sent: self.newest() });
        }
        self.drop_through(received);
        self.handed = 0;
        self.handed_bytes = 0;
        self.blocked_since_us = None;
        Ok(())
    }

    /// The next message to hand to the connection: none while the window is full.
    pub(crate) fn next(&self) -> Option<&[u8]> {
        self.waiting().filter(|message| self.fits(message)).map(Vec::as_slice)
    }

    /// Notes that [`next`](Self::next) has been handed over.
    pub(crate) fn handed(&mut self) {
        if let Some(message) = self.waiting() {
            self.handed_bytes += message.len();
            self.handed += 1;
        }
    }

    /// Whether messages wait for the next snapshot.
    pub(crate) fn waits(&self) -> bool {
        self.open < self.messages.len()
    }

    /// How long messages have waited for a full window, in microseconds.
    pub(crate) fn blocked_us(&mut self, now_us: u64) -> u64 {
        if self.waiting().is_none_or(|message| self.fits(message)) {
            self.blocked_since_us = None;
            return 0;
        }
        now_us.saturating_sub(*self.blocked_since_us.get_or_insert(now_us))
    }

    /// The oldest message that has not been handed over and may be.
    fn waiting(&self) -> Option<&Vec<u8>> {
        self.messages.range(..self.open).nth(self.handed)
    }

    fn fits(&self, message: &[u8]) -> bool {
        self.handed == 0
            || (self.handed < MAX_UNACKED_MESSAGES
                && self.handed_bytes + message.len() <= MAX_UNACKED_BYTES)
    }

    fn newest(&self) -> u32 {
        self.acked + self.messages.len() as u32
    }

    fn drop_through(&mut self, received: u32) {
        while self.acked < received
            && let Some(message) = self.messages.pop_front()
        {
            self.bytes -= message.len();
            self.acked += 1;
            self.open = self.open.saturating_sub(1);
            if let Some(handed) = self.handed.checked_sub(1) {
                self.handed = handed;
                self.handed_bytes -= message.len();
            }
        }
    }
}

/// What became of a numbered message of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// It is the next: to be delivered.
    Next,
    /// It came before: to be ignored.
    Repeated,
    /// Numbers are missing before it.
    Gap {
        /// The number that should have come.
        expected: u32,
    },
}

/// The highest number received from one client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Received(u32);

impl Received {
    /// What message `seq` is. It counts only once it is [counted](Self::count).
    pub(crate) fn classify(self, seq: u32) -> Arrival {
        let expected = self.0.saturating_add(1);
        if seq <= self.0 {
            Arrival::Repeated
        } else if seq == expected {
            Arrival::Next
        } else {
            Arrival::Gap { expected }
        }
    }

    /// Counts the next message as received.
    pub(crate) fn count(&mut self, seq: u32) {
        debug_assert_eq!(self.classify(seq), Arrival::Next, "numbers have no gaps");
        self.0 = seq;
    }

    /// The highest number received.
    pub(crate) fn newest(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> ServerMessage {
        ServerMessage::Notice(text.into())
    }

    fn hand_over(tail: &mut Tail) -> Vec<Vec<u8>> {
        tail.open();
        let mut handed = Vec::new();
        while let Some(message) = tail.next() {
            handed.push(message.to_vec());
            tail.handed();
        }
        handed
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again_on_a_new_connection() {
        let mut tail = Tail::default();
        for text in ["a", "b", "c", "d"] {
            tail.push(&notice(text)).unwrap();
        }
        let first = hand_over(&mut tail);
        assert_eq!(first.len(), 4);
        tail.acknowledge(1).unwrap();
        // The client got "b" too, but the cut swallowed its acknowledgement.
        tail.resume(2).unwrap();
        tail.push(&notice("e")).unwrap();
        let again = hand_over(&mut tail);
        assert_eq!(again[..2], first[2..]);
        assert_eq!(again.len(), 3);
        assert_eq!(again[2][1..5], 5_u32.to_le_bytes());
    }

    #[test]
    fn messages_wait_until_they_are_opened() {
        let mut tail = Tail::default();
        tail.push(&notice("a")).unwrap();
        tail.open();
        tail.push(&notice("b")).unwrap();
        assert!(tail.waits());
        assert!(tail.next().is_some());
        tail.handed();
        assert_eq!(tail.next(), None);
        tail.open();
        assert!(tail.next().is_some() && !tail.waits());
    }

    #[test]
    fn impossible_acknowledgements_are_errors() {
        let mut tail = Tail::default();
        tail.push(&notice("a")).unwrap();
        assert_eq!(tail.acknowledge(1), Err(AckError::NotSent { acked: 1, sent: 0 }));
        assert_eq!(tail.resume(2), Err(AckError::NotSent { acked: 2, sent: 1 }));
        hand_over(&mut tail);
        tail.acknowledge(1).unwrap();
        tail.acknowledge(0).unwrap();
        assert_eq!(tail.resume(0), Err(AckError::Gone { has: 0, acked: 1 }));
    }

    #[test]
    fn a_window_is_in_flight_and_the_rest_waits() {
        let mut tail = Tail::default();
        (0..200).for_each(|_| tail.push(&notice("x")).unwrap());
        assert_eq!(hand_over(&mut tail).len(), MAX_UNACKED_MESSAGES);
        assert_eq!(tail.blocked_us(1_000), 0);
        assert_eq!(tail.blocked_us(4_000), 3_000);
        tail.acknowledge(10).unwrap();
        assert_eq!(tail.blocked_us(5_000), 0);
        assert_eq!(hand_over(&mut tail).len(), 10);
        tail.acknowledge(74).unwrap();
        assert_eq!(hand_over(&mut tail).len(), 64);
        tail.acknowledge(138).unwrap();
        assert_eq!(hand_over(&mut tail).len(), 62);
        assert_eq!((tail.blocked_us(6_000), tail.blocked_us(9_000)), (0, 0));

        let mut tail = Tail::default();
        let long = notice(&"x".repeat(15_000));
        (0..3).for_each(|_| tail.push(&long).unwrap());
        assert_eq!(hand_over(&mut tail).len(), 2);
        tail.acknowledge(1).unwrap();
        assert_eq!(hand_over(&mut tail).len(), 1);
    }

    #[test]
    fn the_tail_is_bounded_in_messages_and_bytes() {
        let mut tail = Tail::default();
        (0..MAX_KEPT_MESSAGES).for_each(|_| tail.push(&notice("x")).unwrap());
        assert_eq!(tail.push(&notice("x")), Err(TailFull));

        let mut tail = Tail::default();
        let long = notice(&"x".repeat(15_000));
        (0..4).for_each(|_| tail.push(&long).unwrap());
        assert_eq!(tail.push(&long), Err(TailFull));
        hand_over(&mut tail);
        tail.acknowledge(2).unwrap();
        tail.push(&long).unwrap();
    }

    #[test]
    fn numbers_arrive_once_and_without_gaps() {
        let mut received = Received::default();
        assert_eq!(received.classify(1), Arrival::Next);
        received.count(1);
        assert_eq!(received.classify(1), Arrival::Repeated);
        assert_eq!(received.classify(3), Arrival::Gap { expected: 2 });
        assert_eq!(received.classify(2), Arrival::Next);
        assert_eq!(received.newest(), 1);
    }
}
