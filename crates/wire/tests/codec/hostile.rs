//! Hostile bytes: every decoder gives a value or an error, never a panic or a flood of memory.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::bits::{BitReader, BitSink, BitSource, BitWriter};
use tickwire_wire::error::DecodeError;
use tickwire_wire::events::EventsReader;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::limits::MAX_SCHEMA_BYTES;
use tickwire_wire::plain::read_plain;
use tickwire_wire::schema::{Schema, SchemaError};
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::{Newest, PrivateDecoder, SnapshotReader};
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};

use crate::golden;
use crate::worlds::{self, Dice, World};

/// Some bytes of a real message made wrong: a bit flipped, cut, or lengthened.
fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    match dice.below(4) {
        0 => bytes.truncate(dice.below(bytes.len() as u64 + 1) as usize),
        1 => bytes.push(dice.next() as u8),
        _ => {
            for _ in 0..=dice.below(3) {
                let at = dice.below(bytes.len() as u64) as usize;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
}

fn check(decoder: &StreamDecoder, world: &World, result: Result<(), DecodeError>) {
    assert_eq!(decoder.tick().is_some(), result.is_ok());
    assert!(worlds::is_valid(&world.layout, decoder.state()));
    assert!(worlds::is_valid(&world.layout, decoder.previous()));
    for (now, last) in decoder.state().tables.iter().zip(&decoder.previous().tables) {
        assert_eq!(now.ids, last.ids);
    }
}

proptest! {
    #![proptest_config(worlds::cases(256))]

    #[test]
    fn damaged_chunks(seed: u64) {
        let mut dice = Dice(seed);
        let schema = worlds::schema(&mut dice);
        let mut world = World::new(&schema);
        let mut encoder = StreamEncoder::new(Arc::clone(&world.layout));
        let (mut keyframe, mut delta) = (Vec::new(), Vec::new());
        for tick in 1..6 {
            world.step(&mut dice);
            (keyframe, delta) = (Vec::new(), Vec::new());
            if tick == 5 {
                encoder.keyframe(&mut keyframe);
            }
            encoder.advance(tick, &world.public, &mut delta);
        }
        let mut whole = StreamDecoder::new(Arc::clone(&world.layout));
        whole.keyframe(4, &keyframe).unwrap();
        for _ in 0..20 {
            let (mut bad_keyframe, mut bad_delta) = (keyframe.clone(), delta.clone());
            damage(&mut dice, &mut bad_keyframe);
            damage(&mut dice, &mut bad_delta);
            let mut decoder = whole.clone();
            let result = decoder.keyframe(5, &bad_keyframe);
            check(&decoder, &world, result);
            let mut decoder = whole.clone();
            let result = decoder.delta(4, 5, &bad_delta);
            check(&decoder, &world, result);
        }
    }

    #[test]
    fn random_bytes(seed: u64, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let schema = worlds::schema(&mut Dice(seed));
        let world = World::new(&schema);
        let mut decoder = StreamDecoder::new(Arc::clone(&world.layout));
        let result = decoder.keyframe(1, &bytes);
        check(&decoder, &world, result);
        let mut decoder = StreamDecoder::new(Arc::clone(&world.layout));
        prop_assert_eq!(decoder.delta(0, 1, &bytes), Err(DecodeError::WrongBase));

        let _ = InputsMessage::default().read(&schema.input, &bytes);
        if let Ok(mut events) = EventsReader::new(&schema.event, 1000, &bytes) {
            let mut columns = Vec::new();
            while let Ok(Some(tick)) = events.next(&mut columns) {
                prop_assert!(tick <= 1000);
            }
        }
        let mut private = PrivateDecoder::new(Arc::clone(&world.layout), 1);
        let _ = private.apply(&world.public, false, Some(&bytes));
        for tick in [None, Some(0), Some(u32::MAX)] {
            let newest = tick.map(|tick| Newest { tick, acked_input: 9 });
            if let Ok(mut reader) = SnapshotReader::new(&bytes, newest) {
                let mut chunks = 0;
                while let Ok(Some(_)) = reader.next_chunk() {
                    chunks += 1;
                }
                prop_assert!(chunks <= bytes.len());
                if reader.clone().next_chunk() == Ok(None) {
                    for streams in [0, 1, 2, 9, 1000] {
                        let Ok(mut deltas) = reader.clone().deltas(streams) else { continue };
                        let read: usize = (0..streams)
                            .filter_map(|_| deltas.next_delta())
                            .inspect(|delta| assert!(!delta.is_empty()))
                            .map(<[u8]>::len)
                            .sum();
                        prop_assert!(read <= bytes.len() && deltas.next_delta().is_none());
                    }
                }
            }
        }
        let shape = worlds::shape(&mut Dice(seed), 3);
        let mut columns = vec![0; shape.columns()];
        let _ = read_plain(&shape, &mut BitReader::new(&bytes), &mut columns);
        let _ = Schema::from_json(&String::from_utf8_lossy(&bytes));
    }
}

fn bits(write: impl Fn(&mut BitWriter<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = BitWriter::new(&mut bytes);
    write(&mut writer);
    writer.finish();
    bytes
}

fn golden_decoder() -> StreamDecoder {
    StreamDecoder::new(World::new(&golden::schema()).layout)
}

/// As in a keyframe: not moved.
fn push_still_mover(writer: &mut BitWriter<'_>, gap: u32, health: u32) {
    push_mover(writer, gap, health);
    writer.push_bit(false);
}

/// Nothing in `players`, these bits for `movers`, and a round.
fn keyframe_with(movers: impl Fn(&mut BitWriter<'_>)) -> Vec<u8> {
    bits(|writer| {
        writer.push_gamma(0);
        movers(writer);
        writer.push_bit(true);
        writer.push(5, 9);
        writer.push_bit(false);
    })
}

fn push_mover(writer: &mut BitWriter<'_>, gap: u32, health: u32) {
    writer.push_rice(gap, 4);
    for (value, width) in [(1, 16), (2, 12), (3, 12), (4, 8), (1, 1), (health, 7)] {
        writer.push(value, width);
    }
}

#[test]
fn a_row_count_beyond_the_bytes() {
    let bytes = keyframe_with(|writer| writer.push_gamma(u32::MAX - 1));
    assert!(golden_decoder().keyframe(1, &bytes).is_err());
}

#[test]
fn more_rows_than_the_limit() {
    // A row without columns takes six bits: many fit into few bytes.
    let mut schema = golden::schema();
    schema.tables[1].fields.clear();
    schema.tables[1].owner = None;
    let mut decoder = StreamDecoder::new(World::new(&schema).layout);
    let rows = |n: u32| {
        keyframe_with(|writer| {
            writer.push_gamma(n);
            (0..n).for_each(|_| writer.push(0, 6));
        })
    };
    assert_eq!(decoder.keyframe(1, &rows(65_535)), Ok(()));
    assert_eq!(decoder.state().tables[1].len(), 65_535);
    assert_eq!(decoder.keyframe(1, &rows(65_536)), Err(DecodeError::TooManyRows));
    assert_eq!(decoder.tick(), None);
}

#[test]
fn more_cells_than_the_limit() {
    // An empty list of 1000 elements: 1001 columns in ten bits.
    let mut schema = golden::schema();
    schema.tables[1].owner = None;
    schema.tables[1].fields.truncate(1);
    schema.tables[1].fields[0].shape = Shape::List { of: Box::new(Shape::Bool), max: 1000 };
    schema.validate().unwrap();
    let mut decoder = StreamDecoder::new(World::new(&schema).layout);
    let bytes = keyframe_with(|writer| {
        writer.push_gamma(5000);
        (0..5000).for_each(|_| writer.push(0, 16));
    });
    assert_eq!(decoder.keyframe(1, &bytes), Err(DecodeError::TooManyRows));
}

#[test]
fn ids_that_exceed_32_bits() {
    let bytes = keyframe_with(|writer| {
        writer.push_gamma(2);
        push_still_mover(writer, 5, 100);
        push_still_mover(writer, u32::MAX - 5, 100);
    });
    assert_eq!(golden_decoder().keyframe(1, &bytes), Err(DecodeError::InvalidIds));
}

#[test]
fn a_column_beyond_its_maximum() {
    let with_health = |health| {
        keyframe_with(|writer| {
            writer.push_gamma(1);
            push_still_mover(writer, 0, health);
        })
    };
    assert_eq!(golden_decoder().keyframe(1, &with_health(100)), Ok(()));
    let refused = golden_decoder().keyframe(1, &with_health(101));
    assert_eq!(refused, Err(DecodeError::InvalidColumn));
}

#[test]
fn bytes_or_bits_after_the_end() {
    let mut bytes = keyframe_with(|writer| writer.push_gamma(0));
    assert_eq!(golden_decoder().keyframe(1, &bytes), Ok(()));
    bytes.push(0);
    assert_eq!(golden_decoder().keyframe(1, &bytes), Err(DecodeError::TrailingBytes));
    bytes.pop();
    if let Some(last) = bytes.last_mut() {
        *last |= 0x80;
    }
    assert_eq!(golden_decoder().keyframe(1, &bytes), Err(DecodeError::TrailingBytes));
}

#[test]
fn a_delta_of_another_base_or_backwards() {
    let bytes = keyframe_with(|writer| writer.push_gamma(0));
    for (base, tick) in [(9, 11), (11, 12), (10, 10), (10, 9)] {
        let mut decoder = golden_decoder();
        decoder.keyframe(10, &bytes).unwrap();
        assert_eq!(decoder.delta(base, tick, &[0]), Err(DecodeError::WrongBase));
        assert_eq!(decoder.tick(), None);
        assert_eq!(decoder.keyframe(12, &bytes), Ok(()), "a keyframe mends it");
    }
}

#[test]
fn delta_rows_that_are_not_there() {
    let keyframe = keyframe_with(|writer| {
        writer.push_gamma(1);
        push_still_mover(writer, 0, 100);
    });
    let delta = |movers: &dyn Fn(&mut BitWriter<'_>)| {
        let mut decoder = golden_decoder();
        decoder.keyframe(1, &keyframe).unwrap();
        let bytes = bits(|writer| {
            writer.push(0b10, 2);
            movers(writer);
            writer.push(0, 1);
        });
        decoder.delta(1, 2, &bytes)
    };
    let left_twice = delta(&|writer| {
        writer.push_gamma(2);
        (0..2).for_each(|_| writer.push_rice(0, 3));
    });
    assert_eq!(left_twice, Err(DecodeError::InvalidIndex));
    let entered_again = delta(&|writer| {
        writer.push_gamma(0);
        writer.push_gamma(1);
        push_mover(writer, 0, 100);
        writer.push_gamma(0);
    });
    assert_eq!(entered_again, Err(DecodeError::InvalidIds));
    let changed_beyond = delta(&|writer| {
        writer.push_gamma(0);
        writer.push_gamma(0);
        writer.push_gamma(1);
        writer.push_rice(1, 1);
    });
    assert_eq!(changed_beyond, Err(DecodeError::InvalidIndex));
}

#[test]
fn a_change_of_a_single_row_that_is_not_there() {
    let keyframe = bits(|writer| {
        writer.push_gamma(0);
        writer.push_gamma(0);
        writer.push_bit(false);
    });
    let mut decoder = golden_decoder();
    decoder.keyframe(1, &keyframe).unwrap();
    assert_eq!(decoder.delta(1, 2, &[0b100]), Err(DecodeError::InvalidIndex));
}

#[test]
fn the_first_input_cannot_repeat() {
    let shape = golden::schema().input;
    let with = |first: u32, count: u32, same: bool| {
        let body = bits(|writer| {
            writer.push(0, 32);
            writer.push(0, 32);
            writer.push(first, 32);
            writer.push(count, 4);
            for _ in 0..count {
                writer.push_bit(same);
                writer.push(0, if same { 0 } else { 3 });
            }
        });
        InputsMessage::default().read(&shape, &body)
    };
    assert_eq!(with(1, 2, false), Ok(()));
    assert_eq!(with(1, 1, true), Err(DecodeError::InvalidHead));
    assert_eq!(with(u32::MAX - 1, 2, false), Err(DecodeError::InvalidHead));
    let empty = InputsMessage::default().read(&Shape::Unit, &[0; 13]);
    assert_eq!(empty, Ok(()));
}

#[test]
fn schemas_that_are_impossible() {
    let refuse = |change: &dyn Fn(&mut Schema)| {
        let mut schema = golden::schema();
        change(&mut schema);
        match Schema::from_json(&schema.to_json()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted"),
        }
    };
    let bool_array = |len| Shape::Array { of: Box::new(Shape::Bool), len };
    assert!(refuse(&|s| s.protocol = 2).contains("protocol 2"));
    assert!(refuse(&|s| drop(s.tables.remove(0))).contains("players"));
    assert!(refuse(&|s| s.tables[2].name = "movers".into()).contains("`movers` is there twice"));
    assert!(refuse(&|s| s.tables[1].name = "a b".into()).contains("letters"));
    assert!(refuse(&|s| s.tables[1].owner = Some(1)).contains("`owner`"));
    assert!(refuse(&|s| s.tables[1].owner = Some(99)).contains("`owner`"));
    assert!(refuse(&|s| s.tables[1].owner = None).contains("movers.ammo"));
    assert!(refuse(&|s| s.tables[1].fields[4].velocity = Some(1)).contains("movers.health"));
    assert!(refuse(&|s| s.tables[1].fields[4].usual = u32::MAX).contains("movers.health"));
    assert!(refuse(&|s| s.tables[1].fields[3].usual = 1).contains("`usual` is 1, at most 0"));
    assert!(refuse(&|s| s.tables[1].fields[4].keeps_length = true).contains("only a vector"));
    assert!(refuse(&|s| s.tables[1].fields[2].follows = Some(2)).contains("`follows`"));
    assert!(refuse(&|s| s.tables[1].fields[4].follows = Some(1)).contains("`follows`"));
    assert!(refuse(&|s| s.tables[1].fields[3].predict = golden_linear()).contains("movers.alive"));
    assert!(refuse(&|s| s.tables[1].fields[2].shape = Shape::Angle { bits: 23 }).contains("22"));
    assert!(refuse(&|s| s.input = bool_array(1025)).contains("1024"));
    assert!(refuse(&|s| s.sticky = vec![0]).contains("sticky"));
    assert!(refuse(&|s| s.tick_hz = 0).contains("tick_hz"));
    assert!(refuse(&|s| s.event = Shape::Int { min: 5, max: 4 }).contains("event"));
    let nested = |depth| (0..depth).fold(Shape::Bool, |of, _| Shape::Option { of: Box::new(of) });
    assert!(refuse(&|s| s.command = nested(8)).contains("8 deep"));
    // No columns at all, but a long walk.
    let walk = Shape::Array { of: Box::new(Shape::Unit), len: 1024 };
    assert!(refuse(&|s| s.command = walk.clone()).contains("elements need columns"));

    let long = " ".repeat(MAX_SCHEMA_BYTES + 1);
    assert_eq!(Schema::from_json(&long), Err(SchemaError::TooLong));
    assert!(matches!(Schema::from_json("{}"), Err(SchemaError::Json(_))));
    let deep = "[".repeat(100_000);
    assert!(matches!(Schema::from_json(&deep), Err(SchemaError::Json(_))));
}

fn golden_linear() -> tickwire_wire::schema::Predict {
    tickwire_wire::schema::Predict::Linear
}
