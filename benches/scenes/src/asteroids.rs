//! 250 asteroids in a cube of space with an attractor in its middle, 30 frames a second: the scene of the
//! "Reactor" network benchmark as far as it is published (bounds ±31.5, scale 0.25 to 1, speed 1 to 4, up to 45
//! degrees a second, positions to 0.01), made anew with rapier.
//!
//! What is not published is chosen so that the scene is rather harder than easier: the attractor's pull, and
//! that a body's scale is its radius (a ball) or half its edge (a box), so that they meet often. [`Motion`] says
//! how much happens.

mod scene;

pub use scene::{Motion, Scene};

use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::{moving, schema_of, state_of, table_of};

/// Asteroids.
pub const BODIES: usize = 250;
/// Integers of a record of [`Scene::frame`]: quaternion (index of the largest component, the other three), x, y, z.
pub const RECORD: usize = 7;
/// Frames a second.
pub const HZ: u16 = 30;
/// Metres between the middle and each wall.
const BOUNDS: f32 = 31.5;
/// Bits of each of the three components of a rotation that travel: steps of about 0.2 degrees.
const QUAT_BITS: u32 = 10;
/// Metres of a step of a position.
const STEP: f64 = 0.01;
/// Metres between the middle and the end of the range of a position.
const RANGE: f64 = 32.0;

/// How a position travels.
fn pos_spec() -> FloatSpec {
    FloatSpec::half_open(-RANGE, RANGE, STEP)
}

/// How a scale travels: 0.25 to 1, both included.
fn scale_spec() -> FloatSpec {
    FloatSpec { min: 0.25, step: 1.0 / 256.0, max_raw: 192 }
}

/// How the codec sees the scene: table `asteroids` with `pos`, `rot` and `scale`.
///
/// No velocities: nobody who watches needs them, and they cost more than they save.
pub fn schema() -> Schema {
    let fields = vec![
        moving("pos", Shape::Vector { n: 3, spec: pos_spec() }, Predict::Linear),
        moving("rot", Shape::Quat { bits: QUAT_BITS }, Predict::Hold),
        FieldSchema::new("scale", Shape::Float(scale_spec())),
    ];
    schema_of("asteroids", HZ, [table_of("asteroids", fields)])
}

/// A frame, and the raw scale of each body, as the columns of [`schema`].
///
/// # Panics
/// When a value of the frame is negative.
pub fn columns(frame: &[i32], scales: &[u32]) -> StateColumns {
    let mut rows = TableColumns::new(RECORD + 1);
    for ((id, record), &scale) in (1..).zip(frame.as_chunks::<RECORD>().0).zip(scales) {
        let [largest, a, b, c, x, y, z] =
            record.map(|value| u32::try_from(value).expect("raw values are not negative"));
        rows.push(id, &[x, y, z, largest, a, b, c, scale]);
    }
    state_of([rows])
}

/// The states of a run.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let mut scene = Scene::new(seed);
    (0..ticks)
        .map(|index| {
            if index > 0 {
                scene.step();
            }
            columns(&scene.frame(), scene.scales())
        })
        .collect()
}
