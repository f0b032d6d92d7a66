//! A server for one client, in memory: a real world, the wire's own encoders, and nothing clever.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_game::{ColumnReader, Connection, From, PlayerId, Profile, To, Wire, World};
use tickwire_wire::bits::{BitReader, BitWriter};
use tickwire_wire::columns::Extract;
use tickwire_wire::events::write_events;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::message::{
    ClientMessage, FromClient, Hello, InputMode, ServerMessage, Welcome, decode_hello, encode_pong,
    encode_server_reliable, encode_welcome,
};
use tickwire_wire::plain::{read_plain, write_plain};
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::Schema;
use tickwire_wire::snapshot::{
    Chunk, Hashes, MARGIN_UNKNOWN, Newest, OwnSection, PrivateEncoder, Sections, needs_full_head,
    write_chunk_count, write_steady,
};
use tickwire_wire::stream::{Advance, StreamEncoder};

use crate::rink::{Event, Input, Options, Rink};

pub(crate) const TICK_US: u64 = 33_333;
pub(crate) const ME: PlayerId = PlayerId(1);
pub(crate) const ICE: [(&str, &[u8]); 1] = [("maps/ice.json", b"{}")];

pub(crate) struct Server {
    pub(crate) world: World<Rink>,
    pub(crate) schema: Schema,
    pub(crate) layout: Arc<Layout>,
    pub(crate) encoder: StreamEncoder,
    pub(crate) extract: Extract,
    private: PrivateEncoder,
    hello: Option<Hello>,
    /// What the newest snapshot of this connection told.
    sent: Option<Newest>,
    /// Inputs by number, with their time of arrival.
    inputs: BTreeMap<u32, (Input, u64)>,
    acked_input: u32,
    commands: Vec<(u32, u8)>,
    /// Reliable messages that are not acknowledged: number and bytes.
    kept: Vec<(u32, Vec<u8>)>,
    number: u32,
    pub(crate) received: u32,
    pub(crate) chats: Vec<String>,
    pub(crate) late: u32,
    pub(crate) drawn: u32,
    /// Makes the next hash wrong.
    pub(crate) lie: bool,
    out: Vec<Vec<u8>>,
}

impl Server {
    pub(crate) fn new(options: Options) -> Self {
        Self::coded(options, Level::Ranged)
    }

    /// A server of a room whose streams are coded at `level`.
    pub(crate) fn coded(options: Options, level: Level) -> Self {
        Self::with_prior(options, level, None)
    }

    /// The same, coded from a prior.
    pub(crate) fn with_prior(options: Options, level: Level, prior: Option<&Prior>) -> Self {
        let mut world = World::<Rink>::create(options, &ICE, 7).unwrap();
        let mut entry = world.next_entry();
        for player in [ME, PlayerId(2)] {
            entry.joins.push((player, Profile { name: "p".into(), ..Profile::default() }));
            entry.connections.push((player, Connection::Online));
        }
        world.advance(&entry);
        let schema = World::<Rink>::schema();
        let settings = world.settings();
        let coded = schema.at(settings.tick_hz, settings.send_every);
        let layout = Arc::new(match prior {
            Some(prior) => Layout::with_prior(&coded, level, prior),
            None => Layout::coded(&coded, level),
        });
        Self {
            encoder: StreamEncoder::new(Arc::clone(&layout)),
            private: PrivateEncoder::new(Arc::clone(&layout), ME.0),
            extract: Extract::default(),
            schema,
            layout,
            world,
            hello: None,
            sent: None,
            inputs: BTreeMap::new(),
            acked_input: 0,
            commands: Vec::new(),
            kept: Vec::new(),
            number: 0,
            received: 0,
            chats: Vec::new(),
            late: 0,
            drawn: 0,
            lie: false,
            out: Vec::new(),
        }
    }

