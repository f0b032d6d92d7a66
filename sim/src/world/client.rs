//! An honest client: a bot on the native session, which checks all it is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_client::session::{ClientEvent, InputMode, Options, Session, SnapshotInfo};
use tickwire_client::typed;
use tickwire_game::{Dice, Game, PlayerId};
use tickwire_room::ConnId;
use tickwire_skirmish::messages::Command;
use tickwire_skirmish::{Ground, Skirmish};
use tickwire_wire::hash::hash_state;

use super::line::{Down, Line};
use super::{Conditions, Fault};

/// Chat lines per second: below the room's limit of 5 in 10 s, and then some.
const CHATS_PER_S: f32 = 0.25;
/// Commands per second.
const COMMANDS_PER_S: f32 = 1.0;

/// One client with its line.
pub(super) struct Client {
    pub(super) session: Session,
    pub(super) line: Line,
    index: usize,
    fixed: Arc<Ground>,
    dice: Dice,
    /// When to connect; `None` while connected.
    connect_us: Option<u64>,
    /// Chat lines said and not refused, with their numbers.
    pub(super) said: Vec<(u32, String)>,
    /// Chat lines heard, and from whom.
    pub(super) heard: Vec<(u16, String)>,
    /// Numbers of the commands given.
    pub(super) commands: Vec<u32>,
    /// Reliable events: tick and columns.
    pub(super) reliable: Vec<(u32, Vec<u32>)>,
    /// Tick of the first snapshot.
    pub(super) first_tick: Option<u32>,
    pub(super) cuts: u32,
}

impl Client {
    pub(super) fn new(
        ticket: String,
        fixed: Arc<Ground>,
        seed: u64,
        index: usize,
        conditions: &Conditions,
    ) -> Self {
        let mut dice = Dice::new(seed, 1, index as u64);
        let (least_us, most_us) = conditions.delay_us;
        let delay_us = least_us + dice.below(most_us - least_us + 1);
        let input_mode = if dice.chance(0.75) { InputMode::Scheduled } else { InputMode::Latest };
        let options = Options { input_mode, verify: true, client: format!("client {index}") };
        Self {
            session: Session::new(ticket, options),
            line: Line::new(delay_us, conditions.jitter_us, Dice::new(seed, 2, index as u64)),
            index,
            fixed,
            dice,
            connect_us: Some(0),
            said: Vec::new(),
            heard: Vec::new(),
            commands: Vec::new(),
            reliable: Vec::new(),
            first_tick: None,
            cuts: 0,
        }
    }

    /// Own player id; nobody before Welcome.
    pub(super) fn player(&self) -> PlayerId {
        self.session.welcome().map_or(PlayerId::NONE, |welcome| PlayerId(welcome.player))
    }

    /// The Hello of a new connection, when it is time for one.
    pub(super) fn reconnect(&mut self, now_us: u64) -> Option<Vec<u8>> {
        self.connect_us.take_if(|at_us| *at_us <= now_us)?;
        Some(self.session.hello(now_us))
    }

    /// The line breaks; another try at `back_us`. Not before the first Welcome: the ticket would be
    /// used up without a token to resume with, and only another seat would help.
    pub(super) fn cut(&mut self, back_us: u64) -> Option<ConnId> {
        self.session.welcome()?;
        let conn = self.line.cut()?;
        self.cuts += 1;
        self.session.disconnected();
        self.connect_us = Some(back_us);
        Some(conn)
    }

    /// Takes in what has arrived, and plays.
    pub(super) fn play(
        &mut self,
        now_us: u64,
        truths: &BTreeMap<u32, u32>,
        is_calm: bool,
    ) -> Result<(), Fault> {
        while let Some(down) = self.line.take_down(now_us) {
            let Down::Message(bytes) = down else { continue };
            let taken = self.session.receive(now_us, &bytes);
            taken.map_err(|error| Fault::Session { client: self.index, error })?;
            while let Some(event) = self.session.poll_event() {
                self.note(event, truths)?;
            }
        }
        if let Some(number) = self.session.due_input(now_us) {
            self.steer(number);
        }
        if self.session.is_welcome() && !is_calm {
            self.talk();
        }
        while let Some(message) = self.session.take_outgoing(now_us) {
            self.line.send_up(now_us, message);
        }
        Ok(())
    }

    fn note(&mut self, event: ClientEvent, truths: &BTreeMap<u32, u32>) -> Result<(), Fault> {
        match event {
            ClientEvent::Snapshot(info) => self.check(&info, truths)?,
            ClientEvent::Event { tick, reliable, columns } => {
                let newest = self.session.tick();
                if newest.is_none_or(|newest| tick > newest) {
                    return Err(Fault::EarlyEvent { client: self.index, tick, newest });
                }
                if reliable {
                    self.reliable.push((tick, columns));
                }
            }
            ClientEvent::Desync { tick, .. } => {
                return Err(Fault::Hash { client: self.index, tick });
            }
            // More lines at once than the room lets people type, as after a cut.
            ClientEvent::Refused { number, .. } => self.said.retain(|(said, _)| *said != number),
            ClientEvent::Chat { from, text } => self.heard.push((from, text)),
            _ => {}
        }
        Ok(())
    }

    /// Holds the decoded state against the room's own.
    fn check(&mut self, info: &SnapshotInfo, truths: &BTreeMap<u32, u32>) -> Result<(), Fault> {
        let (client, tick) = (self.index, info.tick);
        self.first_tick.get_or_insert(tick);
        if !info.verified {
            return Err(Fault::Hash { client, tick });
        }
        let state = self.session.state().map(|state| hash_state(&state.public));
        if state.as_ref() != truths.get(&tick) {
            return Err(Fault::State { client, tick });
        }
        Ok(())
    }

    fn steer(&mut self, number: u32) {
        let Some(columns) = self.session.state() else { return };
        let state = typed::state::<Skirmish>(columns);
        let input = Skirmish::bot(&state, self.player(), &self.fixed, &mut self.dice);
        // Before Welcome there is no input to make: the number came from the session itself.
        let _queued = self.session.queue_input(number, &typed::columns(&input));
    }

    /// Says or asks for something now and then. What does not fit any more is not said.
    fn talk(&mut self) {
        let per_step = super::STEP_US as f32 / 1e6;
        if self.dice.chance(CHATS_PER_S * per_step) {
            let line = format!("line {} of {}", self.said.len(), self.index);
            if let Ok(number) = self.session.chat(line.clone()) {
                self.said.push((number, line));
            }
        }
        if self.dice.chance(COMMANDS_PER_S * per_step) {
            let command = Command::Colour { hue: self.dice.below(16) as u8 };
            if let Ok(number) = self.session.command(&typed::columns(&command)) {
                self.commands.push(number);
            }
        }
    }
}
