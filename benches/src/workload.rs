//! States by name, for the benches that measure the codec alone.

use std::path::Path;

use tickwire_game::World;
use tickwire_skirmish::Skirmish;
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::schema::Schema;

use crate::arena::config::Config;
use crate::arena::{Arena, crowd};
use crate::cubes::{self, trace, tumble};
use crate::skirmish;

/// States, one a snapshot, and what describes them.
pub struct Workload {
    /// For reports.
    pub name: String,
    /// Schema of the states.
    pub schema: Schema,
    /// In the order of ticks.
    pub states: Vec<StateColumns>,
}

/// Public columns alone: a stream has no others.
fn public(states: Vec<Extract>) -> Vec<StateColumns> {
    states.into_iter().map(|state| state.public).collect()
}

impl Workload {
    /// A match of Skirmish bots.
    pub fn skirmish(players: u16, count: usize, seed: u64) -> Self {
        Self {
            name: format!("skirmish, {players} bots"),
            schema: World::<Skirmish>::schema(),
            states: public(skirmish::states(players, count, seed)),
        }
    }

    /// One room of an arena configuration.
    pub fn arena(config: &Config, count: usize, seed: u64) -> Self {
        let Config { name, players, npcs, .. } = config;
        let mut schema = World::<Arena>::schema();
        schema.tick_hz = config.tick_hz;
        Self {
            name: format!("arena {name}, {players} players and {npcs} NPCs"),
            schema,
            states: public(crowd::states(config, seed, count)),
        }
    }

    /// Cubes that tumble without touching.
    pub fn tumble(count: usize, seed: u64) -> Self {
        Self {
            name: "cubes, tumbling".to_owned(),
            schema: cubes::schema(),
            states: tumble::states(count, seed),
        }
    }

    /// At most `count` frames of a trace of cubes, which must have at least `least`.
    ///
    /// # Errors
    /// When the file is no such trace; names file and place.
    pub fn trace(path: &Path, least: usize, count: usize) -> Result<Self, String> {
        let read = trace::read(path, least);
        let mut states = read.map_err(|error| format!("{}: {error}", path.display()))?;
        states.truncate(count);
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Self { name: format!("cubes, {file}"), schema: cubes::schema(), states })
    }
}
