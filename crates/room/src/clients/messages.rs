//! What a seated client sends.

use tickwire_game::{LeaveReason, PlayerId};
use tickwire_wire::bits::BitReader;
use tickwire_wire::close::{self, Close};
use tickwire_wire::error::DecodeError;
use tickwire_wire::message::{ClientMessage, ServerMessage, encode_pong};
use tickwire_wire::plain::read_plain;
use tickwire_wire::shape::Shape;

use super::{Clients, QueuedCommand, RoomClock};
use crate::any::ConnId;
use crate::limits::{MAX_CHAT_BYTES, PING_BURST};
use crate::reliable::Arrival;
use crate::seats::Seat;
use crate::session::Session;

impl Clients {
    pub(super) fn inputs(
        &mut self,
        conn: ConnId,
        player: PlayerId,
        body: &[u8],
        clock: RoomClock<'_>,
    ) -> Result<(), Close> {
        let Some(playing) = self.sessions.get_mut(&conn).and_then(Session::playing_mut) else {
            return Ok(());
        };
        if !playing.input_rate.take(self.now_us) {
            return Err(too_fast("inputs"));
        }
        let read = self.inputs.read(&self.facts.input, body);
        read.map_err(|error| malformed("Inputs", &error))?;
        if let Some(seat) = self.seats.get_mut(player) {
            let acked = seat.tail.acknowledge(self.inputs.reliable_received);
            acked.map_err(|error| malformed("Inputs", &error))?;
        }
        let before = playing.inputs.totals();
        for (number, columns) in self.inputs.iter() {
            playing.inputs.receive(
                number,
                columns,
                self.now_us,
                clock.tick.saturating_add(1),
                &self.facts.input_shape,
                clock.schedule,
            );
        }
        let after = playing.inputs.totals();
        self.counters.late_inputs += u64::from(after.late - before.late);
        self.counters.early_inputs += u64::from(after.early - before.early);
        Ok(())
    }

    /// A numbered message. It counts as received only once it has been taken: a client that is cut for
    /// it sends it again.
    pub(super) fn reliable(
        &mut self,
        conn: ConnId,
        player: PlayerId,
        seq: u32,
        body: ClientMessage,
    ) -> Result<(), Close> {
        let Some(seat) = self.seats.get_mut(player) else { return Ok(()) };
        match seat.received.classify(seq) {
            Arrival::Next => {}
            Arrival::Repeated => return Ok(()),
            Arrival::Gap { expected } => {
                let reason = format!("reliable message {seq}, expected {expected}");
                return Err(Close::new(close::MALFORMED, reason));
            }
        }
        match body {
            ClientMessage::Command(bytes) => self.command(player, seq, &bytes)?,
            ClientMessage::Chat(text) => self.chat(player, seq, &text)?,
            ClientMessage::Leave => {
                self.end(conn, Close::new(close::NORMAL, "left"));
                self.seats.leave(player, LeaveReason::Left);
            }
        }
        if let Some(seat) = self.seats.get_mut(player) {
            seat.received.count(seq);
        }
        Ok(())
    }

    fn command(&mut self, player: PlayerId, seq: u32, bytes: &[u8]) -> Result<(), Close> {
        let Some(seat) = self.seats.get_mut(player) else { return Ok(()) };
        if !seat.command_rate.take(self.now_us) {
            return Err(too_fast("commands"));
        }
        let columns = plain_columns(&self.facts.command, bytes);
        let columns = columns.map_err(|error| malformed("Command", &error))?;
        self.commands.push(QueuedCommand { player, seq, columns });
        Ok(())
    }

    fn chat(&mut self, player: PlayerId, seq: u32, text: &str) -> Result<(), Close> {
        let Some(seat) = self.seats.get_mut(player) else { return Ok(()) };
        let reason = if text.len() > MAX_CHAT_BYTES {
            format!("a chat line has at most {MAX_CHAT_BYTES} bytes")
        } else if !seat.chat_rate.take(self.now_us) {
            "chat is limited to 5 lines in 10 s".to_owned()
        } else {
            self.say(player, text);
            return Ok(());
        };
        if !seat.chat_abuse_rate.take(self.now_us) {
            return Err(too_fast("chat"));
        }
        self.counters.refused += 1;
        self.tell(player, &ServerMessage::Refused { seq, reason });
        Ok(())
    }

    /// Hands a chat line to every client that is here. Those who are away would only come back to a
    /// backlog.
    fn say(&mut self, from: PlayerId, text: &str) {
        let line: String = text.chars().filter(|c| !c.is_control()).collect();
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        let here = |(player, seat): (PlayerId, &mut Seat)| seat.conn().is_some().then_some(player);
        let players: Vec<PlayerId> = self.seats.iter_mut().filter_map(here).collect();
        let message = ServerMessage::Chat { from: from.0, text: line.to_owned() };
        for player in players {
            self.tell(player, &message);
        }
    }

    pub(super) fn ping(&mut self, conn: ConnId, echo: [u8; 4]) -> Result<(), Close> {
        let Some(session) = self.sessions.get_mut(&conn) else { return Ok(()) };
        let Some(playing) = session.playing_mut() else { return Ok(()) };
        if playing.ping_rate.take(self.now_us) {
            // While the socket takes nothing, answers would only pile up.
            if session.control.len() < PING_BURST as usize {
                session.control.push_back(encode_pong(echo).to_vec());
            }
            return Ok(());
        }
        if playing.ping_abuse_rate.take(self.now_us) { Ok(()) } else { Err(too_fast("pings")) }
    }
}

/// A value of this shape, alone in `bytes`.
fn plain_columns(shape: &Shape, bytes: &[u8]) -> Result<Vec<u32>, DecodeError> {
    let mut columns = vec![0; shape.columns()];
    let mut reader = BitReader::new(bytes);
    read_plain(shape, &mut reader, &mut columns)?;
    reader.finish()?;
    Ok(columns)
}

fn too_fast(what: &str) -> Close {
    Close::new(close::TOO_FAST, format!("{what} come too fast"))
}

fn malformed(message: &str, error: &dyn std::error::Error) -> Close {
    Close::new(close::MALFORMED, format!("{message}: {error}"))
}
