//! Recorded rigid bodies: the 901-cube traces by which snapshot coders have been compared.
//!
//! A frame is 901 records of eight little-endian `i32`: index of the quaternion's largest component
//! (0..3 = x, y, z, w), the three others in 9 bits, position x, y, z in 1/512 m, and whether the
//! player touches it. Record 0 is the player. [`trace`] reads such files; here is the layout, as a
//! schema like that of any game.

pub mod trace;
pub mod tumble;

use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, players_table,
};
use tickwire_wire::shape::Shape;

/// Bodies in a frame.
pub const BODIES: usize = 901;
/// Frames a second.
pub const FRAME_HZ: u16 = 60;
/// Bits of a quaternion's component.
pub const QUAT_BITS: u32 = 9;
/// Steps of a position in a metre.
pub const STEPS_PER_M: i32 = 512;
/// Positions reach so many metres from the origin, on every axis. The known traces stay within 40;
/// range costs bits only where a row travels whole.
pub const REACH_M: i32 = 256;
/// Columns of a body: index, three components, three coordinates, touched.
pub const COLUMNS: usize = 8;
/// Index of the bodies' table; before it comes the players table, empty here.
pub const TABLE: usize = 1;

/// Highest raw coordinate: without the last step, one bit less.
pub(crate) const MAX_RAW: u32 = (2 * REACH_M * STEPS_PER_M) as u32 - 1;

/// The bodies as the schema of a game whose author gives the hints that every author would.
pub fn schema() -> Schema {
    let step = 1.0 / f64::from(STEPS_PER_M);
    let spec = FloatSpec { min: f64::from(-REACH_M), step, max_raw: MAX_RAW };
    let mut turn = FieldSchema::new("turn", Shape::Quat { bits: QUAT_BITS });
    turn.lerp = true;
    let mut pos = FieldSchema::new("pos", Shape::Vector { n: 3, spec });
    pos.lerp = true;
    pos.predict = Predict::Linear;
    let touched = FieldSchema::new("touched", Shape::Bool);
    let bodies = TableSchema {
        name: "bodies".to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields: vec![turn, pos, touched],
    };
    Schema {
        protocol: PROTOCOL,
        game: "cubes".to_owned(),
        tick_hz: FRAME_HZ,
        send_every: 1,
        tables: vec![players_table(), bodies],
        input: Shape::Unit,
        sticky: Vec::new(),
        command: Shape::Unit,
        event: Shape::Unit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_wire::layout::Layout;

    #[test]
    fn the_schema_is_one_that_a_client_accepts() {
        let schema = schema();
        assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
        assert_eq!(Layout::new(&schema).tables[TABLE].public_width, COLUMNS);
    }
}
