//! The whole system in memory, from one seed: a room of Skirmish, clients that play it over lines with
//! delay, jitter, stalls and cuts, and strangers who send anything.
//!
//! No socket, thread or clock: time moves in steps of 1 ms, and all chance comes from the seed. So a
//! seed that fails is a bug report, and fails again. Checked all along:
//!
//! - what every client has decoded equals the room's own state of that tick, and every hash agrees,
//! - no session ends by a protocol error, and no honest client is closed,
//! - events never come before the state of their tick,
//! - commands, chat lines and reliable events arrive exactly once and in order across all cuts,
//! - the match, replayed from its recording, ends in the same state.

mod client;
mod line;
mod stranger;
mod verdict;

use std::collections::BTreeMap;

use tickwire_client::session::SessionError;
use tickwire_game::{Assets, Dice, PlayerId, Profile, Refusal, Team};
use tickwire_room::{AnyRoom, ConnId, Delivery, Outgoing, Room, RoomConfig, TicketKey};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::options::Options;
use tickwire_wire::close::Close;
use tickwire_wire::columns::Extract;
use tickwire_wire::hash::hash_state;

use client::Client;
use line::Down;
use stranger::Stranger;
pub use verdict::Verdict;

/// Time of the first step, in µs since the Unix epoch.
const START_US: u64 = 1_800_000_000_000_000;
/// Length of a step, in µs.
const STEP_US: u64 = 1_000;
/// Part of a run, at its end, in which nothing is cut any more, so that all messages arrive, in µs.
const CALM_US: u64 = 4_000_000;
/// Ticks for which the room's true states are remembered: more than a line delays.
const TRUTHS: usize = 512;

/// What a run is like; [`Conditions::of`] draws it from a seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// Honest clients; the first one's line is never cut.
    pub clients: u16,
    /// Connections that send what they like.
    pub strangers: u16,
    /// Bots of the room itself.
    pub bots: u16,
    /// Length of the run, in seconds.
    pub seconds: u32,
    /// Least and greatest delay of a line each way, in µs; every client draws its own.
    pub delay_us: (u32, u32),
    /// Greatest jitter on top of the delay, in µs.
    pub jitter_us: u32,
    /// Cuts per client and second.
    pub cuts_per_s: f32,
    /// Share of snapshots that a busy socket does not take at once: half of them it keeps for later.
    pub skips: f32,
    /// Stalls of the room's thread per second, of up to 250 ms.
    pub stalls_per_s: f32,
}

impl Conditions {
    /// The conditions that belong to a seed.
    pub fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 0, 1);
        let least_us = dice.below(40_000);
        Self {
            clients: 3 + dice.below(6) as u16,
            strangers: dice.below(4) as u16,
            bots: dice.below(13) as u16,
            seconds: 12,
            delay_us: (least_us, least_us + dice.below(120_000)),
            jitter_us: dice.below(60_000),
            cuts_per_s: dice.range(0.0..0.4),
            skips: if dice.chance(0.5) { dice.range(0.0..0.1) } else { 0.0 },
            stalls_per_s: if dice.chance(0.3) { dice.range(0.0..0.5) } else { 0.0 },
        }
    }
}

/// What went wrong in a run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The room could not be opened.
    #[error("the room was not opened: {0}")]
    Opening(Refusal),
    /// A client got no seat.
    #[error("no seat for client {0}")]
    NoSeat(usize),
    /// A session refused what the room sent.
    #[error("client {client}: {error}")]
    Session {
        /// Which client.
        client: usize,
        /// What its session says.
        error: SessionError,
    },
    /// The room closed the current connection of an honest client.
    #[error("client {client} was closed: {close}")]
    Closed {
        /// Which client.
        client: usize,
        /// What the room said.
        close: Close,
    },
    /// A client's state differs from the room's.
    #[error("client {client} decoded another state of tick {tick}")]
    State {
        /// Which client.
        client: usize,
        /// Tick of the state.
        tick: u32,
    },
    /// A hash differed, or was not there.
    #[error("client {client}: snapshot of tick {tick} was not verified")]
    Hash {
        /// Which client.
        client: usize,
        /// Tick of the snapshot.
        tick: u32,
    },
    /// An event came before the state of its tick.
    #[error("client {client}: event of tick {tick} at state {newest:?}")]
    EarlyEvent {
        /// Which client.
        client: usize,
        /// Tick of the event.
        tick: u32,
        /// Tick of the newest state.
        newest: Option<u32>,
    },
    /// Something reliable was lost, came twice, or out of order.
    #[error("{what}: {came} instead of {sent}")]
    NotOnce {
        /// Whose messages of which kind.
        what: String,
        /// What came, shortened.
        came: String,
        /// What was sent, shortened.
        sent: String,
    },
    /// The recording cannot be replayed to the same state.
    #[error("replay: {0}")]
    Replay(String),
}

