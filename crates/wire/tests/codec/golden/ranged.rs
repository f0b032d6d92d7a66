//! Level `ranged` against a second coder, written from the text of `PROTOCOL.md` and as plainly as
//! possible: exact arithmetic, a name for each slot. The prior is flat: every probability starts at
//! one half and every estimate is level 0, so that each decision is known by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::prior::{MAGIC, Prior};
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

use super::{MOVER_3, MOVER_3_LATER, MOVER_9, plain, schema, state};
use crate::golden::Part;

/// All weights 0, all probabilities one half.
pub(crate) fn flat_prior() -> Prior {
    let mut bytes = MAGIC.to_vec();
    bytes.resize(Prior::BYTES, 0);
    // Weights: 9 classes × 2 × 12 of two bytes; then the palette, of which all slots take entry 0.
    let palette = MAGIC.len() + 9 * 2 * 12 * 2;
    bytes[palette..palette + 2].copy_from_slice(&0x8000_u16.to_le_bytes());
    Prior::from_bytes(&bytes).unwrap()
}

/// One step of the coder: a decision in a named slot, or plain bits.
#[derive(Clone, Copy)]
enum Do {
    Bit(&'static str, u32),
    Raw(u32, u32),
}

use Do::{Bit, Raw};

/// The bytes of decisions. The interval is kept exactly: 128 bits are more than these examples need.
fn coded(steps: &[Do]) -> Vec<u8> {
    let mut slots: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut low, mut range, mut shifts) = (0_u128, (1_u128 << 32) - 1, 0);
    let mut normalise = |low: &mut u128, range: &mut u128| {
        while *range < 1 << 24 {
            *low <<= 8;
            *range <<= 8;
            shifts += 1;
        }
    };
    for &step in steps {
        match step {
            Bit(slot, bit) => {
                let p = slots.entry(slot).or_insert(0x8000);
                let bound = (range >> 16) * u128::from(*p);
                if bit == 1 {
                    range = bound;
                    *p += (65_536 - *p) >> 6;
                } else {
                    low += bound;
                    range -= bound;
                    *p -= *p >> 6;
                }
                assert!((32..=65_504).contains(p), "no clamping in these examples");
                normalise(&mut low, &mut range);
            }
            Raw(value, n) => {
                let mut left = n;
                while left > 0 {
                    let take = left.min(8);
                    left -= take;
                    range >>= take;
                    low += u128::from(value >> left & ((1 << take) - 1)) * range;
                    normalise(&mut low, &mut range);
                }
            }
        }
    }
    // The fewest bytes that lie in the interval whatever follows them; zeros at the end are implied.
    let bits = 32 + 8 * shifts;
    let unit = (0..=4).map(|bytes| 1_u128 << (32 - 8 * bytes)).find(|unit| {
        let value = low.div_ceil(*unit) * unit;
        value < low + range
    });
    let value = low.div_ceil(unit.unwrap()) * unit.unwrap();
    let mut bytes = (value << (128 - bits)).to_be_bytes().to_vec();
    let implied = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
    bytes.truncate((16 - implied).max(1));
    bytes
}

fn flat() -> Arc<Layout> {
    Arc::new(Layout::with_prior(&schema(), Level::Ranged, &flat_prior()))
}

/// An encoder at tick 1 and a decoder that follows it.
fn start(layout: &Arc<Layout>, movers: &[(u32, [u32; 6])]) -> (StreamEncoder, StreamDecoder) {
    let mut encoder = StreamEncoder::new(Arc::clone(layout));
    let mut decoder = StreamDecoder::new(Arc::clone(layout));
    assert_eq!(encoder.advance(1, &state(layout, movers, 300), &mut Vec::new()), Advance::First);
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);
    decoder.keyframe(1, &keyframe).unwrap();
    (encoder, decoder)
}

/// Plain parts as the range coder takes them.
fn raw(parts: &[Part]) -> Vec<Do> {
    let mut steps = Vec::new();
    for &part in parts {
        match part {
            Part::Bits(value, n) => steps.push(Raw(value, n)),
            Part::Gamma(value) => {
                let n = 31 - (value + 1).leading_zeros();
                steps.extend((0..n).map(|_| Raw(0, 1)));
                steps.extend([Raw(1, 1), Raw(value + 1 - (1 << n), n)]);
            }
            Part::Rice(value, k) => {
                steps.extend((0..value >> k).map(|_| Raw(1, 1)));
                steps.extend([Raw(0, 1), Raw(value & ((1 << k) - 1), k)]);
            }
        }
    }
    steps
}

