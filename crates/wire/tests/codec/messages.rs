//! Snapshots and inputs as whole messages.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::events::{EventsReader, write_events};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::snapshot::{
    Chunk, Hashes, OwnSection, PrivateDecoder, PrivateEncoder, SnapshotReader, needs_full_tick,
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
        let newest = optional(&mut dice, |dice| tick - 1 - dice.below(300).min(u64::from(tick) - 1) as u32);
        let private: Vec<u8> = (0..dice.below(200)).map(|byte| byte as u8).collect();
        let hashes: Vec<u32> = (0..dice.below(4)).map(|_| dice.next() as u32).collect();
        let low: Vec<u32> = hashes.iter().map(|hash| hash & 0xFFFF).collect();
        let own = OwnSection {
            tick,
            full_tick: needs_full_tick(newest, tick),
            acked_input: dice.next() as u16,
            input_margin: dice.next() as i8,
            reliable_received: optional(&mut dice, |dice| dice.next() as u32),
            counters: optional(&mut dice, |dice| (dice.next() as u32, dice.below(9) as u32)),
            hashes: match dice.below(3) {
                0 => Hashes::None,
                1 => Hashes::Low16(low.into()),
                _ => Hashes::Full(hashes.into()),
            },
            private: optional(&mut dice, |_| &private[..]),
        };
        let chunks = [
            Chunk::Delta { stream: 0, base: tick - 1, bytes: &private },
            Chunk::Delta { stream: (1 << 30) - 1, base: 0, bytes: &[] },
            Chunk::Keyframe { stream: 77, base: tick, bytes: &private },
            Chunk::Keyframe { stream: 78, base: 0, bytes: &[] },
            Chunk::Events { stream: 0, bytes: &[1] },
            Chunk::Left { stream: 5 },
        ];
        let mut message = Vec::new();
        own.write(&mut message);
        chunks.iter().for_each(|chunk| chunk.write(tick, &mut message));
        prop_assert_eq!(message[0], 0x82);
        let mut reader = SnapshotReader::new(&message[1..], newest).unwrap();
        prop_assert_eq!(&reader.own, &own);
        for chunk in chunks {
            prop_assert_eq!(reader.next_chunk(), Ok(Some(chunk)));
        }
        prop_assert_eq!(reader.next_chunk(), Ok(None));
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
