//! A room of the workload with all its clients in memory, on a clock that only this moves. Every
//! snapshot is decoded by the client's own session and compared with the truth.

mod client;
mod fault;
mod sight;
mod tally;

use std::time::{Duration, Instant};

use tickwire_game::Profile;
use tickwire_game::wire::columns::Extract;
use tickwire_room::{AnyRoom, Delivery, Outgoing, Room, RoomConfig, TicketKey};
use tickwire_wire::prior::Prior;

pub use fault::PlayFault;
pub use tally::Tally;

use crate::arena::Arena;
use crate::arena::config::Config;
use crate::arena::crowd::Crowd;
use crate::levels::Coder;
use client::Client;
use sight::Sight;

/// Seconds of play before anything is counted: joins and their keyframes are over by then.
pub const WARM_UP_S: u32 = 2;
/// When the rooms open, in microseconds since the Unix epoch: any time will do.
const START_US: u64 = 1_800_000_000_000_000;

/// A room and its clients.
pub struct Play {
    config: Config,
    room: Room<Arena>,
    /// By connection.
    clients: Vec<Client>,
    crowd: Crowd,
    now_us: u64,
    /// The room's state of the newest tick.
    truth: Extract,
}

/// Plays `seconds` in every room of a configuration, one room after the other, each after a
/// [warm-up](WARM_UP_S) of its own.
///
/// # Errors
/// The first message that is not right.
pub fn measure(
    config: &Config,
    coder: &Coder,
    seconds: u32,
    seed: u64,
) -> Result<Tally, PlayFault> {
    let mut tally = Tally::default();
    let tick_hz = u32::from(config.tick_hz);
    for room in 0..config.rooms {
        let mut play = Play::open(config, seed.wrapping_add(room), coder)?;
        play.run(WARM_UP_S * tick_hz, None)?;
        play.run(seconds * tick_hz, Some(&mut tally))?;
    }
    Ok(tally)
}

impl Play {
    /// Opens a room and lets its players in.
    ///
    /// # Errors
    /// When the room refuses any of it.
    pub fn open(config: &Config, seed: u64, coder: &Coder) -> Result<Self, PlayFault> {
        let room = Room::open(config.options(), &(), room_config(seed, coder), START_US)?;
        let mut play = Self {
            config: *config,
            room,
            clients: Vec::new(),
            crowd: Crowd::new(config.players, config.tick_hz, seed),
            now_us: START_US,
            truth: Extract::default(),
        };
        for index in 0..config.players {
            let profile = Profile { name: format!("Player {}", index + 1), ..Profile::default() };
            let mut client = Client::new(play.room.reserve(START_US, profile)?, index.into());
            play.room.connect(START_US, client.conn);
            let hello = client.session.hello(START_US);
            play.room.receive(START_US, client.conn, &hello);
            play.clients.push(client);
        }
        play.release()?;
        // What is measured must be what the report says it is.
        let spoken =
            |client: &Client| client.session.welcome().map(|it| (it.level, it.prior_hash.clone()));
        let meant = Some((coder.level, coder.prior.as_ref().map_or("", Prior::hash).to_owned()));
        match play.clients.iter().find(|client| spoken(client) != meant) {
            Some(client) => {
                Err(client.differs(0, format!("its room does not speak {}", coder.name())))
            }
            None => Ok(play),
        }
    }

    /// Plays `ticks` ticks; what they cost is added to `tally` when there is one.
    ///
    /// # Errors
    /// The first message that is not right.
    pub fn run(&mut self, ticks: u32, mut tally: Option<&mut Tally>) -> Result<(), PlayFault> {
        for _ in 0..ticks {
            let encode = self.tick()?;
            let world = self.room.world();
            world.extract(&mut self.truth);
            for client in &mut self.clients {
                let bytes = client.take_snapshot(world.tick())?;
                let sight = Sight::check(client, world, &self.truth.public)
                    .map_err(|what| client.differs(world.tick(), what))?;
                if let Some(tally) = tally.as_deref_mut() {
                    tally.add(bytes, &sight);
                }
            }
            if let Some(tally) = tally.as_deref_mut() {
                tally.ticks += 1;
                tally.encode += encode;
            }
        }
        Ok(())
    }

    /// One tick, before which every client sends one input; their phases are spread over the
    /// period. Returns how long encoding took.
    fn tick(&mut self) -> Result<Duration, PlayFault> {
        let deadline_us = self.room.next_tick_us();
        let period_us = 1_000_000 / u64::from(self.config.tick_hz);
        let count = self.clients.len() as u64;
        for (index, client) in self.clients.iter_mut().enumerate() {
            let phase_us = period_us * index as u64 / count;
            self.now_us = self.now_us.max((deadline_us + phase_us).saturating_sub(period_us));
            let message = client.input(&self.crowd.input(index));
            self.room.receive(self.now_us, client.conn, &message);
        }
        self.now_us = self.now_us.max(deadline_us);
        self.room.tick(self.now_us);
        let start = Instant::now();
        self.room.encode(self.now_us);
        let encode = start.elapsed();
        self.release()?;
        Ok(encode)
    }

    /// Hands everything that waits to the clients.
    fn release(&mut self) -> Result<(), PlayFault> {
        let (now_us, tick) = (self.now_us, self.room.world().tick());
        let Self { room, clients, .. } = self;
        let mut fault = None;
        room.release(&mut |conn, outgoing| {
            let client = &mut clients[conn.0 as usize];
            let taken = match outgoing {
                Outgoing::Snapshot { own, shared } => client.snapshot(now_us, tick, own, shared),
                Outgoing::Message(message) => client.receive(now_us, tick, message),
                Outgoing::Close(close) => Err(PlayFault::Closed(close.to_string())),
            };
            if let Err(error) = taken {
                fault.get_or_insert(error);
            }
            Delivery::Queued
        });
        fault.map_or(Ok(()), Err)
    }
}

/// How a room of the workload is opened.
fn room_config(seed: u64, coder: &Coder) -> RoomConfig {
    // Nobody has to be kept out of a room in memory.
    let key = TicketKey::from_bytes([7; 32]);
    let (level, prior) = (Some(coder.level), coder.prior.clone());
    RoomConfig { level, prior, ..RoomConfig::new("arena", seed, key) }
}
