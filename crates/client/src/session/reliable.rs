//! Reliable messages: numbered, kept until acknowledged, sent again after a cut.

use std::collections::VecDeque;

use tickwire_wire::message::{ClientMessage, ServerMessage, encode_client_reliable};

use crate::limits::{INBOX_MESSAGES, OUTBOX_BYTES, OUTBOX_MESSAGES};

/// Reliable messages to the server. They outlive a connection: after a resume the unacknowledged
/// tail goes out again under the same numbers, so the server applies each exactly once.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Number of the newest message queued; the first is 1.
    newest: u32,
    /// Encoded messages that the server has not acknowledged, oldest first.
    kept: VecDeque<Vec<u8>>,
    /// Bytes in `kept`.
    bytes: usize,
    /// How many of `kept` went out on this connection.
    sent: usize,
}

/// The outbox holds as much unacknowledged traffic as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OutboxFull;

/// The server acknowledged a message that was never sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NeverSent;

/// Why reliable messages cannot go on where they were cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResumeError {
    /// The server claims a message that was never sent.
    NeverSent,
    /// The server lacks a message that it had acknowledged, which is gone here.
    Forgotten,
}

impl Outbox {
    /// Queues `message` and returns its number.
    pub(super) fn push(&mut self, message: &ClientMessage) -> Result<u32, OutboxFull> {
        let mut bytes = Vec::new();
        let number = self.newest.checked_add(1).ok_or(OutboxFull)?;
        encode_client_reliable(number, message, &mut bytes);
        if self.kept.len() >= OUTBOX_MESSAGES || self.bytes + bytes.len() > OUTBOX_BYTES {
            return Err(OutboxFull);
        }
        self.newest = number;
        self.bytes += bytes.len();
        self.kept.push_back(bytes);
        Ok(number)
    }

    /// The server has everything up to `received`.
    pub(super) fn acknowledge(&mut self, received: u32) -> Result<(), NeverSent> {
        if received > self.newest {
            return Err(NeverSent);
        }
        while self.oldest_kept().is_some_and(|oldest| oldest <= received) {
            self.bytes -= self.kept.pop_front().map_or(0, |message| message.len());
            self.sent = self.sent.saturating_sub(1);
        }
        Ok(())
    }

    /// A new connection, on which the server has everything up to `received`; the rest goes again.
    /// Returns how many messages are sent for the second time.
    pub(super) fn resume(&mut self, received: u32) -> Result<usize, ResumeError> {
        if received < self.newest - self.kept.len() as u32 {
            return Err(ResumeError::Forgotten);
        }
        self.acknowledge(received).map_err(|NeverSent| ResumeError::NeverSent)?;
        Ok(std::mem::take(&mut self.sent))
    }

    /// The next message to write to the socket.
    pub(super) fn next_to_send(&mut self) -> Option<&[u8]> {
        let message = self.kept.get(self.sent)?;
        self.sent += 1;
        Some(message)
    }

    /// Messages that wait for their acknowledgement.
    pub(super) fn unacknowledged(&self) -> usize {
        self.kept.len()
    }

    fn oldest_kept(&self) -> Option<u32> {
        (!self.kept.is_empty()).then(|| self.newest - (self.kept.len() as u32 - 1))
    }
}

/// Reliable messages from the server, in order, each once. An event whose tick has not been applied
/// yet waits, and what came after it waits behind it.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Number of the newest message taken.
    received: u32,
    /// Taken, not yet given out.
    waiting: VecDeque<ServerMessage>,
}

/// Why a reliable message was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InboxError {
    /// A number was left out.
    Gap {
        /// The number that should have come.
        expected: u32,
    },
    /// Too many messages wait for their tick.
    Full,
}

impl Inbox {
    /// Number of the newest message taken: what is acknowledged to the server.
    pub(super) fn received(&self) -> u32 {
        self.received
    }

    /// Takes message `number`; `false` when it was here before.
    pub(super) fn take(&mut self, number: u32, message: ServerMessage) -> Result<bool, InboxError> {
        if number <= self.received {
            return Ok(false);
        }
        let expected = self.received + 1;
        if number != expected {
            return Err(InboxError::Gap { expected });
        }
        if self.waiting.len() >= INBOX_MESSAGES {
            return Err(InboxError::Full);
        }
        self.received = number;
        self.waiting.push_back(message);
        Ok(true)
    }

