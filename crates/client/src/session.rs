//! The session: everything between a socket's messages and a game, without the socket.
//!
//! Time and bytes are arguments. The owner of the connection
//! 1. sends [`Session::hello`] when a connection opens,
//! 2. gives every binary message to [`Session::receive`],
//! 3. writes what [`Session::take_outgoing`] gives,
//! 4. polls [`Session::poll_event`], and calls [`Session::due_input`] / [`Session::queue_input`] as
//!    time passes.
//!
//! A session outlives its connections: after a cut, `hello` asks to resume; reliable messages
//! that were on the way are sent again, and each is delivered exactly once.

mod error;
mod event;
mod reliable;
mod replica;
mod sending;

use std::collections::VecDeque;
use std::sync::Arc;

pub use error::{SendError, SessionError};
pub use event::{ClientEvent, SnapshotInfo};
pub use tickwire_wire::message::InputMode;

use tickwire_wire::bits::BitReader;
use tickwire_wire::columns::Extract;
use tickwire_wire::error::DecodeError;
use tickwire_wire::layout::Layout;
use tickwire_wire::limits::{MAX_CLIENT_TEXT_BYTES, MAX_TICK_HZ};
use tickwire_wire::message::{
    Auth, FromServer, Hello, PROTOCOL_VERSION, ServerMessage, Welcome, encode_hello,
};
use tickwire_wire::plain::read_plain;
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::{Schema, schema_hash};
use tickwire_wire::shape::ColumnSpec;
use tickwire_wire::snapshot::MARGIN_UNKNOWN;

use crate::clock::Clock;
use crate::limits::PENDING_EVENTS;
use crate::stats::Stats;
use reliable::{Inbox, InboxError, Outbox};
use replica::{Applied, Replica};
use sending::Sending;

/// What a client chooses about its session.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How the server uses the inputs.
    pub input_mode: InputMode,
    /// Asks for 32-bit hashes with every snapshot, and checks them.
    pub verify: bool,
    /// Free text for the server's logs, cut to 64 bytes.
    pub client: String,
}

/// One seat in one room.
#[derive(Debug)]
pub struct Session {
    options: Options,
    auth: Auth,
    phase: Phase,
    /// What Welcome told; kept across cuts.
    room: Option<Room>,
    /// A schema kept from an earlier session: hash and what it describes.
    known_schema: Option<(String, Arc<Schema>)>,
    /// A prior kept from an earlier session.
    known_prior: Option<Prior>,
    inbox: Inbox,
    outbox: Outbox,
    sending: Sending,
    events: VecDeque<ClientEvent>,
    stats: Stats,
    /// When Hello was made on this connection.
    hello_us: u64,
    /// When the last message came.
    heard_us: u64,
    /// The next connection must start from a keyframe: what is known cannot be trusted.
    distrusted: bool,
}

/// Where the current connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// No connection.
    Down,
    /// Hello was made.
    Greeting,
    /// Welcome has come, no snapshot yet.
    Welcomed,
    /// Snapshots come.
    Playing,
}

/// What is known of the room since the first Welcome.
#[derive(Debug)]
struct Room {
    welcome: Welcome,
    schema: Arc<Schema>,
    /// What the streams are coded from, unless it is the protocol's own.
    prior: Option<Prior>,
    /// Ranges of an input's columns.
    input_specs: Vec<ColumnSpec>,
    /// Ranges of a command's columns.
    command_specs: Vec<ColumnSpec>,
    replica: Replica,
    clock: Clock,
    /// Number of the newest input handed out by [`Session::due_input`].
    newest_input: u32,
    /// Number of the newest input that the server has applied.
    acked_input: Option<u32>,
}

impl Session {
    /// A session for the seat of `ticket` (see [`Seat`](crate::rest::Seat)).
    pub fn new(ticket: impl Into<String>, mut options: Options) -> Self {
        let fitting = options.client.floor_char_boundary(MAX_CLIENT_TEXT_BYTES);
        options.client.truncate(fitting);
        Self {
            options,
            auth: Auth::Ticket(ticket.into()),
            phase: Phase::Down,
            room: None,
            known_schema: None,
            known_prior: None,
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            sending: Sending::default(),
            events: VecDeque::new(),
            stats: Stats::default(),
            hello_us: 0,
            heard_us: 0,
            distrusted: false,
        }
    }

    /// Uses a schema kept from earlier, so that the server need not send it again.
    pub fn know_schema(&mut self, schema: Arc<Schema>) {
        self.known_schema = Some((schema.hash(), schema));
    }

    /// Uses a prior kept from earlier or shipped with the game, so that the server need not send it.
    pub fn know_prior(&mut self, prior: Prior) {
        self.known_prior = Some(prior);
    }

