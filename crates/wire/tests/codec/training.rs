//! Priors: what is learnt from a stream codes it better, and is the same each time.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::{Predict, Schema};
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder, Trainer};

use crate::worlds::{self, Dice, World};

/// Snapshots of a stream.
const SNAPSHOTS: u32 = 150;

/// Fields that move in the game whose streams are learnt from.
const MOVING: usize = 6;

/// A stream of the first random game in which enough moves.
fn stream(seed: u64) -> (Schema, Vec<(u32, StateColumns)>) {
    let moving = |schema: &Schema| {
        let fields = schema.tables.iter().flat_map(|table| &table.fields);
        fields.filter(|field| field.predict == Predict::Linear).count()
    };
    let mut schemas = (0..).map(|seed| worlds::schema(&mut Dice(seed)));
    let schema = schemas.find(|schema| moving(schema) >= MOVING).unwrap();
    let mut world = World::new(&schema);
    let mut dice = Dice(seed);
    let states = (1..=SNAPSHOTS).map(|tick| {
        world.step(&mut dice);
        (tick * 2, world.public.clone())
    });
    let states = states.collect();
    (schema, states)
}

fn played(states: &[(u32, StateColumns)]) -> impl Iterator<Item = (u32, &StateColumns)> {
    states.iter().map(|(tick, state)| (*tick, state))
}

/// Bytes of the deltas of a stream, each decoded and compared.
fn cost(layout: Layout, states: &[(u32, StateColumns)]) -> usize {
    let layout = Arc::new(layout);
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(layout);
    let mut sum = 0;
    for (tick, state) in states {
        let mut bytes = Vec::new();
        match encoder.advance(*tick, state, &mut bytes) {
            Advance::First => {
                encoder.keyframe(&mut bytes);
                decoder.keyframe(*tick, &bytes).unwrap();
            }
            Advance::Unchanged => {}
            Advance::Delta { base } => {
                sum += bytes.len();
                decoder.delta(base, *tick, &bytes).unwrap();
            }
        }
        assert_eq!(decoder.state(), state, "tick {tick}");
    }
    sum
}

fn with(schema: &Schema, bytes: &[u8]) -> Layout {
    Layout::with_prior(schema, Level::Ranged, &Prior::from_bytes(bytes).unwrap())
}

#[test]
fn a_prior_codes_the_stream_it_was_learnt_from_better_than_one_that_knows_nothing() {
    let (schema, states) = stream(1);
    let layout = Layout::new(&schema);
    let flat = Trainer::new().learn(|_| {});
    let trained = Trainer::new().learn(|trainer| {
        assert!(trainer.play(&layout, played(&states), 1.0) > 1000, "there are residuals");
    });
    let (flat, own) = (cost(with(&schema, &flat), &states), cost(with(&schema, &trained), &states));
    // Most of what random worlds do cannot be learnt.
    assert!(own * 20 < flat * 19, "{own} of {flat} bytes");
}

#[test]
fn what_is_learnt_upon_the_shipped_prior_is_better_than_it_also_for_other_rooms() {
    let (schema, states) = stream(1);
    let layout = Layout::new(&schema);
    let trained = Trainer::from_prior(None).learn(|trainer| {
        trainer.play(&layout, played(&states), 1.0);
    });
    let (_, other) = stream(2);
    let shipped = cost(Layout::coded(&schema, Level::Ranged), &other);
    let own = cost(with(&schema, &trained), &other);
    assert!(own < shipped, "{own} of {shipped} bytes");
}

#[test]
fn learning_from_nothing_leaves_a_prior_as_it_was() {
    let (schema, states) = stream(1);
    let again = Trainer::from_prior(None).learn(|_| {});
    let shipped = cost(Layout::coded(&schema, Level::Ranged), &states);
    let again = cost(with(&schema, &again), &states);
    assert!(again.abs_diff(shipped) * 1000 <= shipped, "{again} and {shipped} bytes");
}

#[test]
fn the_same_recordings_give_the_same_bytes_in_shares_too() {
    let (schema, states) = stream(1);
    let layout = Layout::new(&schema);
    let play = |trainer: &mut Trainer| {
        trainer.play(&layout, played(&states), 0.7);
    };
    let bytes = Trainer::new().learn(play);
    assert_eq!(bytes, Trainer::new().learn(play));
    let in_shares = Trainer::new().learn(|trainer| {
        let mut share = trainer.share();
        play(&mut share);
        trainer.absorb(&share);
    });
    assert_eq!(bytes, in_shares);
    assert_ne!(
        bytes,
        Trainer::new().learn(|trainer| {
            trainer.play(&layout, played(&states[..100]), 0.7);
        })
    );
}
