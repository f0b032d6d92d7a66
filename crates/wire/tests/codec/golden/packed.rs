//! Level `packed`, keyframes and catch-ups: every bit.

use std::sync::Arc;

use tickwire_wire::layout::Layout;
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use super::Part::{Bits, Gamma, Rice};
use super::{MOVER_3, MOVER_3_LATER, MOVER_9, bytes_of, plain, schema, state};

/// What is remembered of the mover after its first step, in 15 + 6 bits: `pos` did not go smoothly,
/// residuals (10 is kept as 5, then -2), which way of predicting was better (neither); those of `aim`
/// (4, neither).
const HISTORY: u32 = 5 << 1 | 0xE << 5 | 4 << 15;

/// An encoder at tick 2: the mover has made one step.
fn one_step() -> (Arc<Layout>, StreamEncoder) {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3)], 300), &mut out);
    encoder.advance(2, &state(&layout, &[(3, MOVER_3_LATER)], 300), &mut out);
    (layout, encoder)
}

#[test]
fn a_keyframe() {
    let (_, encoder) = one_step();
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);

    let mut parts = vec![Gamma(0), Gamma(1), Rice(2, 4)];
    parts.extend(plain(MOVER_3_LATER));
    // Moved: player no, pos from, aim from, alive no, health no.
    parts.extend([Bits(1, 1), Bits(0, 1)]);
    parts.extend([Bits(1, 1), Bits(1000, 12), Bits(2000, 12), Bits(1, 1), Bits(250, 8)]);
    parts.extend([Bits(0, 2)]);
    parts.extend([Bits(1, 1), Bits(HISTORY, 21)]);
    // The round has not moved, and has nothing that could be remembered.
    parts.extend([Bits(1, 1), Bits(300, 9), Bits(0, 1)]);
    assert_eq!(keyframe, bytes_of(&parts));
    assert_eq!(keyframe.len(), 17, "136 bits");
}

#[test]
fn a_delta() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3)], 300), &mut out);
    let advance = encoder.advance(4, &state(&layout, &[(3, MOVER_3_LATER)], 299), &mut out);
    assert_eq!(advance, Advance::Delta { base: 1 });

    // players: nothing; movers: the same rows, one of one at rest differs, at index 0.
    let mut parts = vec![Bits(0, 1), Bits(1, 1), Bits(0, 1), Gamma(1), Rice(0, 0)];
    // Not what is usual; pos and aim, and no held field.
    parts.extend([Bits(0, 1), Bits(1, 1), Bits(1, 1), Bits(0, 1)]);
    // pos: +10 with k = 3 (mean 64/8); -2 with k = 4 ((112 + 2 × 160) / 3 = 144); aim: +4 with k = 3.
    parts.extend([Rice(20, 3), Rice(3, 4), Rice(8, 3)]);
    // round: its one field is held and differs; by -1.
    parts.extend([Bits(1, 1), Bits(0, 1), Bits(1, 1), Rice(1, 3)]);
    assert_eq!(out, bytes_of(&parts));
    assert_eq!(out.len(), 5);
}

#[test]
fn a_row_that_goes_on_as_predicted_costs_a_bit_per_table() {
    let (layout, mut encoder) = one_step();
    let mut out = Vec::new();
    // Twice the step; the angle wraps from 254 to 2.
    let next = [1, 1020, 1996, 2, 1, 100];
    let advance = encoder.advance(3, &state(&layout, &[(3, next)], 300), &mut out);
    assert_eq!(advance, Advance::Delta { base: 2 });
    assert_eq!(out, [0]);
    // It stops. One delta says so, the next that the surprise is forgotten, then there is silence.
    out.clear();
    let stopped = state(&layout, &[(3, next)], 300);
    assert_eq!(encoder.advance(4, &stopped, &mut out), Advance::Delta { base: 3 });
    let mut parts = vec![Bits(0, 1), Bits(1, 1), Bits(0, 1)];
    // Of the rows at rest none differs; of those that moved all but none.
    parts.extend([Gamma(0), Bits(1, 1), Gamma(0)]);
    parts.extend([Bits(0, 1), Bits(1, 1), Bits(1, 1), Bits(0, 1)]);
    // pos went smoothly (4 eighths a column): -10 with k = 2 ((64 + 2 × 4) / 3 = 24), +2 with k = 3
    // ((2 × 108 + 3 × 4 + 3 × 152) / 8 = 85); aim: -4 with k = 3.
    parts.extend([Rice(19, 2), Rice(4, 3), Rice(7, 3)]);
    parts.push(Bits(0, 1));
    assert_eq!(out, bytes_of(&parts));
    out.clear();
    assert_eq!(encoder.advance(5, &stopped, &mut out), Advance::Delta { base: 4 });
    assert_eq!(out, [0]);
    out.clear();
    assert_eq!(encoder.advance(6, &stopped, &mut out), Advance::Unchanged);
    assert!(out.is_empty());
    assert_eq!(encoder.tick(), Some(5));
}

