//! Snapshots and inputs as whole messages.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::events::{EventsReader, write_events};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::snapshot::{
    Chunk, Hashes, Newest, OwnSection, PrivateDecoder, PrivateEncoder, Sections, SnapshotReader,
    needs_full_head, write_chunk_count, write_steady,
};

use crate::worlds::{self, Dice, OWNERS, World};

fn optional<T>(dice: &mut Dice, make: impl Fn(&mut Dice) -> T) -> Option<T> {
    if dice.chance(50) { Some(make(dice)) } else { None }
}

fn values(dice: &mut Dice, shape: &tickwire_wire::shape::Shape, count: u64) -> Vec<Vec<u32>> {
    let mut inputs: Vec<Vec<u32>> = Vec::new();
    for _ in 0..count {
        let mut columns = Vec::new();
        worlds::value(dice, shape, &mut columns);
        let again = inputs.last().filter(|_| dice.chance(50)).cloned();
        inputs.push(again.unwrap_or(columns));
    }
    inputs
}

fn as_extract(world: &World) -> Extract {
    let mut rows = Extract::default();
    for (public, private) in world.public.tables.iter().zip(&world.private.tables) {
        let (to_public, to_private) = rows.append(public.width, private.width);
        to_public.copy_from(public);
        to_private.copy_from(private);
    }
    rows
}

/// The private columns that `player` should have: those of the rows that they own.
fn owned(world: &World, player: u16) -> StateColumns {
    let mut owned = StateColumns::private(&world.layout);
    for (index, table) in world.layout.tables.iter().enumerate() {
        let Some(owner) = table.owner.filter(|_| table.private_width > 0) else { continue };
        for (row, (id, cells)) in world.public.tables[index].iter().enumerate() {
            if cells[owner] == u32::from(player) {
                owned.tables[index].push(id, world.private.tables[index].row(row));
            }
        }
    }
    owned
}