    /// The next message that may be given out while the newest applied state is that of `applied`.
    pub(super) fn next_for(&mut self, applied: Option<u32>) -> Option<ServerMessage> {
        if let ServerMessage::Event { tick, .. } = self.waiting.front()?
            && applied.is_none_or(|applied| *tick > applied)
        {
            return None;
        }
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_wire::message::{FromClient, decode_client_reliable};

    fn chat(text: &str) -> ClientMessage {
        ClientMessage::Chat(text.into())
    }

    fn drain(outbox: &mut Outbox) -> Vec<u32> {
        let mut numbers = Vec::new();
        while let Some(bytes) = outbox.next_to_send() {
            match FromClient::decode(bytes).unwrap() {
                FromClient::Reliable(number, _) => numbers.push(number),
                other => panic!("{other:?}"),
            }
        }
        numbers
    }

    #[test]
    fn messages_go_out_once_per_connection_and_again_after_a_resume() {
        let mut outbox = Outbox::default();
        for text in ["a", "b", "c", "d"] {
            outbox.push(&chat(text)).unwrap();
        }
        assert_eq!(drain(&mut outbox), [1, 2, 3, 4]);
        assert!(drain(&mut outbox).is_empty());
        outbox.acknowledge(1).unwrap();
        assert_eq!(outbox.push(&chat("e")), Ok(5));
        assert_eq!(drain(&mut outbox), [5]);
        assert_eq!(outbox.resume(3), Ok(2));
        assert_eq!(drain(&mut outbox), [4, 5]);
        assert_eq!(outbox.unacknowledged(), 2);
    }

    #[test]
    fn what_is_sent_again_is_the_same_message() {
        let mut outbox = Outbox::default();
        outbox.push(&chat("hello")).unwrap();
        let first = outbox.next_to_send().unwrap().to_vec();
        outbox.resume(0).unwrap();
        assert_eq!(outbox.next_to_send().unwrap(), first);
        assert_eq!(decode_client_reliable(&first).unwrap(), (1, chat("hello")));
    }

    #[test]
    fn acknowledging_the_future_is_an_error_and_the_past_is_nothing() {
        let mut outbox = Outbox::default();
        outbox.push(&chat("a")).unwrap();
        assert_eq!(outbox.acknowledge(2), Err(NeverSent));
        outbox.acknowledge(1).unwrap();
        outbox.acknowledge(0).unwrap();
        assert_eq!(outbox.unacknowledged(), 0);
    }

    #[test]
    fn a_server_that_forgot_what_it_acknowledged_is_refused() {
        let mut outbox = Outbox::default();
        outbox.push(&chat("a")).unwrap();
        outbox.push(&chat("b")).unwrap();
        drain(&mut outbox);
        outbox.acknowledge(1).unwrap();
        assert_eq!(outbox.resume(0), Err(ResumeError::Forgotten));
        assert_eq!(outbox.resume(3), Err(ResumeError::NeverSent));
        assert_eq!(outbox.resume(1), Ok(1));
    }

    #[test]
    fn a_silent_server_fills_the_outbox_by_count_or_by_bytes() {
        let mut outbox = Outbox::default();
        for _ in 0..OUTBOX_MESSAGES {
            outbox.push(&chat("a")).unwrap();
        }
        assert_eq!(outbox.push(&chat("a")), Err(OutboxFull));
        outbox.acknowledge(1).unwrap();
        assert_eq!(outbox.push(&chat("a")), Ok(OUTBOX_MESSAGES as u32 + 1));

        let mut outbox = Outbox::default();
        outbox.push(&chat(&"x".repeat(OUTBOX_BYTES / 2))).unwrap();
        assert_eq!(outbox.push(&chat(&"x".repeat(OUTBOX_BYTES / 2))), Err(OutboxFull));
    }

    fn event(tick: u32) -> ServerMessage {
        ServerMessage::Event { tick, bytes: vec![] }
    }

    #[test]
    fn an_event_waits_for_its_tick_and_holds_up_what_follows() {
        let mut inbox = Inbox::default();
        inbox.take(1, event(10)).unwrap();
        inbox.take(2, ServerMessage::Notice("x".into())).unwrap();
        inbox.take(3, event(12)).unwrap();
        assert_eq!(inbox.next_for(None), None);
        assert_eq!(inbox.next_for(Some(9)), None);
        assert_eq!(inbox.next_for(Some(10)), Some(event(10)));
        assert_eq!(inbox.next_for(Some(10)), Some(ServerMessage::Notice("x".into())));
        assert_eq!(inbox.next_for(Some(11)), None);
        assert_eq!(inbox.next_for(Some(13)), Some(event(12)));
        assert_eq!(inbox.received(), 3);
    }

    #[test]
    fn each_number_is_taken_once_and_a_gap_is_refused() {
        let mut inbox = Inbox::default();
        assert_eq!(inbox.take(1, event(1)), Ok(true));
        assert_eq!(inbox.take(1, event(1)), Ok(false));
        assert_eq!(inbox.take(3, event(1)), Err(InboxError::Gap { expected: 2 }));
        assert_eq!(inbox.take(2, event(1)), Ok(true));
        assert_eq!(inbox.next_for(Some(5)), Some(event(1)));
        assert_eq!(inbox.next_for(Some(5)), Some(event(1)));
        assert_eq!(inbox.next_for(Some(5)), None);
    }

    #[test]
    fn a_flood_of_future_events_is_bounded() {
        let mut inbox = Inbox::default();
        for number in 1..=INBOX_MESSAGES as u32 {
            inbox.take(number, event(1000)).unwrap();
        }
        assert_eq!(inbox.take(INBOX_MESSAGES as u32 + 1, event(1000)), Err(InboxError::Full));
    }
}
