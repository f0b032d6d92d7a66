//! What small scenes cost at each level, with the protocol's own prior: to the byte, so that a change
//! of the codec or of the prior shows here as a price.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{Audience, FieldSchema, Predict, Schema, TableSchema};
use tickwire_wire::shape::Shape;
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};

/// Rows of each scene.
const ROWS: u32 = 64;
/// Snapshots of which the bytes are summed, after as many that do not count.
const SNAPSHOTS: u32 = 16;
/// Raw zero of a velocity.
const ZERO: i32 = 800;

/// A table of these fields after `players`. A velocity of 30 steps is one step a snapshot.
fn scene(fields: Vec<FieldSchema>) -> Schema {
    let mut schema = super::schema();
    let table = TableSchema {
        name: "rows".to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields,
    };
    schema.tables = vec![tickwire_wire::schema::players_table(), table];
    schema
}

fn moving(name: &str, shape: Shape, predict: Predict) -> FieldSchema {
    FieldSchema { predict, ..FieldSchema::new(name, shape) }
}

/// `pos`, that follows `vel`.
fn walkers() -> Schema {
    let spec = FloatSpec { min: 0.0, step: 0.01, max_raw: 65_535 };
    let pos = Shape::Vector { n: 2, spec };
    let vel = Shape::Vector { n: 2, spec: FloatSpec { min: -8.0, step: 0.01, max_raw: 1600 } };
    let mut pos = moving("pos", pos, Predict::Linear);
    pos.velocity = Some(1);
    scene(vec![pos, FieldSchema::new("vel", vel)])
}

/// `place` and `turn` of rigid bodies.
fn bodies() -> Schema {
    let spec = FloatSpec { min: 0.0, step: 0.01, max_raw: 65_535 };
    let place = moving("place", Shape::Vector { n: 3, spec }, Predict::Linear);
    scene(vec![place, FieldSchema::new("turn", Shape::Quat { bits: 10 })])
}

/// Bytes of the snapshots at each level. `row`: the columns of a row at a snapshot.
fn prices(schema: &Schema, row: impl Fn(u32, u32) -> Vec<u32>) -> [usize; 3] {
    Level::ALL.map(|level| {
        let layout = Arc::new(Layout::coded(schema, level));
        let mut encoder = StreamEncoder::new(Arc::clone(&layout));
        let mut decoder = StreamDecoder::new(Arc::clone(&layout));
        let mut bytes = 0;
        for tick in 0..2 * SNAPSHOTS {
            let mut state = StateColumns::public(&layout);
            (1..=ROWS).for_each(|id| state.tables[1].push(id, &row(tick, id)));
            let mut out = Vec::new();
            encoder.advance(tick, &state, &mut out);
            if tick == 0 {
                encoder.keyframe(&mut out);
                decoder.keyframe(0, &out).unwrap();
            } else if !out.is_empty() {
                decoder.delta(tick - 1, tick, &out).unwrap();
            }
            assert_eq!(decoder.state(), &state);
            bytes += if tick < SNAPSHOTS { 0 } else { out.len() };
        }
        bytes
    })
}

/// A number that looks random, from 0 to `below` - 1.
fn noise(tick: u32, id: u32, below: u32) -> u32 {
    let mut dice = crate::worlds::Dice(u64::from(tick) << 32 | u64::from(id));
    dice.below(u64::from(below)) as u32
}

#[test]
fn rows_that_move_by_their_velocity() {
    let row = |tick: u32, id: u32| {
        let vel = [id as i32 * 7 - 200, 300 - id as i32 * 5];
        // Rounded as the game does: the position goes on between the steps.
        let at = |vel: i32| (20_000.5 + f64::from(vel) * f64::from(tick) / 30.0).floor() as u32;
        [at(vel[0]), at(vel[1]), (ZERO + vel[0]) as u32, (ZERO + vel[1]) as u32].to_vec()
    };
    assert_eq!(prices(&walkers(), row), [248, 111, 107]);
}

#[test]
fn rows_that_rest() {
    assert_eq!(prices(&walkers(), |_, id| vec![id * 9, 5, 800, 800]), [0; 3]);
}

#[test]
fn rows_that_tremble() {
    let row = |tick: u32, id: u32| {
        vec![20_000 + noise(tick, id, 3), 30_000 + noise(tick, id + 64, 3), 800, 800]
    };
    assert_eq!(prices(&walkers(), row), [1064, 1089, 1004]);
}

#[test]
fn bodies_that_are_pushed_together() {
    let row = |tick: u32, id: u32| {
        // All in a block; each snapshot pushes all of them by the same random way.
        let way = |axis| (0..tick).map(|tick| noise(tick, axis, 40)).sum::<u32>();
        let place = [id % 4 * 100, id / 4 % 4 * 100, id / 16 * 100];
        let [x, y, z] = [0, 1, 2].map(|axis| 1000 + place[axis as usize] + way(axis));
        vec![x, y, z, 3, 511, 511, 511]
    };
    assert_eq!(prices(&bodies(), row), [2521, 1305, 1222]);
}