proptest! {
    #![proptest_config(worlds::cases(100))]

    #[test]
    fn an_owner_has_the_private_fields(seed: u64) {
        let mut dice = Dice(seed);
        let mut world = World::new(&worlds::schema(&mut dice));
        let player = 1 + dice.below(OWNERS) as u16;
        let mut encoder = PrivateEncoder::new(Arc::clone(&world.layout), player);
        let mut decoder = PrivateDecoder::new(Arc::clone(&world.layout), player);
        for step in 0..20 {
            world.step(&mut dice);
            let keyframe = step == 0 || dice.chance(10);
            let mut bytes = Vec::new();
            let any = encoder.encode(&as_extract(&world), keyframe, &mut bytes);
            prop_assert_eq!(any, !bytes.is_empty());
            decoder.apply(&world.public, keyframe, any.then_some(&bytes[..])).unwrap();
            prop_assert_eq!(decoder.columns(), &owned(&world, player));
        }
    }

    #[test]
    fn a_snapshot_reads_back(seed: u64) {
        let mut dice = Dice(seed);
        let tick = dice.next() as u32 / 2 + 1;
        let acked_input = dice.next() as u16;
        let newest = optional(&mut dice, |dice| Newest {
            tick: tick - 1 - dice.below(300).min(u64::from(tick) - 1) as u32,
            acked_input: acked_input.wrapping_sub(dice.below(300) as u16),
        });
        let private: Vec<u8> = (0..dice.below(200)).map(|byte| byte as u8).collect();
        let hashes: Vec<u32> = (0..dice.below(4)).map(|_| dice.next() as u32).collect();
        let low: Vec<u32> = hashes.iter().map(|hash| hash & 0xFFFF).collect();
        let own = OwnSection {
            tick,
            full: needs_full_head(newest, tick, acked_input),
            acked_input,
            input_margin: dice.next() as i8,
            reliable_received: optional(&mut dice, |dice| dice.next() as u32),
            counters: optional(&mut dice, |dice| (dice.next() as u32, dice.below(9) as u32)),
            hashes: match dice.below(3) {
                0 => Hashes::None,
                1 => Hashes::Low16(low.into()),
                _ => Hashes::Full(hashes.into()),
            },
            private: optional(&mut dice, |_| &private[..]),
            sections: Sections { special: dice.chance(70), steady: dice.chance(70) },
        };
        let chunks = [
            Chunk::CatchUp { stream: 0, from: tick - 1, base: tick, bytes: &private },
            Chunk::CatchUp { stream: (1 << 30) - 1, from: 0, base: 1, bytes: &[] },
            Chunk::Keyframe { stream: 77, base: tick, bytes: &private },
            Chunk::Keyframe { stream: 78, base: 0, bytes: &[] },
            Chunk::Events { stream: 0, bytes: &[1] },
            Chunk::Left { stream: 5 },
        ];
        let mut message = Vec::new();
        own.write(&mut message);
        if own.sections.special {
            write_chunk_count(chunks.len() as u32, &mut message);
            chunks.iter().for_each(|chunk| chunk.write(tick, &mut message));
        }
        let bodies: Vec<Vec<u8>> = (0..=dice.below(5))
            .map(|_| (0..dice.below(3) * dice.below(200)).map(|byte| byte as u8).collect())
            .chain([vec![1]])
            .collect();
        let skip = dice.below(bodies.len() as u64) as usize;
        let deltas: Vec<Option<&[u8]>> =
            bodies.iter().skip(skip).rev().map(|body| (!body.is_empty()).then_some(&body[..])).collect();
        if own.sections.steady {
            prop_assert!(write_steady(deltas.iter().copied(), &mut message));
        }
        prop_assert_eq!(message[0], 0x82);
        let mut reader = SnapshotReader::new(&message[1..], newest).unwrap();
        prop_assert_eq!(&reader.own, &own);
        for chunk in chunks.into_iter().filter(|_| own.sections.special) {
            prop_assert_eq!(reader.next_chunk(), Ok(Some(chunk)));
        }
        prop_assert_eq!(reader.next_chunk(), Ok(None));
        let mut read = reader.deltas(deltas.len()).unwrap();
        for delta in &deltas {
            prop_assert_eq!(read.next_delta(), delta.filter(|_| own.sections.steady));
        }
        prop_assert_eq!(read.next_delta(), None);
    }

    #[test]
    fn private_fields_of_a_snapshot_that_was_not_sent_come_with_the_next(seed: u64) {
        let mut dice = Dice(seed);
        let mut world = World::new(&worlds::schema(&mut dice));
        let player = 1 + dice.below(OWNERS) as u16;
        let mut encoder = PrivateEncoder::new(Arc::clone(&world.layout), player);
        let mut decoder = PrivateDecoder::new(Arc::clone(&world.layout), player);
        for _ in 0..20 {
            world.step(&mut dice);
            let mut bytes = Vec::new();
            let any = encoder.prepare(&as_extract(&world), false, &mut bytes);
            if dice.chance(40) {
                continue;
            }
            encoder.park();
            encoder.sent();
            decoder.apply(&world.public, false, any.then_some(&bytes[..])).unwrap();
            prop_assert_eq!(decoder.columns(), &owned(&world, player));
        }
    }

    #[test]
    fn inputs_read_back(seed: u64) {
        let mut dice = Dice(seed);
        let shape = worlds::shape(&mut dice, 2);
        let mut message = InputsMessage::new(dice.next() as u32, dice.next() as u32, dice.next() as u32 / 2);
        let count = dice.below(16);
        for input in values(&mut dice, &shape, count) {
            prop_assert!(message.push(&input));
        }
        let mut bytes = Vec::new();
        message.write(&shape, &mut bytes);
        let mut back = InputsMessage::default();
        back.read(&shape, &bytes[1..]).unwrap();
        let numbered = |message: &InputsMessage| -> Vec<(u32, Vec<u32>)> {
            message.iter().map(|(number, input)| (number, input.to_vec())).collect()
        };
        prop_assert_eq!(numbered(&back), numbered(&message));
        prop_assert_eq!(
            (back.reliable_received, back.drawn, back.first),
            (message.reliable_received, message.drawn, message.first)
        );
    }

    #[test]
    fn events_read_back(seed: u64) {
        let mut dice = Dice(seed);
        let shape = worlds::shape(&mut dice, 2);
        let count = dice.below(20);
        let events: Vec<(u32, Vec<u32>)> = values(&mut dice, &shape, count)
            .into_iter()
            .map(|columns| (1000 - dice.below(30) as u32, columns))
            .collect();
        let mut bytes = Vec::new();
        write_events(&shape, 1000, events.iter().map(|(tick, c)| (*tick, &c[..])), &mut bytes);
        let mut reader = EventsReader::new(&shape, 1000, &bytes).unwrap();
        let mut columns = Vec::new();
        for (tick, expected) in events {
            prop_assert_eq!(reader.next(&mut columns), Ok(Some(tick)));
            prop_assert_eq!(&columns, &expected);
        }
        prop_assert_eq!(reader.next(&mut columns), Ok(None));
    }
}