    /// The Welcome to a Hello, which becomes the connection's.
    pub(crate) fn welcome(&self, hello: &Hello) -> Welcome {
        let hash = self.schema.hash();
        let known = hello.schema_hash.as_deref() == Some(&hash);
        let assets = self.world.assets().iter();
        let prior = self.layout.prior.as_ref();
        let unknown_prior = prior.filter(|prior| hello.prior_hash.as_deref() != Some(prior.hash()));
        Welcome {
            protocol: 1,
            room: "rink-1".into(),
            player: ME.0,
            tick: self.world.tick(),
            tick_hz: 30,
            send_every: 1,
            epoch: 3,
            schema: (!known).then(|| self.schema.to_json()),
            schema_hash: hash,
            level: self.layout.level,
            prior_hash: prior.map(Prior::hash).unwrap_or_default().to_owned(),
            prior: unknown_prior.map(|prior| prior.bytes().to_vec()),
            options: serde_json::to_string(self.world.options()).unwrap(),
            assets: assets.map(|asset| (asset.path.clone(), asset.sha256.clone())).collect(),
            resume_token: "token".into(),
            reliable_received: self.received,
            input_mode: hello.input_mode,
            reconnect: vec![],
            window_ms: 30_000,
        }
    }

    /// A new connection, from its Hello on; what the server answers at once.
    pub(crate) fn connect(&mut self, hello: &[u8]) -> Vec<Vec<u8>> {
        let hello = decode_hello(hello).unwrap();
        let mut welcome = Vec::new();
        encode_welcome(&self.welcome(&hello), &mut welcome);
        self.sent = None;
        self.private = PrivateEncoder::new(Arc::clone(&self.layout), ME.0);
        self.kept.retain(|(number, _)| *number > hello.reliable_received);
        self.hello = Some(hello);
        let mut out = vec![welcome];
        out.extend(self.kept.iter().map(|(_, bytes)| bytes.clone()));
        self.out.clear();
        out
    }

    pub(crate) fn receive(&mut self, now_us: u64, message: &[u8]) {
        match FromClient::decode(message).unwrap() {
            FromClient::Hello(_) => panic!("a second Hello"),
            FromClient::Inputs(body) => {
                let mut inputs = InputsMessage::default();
                inputs.read(&self.schema.input, body).unwrap();
                self.drawn = inputs.drawn;
                let received = inputs.reliable_received;
                self.kept.retain(|(number, _)| *number > received);
                for (number, columns) in inputs.iter() {
                    let input = Input::get(&mut ColumnReader::new(columns));
                    self.inputs.insert(number, (input, now_us));
                }
            }
            FromClient::Reliable(number, body) => {
                if number <= self.received {
                    return;
                }
                assert_eq!(number, self.received + 1, "no gap");
                self.received = number;
                self.take_reliable(number, body);
            }
            FromClient::Ping(echo) => self.out.push(encode_pong(echo).to_vec()),
        }
    }

    fn take_reliable(&mut self, number: u32, body: ClientMessage) {
        match body {
            ClientMessage::Chat(text) => self.chats.push(text),
            ClientMessage::Leave => {}
            ClientMessage::Command(bytes) => {
                let mut columns = vec![0; self.schema.command.columns()];
                read_plain(&self.schema.command, &mut BitReader::new(&bytes), &mut columns)
                    .unwrap();
                self.commands.push((number, u8::get(&mut ColumnReader::new(&columns))));
            }
        }
    }

    pub(crate) fn send_reliable(&mut self, message: &ServerMessage) {
        self.number += 1;
        let mut bytes = Vec::new();
        encode_server_reliable(self.number, message, &mut bytes);
        self.kept.push((self.number, bytes.clone()));
        self.out.push(bytes);
    }

    /// Runs the next tick at `now_us` and returns what goes to the client, in order.
    pub(crate) fn tick(&mut self, now_us: u64) -> Vec<Vec<u8>> {
        let mut entry = self.world.next_entry();
        let margin = self.consume(entry.tick, now_us, &mut entry.inputs);
        let commands = std::mem::take(&mut self.commands);
        entry.commands = commands.into_iter().map(|(n, c)| (From::Player(ME), n, c)).collect();
        let happenings = self.world.advance(&entry);
        for (_, seq, refusal) in happenings.refused_commands {
            self.send_reliable(&ServerMessage::Refused { seq, reason: refusal.to_string() });
        }
        let mut droppable = Vec::new();
        for emitted in happenings.events {
            assert_eq!(emitted.to, To::Everyone);
            let columns = columns_of(&emitted.event);
            if emitted.reliable {
                let mut bytes = Vec::new();
                let mut writer = BitWriter::new(&mut bytes);
                write_plain(&self.schema.event, &columns, &mut writer);
                writer.finish();
                self.send_reliable(&ServerMessage::Event { tick: emitted.tick, bytes });
            } else {
                droppable.push((emitted.tick, columns));
            }
        }
        let snapshot = self.snapshot(margin, &droppable);
        let mut out = std::mem::take(&mut self.out);
        if self.hello.is_some() {
            out.push(snapshot);
        }
        out
    }