    /// Takes another seat, with a new ticket, after the old one is lost. Nothing of it is resumed:
    /// unacknowledged commands are forgotten.
    pub fn rejoin(&mut self, ticket: impl Into<String>) {
        if let Some(room) = self.room.take() {
            self.known_schema = Some((room.welcome.schema_hash, room.schema));
            self.known_prior = room.prior.or(self.known_prior.take());
        }
        self.auth = Auth::Ticket(ticket.into());
        self.phase = Phase::Down;
        self.inbox = Inbox::default();
        self.outbox = Outbox::default();
        self.sending = Sending::default();
    }

    /// Begins a connection: the message to send first.
    pub fn hello(&mut self, now_us: u64) -> Vec<u8> {
        self.phase = Phase::Greeting;
        self.hello_us = now_us;
        self.heard_us = now_us;
        self.sending.restart(now_us);
        if std::mem::take(&mut self.distrusted) {
            self.forget_state();
        }
        let known = self.room.as_ref().map(|room| room.welcome.schema_hash.clone());
        let prior = self.room.as_ref().and_then(|room| room.prior.as_ref());
        let prior = prior.or(self.known_prior.as_ref());
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            auth: self.auth.clone(),
            input_mode: self.options.input_mode,
            verify: self.options.verify,
            schema_hash: known.or_else(|| self.known_schema.as_ref().map(|(hash, _)| hash.clone())),
            prior_hash: prior.map(|prior| prior.hash().to_owned()),
            last_tick: self.tick(),
            reliable_received: self.inbox.received(),
            epoch_seen: self.room.as_ref().map_or(0, |room| room.welcome.epoch),
            client: self.options.client.clone(),
        };
        let mut message = Vec::new();
        encode_hello(&hello, &mut message);
        message
    }

    /// Takes in a message of the server that arrived at `now_us` (µs, never going back).
    ///
    /// # Errors
    /// When the server breaks the protocol. Close the connection with [`SessionError::close`]; the
    /// session may go on with another one, which then starts from a keyframe.
    pub fn receive(&mut self, now_us: u64, message: &[u8]) -> Result<(), SessionError> {
        self.heard_us = now_us;
        self.stats.messages += 1;
        self.stats.bytes += message.len() as u64;
        let taken = self.take(now_us, message);
        if taken.is_err() {
            self.phase = Phase::Down;
            self.distrusted = true;
        }
        taken
    }

    /// The connection is gone. What waits to be acknowledged stays for the next one.
    pub fn disconnected(&mut self) {
        self.phase = Phase::Down;
    }

    /// The next thing to tell the game.
    pub fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop_front()
    }

    /// Whether Welcome has come on this connection.
    pub fn is_welcome(&self) -> bool {
        matches!(self.phase, Phase::Welcomed | Phase::Playing)
    }

    /// What the server said at the (last) Welcome.
    pub fn welcome(&self) -> Option<&Welcome> {
        self.room.as_ref().map(|room| &room.welcome)
    }

    /// The room's schema.
    pub fn schema(&self) -> Option<&Arc<Schema>> {
        self.room.as_ref().map(|room| &room.schema)
    }

    /// Tick of the newest snapshot applied.
    pub fn tick(&self) -> Option<u32> {
        self.room.as_ref().and_then(|room| room.replica.tick())
    }

    /// The newest state: all rows this client sees, and the private columns of its own.
    pub fn state(&self) -> Option<&Extract> {
        self.room.as_ref().map(|room| room.replica.state())
    }

    /// The clocks for inputs and drawing.
    pub fn clock(&self) -> Option<&Clock> {
        self.room.as_ref().map(|room| &room.clock)
    }

    /// Number of the newest own input that the server has applied.
    pub fn acked_input(&self) -> Option<u32> {
        self.room.as_ref().and_then(|room| room.acked_input)
    }

    /// Totals so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Commands and chat lines that wait for the server's acknowledgement.
    pub fn unacknowledged(&self) -> usize {
        self.outbox.unacknowledged()
    }

    /// When the last message came on this connection, in µs: a line that is silent for long is dead.
    pub fn heard_us(&self) -> u64 {
        self.heard_us
    }

    fn take(&mut self, now_us: u64, message: &[u8]) -> Result<(), SessionError> {
        match (FromServer::decode(message)?, self.phase) {
            (FromServer::Welcome(welcome), Phase::Greeting) => self.take_welcome(now_us, welcome),
            (FromServer::Welcome(_), Phase::Welcomed | Phase::Playing) => {
                Err(SessionError::SecondWelcome)
            }
            (_, Phase::Down | Phase::Greeting) => Err(SessionError::BeforeWelcome),
            (FromServer::Snapshot(body), _) => self.take_snapshot(now_us, body, message.len()),
            (FromServer::Reliable(number, body), _) => self.take_reliable(number, body),
            (FromServer::Pong(echo), _) => {
                if let Some(round_trip_us) = self.sending.pong(now_us, echo) {
                    self.stats.round_trip_us = Some(round_trip_us);
                    self.tell(ClientEvent::Pong { round_trip_us })?;
                }
                Ok(())
            }
        }
    }

    fn take_welcome(&mut self, now_us: u64, welcome: Welcome) -> Result<(), SessionError> {
        let schema = self.schema_of(&welcome)?;
        let prior = self.prior_of(&welcome)?;
        let resumed = self.room.is_some();
        if let Some(room) = &self.room {
            let seen = room.welcome.epoch;
            if welcome.epoch < seen {
                return Err(SessionError::StaleEpoch { epoch: welcome.epoch, seen });
            }
            if welcome.player != room.welcome.player {
                let (player, was) = (welcome.player, room.welcome.player);
                return Err(SessionError::OtherPlayer { player, was });
            }
        }
        let resent = self.outbox.resume(welcome.reliable_received)?;
        self.stats.reliable_resent += resent as u64;
        self.stats.connections += 1;
        self.auth = Auth::Resume(welcome.resume_token.clone());
        self.phase = Phase::Welcomed;
        let (player, tick) = (welcome.player, welcome.tick);
        let tick_hz = welcome.tick_hz.min(MAX_TICK_HZ);
        let round_trip_us = now_us.saturating_sub(self.hello_us);
        let clock = Clock::new(now_us, tick, tick_hz, welcome.send_every, round_trip_us);
        match &mut self.room {
            Some(room) if room.welcome.schema_hash == welcome.schema_hash => {
                let code = |welcome: &Welcome| (welcome.level, welcome.tick_hz, welcome.send_every);
                let is_same_code = code(&room.welcome) == code(&welcome) && room.prior == prior;
                room.welcome = welcome;
                room.prior = prior;
                room.clock = clock;
                if !is_same_code {
                    room.replica = Replica::new(room.layout(), player);
                }
            }
            _ => self.room = Some(Room::new(welcome, schema, prior, clock)),
        }
        self.tell(ClientEvent::Welcome { player, tick, resumed })
    }

    /// The schema that a Welcome brings or names.
    fn schema_of(&self, welcome: &Welcome) -> Result<Arc<Schema>, SessionError> {
        if let Some(json) = &welcome.schema {
            let found = schema_hash(json);
            if found != welcome.schema_hash {
                return Err(SessionError::SchemaHash {
                    claimed: welcome.schema_hash.clone(),
                    found,
                });
            }
            return Ok(Arc::new(Schema::from_json(json)?));
        }
        let of_room = self.room.as_ref().map(|room| (&room.welcome.schema_hash, &room.schema));
        let known = self.known_schema.as_ref().map(|(hash, schema)| (hash, schema));
        of_room
            .into_iter()
            .chain(known)
            .find(|(hash, _)| **hash == welcome.schema_hash)
            .map(|(_, schema)| Arc::clone(schema))
            .ok_or_else(|| SessionError::SchemaMissing(welcome.schema_hash.clone()))
    }

    /// The prior that a Welcome brings or names.
    fn prior_of(&self, welcome: &Welcome) -> Result<Option<Prior>, SessionError> {
        let claimed = &welcome.prior_hash;
        if let Some(bytes) = &welcome.prior {
            let prior = Prior::from_bytes(bytes)?;
            if prior.hash() != claimed {
                let (claimed, found) = (claimed.clone(), prior.hash().to_owned());
                return Err(SessionError::PriorHash { claimed, found });
            }
            return Ok(Some(prior));
        }
        if claimed.is_empty() {
            return Ok(None);
        }
        let of_room = self.room.as_ref().and_then(|room| room.prior.as_ref());
        let mut held = of_room.into_iter().chain(&self.known_prior);
        let found = held.find(|prior| prior.hash() == claimed);
        found.cloned().map(Some).ok_or_else(|| SessionError::PriorMissing(claimed.clone()))
    }

    fn take_snapshot(
        &mut self,
        now_us: u64,
        body: &[u8],
        bytes: usize,
    ) -> Result<(), SessionError> {
        let fresh = self.phase == Phase::Welcomed;
        let Some(room) = &mut self.room else { return Err(SessionError::BeforeWelcome) };
        let applied = room.replica.apply(body, fresh, &room.schema.event)?;
        self.phase = Phase::Playing;
        if let Some(received) = applied.reliable_received {
            self.outbox.acknowledge(received)?;
        }
        let margin = (applied.input_margin != MARGIN_UNKNOWN).then_some(applied.input_margin);
        room.clock.on_snapshot(now_us, applied.tick, margin);
        room.acknowledge_input(applied.acked_input);
        let info = SnapshotInfo {
            tick: applied.tick,
            acked_input: room.acked_input,
            input_margin: margin,
            bytes: bytes as u32,
            verify_bytes: applied.verify_bytes,
            verified: self.options.verify && applied.confirmed == applied.states,
        };
        self.count(&info, &applied);
        self.tell(ClientEvent::Snapshot(info))?;
        self.distrusted |= !applied.desyncs.is_empty();
        for stream in applied.desyncs {
            self.tell(ClientEvent::Desync { tick: info.tick, stream })?;
        }
        self.release_reliable()?;
        for (tick, columns) in applied.events {
            self.stats.events += 1;
            self.tell(ClientEvent::Event { tick, reliable: false, columns })?;
        }
        Ok(())
    }

    fn count(&mut self, info: &SnapshotInfo, applied: &Applied) {
        let stats = &mut self.stats;
        stats.snapshots += 1;
        stats.snapshots_verified += u64::from(info.verified);
        stats.snapshot_bytes += u64::from(info.bytes);
        stats.verify_bytes += u64::from(info.verify_bytes);
        stats.keyframes += u64::from(applied.keyframes);
        stats.catch_ups += u64::from(applied.catch_ups);
        stats.desyncs += applied.desyncs.len() as u64;
        if let Some((late, starved)) = applied.counters {
            stats.late_inputs = u64::from(late);
            stats.starved_ticks = u64::from(starved);
        }
    }

    fn take_reliable(&mut self, number: u32, body: ServerMessage) -> Result<(), SessionError> {
        let is_new = self.inbox.take(number, body).map_err(|error| match error {
            InboxError::Gap { expected } => SessionError::ReliableGap { number, expected },
            InboxError::Full => SessionError::ReliableFlood,
        })?;
        self.stats.reliable_received += u64::from(is_new);
        self.release_reliable()
    }

    /// Hands out the reliable messages whose time has come.
    fn release_reliable(&mut self) -> Result<(), SessionError> {
        while let Some(message) = self.inbox.next_for(self.tick()) {
            let event = match message {
                ServerMessage::Event { tick, bytes } => {
                    let Some(room) = &self.room else { return Err(SessionError::BeforeWelcome) };
                    let shape = &room.schema.event;
                    let mut columns = vec![0; shape.columns()];
                    let mut reader = BitReader::new(&bytes);
                    read_plain(shape, &mut reader, &mut columns)?;
                    reader.finish().map_err(DecodeError::from)?;
                    self.stats.events += 1;
                    ClientEvent::Event { tick, reliable: true, columns }
                }
                ServerMessage::Refused { seq, reason } => {
                    ClientEvent::Refused { number: seq, reason }
                }
                ServerMessage::Chat { from, text } => ClientEvent::Chat { from, text },
                ServerMessage::Notice(text) => ClientEvent::Notice(text),
            };
            self.tell(event)?;
        }
        Ok(())
    }

    fn tell(&mut self, event: ClientEvent) -> Result<(), SessionError> {
        if self.events.len() >= PENDING_EVENTS {
            return Err(SessionError::EventBacklog);
        }
        self.events.push_back(event);
        Ok(())
    }

    /// Drops the decoded state, so that the next connection begins with a keyframe.
    fn forget_state(&mut self) {
        if let Some(room) = &mut self.room {
            room.replica = Replica::new(room.layout(), room.welcome.player);
        }
    }
}

