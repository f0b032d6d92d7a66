//! All bots of a run, on one thread: rooms, seats, the wait, the sum.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use tickwire_client::address::AddressError;
use tickwire_client::play::{Options, Play, PlayError, Update};
use tickwire_client::rest::{Api, ApiError, NewRoom};
use tickwire_client::session::Options as SessionOptions;
use tickwire_client::time::Time;
use tickwire_game::Game;
use tokio::task::{JoinSet, LocalSet};

use crate::args::Args;
use crate::bot::{Bot, Findings, Stage};
use crate::games::{Counts, GAMES, Tally};
use crate::report::Report;

/// Longest time for all bots to join, and again for all to leave.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a run could not take place. What goes wrong once it runs is in the report instead.
#[derive(Debug, thiserror::Error)]
pub enum SwarmError {
    /// `--game` names none.
    #[error("there is no game `{name}` for bots; there are: {known}", known = GAMES.join(", "))]
    UnknownGame {
        /// What was asked for.
        name: String,
    },
    /// Nobody listens at `--url`, or it is not who it should be.
    #[error("server not reachable at {address} ({problem}); start it with `cargo run --release`")]
    Unreachable {
        /// Host and port.
        address: String,
        /// Why.
        problem: String,
    },
    /// `--url` is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// `--ca` names no certificate authority.
    #[error("--ca {}: {problem}", path.display())]
    Ca {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The server did not open a room.
    #[error("no room for the bots: {0}")]
    NoRoom(ApiError),
    /// More bots than seats.
    #[error("rooms of {game} have {seats} seats; use --per-room {seats} or less")]
    Seats {
        /// The game.
        game: String,
        /// Seats of a room.
        seats: u16,
    },
    /// A bot could not join.
    #[error("a bot could not join: {0}")]
    Join(PlayError),
    /// Joining took too long.
    #[error("only {joined} of {clients} bots could join within {} s", PATIENCE.as_secs())]
    Slow {
        /// Bots that play.
        joined: u32,
        /// Bots that should.
        clients: u32,
    },
}

impl From<ApiError> for SwarmError {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unreachable { address, problem } => Self::Unreachable { address, problem },
            ApiError::Address(error) => Self::Address(error),
            other => Self::NoRoom(other),
        }
    }
}

/// How a run goes.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Bots in their rooms.
    pub clients: u32,
    /// Bots there will be.
    pub of: u32,
    /// Seconds of play so far; `None` while bots join.
    pub played_s: Option<u32>,
    /// Snapshots so far.
    pub snapshots: u64,
    /// Median time from input to state so far, in ms.
    pub input_to_state_ms: f64,
    /// Desyncs, disconnects and errors so far.
    pub troubles: u64,
}

/// A run of bots in game `G`.
pub struct Swarm<'a, G: Game, T> {
    args: &'a Args,
    api: Api,
    stage: Rc<RefCell<Stage>>,
    game: PhantomData<fn() -> (G, T)>,
}

