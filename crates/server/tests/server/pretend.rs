//! A room without a game: welcomes everyone, sends a numbered snapshot each tick, and does on command
//! what real games must not.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tickwire_game::{Assets, Level, PlayerId, Profile, Refusal};
use tickwire_room::{
    AnyRoom, ConnId, Delivery, GameKind, Hold, Outgoing, Relief, Reservation, ReserveError,
    RoomConfig, RoomCounters, RoomInfo, TickReport,
};
use tickwire_server::config::IoChoice;
use tickwire_server::{Config, Running, Server};
use tickwire_wire::close::Close;
use tickwire_wire::prior::{MAGIC, Prior};

use crate::raw::Socket;

/// What a client sends to make the room panic while it takes the message.
pub(crate) const PANIC_NOW: &[u8] = b"panic now";
/// What makes it panic in its next tick.
pub(crate) const PANIC_IN_TICK: &[u8] = b"panic in tick";
/// What it hears and forgets.
pub(crate) const IGNORED: &[u8] = b"ignored";
/// What ends its slowness.
pub(crate) const BE_QUICK: &[u8] = b"be quick";
/// What makes it close the sender with 4003.
pub(crate) const KICK_ME: &[u8] = b"kick me";

impl Socket {
    /// Says something and waits for its echo: from then on the room sends snapshots.
    pub(crate) fn enter(address: SocketAddr, room: &str) -> Self {
        let mut socket = Self::open(address, room);
        socket.say(b"hello");
        assert_eq!(socket.message(), b"hello");
        socket
    }
}

impl<S: Read + Write> Socket<S> {
    /// The tick of the next snapshot.
    pub(crate) fn tick(&mut self) -> u32 {
        let message = self.message();
        u32::from_le_bytes(*message.first_chunk().unwrap())
    }

    /// The tick of the next snapshot, which misses none that was made after `before`.
    pub(crate) fn tick_after(&mut self, before: u32) -> u32 {
        let tick = self.tick();
        let steps = tick.saturating_sub(before);
        assert!(
            (1..=MOST_STEP).contains(&steps),
            "the good client misses some: {tick} after {before}"
        );
        tick
    }
}

/// Ticks from one snapshot to the next at most: a room that a busy machine kept waiting catches up with
/// three at once, and makes every third snapshot for a while.
const MOST_STEP: u32 = 6;

/// Ticks a second.
const TICK_HZ: u64 = 50;

/// A server with the game `pretend` on any free port.
pub(crate) fn start(change: impl FnOnce(&mut Config)) -> Running {
    let mut config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
    config.room.id = "main".into();
    config.room.game = "pretend".into();
    config.shutdown.linger_ms = 0;
    change(&mut config);
    Server::new(config).kind(kind()).start().unwrap()
}

/// Whether this machine has what was asked for; it must have io_uring if `TICKWIRE_TESTS_NEED_URING` is
/// set.
#[allow(clippy::print_stderr, reason = "whoever runs the tests is to know")]
pub(crate) fn has(io: IoChoice) -> bool {
    #[cfg(target_os = "linux")]
    if io == IoChoice::Uring
        && let Err(error) = tickwire_ring::probe(&tickwire_ring::RingConfig::default())
    {
        assert!(std::env::var_os("TICKWIRE_TESTS_NEED_URING").is_none(), "{error}");
        eprintln!("not tested: {error}");
        return false;
    }
    io == IoChoice::Poll || cfg!(target_os = "linux")
}

/// The game `pretend`.
pub(crate) fn kind() -> Arc<dyn GameKind> {
    Arc::new(Pretend::new())
}

/// A game whose prior is none.
pub(crate) struct Spoilt(pub(crate) (String, String));

impl GameKind for Spoilt {
    fn name(&self) -> &'static str {
        "spoilt"
    }

    fn schema(&self) -> &(String, String) {
        &self.0
    }

    fn prior(&self) -> Result<Option<&Prior>, Refusal> {
        Err(Refusal::new("the prior of the game `spoilt`: no good"))
    }

    fn open(
        &self,
        _: &Value,
        _: &dyn Assets,
        _: RoomConfig,
        _: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal> {
        Err(Refusal::new("never to be asked"))
    }
}