impl Room {
    fn new(welcome: Welcome, schema: Arc<Schema>, prior: Option<Prior>, clock: Clock) -> Self {
        let (mut input_specs, mut command_specs) = (Vec::new(), Vec::new());
        schema.input.push_specs(&mut input_specs);
        schema.command.push_specs(&mut command_specs);
        let layout = layout(&schema, &welcome, prior.as_ref());
        let replica = Replica::new(layout, welcome.player);
        Self {
            welcome,
            schema,
            prior,
            input_specs,
            command_specs,
            replica,
            clock,
            newest_input: 0,
            acked_input: None,
        }
    }

    /// What the decoders go by.
    fn layout(&self) -> Arc<Layout> {
        layout(&self.schema, &self.welcome, self.prior.as_ref())
    }

    /// Completes the 16 bits that travel to the newest input number they can mean.
    fn acknowledge_input(&mut self, low: u16) {
        if low == 0 && self.acked_input.is_none() {
            return;
        }
        let behind = (self.newest_input as u16).wrapping_sub(low);
        let number = self.newest_input.checked_sub(u32::from(behind));
        self.acked_input = self.acked_input.max(number);
    }
}

/// What the decoders of a room go by.
fn layout(schema: &Schema, welcome: &Welcome, prior: Option<&Prior>) -> Arc<Layout> {
    let schema = schema.at(welcome.tick_hz, welcome.send_every);
    Arc::new(match prior {
        Some(prior) => Layout::with_prior(&schema, welcome.level, prior),
        None => Layout::coded(&schema, welcome.level),
    })
}
