//! A client made of nothing but the wire crate's decoders: it keeps every byte and every message.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_game::{ColumnReader, Wire};
use tickwire_room::ConnId;
use tickwire_wire::bits::{BitReader, BitWriter};
use tickwire_wire::close::Close;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::events::EventsReader;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::layout::Layout;
use tickwire_wire::message::{
    Auth, ClientMessage, FromServer, Hello, InputMode, PROTOCOL_VERSION, ServerMessage, Welcome,
    encode_client_reliable, encode_hello,
};
use tickwire_wire::plain::{read_plain, write_plain};
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::Schema;
use tickwire_wire::snapshot::{Chunk, Hashes, OwnSection, PrivateDecoder, SnapshotReader};
use tickwire_wire::stream::StreamDecoder;

use crate::yard::{Command, Event, Input};

/// Something that arrived, in the order of arrival.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Heard {
    Welcome,
    /// A snapshot of this tick.
    Snapshot(u32),
    /// A droppable event, with its tick.
    Event(u32, Event),
    /// A reliable message with its number.
    Reliable(u32, ServerMessage),
    Pong([u8; 4]),
}

/// One snapshot as it came.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) tick: u32,
    pub(crate) own: OwnSection<'static>,
    pub(crate) bytes: Vec<u8>,
    /// Where the shared part lay in memory, and its length.
    pub(crate) shared: (usize, usize),
    /// (stream, whether a keyframe).
    pub(crate) states: Vec<(u32, bool)>,
    /// Streams among them that were caught up with.
    pub(crate) catch_ups: Vec<u32>,
    pub(crate) left: Vec<u32>,
}

pub(crate) struct Probe {
    pub(crate) conn: ConnId,
    pub(crate) auth: Auth,
    pub(crate) mode: InputMode,
    pub(crate) verify: bool,
    pub(crate) welcome: Option<Welcome>,
    schema: Option<Schema>,
    layout: Option<Arc<Layout>>,
    pub(crate) streams: BTreeMap<u32, StreamDecoder>,
    private: Option<PrivateDecoder>,
    pub(crate) heard: Vec<Heard>,
    pub(crate) snapshots: Vec<Snapshot>,
    pub(crate) close: Option<Close>,
    /// Ticks of the snapshots that were offered and not taken at once.
    pub(crate) refusals: Vec<u32>,
    /// Those among them that were kept and taken later.
    pub(crate) late: Vec<u32>,
    /// Whether the test has cut the line.
    pub(crate) is_cut: bool,
    /// Highest reliable number delivered.
    pub(crate) received: u32,
    /// Number of the next reliable message to send.
    pub(crate) next_seq: u32,
    /// Hashes that were checked.
    pub(crate) verified: usize,
    /// Ticks of the snapshots that had any.
    pub(crate) hashed_at: Vec<u32>,
}

impl Probe {
    pub(crate) fn new(conn: ConnId, auth: Auth) -> Self {
        Self {
            conn,
            auth,
            mode: InputMode::Scheduled,
            verify: true,
            welcome: None,
            schema: None,
            layout: None,
            streams: BTreeMap::new(),
            private: None,
            heard: Vec::new(),
            snapshots: Vec::new(),
            close: None,
            refusals: Vec::new(),
            late: Vec::new(),
            is_cut: false,
            received: 0,
            next_seq: 1,
            verified: 0,
            hashed_at: Vec::new(),
        }
    }

    pub(crate) fn hello(&self) -> Hello {
        Hello {
            protocol: PROTOCOL_VERSION,
            auth: self.auth.clone(),
            input_mode: self.mode,
            verify: self.verify,
            schema_hash: self.welcome.as_ref().map(|welcome| welcome.schema_hash.clone()),
            prior_hash: self.welcome.as_ref().map(|welcome| welcome.prior_hash.clone()),
            last_tick: self.snapshots.last().map(|snapshot| snapshot.tick),
            reliable_received: self.received,
            epoch_seen: 0,
            client: "probe".into(),
        }
    }

