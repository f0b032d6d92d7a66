//! One bot: an ordinary client that measures what it sees.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use tickwire_client::play::{Play, PlayError, Update};
use tickwire_client::session::SnapshotInfo;
use tickwire_client::stats::Stats;
use tickwire_game::{Dice, Game};

use crate::games::{Counts, Tally};
use crate::histogram::Latencies;

/// How long a bot waits for the acknowledgement of its last inputs before it leaves, in µs.
const FAREWELL_US: u64 = 1_000_000;
/// Latencies of the first second of play are not reported, in µs: clocks settle, pages fault in.
const WARM_UP_US: u64 = 1_000_000;

/// Where the run stands; all bots of a swarm look at it. They share one thread.
#[derive(Debug, Default)]
pub struct Stage {
    /// When play began (all bots have joined), in µs; `None` before.
    pub began_us: Option<u64>,
    /// Set when the bots shall leave.
    pub over: bool,
    /// From writing an input to its acknowledgement.
    pub input_to_state: Latencies,
    /// Between snapshots.
    pub interval: Latencies,
    /// Snapshots of all bots so far, for the progress line.
    pub snapshots: u64,
    /// Desyncs of all bots so far.
    pub desyncs: u64,
    /// Connections that ended unasked, and everything else that went wrong, in words.
    pub disconnects: Vec<String>,
    /// See `disconnects`.
    pub errors: Vec<String>,
}

/// What one bot found by its end.
#[derive(Debug, Default)]
pub struct Findings {
    /// Its totals at the end.
    pub stats: Stats,
    /// Late inputs and starved ticks when it stopped playing: leaving starves the seat.
    pub late_and_starved: (u64, u64),
    /// Bytes received while playing, without verify hashes.
    pub played_bytes: u64,
    /// What it counted of the game, when it is its room's witness.
    pub counts: Counts,
}

/// One client of a room.
pub struct Bot<G: Game, T: Tally<G>> {
    play: Play<G>,
    stage: Rc<RefCell<Stage>>,
    /// Decides, with tick and salt, what chance the bot has.
    seed: u64,
    salt: u64,
    /// Counts the game, in one bot per room.
    tally: Option<T>,
    /// Inputs that no snapshot has acknowledged: number and time of writing.
    in_flight: VecDeque<(u32, u64)>,
    /// Arrival of the newest snapshot.
    arrived_us: Option<u64>,
    /// Totals when play began.
    at_start: Option<Stats>,
}

impl<G: Game, T: Tally<G>> Bot<G, T> {
    /// A bot in this seat.
    pub fn new(
        play: Play<G>,
        stage: Rc<RefCell<Stage>>,
        seed: u64,
        salt: u64,
        witness: bool,
    ) -> Self {
        Self {
            play,
            stage,
            seed,
            salt,
            tally: witness.then(T::default),
            in_flight: VecDeque::new(),
            arrived_us: None,
            at_start: None,
        }
    }

    /// Plays until the stage is over, then leaves.
    pub async fn run(mut self) -> Findings {
        while !self.stage.borrow().over {
            if !self.step(true).await {
                return self.findings(None);
            }
        }
        let played = *self.play.stats();
        let leave_us = self.play.now_us() + FAREWELL_US;
        while !self.in_flight.is_empty() && self.play.now_us() < leave_us {
            if !self.step(false).await {
                break;
            }
        }
        // What was never acknowledged took at least until now.
        let now_us = self.play.now_us();
        self.acknowledge(u32::MAX, now_us);
        let findings = self.findings(Some(played));
        self.play.leave().await;
        findings
    }

    /// Waits for one thing and deals with it; `false` when the seat is lost.
    async fn step(&mut self, playing: bool) -> bool {
        match self.play.next().await {
            Ok(Update::Input(number)) if playing => self.input(number),
            Ok(Update::Snapshot(info)) => self.snapshot(&info),
            Ok(Update::Event(_, event)) => {
                if let Some(tally) = &mut self.tally {
                    tally.event(&event);
                }
            }
            Ok(Update::Desync { tick, stream }) => {
                let mut stage = self.stage.borrow_mut();
                stage.desyncs += 1;
                let room = self.room();
                stage.errors.push(format!("desync of stream {stream} at tick {tick} in {room}"));
            }
            Ok(Update::Reconnecting { because, .. }) => {
                self.stage.borrow_mut().disconnects.push(because.to_string());
            }
            Ok(_) => {}
            Err(PlayError::Closed(close)) => {
                self.stage.borrow_mut().disconnects.push(close.to_string());
                return false;
            }
            Err(error) => {
                self.stage.borrow_mut().errors.push(error.to_string());
                return false;
            }
        }
        true
    }

    /// Decides on an input and sends it.
    fn input(&mut self, number: u32) {
        let (Some(state), Some(fixed)) = (self.play.state(), self.play.fixed()) else { return };
        if let Some(tally) = &mut self.tally {
            tally.state(&state);
        }
        let tick = self.play.session().tick().unwrap_or_default();
        let mut dice = Dice::new(self.seed, tick, self.salt);
        let input = G::bot(&state, self.play.me(), fixed, &mut dice);
        match self.play.input(number, &input) {
            Ok(written_us) => self.in_flight.push_back((number, written_us)),
            Err(error) => self.stage.borrow_mut().errors.push(error.to_string()),
        }
    }

    fn snapshot(&mut self, info: &SnapshotInfo) {
        let arrived_us = self.play.arrived_us();
        let began_us = self.stage.borrow().began_us;
        if began_us.is_some() {
            self.at_start.get_or_insert(*self.play.stats());
        }
        let before_us = self.arrived_us.replace(arrived_us);
        {
            let mut stage = self.stage.borrow_mut();
            stage.snapshots += 1;
            if !info.verified {
                stage.errors.push(format!("snapshot of tick {} not verified", info.tick));
            }
            if let Some(before_us) = before_us
                && began_us.is_some_and(|began_us| before_us >= began_us + WARM_UP_US)
                && !stage.over
            {
                stage.interval.note(arrived_us.saturating_sub(before_us));
            }
        }
        if let Some(acked) = info.acked_input {
            self.acknowledge(acked, arrived_us);
        }
    }

    /// All inputs up to `acked` are in the state that arrived at `arrived_us`.
    fn acknowledge(&mut self, acked: u32, arrived_us: u64) {
        let mut stage = self.stage.borrow_mut();
        while let Some((_, written_us)) =
            self.in_flight.pop_front_if(|(number, _)| *number <= acked)
        {
            if stage.began_us.is_some_and(|began_us| written_us >= began_us + WARM_UP_US) {
                stage.input_to_state.note(arrived_us.saturating_sub(written_us));
            }
        }
    }

    fn room(&self) -> &str {
        self.play.session().welcome().map_or("?", |welcome| &welcome.room)
    }

    fn findings(&self, played: Option<Stats>) -> Findings {
        let stats = *self.play.stats();
        let played = played.unwrap_or(stats);
        let net = |stats: &Stats| stats.bytes - stats.verify_bytes;
        Findings {
            stats,
            late_and_starved: (played.late_inputs, played.starved_ticks),
            played_bytes: self.at_start.map_or(0, |start| net(&played).saturating_sub(net(&start))),
            counts: self.tally.as_ref().map(Tally::counts).unwrap_or_default(),
        }
    }
}
