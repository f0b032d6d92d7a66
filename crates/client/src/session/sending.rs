//! What a session has to say: inputs, acknowledgements, pings, reliable messages.

use tickwire_wire::bits::BitWriter;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::message::{ClientMessage, InputMode, encode_ping};
use tickwire_wire::plain::write_plain;
use tickwire_wire::shape::ColumnSpec;

use super::reliable::{NeverSent, OutboxFull, ResumeError};
use super::{SendError, Session, SessionError};
use crate::limits::{ACK_AFTER_US, PING_EVERY_US};

/// What waits to be written, beside reliable messages.
#[derive(Debug, Default)]
pub(super) struct Sending {
    /// Inputs not yet written, with consecutive numbers.
    inputs: InputsMessage,
    /// Highest reliable number that the server was told we have, on this connection.
    told_received: u32,
    /// When the server was last told.
    told_us: u64,
    /// The newest ping: its four bytes and when it went out; `None` when it came back.
    ping: Option<(u32, u64)>,
    /// Pings sent so far.
    pings: u32,
    /// When the newest ping went out.
    ping_us: u64,
}

impl Sending {
    /// A new connection.
    pub(super) fn restart(&mut self, now_us: u64) {
        self.inputs.clear();
        self.told_received = 0;
        self.told_us = now_us;
        self.ping = None;
        self.ping_us = now_us;
    }

    /// The round trip of the newest ping, when `echo` is its answer.
    pub(super) fn pong(&mut self, now_us: u64, echo: [u8; 4]) -> Option<u64> {
        let (number, sent_us) = self.ping?;
        if number != u32::from_le_bytes(echo) {
            return None;
        }
        self.ping = None;
        Some(now_us.saturating_sub(sent_us))
    }

    /// The message of a ping, once it is time for one.
    fn due_ping(&mut self, now_us: u64) -> Option<[u8; 5]> {
        if now_us < self.ping_us + PING_EVERY_US {
            return None;
        }
        self.pings = self.pings.wrapping_add(1);
        self.ping = Some((self.pings, now_us));
        self.ping_us = now_us;
        Some(encode_ping(self.pings.to_le_bytes()))
    }
}

impl Session {
    /// The number of the input that is due at `now_us`: its target tick in `scheduled` mode, a
    /// running count in `latest` mode. `None` when none is due, at most one per tick.
    pub fn due_input(&mut self, now_us: u64) -> Option<u32> {
        if !self.is_welcome() {
            return None;
        }
        let room = self.room.as_mut()?;
        let tick = room.clock.due_input(now_us)?;
        let number = match room.welcome.input_mode {
            InputMode::Scheduled => tick,
            InputMode::Latest => room.newest_input.checked_add(1)?,
        };
        // After a resume the clock may stand a little behind what was sent before the cut.
        (number > room.newest_input).then(|| {
            room.newest_input = number;
            number
        })
    }

    /// When [`due_input`](Self::due_input) next has one, in µs; also bounds the wait for pings.
    /// `None` while there is no room.
    pub fn next_due_us(&self, now_us: u64) -> Option<u64> {
        if !self.is_welcome() {
            return None;
        }
        let ping_us = self.sending.ping_us + PING_EVERY_US;
        self.room.as_ref().map(|room| room.clock.next_input_us(now_us).min(ping_us.max(now_us)))
    }

    /// Queues the input of this number, as columns of the schema's `input`.
    ///
    /// # Errors
    /// When there is no room yet, or the columns are not of that shape.
    pub fn queue_input(&mut self, number: u32, columns: &[u32]) -> Result<(), SendError> {
        let room = self.room.as_ref().ok_or(SendError::NotWelcome)?;
        fits(&room.input_specs, columns)?;
        let inputs = &mut self.sending.inputs;
        let next = inputs.first.wrapping_add(inputs.len() as u32);
        if inputs.is_empty() || number != next || !inputs.push(columns) {
            // What still waits is older than the gap or fifteen ticks old: no use to the server.
            inputs.clear();
            inputs.first = number;
            inputs.push(columns);
        }
        Ok(())
    }

    /// Sends a command, as columns of the schema's `command`: exactly once, in order, also across a
    /// cut. Returns its number, by which a refusal names it.
    ///
    /// # Errors
    /// When there is no room yet, the columns are not of that shape, or 64 messages wait already.
    pub fn command(&mut self, columns: &[u32]) -> Result<u32, SendError> {
        let room = self.room.as_ref().ok_or(SendError::NotWelcome)?;
        fits(&room.command_specs, columns)?;
        let mut bytes = Vec::new();
        let mut writer = BitWriter::new(&mut bytes);
        write_plain(&room.schema.command, columns, &mut writer);
        writer.finish();
        Ok(self.outbox.push(&ClientMessage::Command(bytes))?)
    }

    /// Says something to everyone in the room.
    ///
    /// # Errors
    /// When 64 messages wait already.
    pub fn chat(&mut self, text: impl Into<String>) -> Result<u32, SendError> {
        Ok(self.outbox.push(&ClientMessage::Chat(text.into()))?)
    }

    /// Gives the seat up. The server answers with a close.
    ///
    /// # Errors
    /// When 64 messages wait already.
    pub fn leave(&mut self) -> Result<u32, SendError> {
        Ok(self.outbox.push(&ClientMessage::Leave)?)
    }

    /// The next message to write to the socket; `None` when there is nothing to say.
    pub fn take_outgoing(&mut self, now_us: u64) -> Option<Vec<u8>> {
        if !self.is_welcome() {
            return None;
        }
        if let Some(message) = self.outbox.next_to_send() {
            return Some(message.to_vec());
        }
        if let Some(ping) = self.sending.due_ping(now_us) {
            return Some(ping.to_vec());
        }
        let received = self.inbox.received();
        let acknowledges = received > self.sending.told_received;
        let ack_due = acknowledges && now_us >= self.sending.told_us + ACK_AFTER_US;
        let room = self.room.as_ref()?;
        let sending = &mut self.sending;
        if sending.inputs.is_empty() {
            if !ack_due {
                return None;
            }
            // Nothing to apply: the number only has to be one that the server does not mind.
            sending.inputs.first = room.newest_input;
        }
        sending.inputs.reliable_received = received;
        sending.inputs.drawn = room.clock.drawn_sixteenths(now_us);
        sending.told_received = received;
        sending.told_us = now_us;
        let mut message = Vec::new();
        sending.inputs.write(&room.schema.input, &mut message);
        sending.inputs.clear();
        Some(message)
    }
}

/// Checks columns against the ranges of a shape, so that encoding them cannot go wrong.
fn fits(specs: &[ColumnSpec], columns: &[u32]) -> Result<(), SendError> {
    if specs.len() != columns.len() {
        return Err(SendError::Columns { expected: specs.len(), got: columns.len() });
    }
    match specs.iter().zip(columns).position(|(spec, &column)| column > spec.max) {
        Some(column) => Err(SendError::Range { column }),
        None => Ok(()),
    }
}

impl From<OutboxFull> for SendError {
    fn from(_: OutboxFull) -> Self {
        Self::Full
    }
}

impl From<NeverSent> for SessionError {
    fn from(_: NeverSent) -> Self {
        Self::NeverSent
    }
}

impl From<ResumeError> for SessionError {
    fn from(error: ResumeError) -> Self {
        match error {
            ResumeError::NeverSent => Self::NeverSent,
            ResumeError::Forgotten => Self::Forgotten,
        }
    }
}