    pub(crate) fn hello_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_hello(&self.hello(), &mut bytes);
        bytes
    }

    /// Prepares for another connection of the same seat.
    pub(crate) fn reconnect(&mut self, conn: ConnId) {
        let token = self.welcome.as_ref().unwrap().resume_token.clone();
        self.conn = conn;
        self.auth = Auth::Resume(token);
        self.close = None;
        self.refusals.clear();
        self.late.clear();
        self.is_cut = false;
    }

    pub(crate) fn player(&self) -> u16 {
        self.welcome.as_ref().unwrap().player
    }

    pub(crate) fn message(&mut self, bytes: &[u8]) {
        match FromServer::decode(bytes).unwrap() {
            FromServer::Welcome(welcome) => self.welcomed(welcome),
            FromServer::Reliable(seq, message) => {
                assert_eq!(seq, self.received + 1, "each reliable message once, in order");
                self.received = seq;
                self.heard.push(Heard::Reliable(seq, message));
            }
            FromServer::Pong(echo) => self.heard.push(Heard::Pong(echo)),
            FromServer::Snapshot(_) => panic!("a snapshot is not a message"),
        }
    }

    fn welcomed(&mut self, welcome: Welcome) {
        if let Some(json) = &welcome.schema {
            let schema = Schema::from_json(json).unwrap();
            assert_eq!(schema.hash(), welcome.schema_hash);
            let coded = schema.at(welcome.tick_hz, welcome.send_every);
            self.layout = Some(Arc::new(match &welcome.prior {
                Some(bytes) => {
                    let prior = Prior::from_bytes(bytes).unwrap();
                    assert_eq!(prior.hash(), welcome.prior_hash);
                    Layout::with_prior(&coded, welcome.level, &prior)
                }
                None => Layout::coded(&coded, welcome.level),
            }));
            self.schema = Some(schema);
        }
        let layout = Arc::clone(self.layout.as_ref().unwrap());
        self.streams.clear();
        self.private = Some(PrivateDecoder::new(layout, welcome.player));
        self.welcome = Some(welcome);
        self.heard.push(Heard::Welcome);
    }

    pub(crate) fn snapshot(&mut self, own: &[u8], shared: &[u8]) {
        let bytes = [own, shared].concat();
        let newest = self.snapshots.last().map(|snapshot| snapshot.tick);
        let told = self.snapshots.last().map(|snapshot| snapshot.own.newest());
        let mut reader = SnapshotReader::new(&bytes[1..], told).unwrap();
        let section = reader.own.clone();
        let tick = section.tick;
        assert!(newest.is_none_or(|newest| newest < tick), "snapshot ticks grow");
        self.heard.push(Heard::Snapshot(tick));
        let layout = self.layout.clone().unwrap();
        let shape = self.schema.as_ref().unwrap().event.clone();
        let (mut states, mut left, mut restarts) = (Vec::new(), Vec::new(), false);
        let mut catch_ups = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            match chunk {
                Chunk::CatchUp { stream, from, base, bytes } => {
                    let decoder = self.streams.get_mut(&stream).expect("a known stream");
                    decoder.catch_up(from, base, bytes).unwrap();
                    self.check_hash(&section.hashes, states.len(), stream);
                    states.push((stream, false));
                    catch_ups.push(stream);
                }
                Chunk::Keyframe { stream, base, bytes } => {
                    let fresh = || StreamDecoder::new(Arc::clone(&layout));
                    let decoder = self.streams.entry(stream).or_insert_with(fresh);
                    decoder.keyframe(base, bytes).unwrap();
                    self.check_hash(&section.hashes, states.len(), stream);
                    restarts |= stream == 0;
                    states.push((stream, true));
                }
                Chunk::Events { bytes, .. } => {
                    let mut events = EventsReader::new(&shape, tick, bytes).unwrap();
                    let mut columns = Vec::new();
                    while let Some(event_tick) = events.next(&mut columns).unwrap() {
                        let event = Event::get(&mut ColumnReader::new(&columns));
                        self.heard.push(Heard::Event(event_tick, event));
                    }
                }
                Chunk::Left { stream } => {
                    self.streams.remove(&stream).expect("only a known stream is left");
                    left.push(stream);
                }
            }
        }
        let restated: Vec<u32> = states.iter().map(|(stream, _)| *stream).collect();
        let held = self.streams.keys().copied().filter(|stream| !restated.contains(stream));
        let held: Vec<u32> = held.collect();
        let mut deltas = reader.deltas(held.len()).unwrap();
        for &stream in &held {
            if let Some(bytes) = deltas.next_delta() {
                let decoder = self.streams.get_mut(&stream).unwrap();
                decoder.delta(decoder.tick().unwrap(), tick, bytes).unwrap();
                self.check_hash(&section.hashes, states.len(), stream);
                states.push((stream, false));
            }
        }
        if section.hashes != Hashes::None {
            self.hashed_at.push(tick);
        }
        let merged = self.merged();
        let private = self.private.as_mut().unwrap();
        private.apply(&merged, restarts, section.private).unwrap();
        let own = owned_section(section);
        let shared = (shared.as_ptr() as usize, shared.len());
        self.snapshots.push(Snapshot {
            tick,
            own,
            bytes: bytes.clone(),
            shared,
            states,
            catch_ups,
            left,
        });
    }

    fn check_hash(&mut self, hashes: &Hashes<'_>, index: usize, stream: u32) {
        let hash = self.streams[&stream].hash();
        match hashes.confirms(index, hash) {
            Some(true) => self.verified += 1,
            Some(false) => panic!("desync in stream {stream}"),
            None => assert!(!self.verify, "every state has its hash"),
        }
    }

    /// The union of the streams' rows.
    pub(crate) fn merged(&self) -> StateColumns {
        let layout = self.layout.as_ref().unwrap();
        let mut merged = StateColumns::public(layout);
        for (table, merged) in merged.tables.iter_mut().enumerate() {
            let mut rows = BTreeMap::new();
            for decoder in self.streams.values() {
                let columns = &decoder.state().tables[table];
                rows.extend(columns.iter().map(|(id, row)| (id, row.to_vec())));
            }
            rows.iter().for_each(|(&id, row)| merged.push(id, row));
        }
        merged
    }

    /// The private columns of the player's rows of a table.
    pub(crate) fn private(&self, table: &str) -> Vec<(u32, Vec<u32>)> {
        let table = self.table(table);
        let columns = &self.private.as_ref().unwrap().columns().tables[table];
        columns.iter().map(|(id, row)| (id, row.to_vec())).collect()
    }

    /// Index of a table.
    pub(crate) fn table(&self, name: &str) -> usize {
        let tables = &self.schema.as_ref().unwrap().tables;
        tables.iter().position(|table| table.name == name).unwrap()
    }

    /// Rows of a table.
    pub(crate) fn rows(&self, table: &str) -> Vec<(u32, Vec<u32>)> {
        let table = &self.merged().tables[self.table(table)];
        table.iter().map(|(id, row)| (id, row.to_vec())).collect()
    }

    /// An `Inputs` message.
    pub(crate) fn inputs(&self, first: u32, inputs: &[Input]) -> Vec<u8> {
        let mut message = InputsMessage::default();
        message.reliable_received = self.received;
        message.first = first;
        for input in inputs {
            let mut columns = Vec::new();
            input.put(&mut columns);
            assert!(message.push(&columns));
        }
        let mut bytes = Vec::new();
        message.write(&Input::shape(), &mut bytes);
        bytes
    }

    /// The next reliable message.
    pub(crate) fn reliable(&mut self, body: &ClientMessage) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_client_reliable(self.next_seq, body, &mut bytes);
        self.next_seq += 1;
        bytes
    }

    /// The next reliable message, with a command.
    pub(crate) fn command(&mut self, command: &Command) -> Vec<u8> {
        self.reliable(&ClientMessage::Command(command_bytes(command)))
    }

    /// The reliable events so far.
    pub(crate) fn reliable_events(&self) -> Vec<(u32, Event)> {
        let event = |heard: &Heard| match heard {
            Heard::Reliable(_, ServerMessage::Event { tick, bytes }) => {
                Some((*tick, read_event(bytes)))
            }
            _ => None,
        };
        self.heard.iter().filter_map(event).collect()
    }

    /// The droppable events so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        let event = |heard: &Heard| match heard {
            Heard::Event(_, event) => Some(event.clone()),
            _ => None,
        };
        self.heard.iter().filter_map(event).collect()
    }

    /// Reliable messages that are no events.
    pub(crate) fn lines(&self) -> Vec<ServerMessage> {
        let line = |heard: &Heard| match heard {
            Heard::Reliable(_, ServerMessage::Event { .. }) => None,
            Heard::Reliable(_, message) => Some(message.clone()),
            _ => None,
        };
        self.heard.iter().filter_map(line).collect()
    }

    pub(crate) fn newest(&self) -> &Snapshot {
        self.snapshots.last().expect("a snapshot has come")
    }
}

pub(crate) fn command_bytes(command: &Command) -> Vec<u8> {
    let (mut columns, mut bytes) = (Vec::new(), Vec::new());
    command.put(&mut columns);
    let mut writer = BitWriter::new(&mut bytes);
    write_plain(&Command::shape(), &columns, &mut writer);
    writer.finish();
    bytes
}

fn read_event(bytes: &[u8]) -> Event {
    let shape = Event::shape();
    let mut columns = vec![0; shape.columns()];
    read_plain(&shape, &mut BitReader::new(bytes), &mut columns).unwrap();
    Event::get(&mut ColumnReader::new(&columns))
}

/// The section without what it borrows.
fn owned_section(section: OwnSection<'_>) -> OwnSection<'static> {
    OwnSection {
        tick: section.tick,
        full: section.full,
        acked_input: section.acked_input,
        input_margin: section.input_margin,
        reliable_received: section.reliable_received,
        counters: section.counters,
        hashes: Hashes::None,
        private: None,
        sections: section.sections,
    }
}
