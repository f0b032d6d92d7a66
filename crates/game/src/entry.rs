//! [`TickEntry`]: everything that decides one tick.

mod saved;

use crate::game::Game;
use crate::ids::{From, PlayerId};
use crate::player::{Connection, LeaveReason, Profile};

/// Everything from outside that decides one tick: the only way a [`World`](crate::World) changes. A
/// list of these, with the room's options and seed, *is* the match: journal, replay and hand-over
/// keep nothing else.
///
/// Applied in the order of the fields: leaves, joins, connections, pings, replies, commands, then
/// the tick with its inputs.
pub struct TickEntry<G: Game> {
    /// The tick that this entry computes: one above the world's.
    pub tick: u32,
    /// Players who give up their seats.
    pub leaves: Vec<(PlayerId, LeaveReason)>,
    /// Players who take seats, under ids that are free.
    pub joins: Vec<(PlayerId, Profile)>,
    /// Clients cut off or back.
    pub connections: Vec<(PlayerId, Connection)>,
    /// Round-trip times that changed, milliseconds.
    pub pings: Vec<(PlayerId, u16)>,
    /// Answers of the back end to effects.
    pub replies: Vec<Reply<G::Command>>,
    /// Commands with their senders and sequence numbers.
    pub commands: Vec<(From, u32, G::Command)>,
    /// Inputs; a player without one is idle (`Default`), of several for one player the last counts.
    pub inputs: Vec<(PlayerId, G::Input)>,
}

/// The back end's answer to an effect: applied as a command [`From::Backend`].
#[derive(Clone, PartialEq, Debug)]
pub struct Reply<C> {
    /// The tick that asked.
    pub tick: u32,
    /// Which of that tick's effects, from 0.
    pub n: u32,
    /// The answer.
    pub command: C,
}

impl<G: Game> TickEntry<G> {
    /// An entry for `tick` in which nothing comes from outside.
    pub fn new(tick: u32) -> Self {
        Self {
            tick,
            leaves: Vec::new(),
            joins: Vec::new(),
            connections: Vec::new(),
            pings: Vec::new(),
            replies: Vec::new(),
            commands: Vec::new(),
            inputs: Vec::new(),
        }
    }
}

impl<G: Game> Clone for TickEntry<G> {
    fn clone(&self) -> Self {
        Self {
            tick: self.tick,
            leaves: self.leaves.clone(),
            joins: self.joins.clone(),
            connections: self.connections.clone(),
            pings: self.pings.clone(),
            replies: self.replies.clone(),
            commands: self.commands.clone(),
            inputs: self.inputs.clone(),
        }
    }
}
