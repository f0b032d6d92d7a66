//! The clients of a room: connections, the seats they play on, and what they ask for.

mod hello;
mod messages;
mod sending;

use std::collections::BTreeMap;

use tickwire_game::{LeaveReason, PlayerId, Profile};
use tickwire_wire::close::{self, Close};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::message::{FromClient, ServerMessage};

use crate::any::{ConnId, Reservation, ReserveError, RoomCounters};
use crate::facts::Facts;
use crate::fanout::Audience;
use crate::limits::UNACKED_TIMEOUT_US;
use crate::reliable::TailFull;
use crate::schedule::Schedule;
use crate::seats::{Presence, Seats};
use crate::session::{Playing, Session, Stage};
use crate::ticket::Ticket;

/// The clients of a room.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) facts: Facts,
    pub(crate) seats: Seats,
    sessions: BTreeMap<ConnId, Session>,
    /// Commands for the next tick, in order of arrival.
    commands: Vec<QueuedCommand>,
    /// What everyone is told who is here or still comes.
    closing: Option<Close>,
    /// Reservations made: each gets a nonce of its own.
    reservations: u64,
    /// The newest time seen.
    now_us: u64,
    pub(crate) counters: RoomCounters,
    /// Reused for every `Inputs` message.
    inputs: InputsMessage,
}

/// A command that waits for its tick.
#[derive(Clone, Debug)]
pub(crate) struct QueuedCommand {
    pub(crate) player: PlayerId,
    /// Reliable number of the message that brought it.
    pub(crate) seq: u32,
    pub(crate) columns: Vec<u32>,
}

/// The room's clock, as messages need it.
#[derive(Clone, Copy)]
pub(crate) struct RoomClock<'a> {
    /// The newest tick.
    pub(crate) tick: u32,
    pub(crate) schedule: &'a Schedule,
}

impl Clients {
    /// Nobody yet.
    pub(crate) fn new(facts: Facts) -> Self {
        let seats = Seats::new(facts.settings.seats, facts.config.bots, facts.config.seed);
        Self {
            facts,
            seats,
            sessions: BTreeMap::new(),
            commands: Vec::new(),
            closing: None,
            reservations: 0,
            now_us: 0,
            counters: RoomCounters::default(),
            inputs: InputsMessage::default(),
        }
    }

    /// Keeps a seat and signs a ticket for it.
    pub(crate) fn reserve(
        &mut self,
        now_us: u64,
        profile: Profile,
    ) -> Result<Reservation, ReserveError> {
        if self.closing.is_some() {
            return Err(ReserveError::Finished);
        }
        self.reservations += 1;
        let nonce = self.facts.nonce(self.reservations);
        let (player, expires_us) = self.seats.reserve(now_us, profile, nonce)?;
        let room = self.facts.config.id.clone();
        let ticket = Ticket { room, player: player.0, nonce, expires_us };
        Ok(Reservation { player, ticket: ticket.sign(&self.facts.config.ticket_key), expires_us })
    }

    /// A socket has been opened.
    pub(crate) fn connect(&mut self, now_us: u64, conn: ConnId) {
        let deadline_us = now_us.saturating_add(self.facts.config.hello_us);
        let mut session = Session::new(deadline_us);
        session.close = self.closing.clone();
        self.sessions.insert(conn, session);
    }

