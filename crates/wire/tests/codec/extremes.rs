//! Values at the ends of their ranges: the widest columns, those of one value, rotations that no game
//! would quantise to.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::limits::MAX_FIELDS;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::{ColumnSpec, Shape};
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};

use crate::worlds::Dice;

const ROWS: u32 = 12;
const SNAPSHOTS: u32 = 60;

/// Every kind of motion over the widest range, and over one value.
fn schema() -> Schema {
    let widest = FloatSpec { min: -8_388_608.0, step: 1.0, max_raw: 16_777_216 };
    let single = FloatSpec { min: 3.0, step: 1.0, max_raw: 0 };
    let shapes = [
        Shape::Vector { n: 3, spec: widest },
        Shape::Vector { n: 3, spec: widest },
        Shape::Vector { n: 2, spec: widest },
        Shape::Vector { n: 2, spec: single },
        Shape::Vector { n: 2, spec: single },
        Shape::Angle { bits: 22 },
        Shape::Angle { bits: 1 },
        Shape::Quat { bits: 16 },
        Shape::Quat { bits: 2 },
        Shape::Int { min: 0, max: u32::MAX.into() },
        Shape::Int { min: i64::from(i32::MIN), max: i32::MAX.into() },
        Shape::Int { min: 7, max: 7 },
        Shape::Int { min: 7, max: 7 },
        Shape::Wide { signed: true },
        Shape::Id { table: "players".to_owned() },
    ];
    let mut fields: Vec<FieldSchema> = (0..)
        .zip(shapes)
        .map(|(index, shape)| FieldSchema::new(&format!("f{index}"), shape))
        .collect();
    for index in [0, 3, 5, 9, 11] {
        fields[index].predict = Predict::Linear;
    }
    fields[0].velocity = Some(1);
    fields[3].velocity = Some(4);
    (fields[2].keeps_length, fields[4].keeps_length) = (true, true);
    (fields[5].follows, fields[6].follows) = (Some(2), Some(4));
    let mut schema = crate::golden::schema();
    schema.tables.truncate(2);
    (schema.tables[1].owner, schema.tables[1].fields) = (None, fields);
    schema.validate().unwrap();
    schema
}

fn there_and_back(schema: &Schema, next: impl Fn(&mut Dice, u32, u32) -> u32) {
    for level in Level::ALL {
        let layout = Arc::new(Layout::coded(schema, level));
        let mut specs: Vec<ColumnSpec> = Vec::new();
        layout.tables[1].public.iter().for_each(|field| field.shape.push_specs(&mut specs));
        let mut encoder = StreamEncoder::new(Arc::clone(&layout));
        let mut steady = StreamDecoder::new(Arc::clone(&layout));
        let mut skipping = StreamDecoder::new(Arc::clone(&layout));
        let mut dice = Dice(42);
        let mut state = StateColumns::public(&layout);
        (1..=ROWS).for_each(|id| state.tables[1].push(id, &vec![0; specs.len()]));
        for tick in 0..SNAPSHOTS {
            for row in 0..ROWS as usize {
                let cells = state.tables[1].row_mut(row).iter_mut();
                cells.zip(&specs).for_each(|(cell, spec)| *cell = next(&mut dice, *cell, spec.max));
            }
            let base = encoder.tick();
            let mut bytes = Vec::new();
            encoder.advance(tick, &state, &mut bytes);
            match base {
                Some(base) if !bytes.is_empty() => steady.delta(base, tick, &bytes).unwrap(),
                Some(_) => {}
                None => {
                    encoder.keyframe(&mut bytes);
                    steady.keyframe(tick, &bytes).unwrap();
                    skipping.keyframe(tick, &bytes).unwrap();
                }
            }
            assert!(steady.state() == &state, "{level}, tick {tick}");
            bytes.clear();
            if tick % 7 == 6 && encoder.catch_up(skipping.tick().unwrap(), &mut bytes) {
                skipping.catch_up(skipping.tick().unwrap(), tick, &bytes).unwrap();
                assert!(skipping.agrees_with(&steady), "{level}, tick {tick}");
            }
        }
    }
}

#[test]
fn as_many_moving_fields_as_a_table_may_have() {
    let mut schema = schema();
    let spec = FloatSpec { min: 0.0, step: 1.0, max_raw: 1000 };
    let field = |index: usize| FieldSchema::new(&format!("f{index}"), Shape::Float(spec));
    schema.tables[1].fields = (0..MAX_FIELDS).map(field).collect();
    schema.validate().unwrap();
    there_and_back(&schema, |dice, now, max| if dice.chance(90) { now } else { dice.up_to(max) });
}

#[test]
fn from_end_to_end() {
    there_and_back(&schema(), |dice, _, max| if dice.chance(50) { 0 } else { max });
}

#[test]
fn anything_at_any_time() {
    there_and_back(&schema(), |dice, _, max| dice.up_to(max));
}

#[test]
fn small_steps_at_the_ends() {
    there_and_back(&schema(), |dice, now, max| {
        let way = dice.below(3) as u32;
        if now > max / 2 {
            (max - way.min(max)).max(now.saturating_sub(2))
        } else {
            now.saturating_add(way).min(max)
        }
    });
}

#[test]
fn leaps_and_long_rests() {
    there_and_back(&schema(), |dice, now, max| if dice.chance(97) { now } else { dice.up_to(max) });
}
