//! Prediction: the game's own functions on a client's picture of the room.

use tickwire_wire::columns::Extract;

use crate::cx::{Cx, CxEnv};
use crate::game::Game;
use crate::ids::PlayerId;
use crate::player::Player;
use crate::replicate::Replicate;
use crate::table::Table;
use crate::table::columns::TableField;

/// What a client knows beside the state when it guesses ahead.
pub struct Guess<'a, G: Game> {
    /// The tick being guessed.
    pub tick: u32,
    /// Ticks per second of the room.
    pub tick_hz: u16,
    /// The fixed data.
    pub fixed: &'a G::Fixed,
    /// The players table as last received.
    pub players: &'a Table<Player>,
}

impl<G: Game> Guess<'_, G> {
    /// Moves `me`'s rows one tick by [`Game::predict`], and rounds the state to wire precision as
    /// the server does. `input` must be [settled](crate::inputs::settle).
    pub fn step(&self, state: &mut G::State, me: PlayerId, input: &G::Input) {
        let env = CxEnv {
            tick: self.tick,
            tick_hz: self.tick_hz,
            seed: 0,
            fixed: self.fixed,
            players: self.players,
        };
        G::predict(state, me, input, &mut Cx { env, outbox: None });
        state.snap();
    }
}

/// The players table of a received state.
pub fn players_of(columns: &Extract) -> Table<Player> {
    TableField::from_columns(columns, 0)
}
