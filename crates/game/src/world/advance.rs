//! One tick, in its order.

use super::World;
use crate::coding::Wire;
use crate::cx::{Cx, CxEnv};
use crate::entry::TickEntry;
use crate::game::Game;
use crate::happenings::{Happenings, Outbox};
use crate::ids::{From, Id, PlayerId};
use crate::inputs::{Inputs, gather, settle};
use crate::limits::MAX_PING_MS;
use crate::player::{Connection, LeaveReason, Player, Profile};
use crate::refusal::Refusal;
use crate::replicate::Replicate;

impl<G: Game> World<G> {
    /// Computes the next tick from what came from outside; the only way a world changes. Inputs and
    /// commands are rounded to wire precision (inputs [settled](crate::inputs::settle)) before use;
    /// what comes from or for players without a seat is ignored or refused.
    ///
    /// # Panics
    /// When `entry.tick` is not one above [`tick`](World::tick): a journal with a gap must not be played.
    pub fn advance(&mut self, entry: &TickEntry<G>) -> Happenings<G> {
        assert_eq!(entry.tick, self.tick.wrapping_add(1), "an entry of another tick");
        self.tick = entry.tick;
        let mut outbox = Outbox::default();
        for (player, why) in &entry.leaves {
            self.leave(*player, *why, &mut outbox);
        }
        for (player, profile) in &entry.joins {
            if let Err(refusal) = self.join(*player, profile, &mut outbox) {
                outbox.happenings.refused_joins.push((*player, refusal));
            }
        }
        for (player, connection) in &entry.connections {
            self.connect(*player, *connection, &mut outbox);
        }
        for (player, ping_ms) in &entry.pings {
            if let Some(row) = self.players.get_mut(row_id(*player)) {
                row.ping_ms = (*ping_ms).min(MAX_PING_MS);
            }
        }
        for reply in &entry.replies {
            self.command(From::Backend, reply.n, &reply.command, &mut outbox);
        }
        for (from, seq, command) in &entry.commands {
            self.command(*from, *seq, command, &mut outbox);
        }
        self.run(entry, &mut outbox);
        self.state.snap();
        if self.finished.is_none() {
            self.finished.clone_from(&outbox.happenings.finished);
        } else {
            outbox.happenings.finished = None;
        }
        outbox.happenings
    }

    fn leave(&mut self, player: PlayerId, why: LeaveReason, outbox: &mut Outbox<G>) {
        if self.players.contains(row_id(player)) {
            self.call(outbox, |state, cx| G::leave(state, player, why, cx));
            self.players.remove(row_id(player));
        }
    }

    fn join(
        &mut self,
        player: PlayerId,
        profile: &Profile,
        outbox: &mut Outbox<G>,
    ) -> Result<(), Refusal> {
        if self.players.len() >= usize::from(self.settings.seats) {
            return Err(Refusal::new("the room is full"));
        }
        let row = Player {
            name: profile.name.as_str().into(),
            team: profile.team,
            online: true,
            ping_ms: 0,
            bot: profile.bot,
        };
        let before = self.players.clone();
        if !self.players.insert_at(u32::from(player.0), row) {
            return Err(Refusal::new("this seat is taken"));
        }
        let entered = self.call(outbox, |state, cx| G::enter(state, player, profile, cx));
        if entered.is_err() {
            self.players = before;
        }
        entered
    }

    fn connect(&mut self, player: PlayerId, connection: Connection, outbox: &mut Outbox<G>) {
        let online = connection == Connection::Online;
        match self.players.get_mut(row_id(player)) {
            Some(row) if row.online != online => row.online = online,
            _ => return,
        }
        self.call(outbox, |state, cx| G::connection(state, player, connection, cx));
    }

    fn command(&mut self, from: From, seq: u32, command: &G::Command, outbox: &mut Outbox<G>) {
        let result = match from {
            From::Player(player) if !self.players.contains(row_id(player)) => {
                Err(Refusal::new("you have no seat in this room"))
            }
            _ => {
                let mut command = command.clone();
                command.snap();
                self.call(outbox, |state, cx| G::command(state, from, &command, cx))
            }
        };
        if let Err(refusal) = result {
            outbox.happenings.refused_commands.push((from, seq, refusal));
        }
    }

    fn run(&mut self, entry: &TickEntry<G>, outbox: &mut Outbox<G>) {
        let inputs = gather::<G>(&self.players, &entry.inputs);
        let mut idle = G::Input::default();
        settle::<G>(&mut idle);
        let inputs = Inputs::new(&inputs, &idle);
        self.call(outbox, |state, cx| G::tick(state, &inputs, cx));
    }

    /// Calls a function of the game, and applies the team changes it asked for.
    fn call<T>(
        &mut self,
        outbox: &mut Outbox<G>,
        call: impl FnOnce(&mut G::State, &mut Cx<'_, G>) -> T,
    ) -> T {
        let env = CxEnv {
            tick: self.tick,
            tick_hz: self.settings.tick_hz,
            seed: self.seed,
            fixed: &*self.fixed,
            players: &self.players,
        };
        let result = call(&mut self.state, &mut Cx { env, outbox: Some(&mut *outbox) });
        for (player, team) in outbox.teams.drain(..) {
            if let Some(row) = self.players.get_mut(row_id(player)) {
                row.team = team;
            }
        }
        result
    }
}

/// The id of a player's row in the `players` table.
fn row_id(player: PlayerId) -> Id<Player> {
    Id::new(u32::from(player.0))
}