/// A prior of zeros.
pub(crate) fn prior() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.resize(Prior::BYTES, 0);
    bytes
}

struct Pretend {
    schema: (String, String),
    prior: Prior,
}

impl Pretend {
    fn new() -> Self {
        Self {
            schema: ("{\"protocol\":1}".into(), "0123456789abcdef".into()),
            prior: Prior::from_bytes(&prior()).unwrap(),
        }
    }
}

impl GameKind for Pretend {
    fn name(&self) -> &'static str {
        "pretend"
    }

    fn schema(&self) -> &(String, String) {
        &self.schema
    }

    fn prior(&self) -> Result<Option<&Prior>, Refusal> {
        Ok(Some(&self.prior))
    }

    fn open(
        &self,
        options: &Value,
        _: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal> {
        if let Some(reason) = options.get("refuse").and_then(Value::as_str) {
            return Err(Refusal::new(reason));
        }
        assert!(options.get("panic").is_none(), "asked to panic while opening");
        let number =
            |name: &str, default| options.get(name).and_then(Value::as_u64).unwrap_or(default);
        let period_us = 1_000_000 / TICK_HZ;
        Ok(Box::new(PretendRoom {
            id: config.id,
            level: config.level.unwrap_or_default(),
            hello_us: config.hello_us,
            seats: number("seats", 4) as u16,
            snapshot_bytes: number("snapshot_bytes", 20) as usize,
            slow_tick: Duration::from_millis(number("slow_tick_ms", 0)),
            slow_encode: Duration::from_millis(number("slow_encode_ms", 0)),
            slow: true,
            relief: Relief::default(),
            encoded: 0,
            is_shown: false,
            thinned: 0,
            reserved: 0,
            holds: Vec::new(),
            tick: 0,
            next_tick_us: now_us - now_us % period_us + period_us,
            finish_at: number("finish_at", u64::MAX),
            panics: false,
            skipped: 0,
            clients: BTreeMap::new(),
        }))
    }
}

struct PretendRoom {
    id: String,
    level: Level,
    hello_us: u64,
    seats: u16,
    snapshot_bytes: usize,
    /// How long a tick takes, and a snapshot, while the room is `slow`.
    slow_tick: Duration,
    slow_encode: Duration,
    slow: bool,
    relief: Relief,
    /// Tick of the newest snapshot.
    encoded: u32,
    /// Whether there is a snapshot in this turn.
    is_shown: bool,
    /// Snapshots left out.
    thinned: u64,
    reserved: u16,
    holds: Vec<Hold>,
    tick: u32,
    next_tick_us: u64,
    finish_at: u64,
    panics: bool,
    skipped: u64,
    clients: BTreeMap<ConnId, Client>,
}

#[derive(Default)]
struct Client {
    since_us: u64,
    late: bool,
    said: Vec<Vec<u8>>,
    welcomed: bool,
    kicked: bool,
    /// Whether the shell holds a snapshot for it.
    held: bool,
}

impl PretendRoom {
    /// Takes its time.
    fn work(&self, time: Duration) {
        if self.slow && !time.is_zero() {
            std::thread::sleep(time);
        }
    }
}

impl AnyRoom for PretendRoom {
    fn info(&self) -> RoomInfo {
        RoomInfo {
            id: self.id.clone(),
            game: "pretend",
            seats: self.seats,
            players: self.clients.values().filter(|client| client.welcomed).count() as u16,
            bots: 0,
            clients: self.clients.len() as u16,
            slow_clients: [0; 2],
            tick: self.tick,
            tick_hz: TICK_HZ as u16,
            level: self.level,
            finished: (u64::from(self.tick) >= self.finish_at).then(|| "over".to_owned()),
            schema_hash: "0123456789abcdef".into(),
            prior_hash: String::new(),
        }
    }

    fn reserve(&mut self, now_us: u64, profile: Profile) -> Result<Reservation, ReserveError> {
        assert!(profile.name != "panic", "asked to panic while reserving");
        if self.reserved == self.seats {
            return Err(ReserveError::Full);
        }
        self.reserved += 1;
        let expires_us = now_us + 15_000_000;
        Ok(Reservation { player: PlayerId(self.reserved), ticket: "ticket".into(), expires_us })
    }