/// From [`MOVER_3`] to [`MOVER_3_LATER`].
const FIRST_STEP: [Do; 25] = [
    // players: nothing stirs. movers: something does, not who is there.
    Bit("stirs", 0),
    Bit("stirs", 1),
    Bit("members", 0),
    // The row, which rested, moves; its pos wakes: +10, -2.
    Bit("row rests", 1),
    Bit("wakes: line, 0", 1),
    Bit("zero: line", 1),
    Bit("sign: line", 0),
    Bit("length: line, 1", 1),
    Bit("length: line, 2", 1),
    Bit("length: line, 3", 1),
    Bit("length: line, 4", 0),
    Bit("top: line, 4", 0),
    Bit("second: line, 4, 0", 1),
    Raw(0, 1),
    Bit("zero: line", 1),
    Bit("sign: line", 1),
    Bit("length: line, 1", 1),
    Bit("length: line, 2", 0),
    Bit("top: line, 2", 0),
    // The aim wakes, as the second field: +4.
    Bit("wakes: angle, 1", 1),
    Bit("zero: angle", 1),
    Bit("sign: angle", 0),
    Bit("length: angle, 1", 1),
    Bit("length: angle, 2", 1),
    Bit("length: angle, 3", 0),
];

#[test]
fn a_delta() {
    let layout = flat();
    let (mut encoder, mut decoder) = start(&layout, &[(3, MOVER_3)]);
    let mut out = Vec::new();
    let next = state(&layout, &[(3, MOVER_3_LATER)], 299);
    assert_eq!(encoder.advance(4, &next, &mut out), Advance::Delta { base: 1 });

    let mut steps = FIRST_STEP.to_vec();
    steps.extend([
        Bit("top: angle, 3", 0),
        Bit("second: angle, 3, 0", 0),
        // No held field changes.
        Bit("held: rested, moved", 0),
        // round: its row, which rested and is the first, moves; its one field is held; -1.
        Bit("stirs", 1),
        Bit("row rests", 1),
        Bit("held: rested", 1),
        Bit("differs", 1),
        Bit("zero: count", 1),
        Bit("sign: count", 1),
        Bit("length: count, 1", 0),
    ]);
    assert_eq!(out, coded(&steps));
    assert_eq!(out.len(), 5, "35 decisions and a plain bit");
    decoder.delta(1, 4, &out).unwrap();
    assert_eq!(decoder.state(), &next);
}

#[test]
fn a_row_that_goes_on_as_predicted_costs_a_decision_per_component() {
    let layout = flat();
    let (mut encoder, mut decoder) = start(&layout, &[(3, MOVER_3)]);
    let mut out = Vec::new();
    encoder.advance(2, &state(&layout, &[(3, MOVER_3_LATER)], 300), &mut out);
    let mut first = FIRST_STEP.to_vec();
    first.extend([
        Bit("top: angle, 3", 0),
        Bit("second: angle, 3, 0", 0),
        Bit("held: rested, moved", 0),
        Bit("stirs", 0),
    ]);
    assert_eq!(out, coded(&first));
    decoder.delta(1, 2, &out).unwrap();

    out.clear();
    let next = state(&layout, &[(3, [1, 1020, 1996, 2, 1, 100])], 300);
    encoder.advance(3, &next, &mut out);
    let steps = [
        Bit("stirs", 0),
        // movers do not rest: no question whether they stir.
        Bit("members", 0),
        Bit("row moves", 1),
        Bit("zero: line", 0),
        Bit("zero: line", 0),
        Bit("zero: angle", 0),
        Bit("held: moved", 0),
        Bit("stirs", 0),
    ];
    assert_eq!(out, coded(&steps));
    assert_eq!(out.len(), 1);
    decoder.delta(2, 3, &out).unwrap();
    assert_eq!(decoder.state(), &next);

    // It stops: one decision says so. Then it rests but has only just come to rest; then silence.
    out.clear();
    assert_eq!(encoder.advance(4, &next, &mut out), Advance::Delta { base: 3 });
    let steps = [Bit("stirs", 0), Bit("members", 0), Bit("row moves", 0), Bit("stirs", 0)];
    assert_eq!(out, coded(&steps));
    decoder.delta(3, 4, &out).unwrap();
    assert_eq!(encoder.advance(5, &next, &mut out), Advance::Unchanged);
}

#[test]
fn rows_that_leave_and_enter() {
    let layout = flat();
    let (mut encoder, mut decoder) = start(&layout, &[(3, MOVER_3), (4, MOVER_3)]);
    let mut out = Vec::new();
    let next = state(&layout, &[(3, MOVER_3), (9, MOVER_9)], 300);
    encoder.advance(2, &next, &mut out);
    let mut steps = vec![Bit("stirs", 0), Bit("stirs", 1), Bit("members", 1)];
    steps.extend(raw(&[Part::Gamma(1), Part::Rice(1, 3), Part::Gamma(1), Part::Rice(8, 4)]));
    steps.extend(raw(&plain(MOVER_9)));
    // The row that stayed does not move.
    steps.extend([Bit("row rests", 0), Bit("stirs", 0)]);
    assert_eq!(out, coded(&steps));
    decoder.delta(1, 2, &out).unwrap();
    assert_eq!(decoder.state(), &next);
}