    /// A message came.
    pub(crate) fn receive(
        &mut self,
        now_us: u64,
        conn: ConnId,
        message: &[u8],
        clock: RoomClock<'_>,
    ) {
        self.now_us = now_us;
        let Some(session) = self.sessions.get(&conn) else { return };
        if session.close.is_some() {
            return;
        }
        self.counters.messages_received += 1;
        let player = match &session.stage {
            Stage::Fresh { .. } => None,
            Stage::Playing(playing) => Some(playing.player),
            Stage::Ended => return,
        };
        let result = match (FromClient::decode(message), player) {
            (Err(error), _) => Err(error.close()),
            (Ok(FromClient::Hello(hello)), None) => self.hello(conn, &hello, clock),
            (Ok(FromClient::Hello(_)), Some(_)) => {
                Err(Close::new(close::MALFORMED, "a second Hello"))
            }
            (Ok(_), None) => Err(Close::new(close::MALFORMED, "expected Hello")),
            (Ok(FromClient::Inputs(body)), Some(player)) => self.inputs(conn, player, body, clock),
            (Ok(FromClient::Reliable(seq, body)), Some(player)) => {
                self.reliable(conn, player, seq, body)
            }
            (Ok(FromClient::Ping(echo)), Some(_)) => self.ping(conn, echo),
        };
        if let Err(close) = result {
            self.end(conn, close);
        }
    }

    /// The socket of a connection is gone.
    pub(crate) fn disconnect(&mut self, now_us: u64, conn: ConnId) {
        self.now_us = now_us;
        self.free_seat(conn);
        self.sessions.remove(&conn);
    }

    /// The shell has ended a connection for breaking the WebSocket protocol.
    pub(crate) fn expel(&mut self, now_us: u64, conn: ConnId) {
        self.now_us = now_us;
        self.counters.violations += 1;
        self.give_up_seat(conn);
        self.sessions.remove(&conn);
    }

    /// The shell has measured a round trip.
    pub(crate) fn round_trip(&mut self, conn: ConnId, rtt_ms: u16) {
        if let Some(playing) = self.sessions.get_mut(&conn).and_then(Session::playing_mut) {
            playing.new_rtt_ms = Some(rtt_ms);
        }
    }

    /// Ends what has waited too long: connections without `Hello` or acknowledgements, seats.
    pub(crate) fn expire(&mut self, now_us: u64) {
        self.now_us = now_us;
        let late = |session: &Session| match session.stage {
            Stage::Fresh { deadline_us } => session.close.is_none() && now_us >= deadline_us,
            Stage::Playing(_) | Stage::Ended => false,
        };
        let late: Vec<ConnId> =
            self.sessions.iter().filter(|(_, s)| late(s)).map(|(&conn, _)| conn).collect();
        for conn in late {
            let reason =
                format!("no accepted Hello within {} ms", self.facts.config.hello_us / 1000);
            self.end(conn, Close::new(close::NO_HELLO, reason));
        }
        for conn in self.seats.stuck(now_us, UNACKED_TIMEOUT_US) {
            let reason = "nothing was acknowledged for 5 s while messages wait";
            self.end(conn, Close::new(close::TOO_SLOW, reason));
        }
        self.seats.expire(now_us);
    }

    /// Everyone is told `close` at the next release, and whoever comes later.
    pub(crate) fn shut(&mut self, close: Close) {
        for session in self.sessions.values_mut() {
            session.close.get_or_insert_with(|| close.clone());
        }
        self.closing.get_or_insert(close);
    }

    /// The room has not let a player in.
    pub(crate) fn refused_entry(&mut self, player: PlayerId, reason: &str, retry_tick: u32) {
        let conn = self.seats.get(player).and_then(|seat| seat.conn());
        self.seats.refused(player, retry_tick);
        if let Some(conn) = conn {
            self.end(conn, Close::new(close::FORBIDDEN, reason));
        }
    }

    /// Sends a reliable message to one player.
    pub(crate) fn tell(&mut self, player: PlayerId, message: &ServerMessage) {
        let Some(seat) = self.seats.get_mut(player) else { return };
        if let Err(full) = seat.tail.push(message) {
            self.lose(player, full);
        }
    }

    /// Sends a reliable message to every player of an audience who has entered.
    pub(crate) fn tell_all(
        &mut self,
        audience: Audience,
        team_of: impl Fn(PlayerId) -> tickwire_game::Team,
        message: &ServerMessage,
    ) {
        let mut lost = Vec::new();
        for (player, seat) in self.seats.iter_mut() {
            if seat.entered
                && audience.admits(player, team_of(player))
                && let Err(full) = seat.tail.push(message)
            {
                lost.push((player, full));
            }
        }
        for (player, full) in lost {
            self.lose(player, full);
        }
    }