/// Runs the system of this seed under the conditions drawn from it.
///
/// # Errors
/// The first thing that went wrong.
pub fn simulate(seed: u64, assets: &dyn Assets) -> Result<Verdict, Fault> {
    simulate_under(&Conditions::of(seed), seed, assets)
}

/// Runs the system of this seed under given conditions.
///
/// # Errors
/// The first thing that went wrong.
pub fn simulate_under(
    conditions: &Conditions,
    seed: u64,
    assets: &dyn Assets,
) -> Result<Verdict, Fault> {
    let mut world = World::open(conditions.clone(), seed, assets)?;
    while world.now_us < world.end_us {
        world.step()?;
    }
    world.verdict(assets)
}

/// Room, clients and strangers at one moment.
struct World {
    conditions: Conditions,
    dice: Dice,
    now_us: u64,
    end_us: u64,
    room: Room<Skirmish>,
    /// The room's thread does nothing until then.
    stalled_until_us: u64,
    clients: Vec<Client>,
    strangers: Vec<Stranger>,
    /// Who is at the end of each connection that the room may still write to.
    ends: BTreeMap<ConnId, End>,
    /// Snapshots that sockets keep.
    kept: BTreeMap<ConnId, Vec<u8>>,
    /// Dead connections that the room has not noticed yet, and when it will.
    closing: Vec<(u64, ConnId)>,
    connections: u64,
    /// Hash of the room's public columns by tick.
    truths: BTreeMap<u32, u32>,
    extract: Extract,
}

/// The far end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Client(usize),
    Stranger(usize),
}

impl World {
    fn open(conditions: Conditions, seed: u64, assets: &dyn Assets) -> Result<Self, Fault> {
        let dice = Dice::new(seed, 0, 2);
        let key = TicketKey::from_bytes([7; 32]);
        let config =
            RoomConfig { bots: conditions.bots, record: true, ..RoomConfig::new("sim", seed, key) };
        let room =
            Room::open(Options::default(), assets, config, START_US).map_err(Fault::Opening)?;
        let end_us = START_US + u64::from(conditions.seconds) * 1_000_000;
        let mut world = Self {
            dice,
            now_us: START_US,
            end_us,
            room,
            stalled_until_us: 0,
            clients: Vec::new(),
            strangers: Vec::new(),
            ends: BTreeMap::new(),
            kept: BTreeMap::new(),
            closing: Vec::new(),
            connections: 0,
            truths: BTreeMap::new(),
            extract: Extract::default(),
            conditions,
        };
        for index in 0..usize::from(world.conditions.clients) {
            let ticket = world.seat(&format!("c{index}")).ok_or(Fault::NoSeat(index))?;
            let fixed = world.room.world().fixed().clone();
            world.clients.push(Client::new(ticket, fixed, seed, index, &world.conditions));
        }
        for index in 0..usize::from(world.conditions.strangers) {
            let ticket = world.seat(&format!("s{index}")).unwrap_or_default();
            world.strangers.push(Stranger::new(ticket, seed, index));
        }
        Ok(world)
    }

    fn seat(&mut self, name: &str) -> Option<String> {
        let profile = Profile { name: name.to_owned(), bot: false, team: Team::NONE };
        self.room.reserve(self.now_us, profile).ok().map(|seat| seat.ticket)
    }

    fn step(&mut self) -> Result<(), Fault> {
        self.now_us += STEP_US;
        let is_calm = self.now_us + CALM_US >= self.end_us;
        self.drop_dead_connections();
        for index in 0..self.clients.len() {
            self.move_client(index, is_calm)?;
        }
        for index in 0..self.strangers.len() {
            self.move_stranger(index);
        }
        let per_step = STEP_US as f32 / 1e6;
        if !is_calm && self.dice.chance(self.conditions.stalls_per_s * per_step) {
            self.stalled_until_us = self.now_us + u64::from(self.dice.below(250_000));
        }
        if self.now_us >= self.stalled_until_us {
            self.turn()?;
        }
        Ok(())
    }

    /// One turn of the room's shell.
    fn turn(&mut self) -> Result<(), Fault> {
        for client in &mut self.clients {
            client.line.deliver_up(self.now_us, |conn, bytes| {
                self.room.receive(self.now_us, conn, bytes);
            });
        }
        if self.now_us < self.room.next_tick_us() {
            return Ok(());
        }
        self.take_kept();
        self.room.tick(self.now_us);
        self.note_truth();
        self.room.encode(self.now_us);
        self.release()
    }