#[test]
fn one_stream_costs_no_framing_and_silence_costs_nothing() {
    let mut out = Vec::new();
    assert!(write_steady([Some(&[7, 8][..])].into_iter(), &mut out));
    assert_eq!(out, [7, 8]);
    out.clear();
    assert!(!write_steady([None, None].into_iter(), &mut out));
    assert!(out.is_empty());
    assert!(write_steady([None, Some(&[7][..]), None].into_iter(), &mut out));
    assert_eq!(out, [0x10, 7]);
    out.clear();
    let long = [5; 70];
    assert!(write_steady([Some(&[7][..]), Some(&long), None, Some(&[8])].into_iter(), &mut out));
    assert_eq!(out[..3], [0xE1, 0x18, 0x00], "1, then 70 = 6 + 8 × (0 + 8 × 1), then 0");
    assert_eq!((out.len(), out[3], out[74]), (75, 7, 8));
}

#[test]
fn a_message_that_does_not_end_where_it_should_is_refused() {
    let body = |flags: u8, rest: &[u8]| [&[flags | 1, 9, 0, 0, 0, 0, 0, 0][..], rest].concat();
    let refused = |flags, rest: &[u8], streams: usize| {
        let body = body(flags, rest);
        let Ok(mut reader) = SnapshotReader::new(&body, None) else { return true };
        loop {
            match reader.next_chunk() {
                Ok(None) => break,
                Ok(Some(_)) => {}
                Err(_) => return true,
            }
        }
        reader.deltas(streams).is_err()
    };
    let (special, steady) = (0b100_0000, 0b1000_0000);
    assert!(!refused(0, &[], 2));
    assert!(refused(0, &[1], 2), "bytes that no flag announces");
    assert!(refused(special, &[0], 0), "a section without chunks");
    assert!(!refused(special, &[1, 7], 0));
    assert!(refused(special, &[2, 7], 0), "a chunk that is not there");
    assert!(refused(special, &[1, 7, 7], 0), "more chunks than announced");
    assert!(refused(special, &[1, 4, 0, 0, 1, 5], 0), "a catch-up from its own state");
    assert!(refused(special, &[1, 4, 9, 1, 1, 5], 0), "a state from before the first tick");
    assert!(!refused(steady, &[1, 5, 6, 7], 2));
    assert!(!refused(steady, &[0x21, 5, 6, 7, 8], 3));
    assert!(refused(steady, &[0x21, 5, 6], 3), "deltas that are cut");
    assert!(refused(steady, &[0x11, 5, 6], 2), "padding that is not 0");
    assert!(refused(steady, &[0], 3), "a section without deltas");
    assert!(refused(steady, &[0xFF; 9], 3), "a length beyond 32 bits");
    assert!(refused(steady, &[0xFF; 5], 3), "a length that is cut");
    assert!(refused(steady, &[3, 5], 2), "a delta that is cut");
    assert!(refused(steady, &[5], 0), "deltas of no streams");
}

#[test]
fn a_message_holds_fifteen_inputs() {
    let mut message = InputsMessage::default();
    assert!((0..15).all(|_| message.push(&[1])));
    assert!(!message.push(&[1]));
    assert_eq!(message.len(), 15);
}

#[test]
fn a_hash_confirms_or_denies() {
    let full = Hashes::Full(vec![0xAABB_CCDD].into());
    assert_eq!(full.confirms(0, 0xAABB_CCDD), Some(true));
    assert_eq!(full.confirms(0, 0x1ABB_CCDD), Some(false));
    assert_eq!(full.confirms(1, 0), None);
    let low = Hashes::Low16(vec![0xCCDD].into());
    assert_eq!(low.confirms(0, 0xAABB_CCDD), Some(true));
    assert_eq!(low.confirms(0, 0xAABB_CCDE), Some(false));
    assert_eq!(Hashes::None.confirms(0, 0), None);
}
