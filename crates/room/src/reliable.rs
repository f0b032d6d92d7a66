//! Numbered messages, in both directions, that survive a cut.
//!
//! The numbers belong to the seat, not to the connection: after a resume the unacknowledged tail is
//! sent again with the numbers it had, and the receiver ignores what it has.

use std::collections::VecDeque;

use tickwire_wire::message::{ServerMessage, encode_server_reliable};

use crate::limits::{MAX_KEPT_BYTES, MAX_KEPT_MESSAGES, MAX_UNACKED_BYTES, MAX_UNACKED_MESSAGES};

/// The messages for one client that it has not acknowledged.
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
    /// How many of `messages` may be handed over: an event waits for the snapshot of its tick.
    open: usize,
}

/// How full a tail is after a message was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// As it should be.
    Fits,
    /// More waits than a connected client may leave unacknowledged: it is too slow. Nothing is
    /// lost yet.
    TooSlow,
    /// More than is kept even for a client that is away: the message was not added.
    Lost,
}

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
    pub(crate) fn push(&mut self, message: &ServerMessage) -> Fill {
        let seq = self.newest() + 1;
        let mut bytes = Vec::new();
        encode_server_reliable(seq, message, &mut bytes);
        let (count, size) = (self.messages.len() + 1, self.bytes + bytes.len());
        if count > MAX_KEPT_MESSAGES || size > MAX_KEPT_BYTES {
            return Fill::Lost;
        }
        self.bytes = size;
        self.messages.push_back(bytes);
        let fits = count <= MAX_UNACKED_MESSAGES && size <= MAX_UNACKED_BYTES;
        if fits { Fill::Fits } else { Fill::TooSlow }
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
        Ok(())
    }

    /// The next message to hand to the connection.
    pub(crate) fn next(&self) -> Option<&[u8]> {
        self.messages.range(..self.open).nth(self.handed).map(Vec::as_slice)
    }

    /// Notes that [`next`](Self::next) has been handed over.
    pub(crate) fn handed(&mut self) {
        self.handed = (self.handed + 1).min(self.open);
    }

    /// Whether messages wait for the next snapshot.
    pub(crate) fn waits(&self) -> bool {
        self.open < self.messages.len()
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
            self.handed = self.handed.saturating_sub(1);
            self.open = self.open.saturating_sub(1);
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
            assert_eq!(tail.push(&notice(text)), Fill::Fits);
        }
        let first = hand_over(&mut tail);
        assert_eq!(first.len(), 4);
        tail.acknowledge(1).unwrap();
        // The client got "b" too, but the cut swallowed its acknowledgement.
        tail.resume(2).unwrap();
        tail.push(&notice("e"));
        let again = hand_over(&mut tail);
        assert_eq!(again[..2], first[2..]);
        assert_eq!(again.len(), 3);
        assert_eq!(again[2][1..5], 5_u32.to_le_bytes());
    }

    #[test]
    fn messages_wait_until_they_are_opened() {
        let mut tail = Tail::default();
        tail.push(&notice("a"));
        tail.open();
        tail.push(&notice("b"));
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
        tail.push(&notice("a"));
        assert_eq!(tail.acknowledge(1), Err(AckError::NotSent { acked: 1, sent: 0 }));
        assert_eq!(tail.resume(2), Err(AckError::NotSent { acked: 2, sent: 1 }));
        hand_over(&mut tail);
        tail.acknowledge(1).unwrap();
        tail.acknowledge(0).unwrap();
        assert_eq!(tail.resume(0), Err(AckError::Gone { has: 0, acked: 1 }));
    }

    #[test]
    fn the_tail_is_bounded_in_messages_and_bytes() {
        let mut tail = Tail::default();
        let fills: Vec<Fill> = (0..=MAX_KEPT_MESSAGES).map(|_| tail.push(&notice("x"))).collect();
        let count = |fill| fills.iter().filter(|&&f| f == fill).count();
        assert_eq!(count(Fill::Fits), MAX_UNACKED_MESSAGES);
        assert_eq!(count(Fill::Lost), 1);

        let mut tail = Tail::default();
        let long = notice(&"x".repeat(30_000));
        assert_eq!([tail.push(&long), tail.push(&long)], [Fill::Fits; 2]);
        assert_eq!([tail.push(&long), tail.push(&long)], [Fill::TooSlow; 2]);
        assert_eq!(tail.push(&long), Fill::Lost);
        hand_over(&mut tail);
        tail.acknowledge(4).unwrap();
        assert_eq!(tail.push(&long), Fill::Fits);
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
