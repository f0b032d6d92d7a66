//! Hostile bytes: every decoder gives a value or an error, never a panic or a flood of memory.

mod chunks;

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::bits::{BitReader, BitSink, BitWriter};
use tickwire_wire::error::DecodeError;
use tickwire_wire::events::EventsReader;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::limits::MAX_SCHEMA_BYTES;
use tickwire_wire::plain::read_plain;
use tickwire_wire::schema::{Schema, SchemaError};
use tickwire_wire::shape::Shape;
use tickwire_wire::snapshot::{Newest, PrivateDecoder, SnapshotReader};

use crate::golden;
use crate::worlds::{self, Dice, World};

proptest! {
    #![proptest_config(worlds::cases(256))]

    #[test]
    fn random_bytes(seed: u64, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let schema = worlds::schema(&mut Dice(seed));
        let world = World::new(&schema);
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
