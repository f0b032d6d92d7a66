//! Streams: random schemas and histories, on every path to a tick.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::bits::{BitReader, BitSink, BitSource, BitWriter};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::hash::hash_state;
use tickwire_wire::plain::{read_plain, write_plain};
use tickwire_wire::schema::Schema;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use crate::worlds::{self, Dice, World};

/// A decoder that starts with the keyframe of some tick.
struct Viewer {
    decoder: StreamDecoder,
    joined: bool,
}

impl Viewer {
    /// Gives it what the encoder made for this tick, or a keyframe if it has none yet or wants one.
    fn follow(
        &mut self,
        tick: u32,
        advance: Advance,
        delta: &[u8],
        encoder: &StreamEncoder,
        wants_keyframe: bool,
    ) {
        if !self.joined || wants_keyframe || advance == Advance::First {
            let mut bytes = Vec::new();
            encoder.keyframe(&mut bytes);
            self.decoder.keyframe(encoder.tick().unwrap(), &bytes).unwrap();
            self.joined = true;
        } else if let Advance::Delta { base } = advance {
            self.decoder.delta(base, tick, delta).unwrap();
        }
    }
}

fn every_path_leads_to_the_same_state(seed: u64, pick: fn(&World, u64) -> StateColumns) {
    let mut dice = Dice(seed);
    let schema = worlds::schema(&mut dice);
    let mut world = World::new(&schema);
    let mut encoder = StreamEncoder::new(Arc::clone(&world.layout));
    let viewer =
        || Viewer { decoder: StreamDecoder::new(Arc::clone(&world.layout)), joined: false };
    let (mut steady, mut late, mut restless) = (viewer(), viewer(), viewer());
    let mut tick = dice.below(1000) as u32;
    for step in 0..30 {
        world.step(&mut dice);
        tick += 1 + [0, 0, 0, 1, 300][dice.below(5) as usize];
        let state = pick(&world, seed);
        let mut delta = Vec::new();
        let advance = encoder.advance(tick, &state, &mut delta);
        assert_eq!(advance == Advance::Unchanged, delta.is_empty() && step > 0);
        assert_eq!(encoder.state(), &state);

        steady.follow(tick, advance, &delta, &encoder, false);
        if step > 10 {
            late.follow(tick, advance, &delta, &encoder, false);
        }
        let wants_keyframe = dice.chance(30);
        restless.follow(tick, advance, &delta, &encoder, wants_keyframe);

        assert_eq!(steady.decoder.state(), &state);
        assert_eq!(steady.decoder.tick(), encoder.tick());
        assert_eq!(steady.decoder.hash(), hash_state(&state));
        for other in [&late, &restless] {
            if other.joined {
                assert_eq!(other.decoder.state(), &state);
                assert_eq!(other.decoder.previous(), steady.decoder.previous());
                assert_eq!(other.decoder.tick(), encoder.tick());
            }
        }
        assert!(worlds::is_valid(&world.layout, &state), "the generator makes valid states");
    }
}

/// About half of the rows, and no single ones: as of a team, or an interest cell.
fn half(world: &World, seed: u64) -> StateColumns {
    let mut part = StateColumns::public(&world.layout);
    for (index, table) in world.public.tables.iter().enumerate() {
        for (id, row) in table.iter().filter(|(id, _)| Dice(seed ^ u64::from(*id)).chance(50)) {
            if !world.layout.tables[index].single {
                part.tables[index].push(id, row);
            }
        }
    }
    part
}

proptest! {
    #![proptest_config(worlds::cases(160))]

    #[test]
    fn a_stream_of_all_rows(seed: u64) {
        every_path_leads_to_the_same_state(seed, |world, _| world.public.clone());
    }

    #[test]
    fn a_stream_of_some_rows(seed: u64) {
        every_path_leads_to_the_same_state(seed, half);
    }

    #[test]
    fn plain_values_of_any_shape(seed: u64) {
        let mut dice = Dice(seed);
        let shape = worlds::shape(&mut dice, 3);
        let mut columns = Vec::new();
        worlds::value(&mut dice, &shape, &mut columns);
        let mut bytes = Vec::new();
        let mut writer = BitWriter::new(&mut bytes);
        write_plain(&shape, &columns, &mut writer);
        writer.finish();
        let mut back = vec![u32::MAX; shape.columns()];
        let mut reader = BitReader::new(&bytes);
        read_plain(&shape, &mut reader, &mut back).unwrap();
        prop_assert!(reader.finish().is_ok());
        prop_assert_eq!(back, columns);
    }

    #[test]
    fn a_schema_survives_json(seed: u64) {
        let schema = worlds::schema(&mut Dice(seed));
        let json = schema.to_json();
        let back = Schema::from_json(&json).unwrap();
        prop_assert_eq!(back.to_json(), json);
        prop_assert_eq!(back, schema);
    }
}

#[test]
fn a_single_row_that_vanishes_or_appears_asks_for_a_keyframe() {
    let schema = crate::golden::schema();
    let mut world = World::new(&schema);
    world.step(&mut Dice(1));
    let mut encoder = StreamEncoder::new(Arc::clone(&world.layout));
    let mut out = Vec::new();
    let without = half(&world, 0);
    assert_eq!(encoder.advance(1, &world.public, &mut out), Advance::First);
    assert_eq!(encoder.advance(2, &without, &mut out), Advance::First);
    assert_eq!(encoder.advance(3, &world.public, &mut out), Advance::First);
    assert!(out.is_empty());
}