impl<'a, G: Game, T: Tally<G> + 'static> Swarm<'a, G, T> {
    /// Prepares a run; nothing is sent yet.
    ///
    /// # Errors
    /// When `--url` is no address, or `--ca` no certificate.
    pub fn new(args: &'a Args) -> Result<Self, SwarmError> {
        let api = match &args.ca {
            None => Api::new(&args.url)?,
            Some(path) => {
                let refused = |problem| SwarmError::Ca { path: path.clone(), problem };
                let pem = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
                Api::with_ca(&args.url, &pem).map_err(|error| refused(error.to_string()))?
            }
        };
        Ok(Self { args, api, stage: Rc::default(), game: PhantomData })
    }

    /// Opens the rooms, plays, leaves.
    ///
    /// # Errors
    /// When the run could not begin; everything later is in the report.
    pub async fn run(self, progress: &mut dyn FnMut(&Progress)) -> Result<Report, SwarmError> {
        let mut rooms = Vec::new();
        for _ in 0..self.args.rooms {
            rooms.push(self.open_room().await?);
        }
        LocalSet::new().run_until(self.play(rooms, progress)).await
    }

    async fn open_room(&self) -> Result<String, SwarmError> {
        let level = self.args.level;
        let game = G::NAME.into();
        let room = NewRoom { game, bots: Some(0), level, ..NewRoom::default() };
        let room = self.api.create_room(&room).await?;
        if room.seats < self.args.per_room {
            return Err(SwarmError::Seats { game: room.game, seats: room.seats });
        }
        Ok(room.id)
    }

    async fn play(
        &self,
        rooms: Vec<String>,
        progress: &mut dyn FnMut(&Progress),
    ) -> Result<Report, SwarmError> {
        let mut bots = JoinSet::new();
        let mut tick_hz = 0;
        let filled = tokio::time::timeout(PATIENCE, async {
            for (index, room) in rooms.iter().enumerate() {
                tick_hz = self.fill(index, room, &mut bots).await?;
                progress(&self.progress(bots.len() as u32, None));
            }
            Ok(())
        });
        let clients = self.args.clients();
        filled.await.unwrap_or(Err(SwarmError::Slow { joined: bots.len() as u32, clients }))?;

        let time = Time::new();
        let began_us = time.now_us();
        self.stage.borrow_mut().began_us = Some(began_us);
        for second in 1..=self.args.seconds {
            let until = time.instant(began_us + u64::from(second) * 1_000_000);
            tokio::time::sleep_until(until.into()).await;
            progress(&self.progress(bots.len() as u32, Some(second)));
        }
        let seconds = (time.now_us() - began_us) as f64 / 1e6;
        self.stage.borrow_mut().over = true;
        let findings = self.gather(bots).await;
        Ok(self.report(&findings, seconds, tick_hz))
    }

    /// Seats a room's bots. The first is its witness, and the others use what it has fetched.
    async fn fill(
        &self,
        index: usize,
        room: &str,
        bots: &mut JoinSet<Findings>,
    ) -> Result<u16, SwarmError> {
        let mut known = None;
        let mut tick_hz = 0;
        for seat in 0..self.args.per_room {
            let session = SessionOptions {
                input_mode: self.args.input_mode.into(),
                verify: true,
                client: concat!("bots ", env!("CARGO_PKG_VERSION")).into(),
            };
            let options = Options { session, smooth: false, known: known.clone() };
            let name = format!("bot {}.{}", index + 1, seat + 1);
            let mut play =
                Play::<G>::join(&self.api, room, &name, options).await.map_err(SwarmError::Join)?;
            if known.is_none() {
                (known, tick_hz) = first_welcome(&mut play).await.map_err(SwarmError::Join)?;
            }
            let salt = (index as u64) << 16 | u64::from(seat);
            let stage = Rc::clone(&self.stage);
            let bot = Bot::<G, T>::new(play, stage, self.args.seed, salt, seat == 0);
            bots.spawn_local(bot.run());
        }
        Ok(tick_hz)
    }

    /// Waits for all bots to leave.
    async fn gather(&self, mut bots: JoinSet<Findings>) -> Vec<Findings> {
        let mut all = Vec::new();
        let patience = tokio::time::timeout(PATIENCE, async {
            while let Some(ended) = bots.join_next().await {
                match ended {
                    Ok(findings) => all.push(findings),
                    Err(error) => self.stage.borrow_mut().errors.push(error.to_string()),
                }
            }
        });
        if patience.await.is_err() {
            self.stage.borrow_mut().errors.push("bots did not come to an end".into());
        }
        all
    }

    fn progress(&self, clients: u32, played_s: Option<u32>) -> Progress {
        let stage = self.stage.borrow();
        Progress {
            clients,
            of: self.args.clients(),
            played_s,
            snapshots: stage.snapshots,
            input_to_state_ms: stage.input_to_state.quantile_ms(0.5),
            troubles: (stage.disconnects.len() + stage.errors.len()) as u64,
        }
    }

    fn report(&self, all: &[Findings], seconds: f64, tick_hz: u16) -> Report {
        let stage = self.stage.borrow();
        let sum = |part: fn(&Findings) -> u64| all.iter().map(part).sum::<u64>();
        let snapshots = sum(|one| one.stats.snapshots);
        let snapshot_bytes = sum(|one| one.stats.snapshot_bytes);
        let verify_bytes = sum(|one| one.stats.verify_bytes);
        let per = |total: u64, count: f64| if count > 0.0 { total as f64 / count } else { 0.0 };
        let clients = self.args.clients();
        let player_minutes = f64::from(clients) * seconds / 60.0;
        let counts = all.iter().fold(Counts::default(), |counts, one| Counts {
            shots: counts.shots + one.counts.shots,
            kills: counts.kills + one.counts.kills,
        });
        Report {
            clients,
            rooms: u32::from(self.args.rooms),
            seconds: (seconds * 100.0).round() / 100.0,
            tick_hz,
            snapshots,
            snapshots_verified: sum(|one| one.stats.snapshots_verified),
            snapshot_bytes_mean: rounded(per(snapshot_bytes - verify_bytes, snapshots as f64)),
            verify_bytes_mean: rounded(per(verify_bytes, snapshots as f64)),
            bytes_per_client_s: rounded(per(
                sum(|one| one.played_bytes),
                f64::from(clients) * seconds,
            )),
            input_to_state_ms: stage.input_to_state.percentiles(),
            snapshot_interval_ms: stage.interval.intervals(),
            late_inputs: sum(|one| one.late_and_starved.0),
            starved_ticks: sum(|one| one.late_and_starved.1),
            desyncs: sum(|one| one.stats.desyncs),
            disconnects: stage.disconnects.len() as u64,
            errors: stage.errors.len() as u64,
            shots_per_player_min: rounded(per(counts.shots, player_minutes)),
            kills_per_player_min: rounded(per(counts.kills, player_minutes)),
            troubles: stage.disconnects.iter().chain(&stage.errors).take(10).cloned().collect(),
        }
    }
}

/// What other seats of a room need not fetch again, and its tick rate.
type Known<G> = (
    Option<(std::sync::Arc<<G as Game>::Fixed>, std::sync::Arc<tickwire_wire::schema::Schema>)>,
    u16,
);

/// Waits until a seat knows its room.
async fn first_welcome<G: Game>(play: &mut Play<G>) -> Result<Known<G>, PlayError> {
    loop {
        if let Update::Welcome { .. } = play.next().await? {
            let known = play.fixed().cloned().zip(play.session().schema().cloned());
            let tick_hz = play.session().welcome().map_or(0, |welcome| welcome.tick_hz);
            return Ok((known, tick_hz));
        }
    }
}

/// To a hundredth: finer is noise.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