    /// The client's input for this tick.
    fn consume(&mut self, tick: u32, now_us: u64, out: &mut Vec<(PlayerId, Input)>) -> i8 {
        let mode = self.hello.as_ref().map_or(InputMode::Scheduled, |hello| hello.input_mode);
        let (mut arrived, mut newest) = (None, None);
        while let Some(first) = self.inputs.first_entry() {
            let number = *first.key();
            if mode == InputMode::Scheduled && number > tick {
                break;
            }
            let (input, at_us) = first.remove();
            arrived = arrived.or(Some(at_us));
            if mode == InputMode::Scheduled && number < tick {
                self.late += 1;
                arrived = Some(at_us + u64::from(tick - number) * TICK_US);
                continue;
            }
            newest = Some((number, input));
        }
        if let Some((number, input)) = newest {
            self.acked_input = number;
            out.push((ME, input));
        }
        arrived.map_or(MARGIN_UNKNOWN, |at_us| {
            let early_us = now_us as f64 - at_us as f64;
            (early_us / TICK_US as f64 * 8.0).clamp(-127.0, 127.0) as i8
        })
    }

    fn snapshot(&mut self, margin: i8, events: &[(u32, Vec<u32>)]) -> Vec<u8> {
        let tick = self.world.tick();
        self.world.extract(&mut self.extract);
        let mut delta = Vec::new();
        let advance = self.encoder.advance(tick, &self.extract.public, &mut delta);
        let joins = self.sent.is_none();
        let mut keyframe = Vec::new();
        let mut chunks = Vec::new();
        if joins {
            self.encoder.keyframe(&mut keyframe);
            let base = self.encoder.tick().unwrap();
            chunks.push(Chunk::Keyframe { stream: 0, base, bytes: &keyframe });
        }
        let delta = (!joins && matches!(advance, Advance::Delta { .. })).then_some(&delta[..]);
        let mut told = Vec::new();
        if !events.is_empty() {
            let list = events.iter().map(|(tick, columns)| (*tick, &columns[..]));
            write_events(&self.schema.event, tick, list, &mut told);
            chunks.push(Chunk::Events { stream: 0, bytes: &told });
        }
        let verify = self.hello.as_ref().is_some_and(|hello| hello.verify);
        let mut private = Vec::new();
        let has_private = self.private.encode(&self.extract, joins, &mut private);
        let hash = self.encoder.hash() ^ u32::from(std::mem::take(&mut self.lie));
        let own = OwnSection {
            tick,
            full: needs_full_head(self.sent, tick, self.acked_input as u16),
            acked_input: self.acked_input as u16,
            input_margin: margin,
            reliable_received: Some(self.received),
            counters: Some((self.late, 0)),
            hashes: match (joins || delta.is_some(), verify) {
                (true, true) => Hashes::Full(vec![hash].into()),
                _ => Hashes::None,
            },
            private: has_private.then_some(&private),
            sections: Sections { special: !chunks.is_empty(), steady: delta.is_some() },
        };
        let mut out = Vec::new();
        own.write(&mut out);
        if !chunks.is_empty() {
            write_chunk_count(chunks.len() as u32, &mut out);
            chunks.iter().for_each(|chunk| chunk.write(tick, &mut out));
        }
        write_steady([delta].into_iter().filter(|_| !joins), &mut out);
        self.sent = Some(own.newest());
        out
    }
}

pub(crate) fn columns_of(value: &impl Wire) -> Vec<u32> {
    let mut columns = Vec::new();
    value.put(&mut columns);
    columns
}

/// The event of these columns.
pub(crate) fn event_of(columns: &[u32]) -> Event {
    Event::get(&mut ColumnReader::new(columns))
}
