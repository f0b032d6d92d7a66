//! 900 small cubes on a plain and a large one that a player drives through them, 60 frames a second: the scene
//! of Glenn Fiedler's "Networked Physics", made anew with rapier.
//!
//! A frame is [`BODIES`] records of [`RECORD`] integers: index of the quaternion's largest component (x, y, z,
//! w), the other three in [`QUAT_BITS`] bits, x, y, z in units of which 512 are a metre (z is up), and whether
//! the player's doings reach the body. Record 0 is the player.

mod layout;
mod scene;
mod script;
mod stats;
pub mod trace;

pub use layout::Layout;
pub use scene::Scene;
pub use stats::{Stats, stats};

use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::{moving, schema_of, state_of, table_of};

/// Small cubes.
pub const CUBES: usize = 900;
/// The player and the small cubes.
pub const BODIES: usize = CUBES + 1;
/// Integers of a record.
pub const RECORD: usize = 8;
/// Bits of each of the three components of a rotation that travel.
pub const QUAT_BITS: u32 = 9;
/// Units of a position in a metre.
pub const UNITS_PER_METRE: i32 = 512;
/// Units from the middle to the end of the range of a position: 64 m; few cubes are thrown half as far.
const FLAT_MAX: i32 = 64 * UNITS_PER_METRE;
/// Metres along an edge of a small cube.
const CUBE_EDGE: f32 = 0.4;
/// Frames a second.
const HZ: u16 = 60;

/// How the codec sees the scene: table `bodies` with `rot`, `pos` and `interacting`.
pub fn schema() -> Schema {
    let end = f64::from(FLAT_MAX / UNITS_PER_METRE);
    let spec = FloatSpec::half_open(-end, end, 1.0 / f64::from(UNITS_PER_METRE));
    let fields = vec![
        moving("rot", Shape::Quat { bits: QUAT_BITS }, Predict::Hold),
        moving("pos", Shape::Vector { n: 3, spec }, Predict::Linear),
        FieldSchema::new("interacting", Shape::Bool),
    ];
    schema_of("cubes", HZ, [table_of("bodies", fields)])
}

/// A frame as the columns of [`schema`]; nobody is in the players table.
///
/// # Panics
/// When a value is out of its range; [`trace::parse`] has checked those that it returns.
pub fn columns(frame: &[i32]) -> StateColumns {
    let mut bodies = TableColumns::new(RECORD);
    for (id, record) in (1..).zip(frame.as_chunks::<RECORD>().0) {
        let mut row = [0; RECORD];
        for (column, (cell, &value)) in row.iter_mut().zip(record).enumerate() {
            let value = if (4..7).contains(&column) { value + FLAT_MAX } else { value };
            let end = match column {
                0 => 4,
                1..=3 => 1 << QUAT_BITS,
                4..=6 => 2 * FLAT_MAX,
                _ => 2,
            };
            assert!((0..end).contains(&value), "body {id}: column {column} is out of range");
            *cell = value as u32;
        }
        bodies.push(id, &row);
    }
    state_of([bodies])
}

/// A trace of `count` frames, the first before anything has moved.
pub fn frames(seed: u64, layout: Layout, count: usize) -> Vec<Vec<i32>> {
    let mut scene = Scene::new(seed, layout);
    (0..count)
        .map(|index| {
            if index > 0 {
                scene.step();
            }
            scene.frame()
        })
        .collect()
}

/// The states of a trace; the layout follows from the seed.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let layout = Layout::ALL[(seed % Layout::ALL.len() as u64) as usize];
    frames(seed, layout, ticks).iter().map(|frame| columns(frame)).collect()
}
