//! [`Cx`]: what a game's functions may reach beside the state.

use crate::dice::{self, Dice};
use crate::game::Game;
use crate::happenings::{Emitted, Outbox};
use crate::ids::{Id, PlayerId, Team, To};
use crate::player::Player;
use crate::table::Table;

/// What a game's functions may reach beside the state: the tick, the fixed data, the players, dice,
/// and ways to tell the outside.
pub struct Cx<'a, G: Game> {
    pub(crate) env: CxEnv<'a, G>,
    /// Where to put what is told; `None` while predicting: a client's guess tells nobody.
    pub(crate) outbox: Option<&'a mut Outbox<G>>,
}

/// The part of a [`Cx`] that only reads.
pub(crate) struct CxEnv<'a, G: Game> {
    pub(crate) tick: u32,
    pub(crate) tick_hz: u16,
    /// The room's secret; 0 on clients.
    pub(crate) seed: u64,
    pub(crate) fixed: &'a G::Fixed,
    pub(crate) players: &'a Table<Player>,
}

impl<'a, G: Game> Cx<'a, G> {
    /// The tick being computed: the state after it is the state *of* this tick. 0 in `create`.
    pub fn tick(&self) -> u32 {
        self.env.tick
    }

    /// Seconds from one tick to the next.
    pub fn dt(&self) -> f32 {
        1.0 / f32::from(self.env.tick_hz)
    }

    /// Ticks per second.
    pub fn tick_hz(&self) -> u16 {
        self.env.tick_hz
    }

    /// The fixed data.
    pub fn fixed(&self) -> &'a G::Fixed {
        self.env.fixed
    }

    /// The players with a seat, in the order of their ids. Row ids are player ids.
    pub fn players(&self) -> &'a Table<Player> {
        self.env.players
    }

    /// The row of a player.
    pub fn player(&self, player: PlayerId) -> Option<&'a Player> {
        self.env.players.get(Id::new(u32::from(player.0)))
    }

    /// A player's team; none for strangers.
    pub fn team_of(&self, player: PlayerId) -> Team {
        self.player(player).map_or(Team::NONE, |player| player.team)
    }

    /// Puts a player into a team. The `players` table shows it once the game's function has
    /// returned.
    pub fn set_team(&mut self, player: PlayerId, team: Team) {
        if let Some(outbox) = &mut self.outbox {
            outbox.teams.push((player, team));
        }
    }

    /// Dice only the server can throw: the room's secret, the tick and `salt` decide them, so every
    /// use in a tick needs its own salt. Not for `predict`, where clients would throw others.
    pub fn dice(&self, salt: u64) -> Dice {
        if self.predicting() {
            return self.shared_dice(salt);
        }
        Dice::new(self.env.seed, self.env.tick, salt)
    }

    /// Dice that clients throw alike, for `predict`: anyone can foresee them.
    pub fn shared_dice(&self, salt: u64) -> Dice {
        Dice::new(dice::shared_seed(G::NAME), self.env.tick, salt)
    }

    /// Tells `to` of something, once, when the state of this tick is shown. May be lost with a
    /// snapshot that is skipped for a slow client.
    pub fn emit(&mut self, to: To, event: G::Event) {
        self.push_event(to, false, event);
    }

    /// Tells `to` of something, certainly and in order.
    pub fn emit_reliable(&mut self, to: To, event: G::Event) {
        self.push_event(to, true, event);
    }

    /// Asks something of the studio's back end.
    pub fn effect(&mut self, effect: G::Effect) {
        if let Some(outbox) = &mut self.outbox {
            outbox.push_effect(effect);
        }
    }

    /// Ends the match; `outcome` is for the studio's back end. Only the first call counts.
    pub fn finish(&mut self, outcome: impl Into<String>) {
        if let Some(outbox) = &mut self.outbox {
            outbox.finish(outcome.into());
        }
    }

    /// Whether a client is guessing ahead. Nothing it emits is heard.
    pub fn predicting(&self) -> bool {
        self.outbox.is_none()
    }

    fn push_event(&mut self, to: To, reliable: bool, event: G::Event) {
        let tick = self.env.tick;
        if let Some(outbox) = &mut self.outbox {
            outbox.push_event(Emitted { to, reliable, tick, event });
        }
    }
}

impl<G: Game> Clone for CxEnv<'_, G> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<G: Game> Copy for CxEnv<'_, G> {}
