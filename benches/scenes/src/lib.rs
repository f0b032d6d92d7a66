//! Scenes: kinds of motion to train the codec's priors with and to measure it on, without outside data.
//!
//! Each scene is a module with `schema()` and `states(seed, ticks)`: the states, tick by tick, as the codec
//! sees them. One seed always makes the same states, on every machine.
//!
//! | scene | what moves |
//! |---|---|
//! | [`cubes`] | 900 small cubes on a plain, and a large one that a player drives through them |

pub mod cubes;
mod dice;
mod rounding;

use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::schema::{PROTOCOL, Schema, TableSchema, players_table};
use tickwire_wire::shape::Shape;

/// A schema of these tables, without inputs, commands and events: scenes have nobody who plays.
fn schema_of(game: &str, tick_hz: u16, tables: Vec<TableSchema>) -> Schema {
    Schema {
        protocol: PROTOCOL,
        game: game.to_owned(),
        tick_hz,
        send_every: 1,
        tables,
        input: Shape::Unit,
        sticky: vec![],
        command: Shape::Unit,
        event: Shape::Unit,
    }
}

/// The state in which nobody is in the players table and `rows` are in the one after it.
fn state_of(rows: TableColumns) -> StateColumns {
    let width = players_table().fields.iter().map(|field| field.shape.columns()).sum();
    StateColumns { tables: vec![TableColumns::new(width), rows] }
}
