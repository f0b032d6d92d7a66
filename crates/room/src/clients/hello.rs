//! `Hello`: who a connection is.

use tickwire_game::PlayerId;
use tickwire_wire::close::{self, Close};
use tickwire_wire::message::{Auth, Hello, PROTOCOL_VERSION, Welcome, encode_welcome};

use super::{Clients, RoomClock};
use crate::any::ConnId;
use crate::fanout::Viewer;
use crate::inputs::InputBuffer;
use crate::limits::RESUME_WINDOW_MS;
use crate::reliable::AckError;
use crate::session::{Playing, Stage};
use crate::ticket::Ticket;

/// When a client should try again that knows a newer epoch of the room than we do.
const STALE_RETRY_MS: u32 = 1_000;

impl Clients {
    /// Seats a connection, or says why not.
    pub(super) fn hello(
        &mut self,
        conn: ConnId,
        hello: &Hello,
        clock: RoomClock<'_>,
    ) -> Result<(), Close> {
        if hello.epoch_seen > self.facts.config.epoch {
            // The room has moved on to another server: what we have is out of date.
            return Err(Close::restart(STALE_RETRY_MS));
        }
        let player = match &hello.auth {
            Auth::Ticket(text) => self.sit_down(conn, text),
            Auth::Resume(text) => self.sit_again(conn, text, hello.reliable_received),
        }?;
        self.welcome(conn, player, hello, clock.tick);
        Ok(())
    }

    fn sit_down(&mut self, conn: ConnId, text: &str) -> Result<PlayerId, Close> {
        let config = &self.facts.config;
        let ticket = Ticket::verify(text, &config.ticket_key, &config.id, self.now_us);
        let ticket = ticket.map_err(|error| unauthenticated(&error))?;
        self.seats.claim(&ticket, conn).map_err(|error| unauthenticated(&error))?;
        Ok(ticket.player())
    }

    fn sit_again(&mut self, conn: ConnId, text: &str, received: u32) -> Result<PlayerId, Close> {
        let (player, seat) = self.seats.resume(text).map_err(|error| unauthenticated(&error))?;
        seat.tail.resume(received).map_err(|error| match error {
            AckError::Gone { .. } => unauthenticated(&error),
            AckError::NotSent { .. } => Close::new(close::MALFORMED, format!("Hello: {error}")),
        })?;
        if let Some(old) = self.seats.take_over(player, conn) {
            self.end(old, Close::new(close::REPLACED, "a newer connection took the seat"));
        }
        self.counters.resumes += 1;
        Ok(player)
    }

    fn welcome(&mut self, conn: ConnId, player: PlayerId, hello: &Hello, tick: u32) {
        let facts = &self.facts;
        let Some(seat) = self.seats.get_mut(player) else { return };
        let Some(session) = self.sessions.get_mut(&conn) else { return };
        let occupation = facts.occupation(seat.nonce);
        let knows_schema = hello.schema_hash.as_ref() == Some(&facts.schema_hash);
        let prior_hash = facts.prior_hash();
        let unknown_prior =
            facts.layout.prior.as_ref().filter(|_| hello.prior_hash.as_deref() != Some(prior_hash));
        let reliable_received = seat.received.newest();
        let mut message = Vec::new();
        encode_welcome(
            &Welcome {
                protocol: PROTOCOL_VERSION,
                room: facts.config.id.clone(),
                player: player.0,
                tick,
                tick_hz: facts.settings.tick_hz,
                send_every: facts.settings.send_every,
                epoch: facts.config.epoch,
                schema_hash: facts.schema_hash.clone(),
                schema: (!knows_schema).then(|| facts.schema_json.clone()),
                level: facts.layout.level,
                prior_hash: prior_hash.to_owned(),
                prior: unknown_prior.map(|prior| prior.bytes().to_vec()),
                options: facts.options.clone(),
                assets: facts.assets.clone(),
                resume_token: seat.tokens.issue(&facts.config.ticket_key, &occupation, player),
                reliable_received,
                input_mode: hello.input_mode,
                reconnect: facts.config.reconnect.clone(),
                window_ms: RESUME_WINDOW_MS,
            },
            &mut message,
        );
        let viewer = Viewer::new(player, hello.verify, &facts.layout, reliable_received);
        let inputs = InputBuffer::new(hello.input_mode, &facts.input_shape, seat.input_totals);
        let playing = Playing::new(viewer, inputs, facts.settings.tick_hz);
        session.control.push_back(message);
        session.stage = Stage::Playing(Box::new(playing));
    }
}

fn unauthenticated(error: &dyn std::error::Error) -> Close {
    Close::new(close::UNAUTHENTICATED, error.to_string())
}