    /// Sockets that are no longer busy take what they kept.
    fn take_kept(&mut self) {
        let Self { kept, dice, .. } = self;
        let free: Vec<ConnId> = kept.keys().copied().filter(|_| dice.chance(0.5)).collect();
        for conn in free {
            let snapshot = self.kept.remove(&conn).map(Down::Message);
            if let (Some(End::Client(index)), Some(down)) = (self.ends.get(&conn), snapshot)
                && self.clients[*index].line.is(conn)
            {
                self.clients[*index].line.send_down(self.now_us, down);
            }
            self.room.taken(conn);
        }
    }

    fn note_truth(&mut self) {
        let world = self.room.world();
        world.extract(&mut self.extract);
        self.truths.insert(world.tick(), hash_state(&self.extract.public));
        if self.truths.len() > TRUTHS {
            self.truths.pop_first();
        }
    }

    /// Puts what the room sends on the lines.
    fn release(&mut self) -> Result<(), Fault> {
        let Self { room, ends, clients, strangers, dice, conditions, kept, now_us, .. } = self;
        let mut fault = None;
        room.release(&mut |conn, outgoing| {
            let end = ends.get(&conn).copied();
            let down = match outgoing {
                Outgoing::Snapshot { own, shared } if dice.chance(conditions.skips) => {
                    if dice.chance(0.5) {
                        return Delivery::Skipped;
                    }
                    kept.insert(conn, [own, shared].concat());
                    return Delivery::Held;
                }
                Outgoing::Snapshot { own, shared } => {
                    kept.remove(&conn);
                    Down::Message([own, shared].concat())
                }
                Outgoing::Message(bytes) => Down::Message(bytes.to_vec()),
                Outgoing::Close(close) => Down::Close(close.clone()),
            };
            match end {
                Some(End::Client(index)) if clients[index].line.is(conn) => match down {
                    Down::Close(close) => {
                        fault.get_or_insert(Fault::Closed { client: index, close });
                    }
                    down => clients[index].line.send_down(*now_us, down),
                },
                Some(End::Stranger(index)) if strangers[index].is(conn) => {
                    strangers[index].hear(&down);
                }
                // The line is dead and the room does not know it yet.
                _ => {}
            }
            Delivery::Queued
        });
        fault.map_or(Ok(()), Err)
    }

    fn move_client(&mut self, index: usize, is_calm: bool) -> Result<(), Fault> {
        let now_us = self.now_us;
        if let Some(hello) = self.clients[index].reconnect(now_us) {
            let conn = self.open_connection(End::Client(index));
            let client = &mut self.clients[index];
            client.line.open(conn);
            client.line.send_up(now_us, hello);
        }
        let client = &mut self.clients[index];
        client.play(now_us, &self.truths, is_calm)?;
        let per_step = STEP_US as f32 / 1e6;
        let may_be_cut = index > 0 && !is_calm;
        if may_be_cut && self.dice.chance(self.conditions.cuts_per_s * per_step) {
            let unnoticed_us = u64::from(self.dice.below(800_000));
            let back_us = u64::from(self.dice.below(1_500_000));
            let client = &mut self.clients[index];
            if let Some(conn) = client.cut(now_us + back_us) {
                self.closing.push((now_us + unnoticed_us, conn));
            }
        }
        Ok(())
    }

    fn move_stranger(&mut self, index: usize) {
        let now_us = self.now_us;
        if self.strangers[index].wants_connection(now_us) {
            let conn = self.open_connection(End::Stranger(index));
            self.strangers[index].open(conn);
        }
        let stranger = &mut self.strangers[index];
        for (conn, bytes) in stranger.mischief(now_us) {
            self.room.receive(now_us, conn, &bytes);
        }
        if let Some(conn) = stranger.hangs_up() {
            self.ends.remove(&conn);
            self.room.disconnect(now_us, conn);
        }
    }

    fn open_connection(&mut self, end: End) -> ConnId {
        self.connections += 1;
        let conn = ConnId(self.connections);
        self.ends.insert(conn, end);
        self.room.connect(self.now_us, conn);
        conn
    }

    fn drop_dead_connections(&mut self) {
        let now_us = self.now_us;
        let (room, ends) = (&mut self.room, &mut self.ends);
        self.closing.retain(|&(at_us, conn)| {
            if at_us > now_us {
                return true;
            }
            ends.remove(&conn);
            room.disconnect(now_us, conn);
            false
        });
    }

    /// Player ids of the honest clients.
    fn players(&self) -> Vec<PlayerId> {
        self.clients.iter().map(Client::player).collect()
    }
}
