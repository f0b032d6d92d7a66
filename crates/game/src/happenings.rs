//! What a tick tells the outside.

use crate::game::Game;
use crate::ids::{From, PlayerId, Team, To};
use crate::limits::{MAX_EFFECTS_PER_TICK, MAX_EVENTS_PER_TICK, MAX_OUTCOME_BYTES};
use crate::refusal::Refusal;

/// An event with its address.
#[derive(Clone, Debug)]
pub struct Emitted<E> {
    /// Who hears it.
    pub to: To,
    /// Whether it must arrive.
    pub reliable: bool,
    /// The tick whose state it belongs to.
    pub tick: u32,
    /// What happened.
    pub event: E,
}

/// All that one [`advance`](crate::World::advance) tells the outside, in the order it happened.
pub struct Happenings<G: Game> {
    /// Events, at most [`MAX_EVENTS_PER_TICK`].
    pub events: Vec<Emitted<G::Event>>,
    /// Requests to the studio's back end, at most [`MAX_EFFECTS_PER_TICK`]; the n-th of a tick
    /// keeps that number in replays.
    pub effects: Vec<G::Effect>,
    /// Events and effects beyond the limits, dropped.
    pub dropped: u32,
    /// Players who did not get in.
    pub refused_joins: Vec<(PlayerId, Refusal)>,
    /// Commands that were not applied: who sent them, their sequence number, why.
    pub refused_commands: Vec<(From, u32, Refusal)>,
    /// The outcome, in the tick that finished the match.
    pub finished: Option<String>,
}

impl<G: Game> Default for Happenings<G> {
    fn default() -> Self {
        Self {
            events: Vec::new(),
            effects: Vec::new(),
            dropped: 0,
            refused_joins: Vec::new(),
            refused_commands: Vec::new(),
            finished: None,
        }
    }
}

/// Where [`Cx`](crate::Cx) puts what a game tells during one tick.
pub(crate) struct Outbox<G: Game> {
    pub(crate) happenings: Happenings<G>,
    /// Team changes, applied when the game's function has returned.
    pub(crate) teams: Vec<(PlayerId, Team)>,
}

impl<G: Game> Default for Outbox<G> {
    fn default() -> Self {
        Self { happenings: Happenings::default(), teams: Vec::new() }
    }
}

impl<G: Game> Outbox<G> {
    pub(crate) fn push_event(&mut self, event: Emitted<G::Event>) {
        if self.happenings.events.len() < MAX_EVENTS_PER_TICK {
            self.happenings.events.push(event);
        } else {
            self.happenings.dropped += 1;
        }
    }

    pub(crate) fn push_effect(&mut self, effect: G::Effect) {
        if self.happenings.effects.len() < MAX_EFFECTS_PER_TICK {
            self.happenings.effects.push(effect);
        } else {
            self.happenings.dropped += 1;
        }
    }

    pub(crate) fn finish(&mut self, mut outcome: String) {
        outcome.truncate(outcome.floor_char_boundary(MAX_OUTCOME_BYTES));
        self.happenings.finished.get_or_insert(outcome);
    }
}
