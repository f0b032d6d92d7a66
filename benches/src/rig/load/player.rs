//! A client's part in the arena workload: its Hello, its inputs, and what it reads of snapshots.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_client::session::{ClientEvent, Options, Session};
use tickwire_game::{Wire, World};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::message::{
    self, Auth, Hello, InputMode, PROTOCOL_VERSION, decode_welcome, encode_hello,
};
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::{Newest, SnapshotReader};

use super::tally::Tally;
use crate::arena::{Arena, Input};

/// What all players know before they come.
pub(super) struct Known {
    schema: Arc<Schema>,
    hash: String,
    shape: Shape,
    /// The message being made; it keeps its memory.
    inputs: InputsMessage,
    columns: Vec<u32>,
}

impl Known {
    pub(super) fn new() -> Self {
        let schema = Arc::new(World::<Arena>::schema());
        Self {
            hash: schema.hash(),
            schema,
            shape: Input::shape(),
            inputs: InputsMessage::default(),
            columns: Vec::new(),
        }
    }
}

/// One player.
pub(super) struct Player {
    room: u32,
    auth: Auth,
    /// Inputs sent on this connection; the number of the newest.
    sent: u32,
    /// Number of the newest that the server has acknowledged.
    acked: u32,
    /// When each of those between was written.
    unanswered: VecDeque<u64>,
    /// What the newest snapshot told; `None` before the first of a connection.
    newest: Option<Newest>,
    reliable_received: u32,
    /// Decodes and verifies everything; only a sample of the players has one.
    session: Option<Box<Session>>,
}

impl Player {
    pub(super) fn new(room: u32, ticket: String, verifies: bool, known: &Known) -> Self {
        let session = verifies.then(|| {
            let options =
                Options { input_mode: InputMode::Latest, verify: true, client: String::new() };
            let mut session = Session::new(ticket.clone(), options);
            session.know_schema(Arc::clone(&known.schema));
            Box::new(session)
        });
        Self {
            room,
            auth: Auth::Ticket(ticket),
            sent: 0,
            acked: 0,
            unanswered: VecDeque::new(),
            newest: None,
            reliable_received: 0,
            session,
        }
    }

    /// Whether a snapshot has come on this connection.
    pub(super) fn is_playing(&self) -> bool {
        self.newest.is_some()
    }

    /// The connection is gone; the next one resumes.
    pub(super) fn cut(&mut self) {
        (self.sent, self.acked, self.newest) = (0, 0, None);
        self.unanswered.clear();
        if let Some(session) = &mut self.session {
            session.disconnected();
        }
    }

    /// The first message of a connection.
    pub(super) fn hello(&mut self, now_ns: u64, known: &Known) -> Vec<u8> {
        if let Some(session) = &mut self.session {
            return session.hello(now_ns / 1_000);
        }
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            auth: self.auth.clone(),
            input_mode: InputMode::Latest,
            verify: false,
            schema_hash: Some(known.hash.clone()),
            prior_hash: None,
            last_tick: None,
            reliable_received: self.reliable_received,
            epoch_seen: 0,
            client: String::new(),
        };
        let mut message = Vec::new();
        encode_hello(&hello, &mut message);
        message
    }

    /// The message of the next input, which is written now.
    pub(super) fn input(&mut self, now_ns: u64, input: &Input, known: &mut Known) -> Vec<u8> {
        self.sent += 1;
        self.unanswered.push_back(now_ns);
        known.columns.clear();
        input.put(&mut known.columns);
        let inputs = &mut known.inputs;
        inputs.clear();
        inputs.reliable_received = self.reliable_received;
        inputs.drawn = self.newest.map_or(0, |newest| newest.tick.wrapping_mul(16));
        inputs.first = self.sent;
        inputs.push(&known.columns);
        let mut message = Vec::new();
        inputs.write(&known.shape, &mut message);
        message
    }

    /// Takes in a message of the server.
    pub(super) fn receive(
        &mut self,
        now_ns: u64,
        bytes: &[u8],
        tally: &mut Tally,
    ) -> Result<(), String> {
        let (&kind, body) = bytes.split_first().ok_or("an empty message")?;
        match kind {
            message::SNAPSHOT => self.snapshot(now_ns, body, tally)?,
            message::WELCOME => {
                let welcome = decode_welcome(bytes).map_err(|error| error.to_string())?;
                self.auth = Auth::Resume(welcome.resume_token);
            }
            message::SERVER_RELIABLE => {
                let number = body.first_chunk::<4>().ok_or("a reliable message is cut")?;
                self.reliable_received = u32::from_le_bytes(*number);
            }
            _ => {}
        }
        self.verify(now_ns, bytes, tally);
        Ok(())
    }

    /// Reads the own section: which tick this is, and which input it acknowledges.
    fn snapshot(&mut self, now_ns: u64, body: &[u8], tally: &mut Tally) -> Result<(), String> {
        let read = SnapshotReader::new(body, self.newest).map_err(|error| error.to_string())?;
        let own = read.own;
        tally.totals.messages += 1;
        if self.session.is_none() {
            tally.totals.lean_snapshots += 1;
            tally.totals.lean_bytes += body.len() as u64 + 1;
        }
        tally.ticked(self.room, own.tick, now_ns);
        self.newest = Some(own.newest());
        let newly = own.acked_input.wrapping_sub(self.acked as u16);
        if usize::from(newly) > self.unanswered.len() {
            return Err(format!("input {newly} beyond the newest is acknowledged"));
        }
        self.acked += u32::from(newly);
        for written_ns in self.unanswered.drain(..usize::from(newly)) {
            tally.echoed(written_ns, now_ns);
        }
        Ok(())
    }

    /// Decodes everything, if this is one of those who do. After the first fault it no longer does: one
    /// fault would only bring others.
    fn verify(&mut self, now_ns: u64, bytes: &[u8], tally: &mut Tally) {
        let Some(session) = &mut self.session else { return };
        let mut fault = session.receive(now_ns / 1_000, bytes).err().map(|error| error.to_string());
        while let Some(event) = session.poll_event() {
            match event {
                ClientEvent::Snapshot(info) if info.verified => tally.totals.verified += 1,
                ClientEvent::Desync { tick, stream } => {
                    fault.get_or_insert(format!("stream {stream} differs at tick {tick}"));
                }
                _ => {}
            }
        }
        if let Some(fault) = fault {
            self.session = None;
            tally.totals.desyncs += 1;
            tally.fail(|| fault);
        }
    }

    /// Gives up on what is unanswered; each counts as answered now. Returns how many of them counted.
    pub(super) fn give_up_echoes(&mut self, now_ns: u64, tally: &mut Tally) -> u64 {
        let waiting = self.unanswered.iter().map(|&written_ns| tally.echoed(written_ns, now_ns));
        waiting.filter(|counts| *counts).count() as u64
    }
}
