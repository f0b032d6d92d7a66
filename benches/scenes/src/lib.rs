//! Scenes: kinds of motion to train the codec's priors with and to measure it on, without outside data.
//!
//! Each scene is a module with `schema()` and `states(seed, ticks)`: the states, tick by tick, as the codec
//! sees them. One seed always makes the same states, on every machine.
//!
//! | scene | what moves |
//! |---|---|
//! | [`cubes`] | 900 small cubes on a plain, and a large one that a player drives through them |
//! | [`asteroids`] | 250 balls and boxes in a cube of space with an attractor in its middle |
//! | [`vehicles`] | cars with a velocity and a heading that turn, brake, wait and drift |
//! | [`orbits`] | planets and moons: smooth curves, nothing but position and spin |
//! | [`walkers`] | people on foot who turn, change pace, stand and look about |
//! | [`projectiles`] | turrets that aim, and shells that come and go |
//!
//! [`measure`] runs states through the codec and decodes and compares each of them.

pub mod asteroids;
pub mod cubes;
mod dice;
pub mod measure;
pub mod orbits;
pub mod projectiles;
mod rounding;
pub mod vehicles;
pub mod walkers;

use std::iter;

use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, players_table,
};
use tickwire_wire::shape::Shape;

/// A scene by its name, for tools that run over all of them.
#[derive(Clone, Copy, Debug)]
pub struct SceneEntry {
    /// The name of its module.
    pub name: &'static str,
    /// Its `schema()`.
    pub schema: fn() -> Schema,
    /// Its `states(seed, ticks)`.
    pub states: fn(u64, usize) -> Vec<StateColumns>,
}

/// All scenes.
pub const SCENES: [SceneEntry; 6] = [
    SceneEntry { name: "cubes", schema: cubes::schema, states: cubes::states },
    SceneEntry { name: "asteroids", schema: asteroids::schema, states: asteroids::states },
    SceneEntry { name: "vehicles", schema: vehicles::schema, states: vehicles::states },
    SceneEntry { name: "orbits", schema: orbits::schema, states: orbits::states },
    SceneEntry { name: "walkers", schema: walkers::schema, states: walkers::states },
    SceneEntry { name: "projectiles", schema: projectiles::schema, states: projectiles::states },
];

/// A schema of these tables, without inputs, commands and events: scenes have nobody who plays.
fn schema_of(game: &str, tick_hz: u16, tables: impl IntoIterator<Item = TableSchema>) -> Schema {
    Schema {
        protocol: PROTOCOL,
        game: game.to_owned(),
        tick_hz,
        send_every: 1,
        tables: iter::once(players_table()).chain(tables).collect(),
        input: Shape::Unit,
        sticky: vec![],
        command: Shape::Unit,
        event: Shape::Unit,
    }
}

/// A table whose rows are for everyone.
fn table_of(name: &str, fields: Vec<FieldSchema>) -> TableSchema {
    TableSchema {
        name: name.to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields,
    }
}

/// A field that is interpolated, predicted to go on as before where `Linear` says so.
fn moving(name: &str, shape: Shape, predict: Predict) -> FieldSchema {
    FieldSchema { lerp: true, predict, ..FieldSchema::new(name, shape) }
}

/// Empty rows for a table of these fields.
fn rows_of(fields: &[FieldSchema]) -> TableColumns {
    TableColumns::new(fields.iter().map(|field| field.shape.columns()).sum())
}

/// The state in which nobody is in the players table and these rows are in the tables after it.
fn state_of(tables: impl IntoIterator<Item = TableColumns>) -> StateColumns {
    let players = rows_of(&players_table().fields);
    StateColumns { tables: iter::once(players).chain(tables).collect() }
}