#[test]
fn rows_that_leave_and_enter() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3), (4, MOVER_3)], 300), &mut out);
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);
    decoder.keyframe(1, &keyframe).unwrap();
    let next = state(&layout, &[(3, MOVER_3), (9, MOVER_9)], 300);
    encoder.advance(2, &next, &mut out);

    let mut parts = vec![Bits(0, 1), Bits(1, 1), Bits(1, 1)];
    parts.extend([Gamma(1), Rice(1, 3), Gamma(1), Rice(8, 4)]);
    parts.extend(plain(MOVER_9));
    // Of the one row that stayed, at rest, none differs; no row moved.
    parts.extend([Gamma(0), Bits(0, 1)]);
    assert_eq!(out, bytes_of(&parts));
    decoder.delta(1, 2, &out).unwrap();
    assert_eq!(decoder.state(), &next);
    assert_eq!(decoder.previous(), &next);
}

#[test]
fn a_held_field_that_changes() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    let rows = [(3, MOVER_3), (4, MOVER_3), (5, MOVER_3), (6, MOVER_3)];
    encoder.advance(1, &state(&layout, &rows, 300), &mut out);
    let [first, second, mut third, fourth] = rows;
    third.1 = [7, 1000, 2000, 250, 0, 97];
    encoder.advance(2, &state(&layout, &[first, second, third, fourth], 300), &mut out);

    // One of four rows at rest, index 2, gaps with k = log2(4 / 2); only held fields: all three.
    let mut parts = vec![Bits(0, 1), Bits(1, 1), Bits(0, 1), Gamma(1), Rice(2, 1)];
    parts.extend([Bits(0, 1), Bits(0, 1), Bits(0, 1), Bits(1, 1)]);
    // player plain, alive the other value, health 3 less.
    parts.extend([Bits(0b111, 3), Bits(7, 16), Rice(5, 3), Bits(0, 1)]);
    assert_eq!(out, bytes_of(&parts));
}

#[test]
fn a_catch_up() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(2, MOVER_9), (3, MOVER_3)], 300), &mut out);
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);
    decoder.keyframe(1, &keyframe).unwrap();
    encoder.advance(2, &state(&layout, &[(2, MOVER_9), (3, MOVER_3)], 290), &mut out);
    let before = [(2, MOVER_9), (3, MOVER_3)];
    encoder.advance(3, &state(&layout, &before, 290), &mut out);
    let rows = [(2, MOVER_9), (3, MOVER_3_LATER), (9, MOVER_9)];
    encoder.advance(4, &state(&layout, &rows, 290), &mut out);
    let mut catch_up = Vec::new();
    assert!(encoder.catch_up(1, &mut catch_up));

    // players: the same rows, none told. movers: none left, one entered; told: 1, and 2 that entered.
    let mut parts = vec![Bits(0, 1), Gamma(0), Bits(1, 1), Gamma(0), Gamma(1), Rice(8, 4)];
    parts.extend(plain(MOVER_9));
    parts.extend([Gamma(2), Rice(1, 1)]);
    // What differs from tick 1: pos (+10 with k = 3, -2 with k = 4: 28 / 2) and aim (+4).
    parts.extend([Bits(0b00110, 5), Rice(20, 3), Rice(3, 4), Rice(8, 3)]);
    // Its past, as in a keyframe.
    parts.extend([Bits(1, 1), Bits(0, 1)]);
    parts.extend([Bits(1, 1), Bits(1000, 12), Bits(2000, 12), Bits(1, 1), Bits(250, 8)]);
    parts.extend([Bits(0, 2), Bits(1, 1), Bits(HISTORY, 21)]);
    // The row that entered: no past.
    parts.extend([Rice(0, 1), Bits(0, 1), Bits(0, 1)]);
    // round: the same row, 10 less than at tick 1, at rest by now.
    parts.extend([Bits(0, 1), Gamma(1), Rice(0, 1), Bits(1, 1), Rice(19, 3), Bits(0, 1)]);
    assert_eq!(catch_up, bytes_of(&parts));
    decoder.catch_up(1, 4, &catch_up).unwrap();
    assert_eq!(decoder.state(), encoder.state());
    assert_eq!(decoder.hash(), encoder.hash());
}