    /// A reservation ends with the next connection.
    fn hold(&mut self, _: PlayerId, hold: Hold) {
        self.holds.push(hold);
    }

    fn connect(&mut self, now_us: u64, conn: ConnId) {
        self.holds.pop();
        self.clients.insert(conn, Client { since_us: now_us, ..Client::default() });
    }

    fn receive(&mut self, _: u64, conn: ConnId, message: &[u8]) {
        assert!(message != PANIC_NOW, "asked to panic in receive");
        self.panics |= message == PANIC_IN_TICK;
        self.slow &= message != BE_QUICK;
        if let Some(client) = self.clients.get_mut(&conn).filter(|_| message != IGNORED) {
            client.kicked |= message == KICK_ME;
            client.said.push(message.to_vec());
        }
    }

    fn round_trip(&mut self, _: ConnId, _: u16) {}

    fn disconnect(&mut self, _: u64, conn: ConnId) {
        self.clients.remove(&conn);
    }

    fn expel(&mut self, now_us: u64, conn: ConnId) {
        self.disconnect(now_us, conn);
    }

    fn next_tick_us(&self) -> u64 {
        self.next_tick_us
    }

    fn tick(&mut self, now_us: u64) -> TickReport {
        assert!(!self.panics, "asked to panic in tick");
        let late_us = now_us - self.next_tick_us;
        for client in self.clients.values_mut() {
            let silent = client.said.is_empty() && !client.welcomed;
            client.late |= silent && now_us >= client.since_us + self.hello_us;
        }
        let period_us = 1_000_000 / TICK_HZ;
        let behind = (late_us / period_us) as u32 + 1;
        let ticks = behind.min(self.relief.catch_up_ticks);
        for _ in 0..ticks {
            self.tick += 1;
            self.work(self.slow_tick);
        }
        self.next_tick_us += u64::from(behind) * period_us;
        TickReport { ticks, skipped: behind - ticks, late_us }
    }

    fn encode(&mut self, _: u64) {
        let every = self.relief.snapshot_every;
        self.is_shown = self.tick / every > self.encoded / every;
        if self.is_shown {
            self.encoded = self.tick;
            self.work(self.slow_encode);
        } else {
            self.thinned += self.clients.len() as u64;
        }
    }

    fn relieve(&mut self, relief: Relief) {
        self.relief = relief;
    }

    /// Echoes what was said, then the snapshot: its tick and as many bytes as were asked for.
    fn release(&mut self, send: &mut dyn FnMut(ConnId, Outgoing<'_>) -> Delivery) {
        let shared = vec![b's'; self.snapshot_bytes];
        let mut kicked = Vec::new();
        for (conn, client) in &mut self.clients {
            if client.kicked || client.late {
                let (code, reason) =
                    if client.late { (4005, "too late") } else { (4003, "as you wish") };
                send(*conn, Outgoing::Close(&Close::new(code, reason)));
                kicked.push(*conn);
                continue;
            }
            while let Some(message) = client.said.first() {
                if send(*conn, Outgoing::Message(message)) == Delivery::Skipped {
                    break;
                }
                client.welcomed = true;
                client.said.remove(0);
            }
            if client.welcomed && self.is_shown {
                let own = self.tick.to_le_bytes();
                let delivery = send(*conn, Outgoing::Snapshot { own: &own, shared: &shared });
                self.skipped += u64::from(client.held || delivery == Delivery::Skipped);
                client.held |= delivery == Delivery::Held;
            }
        }
        for conn in kicked {
            self.clients.remove(&conn);
        }
    }

    fn taken(&mut self, conn: ConnId) {
        if let Some(client) = self.clients.get_mut(&conn) {
            client.held = false;
        }
    }

    fn shut(&mut self, _: Close) {}

    fn counters(&self) -> RoomCounters {
        RoomCounters {
            ticks: u64::from(self.tick),
            snapshots_skipped: self.skipped,
            snapshots_thinned: self.thinned,
            ..RoomCounters::default()
        }
    }

    fn recording(&self) -> Option<Vec<u8>> {
        None
    }
}
