//! In the steady state neither side of a stream allocates anything.
#![allow(clippy::unwrap_used, missing_docs)] // a failing test may panic
#![allow(
    dead_code,
    reason = "the generators are those of the codec's tests, which use all of them"
)]

#[path = "codec/games.rs"]
mod games;
#[path = "codec/worlds.rs"]
mod worlds;

use std::sync::Arc;

use games::Game;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};
use worlds::Dice;

/// Snapshots of a history that is played over and over.
const CIRCLE: u32 = 24;
/// Circles until every one of the 32 states that an encoder keeps has been each of these states.
const WARM_UP: u32 = 8;

/// Allocations of one circle of snapshots, each encoded, caught up with and decoded.
fn allocations(level: Level, seed: u64) -> u64 {
    let mut dice = Dice(seed);
    let mut game = Game::new(&mut dice);
    // A rate at which the encoder keeps 32 states.
    let layout = Arc::new(Layout::coded(&game.schema.at(30, 1), level));
    let states: Vec<StateColumns> = (0..CIRCLE)
        .map(|_| {
            game.step(&mut dice);
            game.state.clone()
        })
        .collect();
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut steady = StreamDecoder::new(Arc::clone(&layout));
    let mut skipping = StreamDecoder::new(layout);
    let mut bytes = Vec::new();
    // The first state has no single row to lose.
    let first = states.last().unwrap();
    encoder.advance(0, first, &mut bytes);
    encoder.keyframe(&mut bytes);
    steady.keyframe(0, &bytes).unwrap();
    skipping.keyframe(0, &bytes).unwrap();
    let mut count = 0;
    for tick in 1..=(WARM_UP + 1) * CIRCLE {
        let state = &states[(tick % CIRCLE) as usize];
        let measured = allocation_counter::measure(|| {
            bytes.clear();
            encoder.advance(tick, state, &mut bytes);
            if let Some(base) = steady.tick().filter(|_| !bytes.is_empty()) {
                steady.delta(base, tick, &bytes).unwrap();
            }
            if tick % 5 == 0 {
                bytes.clear();
                let base = skipping.tick().unwrap();
                if encoder.catch_up(base, &mut bytes) {
                    skipping.catch_up(base, encoder.tick().unwrap(), &bytes).unwrap();
                }
                bytes.clear();
                encoder.keyframe(&mut bytes);
            }
        });
        assert!(steady.state() == state);
        if tick > WARM_UP * CIRCLE {
            count += measured.count_total;
        }
    }
    count
}

#[test]
fn the_counter_counts() {
    let measured = allocation_counter::measure(|| drop(std::hint::black_box(vec![1, 2, 3])));
    assert_eq!(measured.count_total, 1);
}

#[test]
fn neither_side_allocates() {
    for level in Level::ALL {
        for seed in 1..8 {
            assert_eq!(allocations(level, seed), 0, "{level}, seed {seed}");
        }
    }
}

/// A few bytes may tell of many rows, as likely decisions cost next to nothing; they must not fill
/// memory before it shows that they are no chunk.
#[test]
fn a_short_chunk_claims_little() {
    use tickwire_wire::schema::{FieldSchema, players_table};
    use tickwire_wire::shape::Shape;

    let mut schema = Game::new(&mut Dice(1)).schema;
    let mut table = players_table();
    table.name = "flags".to_owned();
    table.fields = (0..64).map(|n| FieldSchema::new(&format!("f{n}"), Shape::Bool)).collect();
    schema.tables = vec![players_table(), table];
    let mut dice = Dice(7);
    for level in Level::ALL {
        let layout = Arc::new(Layout::coded(&schema, level));
        let mut keyframe = Vec::new();
        StreamEncoder::new(Arc::clone(&layout)).keyframe(&mut keyframe);
        for _ in 0..3000 {
            let len = 1 + dice.below(12) as usize;
            let bytes: Vec<u8> =
                (0..len).map(|_| dice.below(256) as u8 & dice.below(256) as u8).collect();
            let mut decoder = StreamDecoder::new(Arc::clone(&layout));
            decoder.keyframe(1, &keyframe).unwrap();
            let measured = allocation_counter::measure(|| {
                let _ = decoder.delta(1, 2, &bytes);
            });
            // The start of every chunk costs a copy of the prior; a row here has 64 columns.
            assert!(measured.bytes_max < 256 * 1024, "{level}: {bytes:02x?}: {measured:?}");
        }
    }
}