    /// Gives up the seat of a client that a message is lost on.
    fn lose(&mut self, player: PlayerId, full: TailFull) {
        if let Some(conn) = self.seats.get(player).and_then(|seat| seat.conn()) {
            self.end(conn, Close::new(close::TOO_SLOW, full.to_string()));
        }
        self.seats.leave(player, LeaveReason::Lost);
    }

    /// Takes the commands that wait.
    pub(crate) fn take_commands(&mut self) -> Vec<QueuedCommand> {
        std::mem::take(&mut self.commands)
    }

    /// The columns of each playing client's input for `tick`; `None` is `Default`.
    pub(crate) fn take_inputs(
        &mut self,
        tick: u32,
        schedule: &Schedule,
        mut each: impl FnMut(PlayerId, &[u32]),
    ) {
        for session in self.sessions.values_mut() {
            let Some(playing) = session.playing_mut() else { continue };
            let before = playing.inputs.totals();
            if let Some(columns) = playing.inputs.take(tick, &self.facts.input_shape, schedule) {
                each(playing.player, columns);
            }
            self.counters.starved_ticks +=
                u64::from(playing.inputs.totals().starved - before.starved);
        }
    }

    /// The round trips that the world is to know.
    pub(crate) fn take_rtt_news(&mut self) -> Vec<(PlayerId, u16)> {
        let playing = self.sessions.values_mut().filter_map(Session::playing_mut);
        playing.filter_map(|playing| Some((playing.player, playing.take_rtt_news()?))).collect()
    }

    /// Connections that have been welcomed.
    pub(crate) fn welcomed(&self) -> usize {
        self.sessions.values().filter(|session| session.is_playing()).count()
    }

    /// Ends a connection; its close goes out at the next release. Its seat is free for a resume at
    /// once when the close invites one, else it is given up.
    fn end(&mut self, conn: ConnId, close: Close) {
        if is_violation(close.code) {
            self.counters.violations += 1;
        }
        match close.retryable() {
            true => self.free_seat(conn),
            false => self.give_up_seat(conn),
        }
        if let Some(session) = self.sessions.get_mut(&conn) {
            session.stage = Stage::Ended;
            session.control.clear();
            session.close = Some(close);
        }
    }

    /// Takes a connection off its seat, which is then `away`, unless another connection has it.
    fn free_seat(&mut self, conn: ConnId) {
        let Some(playing) = self.sessions.get_mut(&conn).and_then(Session::playing_mut) else {
            return;
        };
        let Playing { player, inputs, .. } = playing;
        let Some(seat) = self.seats.get_mut(*player) else { return };
        seat.input_totals = inputs.totals();
        if seat.presence == Presence::Online(conn) {
            self.seats.away(self.now_us, *player);
        }
    }

    /// Takes a connection's player out of the match, unless another connection has the seat: a
    /// seat kept for somebody who may not come back would keep others and bots out.
    fn give_up_seat(&mut self, conn: ConnId) {
        let Some(playing) = self.sessions.get_mut(&conn).and_then(Session::playing_mut) else {
            return;
        };
        let player = playing.player;
        let seat = self.seats.get_mut(player);
        if seat.is_some_and(|seat| seat.presence == Presence::Online(conn)) {
            self.seats.leave(player, LeaveReason::Kicked);
        }
    }
}

/// Whether a close code blames the client.
fn is_violation(code: u16) -> bool {
    matches!(
        code,
        close::TOO_LONG
            | close::MALFORMED
            | close::UNAUTHENTICATED
            | close::VERSION
            | close::FORBIDDEN
            | close::NO_HELLO
            | close::TOO_FAST
            | close::TOO_SLOW
    )
}
