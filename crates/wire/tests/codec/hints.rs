//! Hints never make a stream wrong, and a false one costs little.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{FieldSchema, Predict, Schema, TableSchema};
use tickwire_wire::shape::Shape;
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};

use crate::worlds::Dice;

const ROWS: usize = 24;
const SNAPSHOTS: u32 = 300;
/// What a false hint may add to a stream, in percent.
const MOST_PERCENT: usize = 10;
/// The same where next to nothing moves and a prior decides: it has seen no such hints.
const MOST_PERCENT_OF_IDLE: usize = 30;

/// Two vectors and an angle that have nothing to do with each other, one field each kind of motion:
/// wanderers that stop and go, a wind that leaps, an eye that looks around.
struct Walker {
    place: [f64; 2],
    pace: [f64; 2],
    wind: [f64; 2],
    eye: f64,
    turns: f64,
}

impl Walker {
    fn new(dice: &mut Dice) -> Self {
        let mut at = |range: u64| dice.below(range) as f64;
        Self {
            place: [at(20_000) + 20_000.0, at(20_000) + 20_000.0],
            pace: [at(80) - 40.0, at(80) - 40.0],
            wind: [at(1000), at(1000)],
            eye: at(4096),
            turns: 0.0,
        }
    }

    /// `idle`: it stands, and looks straight ahead.
    fn step(&mut self, dice: &mut Dice, idle: bool) {
        let jolt = |dice: &mut Dice, range: u64| dice.below(range) as f64 - range as f64 / 2.0;
        for axis in 0..2 {
            if dice.chance(30) {
                self.wind[axis] += jolt(dice, 60);
            }
            if dice.chance(4) {
                self.pace[axis] = jolt(dice, 90);
            }
            if !idle {
                self.place[axis] += self.pace[axis] + jolt(dice, 4);
            }
        }
        if idle {
            return;
        }
        if dice.chance(10) {
            self.turns = jolt(dice, 120);
        }
        self.eye += self.turns + jolt(dice, 6);
    }

    fn columns(&self) -> [u32; 5] {
        let number = |value: f64, max: f64| value.clamp(0.0, max).floor() as u32;
        [
            number(self.place[0], 65_535.0),
            number(self.place[1], 65_535.0),
            number(self.wind[0], 1000.0),
            number(self.wind[1], 1000.0),
            (self.eye.floor() as i64).rem_euclid(4096) as u32,
        ]
    }
}

fn schema(hint: impl FnOnce(&mut [FieldSchema])) -> Schema {
    let spec = |max_raw| FloatSpec { min: -5.0, step: 0.01, max_raw };
    let mut fields = vec![
        FieldSchema::new("place", Shape::Vector { n: 2, spec: spec(65_535) }),
        FieldSchema::new("wind", Shape::Vector { n: 2, spec: spec(1000) }),
        FieldSchema::new("eye", Shape::Angle { bits: 12 }),
    ];
    fields[0].predict = Predict::Linear;
    fields[2].predict = Predict::Linear;
    hint(&mut fields);
    let mut schema = crate::golden::schema();
    schema.tables.truncate(1);
    let name = "walkers".to_owned();
    let audience = tickwire_wire::schema::Audience::Everyone;
    schema.tables.push(TableSchema { name, single: false, owner: None, audience, fields });
    schema.validate().unwrap();
    schema
}

/// Bytes of all deltas of the same history.
fn bytes(schema: &Schema, level: Level, idle: bool) -> usize {
    let layout = Arc::new(Layout::coded(schema, level));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(Arc::clone(&layout));
    let mut dice = Dice(77);
    let mut walkers: Vec<Walker> = (0..ROWS).map(|_| Walker::new(&mut dice)).collect();
    let (mut bytes, mut out) = (0, Vec::new());
    for tick in 0..SNAPSHOTS {
        let mut state = StateColumns::public(&layout);
        for (index, walker) in walkers.iter_mut().enumerate() {
            walker.step(&mut dice, idle && tick % 16 != 0);
            state.tables[1].push(index as u32 + 1, &walker.columns());
        }
        out.clear();
        encoder.advance(tick, &state, &mut out);
        if tick == 0 {
            encoder.keyframe(&mut out);
            decoder.keyframe(tick, &out).unwrap();
        } else {
            decoder.delta(tick - 1, tick, &out).unwrap();
            bytes += out.len();
        }
        assert!(decoder.state() == &state);
    }
    bytes
}

fn costs_little(what: &str, hint: impl Fn(&mut [FieldSchema])) {
    costs_little_when(&[false, true], what, hint);
}

#[expect(clippy::print_stdout, reason = "a price list for whoever looks")]
fn costs_little_when(idle: &[bool], what: &str, hint: impl Fn(&mut [FieldSchema])) {
    for (level, &idle) in
        Level::ALL.into_iter().flat_map(|level| idle.iter().map(move |idle| (level, idle)))
    {
        let without = bytes(&schema(|_| {}), level, idle);
        let with = bytes(&schema(&hint), level, idle);
        let percent = with as f64 * 100.0 / without as f64 - 100.0;
        let trusts = idle && level != Level::Packed;
        let most = if trusts { MOST_PERCENT_OF_IDLE } else { MOST_PERCENT };
        let idle = if idle { ", mostly idle" } else { "" };
        println!(
            "{what} at {level}{idle}: {without} bytes, with the hint {with} ({percent:+.1} %)"
        );
        assert!(with * 100 <= without * (100 + most), "{what}, {level}: {percent:.1} %");
    }
}

#[test]
fn a_false_velocity() {
    costs_little("a false velocity", |fields| fields[0].velocity = Some(1));
}

#[test]
fn a_false_direction() {
    costs_little("a false `follows`", |fields| fields[2].follows = Some(1));
}

#[test]
fn a_length_that_is_not_kept() {
    costs_little("a false `keeps_length`", |fields| fields[0].keeps_length = true);
    costs_little("a false `keeps_length` of what leaps", |fields| fields[1].keeps_length = true);
}

#[test]
fn a_false_way_of_going_on() {
    costs_little_when(&[false], "`linear` of what leaps", |fields| {
        fields[1].predict = Predict::Linear
    });
    costs_little_when(&[false], "`hold` of what goes on", |fields| {
        fields[0].predict = Predict::Hold
    });
    costs_little_when(&[false], "`hold` of what turns on", |fields| {
        fields[2].predict = Predict::Hold
    });
}

#[test]
fn all_hints_false_at_once() {
    costs_little_when(&[false], "all hints", |fields| {
        fields[0].velocity = Some(1);
        fields[1].keeps_length = true;
        fields[2].follows = Some(1);
    });
}
