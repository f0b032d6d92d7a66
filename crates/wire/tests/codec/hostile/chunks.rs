//! Hostile chunks of a stream: keyframes, deltas of each level, catch-ups.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_wire::bits::{BitSink, BitWriter};
use tickwire_wire::error::DecodeError;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::limits::{MAX_CELLS_PER_STATE, MAX_ROWS_PER_TABLE};
use tickwire_wire::schema::Schema;
use tickwire_wire::shape::Shape;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use super::bits;
use crate::games::Game;
use crate::golden;
use crate::worlds::{self, Dice, World};

/// The three kinds of a chunk, each leading from a state at tick 4 to tick 5 (a keyframe from none).
#[derive(Clone, Copy, Debug)]
enum Kind {
    Keyframe,
    Delta,
    CatchUp,
}

const KINDS: [Kind; 3] = [Kind::Keyframe, Kind::Delta, Kind::CatchUp];

impl Kind {
    fn give(self, decoder: &mut StreamDecoder, bytes: &[u8]) -> Result<(), DecodeError> {
        match self {
            Self::Keyframe => decoder.keyframe(5, bytes),
            Self::Delta => decoder.delta(4, 5, bytes),
            Self::CatchUp => decoder.catch_up(4, 5, bytes),
        }
    }
}

/// Some bytes of a real message made wrong: bits flipped, cut, lengthened, or a part put elsewhere.
fn damage(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let len = bytes.len() as u64;
    match dice.below(6) {
        0 => bytes.truncate(dice.below(len + 1) as usize),
        1 => bytes.push(dice.next() as u8),
        2 => {
            let from = dice.below(len) as usize;
            bytes.extend_from_within(from..);
        }
        _ => {
            for _ in 0..=dice.below(3) {
                let at = dice.below(len) as usize;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
        }
    }
}

/// What holds after any chunk: a valid state within the limits, or none.
fn check(decoder: &StreamDecoder, layout: &Layout, result: Result<(), DecodeError>) {
    assert_eq!(decoder.tick().is_some(), result.is_ok());
    let rows = decoder.state().tables.iter().map(|table| table.len());
    if result.is_err() {
        assert_eq!(rows.clone().sum::<usize>(), 0, "no state is held after an error");
    }
    assert!(rows.max().is_none_or(|rows| rows <= MAX_ROWS_PER_TABLE));
    let cells: usize = decoder.state().tables.iter().map(|table| table.cells.len()).sum();
    assert!(cells <= MAX_CELLS_PER_STATE);
    assert!(worlds::is_valid(layout, decoder.state()));
    assert!(worlds::is_valid(layout, decoder.previous()));
    for (now, last) in decoder.state().tables.iter().zip(&decoder.previous().tables) {
        assert_eq!(now.ids, last.ids);
    }
}

/// A decoder at tick 4, and a chunk of each kind that leads it to tick 5.
fn chunks(
    layout: &Arc<Layout>,
    mut step: impl FnMut() -> tickwire_wire::columns::StateColumns,
) -> (StreamDecoder, [Vec<u8>; 3]) {
    let mut encoder = StreamEncoder::new(Arc::clone(layout));
    let mut decoder = StreamDecoder::new(Arc::clone(layout));
    let mut bytes = Vec::new();
    encoder.advance(1, &step(), &mut bytes);
    for tick in 2..4 {
        encoder.advance(tick, &step(), &mut bytes);
    }
    // How far a rate has moved a field depends on the ticks between: the base is tick 4 for both.
    if encoder.advance(4, &step(), &mut bytes) == Advance::Unchanged {
        encoder = StreamEncoder::new(Arc::clone(layout));
        encoder.advance(4, &step(), &mut bytes);
    }
    bytes.clear();
    encoder.keyframe(&mut bytes);
    decoder.keyframe(4, &bytes).unwrap();
    let (mut keyframe, mut delta, mut catch_up) = (Vec::new(), Vec::new(), Vec::new());
    encoder.advance(5, &step(), &mut delta);
    encoder.keyframe(&mut keyframe);
    if !encoder.catch_up(4, &mut catch_up) {
        catch_up.push(0);
    }
    (decoder, [keyframe, delta, catch_up])
}

fn survives_damage(
    decoder: &StreamDecoder,
    layout: &Layout,
    dice: &mut Dice,
    chunks: &[Vec<u8>; 3],
) {
    for (kind, chunk) in KINDS.into_iter().zip(chunks) {
        for _ in 0..12 {
            let mut bad = chunk.clone();
            damage(dice, &mut bad);
            let mut decoder = decoder.clone();
            let result = kind.give(&mut decoder, &bad);
            check(&decoder, layout, result);
            // What is left of the failure does not show in what follows.
            decoder.keyframe(5, &chunks[0]).unwrap();
            let mut fresh = StreamDecoder::new(Arc::new(layout.clone()));
            fresh.keyframe(5, &chunks[0]).unwrap();
            assert!(decoder.agrees_with(&fresh));
        }
        // A chunk of one kind taken for another.
        for other in KINDS {
            let mut decoder = decoder.clone();
            let result = other.give(&mut decoder, chunk);
            check(&decoder, layout, result);
        }
    }
}

proptest! {
    #![proptest_config(worlds::cases(96))]

    #[test]
    fn damaged_chunks_of_worlds(seed: u64) {
        for level in Level::ALL {
            let mut dice = Dice(seed);
            let schema = worlds::schema(&mut dice);
            let mut world = World::new(&schema);
            let layout = Arc::new(Layout::coded(&schema, level));
            let mut steps = Dice(dice.next());
            let (decoder, chunks) = chunks(&layout, || {
                world.step(&mut steps);
                world.public.clone()
            });
            survives_damage(&decoder, &layout, &mut dice, &chunks);
        }
    }

    #[test]
    fn damaged_chunks_of_games(seed: u64) {
        for level in Level::ALL {
            let mut dice = Dice(seed);
            let mut game = Game::new(&mut dice);
            let layout = Arc::new(Layout::coded(&game.schema, level));
            let mut steps = Dice(dice.next());
            let (decoder, chunks) = chunks(&layout, || {
                game.step(&mut steps);
                game.state.clone()
            });
            survives_damage(&decoder, &layout, &mut dice, &chunks);
        }
    }

    #[test]
    fn random_bytes(seed: u64, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for level in Level::ALL {
            let mut dice = Dice(seed);
            let mut game = Game::new(&mut dice);
            game.step(&mut dice);
            let layout = Arc::new(Layout::coded(&game.schema, level));
            let mut encoder = StreamEncoder::new(Arc::clone(&layout));
            let mut keyframe = Vec::new();
            encoder.advance(4, &game.state, &mut Vec::new());
            encoder.keyframe(&mut keyframe);
            let mut decoder = StreamDecoder::new(Arc::clone(&layout));
            decoder.keyframe(4, &keyframe).unwrap();
            for kind in KINDS {
                let mut decoder = decoder.clone();
                let result = kind.give(&mut decoder, &bytes);
                check(&decoder, &layout, result);
            }
        }
    }
}

fn golden_decoder(level: Level) -> StreamDecoder {
    StreamDecoder::new(Arc::new(Layout::coded(&golden::schema(), level)))
}

/// As in a keyframe or catch-up: neither moved nor anything remembered.
fn push_no_past(writer: &mut BitWriter<'_>) {
    writer.push(0, 2);
}

/// A mover in a keyframe.
fn push_still_mover(writer: &mut BitWriter<'_>, gap: u32, health: u32) {
    push_mover(writer, gap, health);
    push_no_past(writer);
}

fn push_mover(writer: &mut BitWriter<'_>, gap: u32, health: u32) {
    writer.push_rice(gap, 4);
    for (value, width) in [(1, 16), (2, 12), (3, 12), (4, 8), (1, 1), (health, 7)] {
        writer.push(value, width);
    }
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

fn keyframe_of_one_mover() -> Vec<u8> {
    keyframe_with(|writer| {
        writer.push_gamma(1);
        push_still_mover(writer, 0, 100);
    })
}

/// What becomes of a chunk of these bits after a keyframe of one mover.
fn after_one_mover(
    level: Level,
    kind: Kind,
    chunk: impl Fn(&mut BitWriter<'_>),
) -> Result<(), DecodeError> {
    let mut decoder = golden_decoder(level);
    decoder.keyframe(4, &keyframe_of_one_mover()).unwrap();
    let result = kind.give(&mut decoder, &bits(chunk));
    assert_eq!(decoder.tick().is_some(), result.is_ok());
    result
}

#[test]
fn a_row_count_beyond_the_bytes() {
    let bytes = keyframe_with(|writer| writer.push_gamma(u32::MAX - 1));
    assert!(golden_decoder(Level::Packed).keyframe(1, &bytes).is_err());
}

/// `movers` without any columns: a row takes few bits, many fit into few bytes.
fn schema_without_columns() -> Schema {
    let mut schema = golden::schema();
    schema.tables[1].fields.clear();
    schema.tables[1].owner = None;
    schema
}

#[test]
fn more_rows_than_the_limit() {
    let mut decoder = StreamDecoder::new(World::new(&schema_without_columns()).layout);
    let rows = |n: u32| {
        keyframe_with(|writer| {
            writer.push_gamma(n);
            // A gap of 0 (five bits), not moved.
            (0..n).for_each(|_| writer.push(0, 6));
        })
    };
    assert_eq!(decoder.keyframe(1, &rows(65_535)), Ok(()));
    assert_eq!(decoder.state().tables[1].len(), 65_535);
    assert_eq!(decoder.keyframe(1, &rows(65_536)), Err(DecodeError::TooManyRows));
    assert_eq!(decoder.tick(), None);
}

#[test]
fn more_rows_than_the_limit_by_entering() {
    for level in Level::ALL {
        let layout = Arc::new(Layout::coded(&schema_without_columns(), level));
        let mut decoder = StreamDecoder::new(layout);
        let keyframe = keyframe_with(|writer| {
            writer.push_gamma(65_535);
            (0..65_535).for_each(|_| writer.push(0, 6));
        });
        decoder.keyframe(4, &keyframe).unwrap();
        let full = decoder.clone();
        let entering = |n: u32, kind: Kind| {
            bits(|writer| {
                // players: nothing; movers: none left, rows entered behind the last one.
                match kind {
                    Kind::CatchUp => {
                        writer.push(0, 1);
                        writer.push_gamma(0);
                        writer.push(1, 1);
                    }
                    _ => writer.push(0b110, 3),
                }
                writer.push_gamma(0);
                writer.push_gamma(n);
                writer.push_rice(65_535, 4);
                (1..n).for_each(|_| writer.push_rice(0, 4));
            })
        };
        let kinds = if level == Level::Packed {
            &[Kind::Delta, Kind::CatchUp][..]
        } else {
            &[Kind::CatchUp]
        };
        for &kind in kinds {
            for n in [1, 65_536] {
                let mut decoder = full.clone();
                let result = kind.give(&mut decoder, &entering(n, kind));
                assert_eq!(result, Err(DecodeError::TooManyRows), "{level}, {kind:?}, {n}");
            }
        }
        // A range coder goes on beyond the end of its bytes: few of them claim very many rows.
        for byte in [0, 0x55, 0xAA, 0xFF] {
            for len in 1..20 {
                let mut decoder = full.clone();
                let result = decoder.delta(4, 5, &vec![byte; len]);
                assert_eq!(decoder.tick().is_some(), result.is_ok());
            }
        }
    }
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
    assert_eq!(golden_decoder(Level::Packed).keyframe(1, &bytes), Err(DecodeError::InvalidIds));
}

#[test]
fn a_column_beyond_its_maximum() {
    let with_health = |health| {
        keyframe_with(|writer| {
            writer.push_gamma(1);
            push_still_mover(writer, 0, health);
        })
    };
    let keyframe = |health| golden_decoder(Level::Packed).keyframe(1, &with_health(health));
    assert_eq!(keyframe(100), Ok(()));
    assert_eq!(keyframe(101), Err(DecodeError::InvalidColumn));
    // The same in what was before.
    let before = |health| {
        let bytes = keyframe_with(|writer| {
            writer.push_gamma(1);
            push_mover(writer, 0, 100);
            writer.push(1, 1);
            writer.push(0b10000, 5);
            writer.push(health, 7);
            writer.push(0, 1);
        });
        golden_decoder(Level::Packed).keyframe(1, &bytes)
    };
    assert_eq!(before(99), Ok(()));
    assert_eq!(before(101), Err(DecodeError::InvalidColumn));
}

#[test]
fn a_change_beyond_the_maximum() {
    // health, now 100, one more; pos, now (2, 3), three less: zigzagged 2 and 5.
    let health = |residual: u32| {
        move |writer: &mut BitWriter<'_>| {
            writer.push(0b010, 3);
            writer.push_gamma(1);
            writer.push_rice(0, 0);
            // Not the usual mask: held fields only; of them health.
            writer.push(0b1000, 4);
            writer.push(0b100, 3);
            writer.push_rice(residual, 3);
            writer.push(0, 1);
        }
    };
    assert_eq!(after_one_mover(Level::Packed, Kind::Delta, health(1)), Ok(()));
    let refused = after_one_mover(Level::Packed, Kind::Delta, health(2));
    assert_eq!(refused, Err(DecodeError::InvalidColumn));
    let pos = |residual: u32| {
        move |writer: &mut BitWriter<'_>| {
            writer.push(0b010, 3);
            writer.push_gamma(1);
            writer.push_rice(0, 0);
            writer.push(0b0010, 4);
            writer.push_rice(residual, 3);
            writer.push_rice(0, 3);
            writer.push(0, 1);
        }
    };
    assert_eq!(after_one_mover(Level::Packed, Kind::Delta, pos(3)), Ok(()));
    let refused = after_one_mover(Level::Packed, Kind::Delta, pos(5));
    assert_eq!(refused, Err(DecodeError::InvalidColumn));
    for level in Level::ALL {
        let catch_up = |residual: u32| {
            move |writer: &mut BitWriter<'_>| {
                writer.push(0, 1);
                writer.push_gamma(0);
                writer.push(0, 1);
                writer.push_gamma(1);
                writer.push_rice(0, 1);
                writer.push(0b00010, 5);
                writer.push_rice(residual, 3);
                writer.push_rice(0, 3);
                push_no_past(writer);
                writer.push(0, 1);
                writer.push_gamma(0);
            }
        };
        assert_eq!(after_one_mover(level, Kind::CatchUp, catch_up(3)), Ok(()));
        let refused = after_one_mover(level, Kind::CatchUp, catch_up(5));
        assert_eq!(refused, Err(DecodeError::InvalidColumn));
    }
}

