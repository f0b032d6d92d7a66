//! Rooms without a game: they take inputs and hand the same bytes to everyone, tick after tick. What is
//! left of a server's work is what its shard and driver do.

use serde::{Deserialize, Serialize};
use tickwire_game::{Assets, Level, PlayerId, Profile, Refusal};
use tickwire_room::{
    AnyRoom, ConnId, Delivery, GameKind, Hold, Outgoing, Relief, Reservation, ReserveError,
    RoomConfig, RoomCounters, RoomInfo, TickReport,
};
use tickwire_wire::close::Close;

use crate::limits::FIXED_OWN_BYTES;

/// The game's name.
pub const NAME: &str = "fixed";

const SECOND_US: u64 = 1_000_000;

/// A room's options.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Ticks, and messages, a second.
    pub tick_hz: u16,
    /// Bytes of a message, its frame's head not counted.
    pub bytes: usize,
}

/// What opens such rooms.
#[derive(Debug)]
pub struct FixedKind {
    schema: (String, String),
}

impl FixedKind {
    /// Nothing is chosen before a room is opened.
    #[expect(clippy::new_without_default, reason = "there is one of it, made in one place")]
    pub fn new() -> Self {
        Self { schema: ("{}".to_owned(), "0000000000000000".to_owned()) }
    }
}

impl GameKind for FixedKind {
    fn name(&self) -> &'static str {
        NAME
    }

    fn schema(&self) -> &(String, String) {
        &self.schema
    }

    fn open(
        &self,
        options: &serde_json::Value,
        _: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal> {
        let options = Options::deserialize(options)
            .map_err(|error| Refusal::new(format!("options: {error}")))?;
        if options.tick_hz == 0 {
            return Err(Refusal::new("option `tick_hz` is 0"));
        }
        Ok(Box::new(FixedRoom::open(options, config, now_us)))
    }
}

/// A room without a game.
struct FixedRoom {
    options: Options,
    id: String,
    phase_us: u64,
    /// What everyone gets.
    message: Vec<u8>,
    conns: Vec<ConnId>,
    /// Grid point of the next tick; point n is due at `phase_us` + n periods.
    next: u64,
    /// Whether a tick's messages wait to be handed out.
    waits: bool,
    counters: RoomCounters,
}

impl FixedRoom {
    fn open(options: Options, config: RoomConfig, now_us: u64) -> Self {
        let mut room = Self {
            options,
            id: config.id,
            phase_us: config.phase_us,
            message: vec![0x5a; options.bytes],
            conns: Vec::new(),
            next: now_us / SECOND_US * u64::from(options.tick_hz),
            waits: false,
            counters: RoomCounters::default(),
        };
        room.skip_to(now_us);
        room
    }

    /// Gives up the grid points that have passed; returns how many.
    fn skip_to(&mut self, now_us: u64) -> u32 {
        let mut skipped = 0;
        while self.next_tick_us() <= now_us {
            self.next += 1;
            skipped += 1;
        }
        skipped
    }
}

impl AnyRoom for FixedRoom {
    fn info(&self) -> RoomInfo {
        RoomInfo {
            id: self.id.clone(),
            game: NAME,
            seats: u16::MAX,
            players: self.conns.len() as u16,
            bots: 0,
            clients: self.conns.len() as u16,
            slow_clients: [0; 2],
            tick: self.counters.ticks as u32,
            tick_hz: self.options.tick_hz,
            level: Level::Packed,
            finished: None,
            schema_hash: String::new(),
            prior_hash: String::new(),
        }
    }

    fn reserve(&mut self, _: u64, _: Profile) -> Result<Reservation, ReserveError> {
        Err(ReserveError::Full)
    }

    fn hold(&mut self, _: PlayerId, _: Hold) {}

    fn connect(&mut self, _: u64, conn: ConnId) {
        self.conns.push(conn);
    }

    fn receive(&mut self, _: u64, _: ConnId, _: &[u8]) {
        self.counters.messages_received += 1;
    }

    fn round_trip(&mut self, _: ConnId, _: u16) {}

    fn disconnect(&mut self, _: u64, conn: ConnId) {
        self.conns.retain(|&one| one != conn);
    }

    fn expel(&mut self, now_us: u64, conn: ConnId) {
        self.disconnect(now_us, conn);
    }

    fn next_tick_us(&self) -> u64 {
        self.phase_us + self.next * SECOND_US / u64::from(self.options.tick_hz)
    }

    fn tick(&mut self, now_us: u64) -> TickReport {
        let due_us = self.next_tick_us();
        if now_us < due_us {
            return TickReport::default();
        }
        self.next += 1;
        self.waits = true;
        self.counters.ticks += 1;
        TickReport { ticks: 1, skipped: self.skip_to(now_us), late_us: now_us - due_us }
    }

    fn encode(&mut self, _: u64) {}

    fn release(&mut self, send: &mut dyn FnMut(ConnId, Outgoing<'_>) -> Delivery) {
        if !std::mem::take(&mut self.waits) {
            return;
        }
        let (own, shared) = self.message.split_at(FIXED_OWN_BYTES.min(self.message.len()));
        for &conn in &self.conns {
            match send(conn, Outgoing::Snapshot { own, shared }) {
                // All messages are alike, so that nothing depends on which of them was held.
                Delivery::Queued | Delivery::Held => self.counters.snapshots += 1,
                Delivery::Skipped => self.counters.snapshots_skipped += 1,
            }
        }
    }

    fn taken(&mut self, _: ConnId) {}

    fn relieve(&mut self, _: Relief) {}

    fn shut(&mut self, _: Close) {}

    fn counters(&self) -> RoomCounters {
        self.counters
    }

    fn recording(&self) -> Option<Vec<u8>> {
        None
    }
}