#[test]
fn bytes_or_bits_after_the_end() {
    let mut bytes = keyframe_with(|writer| writer.push_gamma(0));
    let keyframe = |bytes: &[u8]| golden_decoder(Level::Packed).keyframe(1, bytes);
    assert_eq!(keyframe(&bytes), Ok(()));
    bytes.push(0);
    assert_eq!(keyframe(&bytes), Err(DecodeError::TrailingBytes));
    bytes.pop();
    if let Some(last) = bytes.last_mut() {
        *last |= 0x80;
    }
    assert_eq!(keyframe(&bytes), Err(DecodeError::TrailingBytes));
}

#[test]
fn a_delta_that_is_cut_or_lengthened() {
    for level in Level::ALL {
        let mut dice = Dice(5);
        let mut game = Game::new(&mut dice);
        let layout = Arc::new(Layout::coded(&game.schema, level));
        let (decoder, [_, delta, _]) = chunks(&layout, || {
            game.step(&mut dice);
            game.state.clone()
        });
        assert!(delta.len() > 40, "enough to cut: {}", delta.len());
        assert_eq!(decoder.clone().delta(4, 5, &delta), Ok(()));
        // A range coder's reader sees four bytes ahead and takes up to eight zeros for granted.
        let mut long = delta.clone();
        long.extend([1, 2, 3, 4, 5]);
        assert_eq!(decoder.clone().delta(4, 5, &long), Err(DecodeError::TrailingBytes), "{level}");
        let mut refused = 0;
        for len in 0..delta.len() {
            let mut decoder = decoder.clone();
            let result = decoder.delta(4, 5, &delta[..len]);
            refused += usize::from(result.is_err());
            check(&decoder, &layout, result);
        }
        // To a range coder zeros in place of the end often mean something: then the hash tells.
        let least = if level == Level::Packed { delta.len() - 2 } else { delta.len() / 3 };
        assert!(refused > least, "{level}: {refused} of {}", delta.len());
    }
}

#[test]
fn a_chunk_of_another_base_or_backwards() {
    let bytes = keyframe_with(|writer| writer.push_gamma(0));
    let nothing = bits(|writer| {
        for _ in 0..3 {
            writer.push_bit(false);
            writer.push_gamma(0);
        }
    });
    for level in Level::ALL {
        for (base, tick) in [(9, 11), (11, 12), (10, 10), (10, 9)] {
            let mut decoder = golden_decoder(level);
            decoder.keyframe(10, &bytes).unwrap();
            assert_eq!(decoder.delta(base, tick, &[0]), Err(DecodeError::WrongBase));
            assert_eq!(decoder.tick(), None);
            assert_eq!(decoder.keyframe(10, &bytes), Ok(()), "a keyframe mends it");
            assert_eq!(decoder.catch_up(base, tick, &nothing), Err(DecodeError::WrongBase));
            assert_eq!(decoder.tick(), None);
        }
        let mut decoder = golden_decoder(level);
        assert_eq!(decoder.delta(0, 1, &[0]), Err(DecodeError::WrongBase), "no state is held");
        decoder.keyframe(10, &bytes).unwrap();
        assert_eq!(decoder.catch_up(10, 12, &nothing), Ok(()));
    }
}

#[test]
fn rows_that_are_not_there() {
    let delta = |movers: &dyn Fn(&mut BitWriter<'_>)| {
        after_one_mover(Level::Packed, Kind::Delta, |writer| {
            writer.push(0b10, 2);
            movers(writer);
            writer.push(0, 1);
        })
    };
    let left_twice = delta(&|writer| {
        writer.push_bit(true);
        writer.push_gamma(2);
        (0..2).for_each(|_| writer.push_rice(0, 3));
    });
    assert_eq!(left_twice, Err(DecodeError::InvalidIndex));
    let entered_again = delta(&|writer| {
        writer.push_bit(true);
        writer.push_gamma(0);
        writer.push_gamma(1);
        push_mover(writer, 0, 100);
        writer.push_gamma(0);
    });
    assert_eq!(entered_again, Err(DecodeError::InvalidIds));
    let changed_beyond = delta(&|writer| {
        writer.push_bit(false);
        writer.push_gamma(1);
        writer.push_rice(1, 0);
    });
    assert_eq!(changed_beyond, Err(DecodeError::InvalidIndex));
    let very_many = delta(&|writer| {
        writer.push_bit(false);
        writer.push_gamma(65_536);
    });
    assert_eq!(very_many, Err(DecodeError::TooManyRows));
    for level in Level::ALL {
        let told_twice = after_one_mover(level, Kind::CatchUp, |writer| {
            writer.push(0, 1);
            writer.push_gamma(0);
            writer.push(0, 1);
            writer.push_gamma(2);
            for _ in 0..2 {
                writer.push_rice(0, 1);
                writer.push(0, 5);
                push_no_past(writer);
            }
        });
        assert_eq!(told_twice, Err(DecodeError::InvalidIndex));
        let single_left = after_one_mover(level, Kind::CatchUp, |writer| {
            for _ in 0..2 {
                writer.push(0, 1);
                writer.push_gamma(0);
            }
            writer.push(1, 1);
            writer.push_gamma(1);
        });
        assert_eq!(single_left, Err(DecodeError::InvalidIds));
    }
}

#[test]
fn a_change_of_a_single_row_that_is_not_there() {
    let keyframe = bits(|writer| {
        writer.push_gamma(0);
        writer.push_gamma(0);
        writer.push_bit(false);
    });
    let mut decoder = golden_decoder(Level::Packed);
    decoder.keyframe(1, &keyframe).unwrap();
    assert_eq!(decoder.delta(1, 2, &[0b100]), Err(DecodeError::InvalidIndex));
}

/// A history that no encoder remembers is taken as it is, and is the same for all who read it.
#[test]
fn an_impossible_history() {
    let keyframe = keyframe_with(|writer| {
        writer.push_gamma(1);
        push_mover(writer, 0, 100);
        writer.push(0b10, 2);
        writer.push(0x8888, 16);
    });
    for level in Level::ALL {
        let mut decoder = golden_decoder(level);
        assert_eq!(decoder.keyframe(4, &keyframe), Ok(()));
        let delta = if level == Level::Packed { [0] } else { [0xFF] };
        let result = decoder.delta(4, 5, &delta);
        assert_eq!(decoder.tick().is_some(), result.is_ok());
    }
}
