//! What the range coder expects: the decisions of a row, each with its probability (PROTOCOL 7.3.3).
//!
//! A residual is coded as zero or not, sign, length in bits, bits. How large it may become is
//! estimated from everything both sides know (a weighted sum of logarithms, as in context-based
//! lossless image coders: Wu and Memon, CALIC, 1997); the estimate is the context of most decisions.

use std::sync::{Arc, OnceLock};

use super::motion::Class;
use super::predict::Component;
use super::range::{Probability, probability};
use crate::prior::{MAGIC, SHIPPED_PRIOR};

/// Levels of the estimated size of a residual, four to an octave, from 1/4 on.
pub(super) const LEVELS: usize = 40;
/// Quantities that an estimate rests on, beside two constants.
pub(super) const FEATURES: usize = 12;
/// Positions of the unary length that have a probability of their own.
const LENGTHS: usize = 14;
/// Lengths whose first bits have probabilities of their own.
const SIZES: usize = 16;
/// Contexts of the sign.
const SIGNS: usize = 8 * 3 * 5;
/// Groups of levels for the highest bit.
const GROUPS: usize = LEVELS / 8;

/// Slots of one class, in this order.
const ZERO: usize = 0;
const SIGN: usize = ZERO + LEVELS * 4;
const LENGTH: usize = SIGN + SIGNS;
const TOP: usize = LENGTH + LEVELS * LENGTHS;
const SECOND: usize = TOP + SIZES * GROUPS;
const WAKES: usize = SECOND + SIZES * 2;
const CLASS_SLOTS: usize = WAKES + 2 * 3;

/// Slots that are not of a class, behind those of all classes.
const SHARED: usize = CLASS_SLOTS * Class::ALL.len();
const ROW_RESTS: usize = SHARED;
const ROW_MOVES: usize = ROW_RESTS + 4;
const HELD: usize = ROW_MOVES + 16;
const DIFFERS: usize = HELD + 4;
const LARGEST: usize = DIFFERS + 2;
const MEMBERS: usize = LARGEST + 2;
const STIRS: usize = MEMBERS + 1;
/// All slots.
pub(super) const SLOTS: usize = STIRS + 1;

/// Weights of one estimate, in 1/64.
pub(super) type Weights = [i32; FEATURES];

/// The numbers of a prior.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// Per class: of the first component, of the others.
    pub(super) weights: [[Weights; 2]; Class::ALL.len()],
    /// The probability of each slot at the start of a chunk.
    pub(super) slots: Vec<Probability>,
}

/// Probabilities that the slots of a prior choose from.
const PALETTE: usize = 256;
/// Bytes of a prior behind its magic: weights, palette, slots.
pub(crate) const PRIOR_BYTES: usize = Class::ALL.len() * 2 * FEATURES * 2 + PALETTE * 2 + SLOTS;

impl Model {
    /// The numbers that the protocol ships, trained by `cargo xtask train-priors`.
    pub(crate) fn shipped() -> Arc<Self> {
        static SHIPPED: OnceLock<Arc<Model>> = OnceLock::new();
        let read = || Arc::new(Self::from_bytes(&SHIPPED_PRIOR[MAGIC.len()..]));
        Arc::clone(SHIPPED.get_or_init(read))
    }

    /// The numbers in the bytes of a prior behind its magic: [`PRIOR_BYTES`] of them.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let mut words = bytes.as_chunks::<2>().0.iter().map(|word| u16::from_le_bytes(*word));
        let mut word = || words.next().unwrap_or(0);
        let mut weights = [[[0; FEATURES]; 2]; Class::ALL.len()];
        for weight in weights.iter_mut().flatten().flatten() {
            *weight = i32::from(word() as i16);
        }
        let palette: Vec<Probability> = (0..PALETTE).map(|_| probability(word().into())).collect();
        let slots = bytes.get(PRIOR_BYTES - SLOTS..).unwrap_or_default();
        let mut slots: Vec<_> = slots.iter().map(|&index| palette[usize::from(index)]).collect();
        slots.resize(SLOTS, probability(0x8000));
        Self { weights, slots }
    }

    /// One that expects nothing in particular: what training starts from.
    pub(super) fn flat() -> Self {
        let mut weights = [0; FEATURES];
        // Half of it from the size of the last residual, half from that of its siblings.
        (weights[2], weights[3], weights[5]) = (24, 24, 8);
        Self { weights: [[weights; 2]; Class::ALL.len()], slots: vec![probability(0x8000); SLOTS] }
    }

    /// The bytes of a prior of these weights and of the decisions counted per slot (zeros, ones), beside
    /// which the probabilities held count for as many as `trust` says.
    pub(super) fn write(&self, counts: &[[f64; 2]], trust: f64) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for &weight in self.weights.iter().flatten().flatten() {
            bytes.extend_from_slice(&(weight as i16).to_le_bytes());
        }
        // Evenly spaced logarithms of the odds.
        let odds = |index: usize| libm::exp((index as f64 - 127.5) / 16.5);
        let palette: Vec<_> = (0..PALETTE)
            .map(|index| probability((65_536.0 * odds(index) / (1.0 + odds(index))).round() as u32))
            .collect();
        for p in &palette {
            bytes.extend_from_slice(&p.to_le_bytes());
        }
        for ([zeros, ones], &held) in smoothed(counts).into_iter().zip(&self.slots) {
            let held = f64::from(held) / 65_536.0;
            let (zeros, ones) = (zeros + trust * (1.0 - held), ones + trust * held);
            let p = (65_536.0 * ones / (zeros + ones)) as u16;
            let index = palette.partition_point(|&other| other < p);
            let below = index.saturating_sub(1);
            let closer = palette.get(index).is_none_or(|&at| at - p > p - palette[below].min(p));
            bytes.push(if closer { below } else { index } as u8);
        }
        bytes
    }

    /// The level of a component, given the sizes coded before it.
    #[inline]
    pub(super) fn level(&self, component: &Component, coded: &Coded) -> usize {
        let weights = &self.weights[component.class as usize][usize::from(component.index > 0)];
        let features = features(component, coded);
        let sum: i32 = features.iter().zip(weights).map(|(f, w)| f * w).sum();
        // 1/64 of 1/16 octaves to 1/4 octaves.
        (sum >> 8).clamp(0, LEVELS as i32 - 1) as usize
    }
}

/// Sizes of the residuals coded so far in a row, in quarters of a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coded {
    /// Of this field.
    pub(super) field: u32,
    /// Of the fields before it.
    pub(super) row: u32,
}

/// What one residual adds to those sizes at most: one wild row must not drown the others.
const MOST_CODED: u32 = 160;

impl Coded {
    /// A residual has been coded.
    #[inline]
    pub(super) fn add(&mut self, residual: i32) {
        self.field += residual.unsigned_abs().saturating_mul(4).min(MOST_CODED);
    }

    /// The next field begins.
    pub(super) fn next_field(&mut self) {
        self.row = self.row.saturating_add(self.field);
        self.field = 0;
    }
}

/// What an estimate rests on: constants, then logarithms of sizes.
pub(super) fn features(component: &Component, coded: &Coded) -> Weights {
    let c = component;
    let siblings = if c.index > 1 { coded.field / 2 } else { coded.field };
    let spread = ((c.otherwise - c.expected).abs() * 4.0) as u32;
    [
        64,
        if c.index > 1 { 64 } else { 0 },
        log16(super::history::size(c.own)),
        log16(c.field),
        log16(c.pace),
        log16(siblings),
        log16(coded.row),
        log16(spread),
        log16(c.aside),
        log16(c.apart),
        log16(c.around),
        log16(c.speed),
    ]
}

/// The logarithm of a size in quarters of a step, in 1/16 octaves.
#[inline]
pub(super) fn log16(quarters: u32) -> i32 {
    let value = quarters.min(u32::MAX - 3) + 3;
    let octave = value.ilog2();
    let part = if octave >= 4 { value >> (octave - 4) } else { value << (4 - octave) };
    (octave * 16 + (part & 15)) as i32
}

/// First slot of a class.
const fn class(class: Class) -> usize {
    class as usize * CLASS_SLOTS
}

/// Contexts of one residual's decisions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Residual {
    base: usize,
    level: usize,
    zero: usize,
    sign: usize,
}

impl Residual {
    /// `offset`: how far above the rounded value the expectation lies, in steps.
    #[inline]
    pub(super) fn new(component: &Component, level: usize, offset: f64) -> Self {
        let base = class(component.class);
        let fold = ((offset.abs() * 8.0) as usize).min(3);
        let eighth = (((offset + 0.5) * 8.0) as usize).min(7);
        let spread = component.otherwise - component.expected;
        let side = usize::from(spread > -0.25) + usize::from(spread > 0.25);
        let own = (component.own.clamp(-2, 2) + 2) as usize;
        Self {
            base,
            level,
            zero: base + ZERO + level * 4 + fold,
            sign: base + SIGN + (eighth * 3 + side) * 5 + own,
        }
    }

    /// Whether it is not zero.
    #[inline]
    pub(super) fn zero(&self) -> usize {
        self.zero
    }

    /// Whether it is negative.
    #[inline]
    pub(super) fn sign(&self) -> usize {
        self.sign
    }

    /// Whether its magnitude has more than `length` bits (from 1 on).
    #[inline]
    pub(super) fn longer(&self, length: u32) -> usize {
        let position = (length as usize - 1).min(LENGTHS - 1);
        self.base + LENGTH + self.level * LENGTHS + position
    }

    /// The bit below the highest of a magnitude of `length` bits.
    #[inline]
    pub(super) fn top(&self, length: u32) -> usize {
        self.base + TOP + (length as usize).min(SIZES - 1) * GROUPS + self.level / 8
    }

    /// The bit below that one.
    #[inline]
    pub(super) fn second(&self, length: u32, top: bool) -> usize {
        self.base + SECOND + (length as usize).min(SIZES - 1) * 2 + usize::from(top)
    }
}

/// Whether a row that rested moves. `stirs`: it has only just come to rest; `follows`: the row before
/// it moved.
#[inline]
pub(super) fn row_rests(stirs: bool, follows: bool) -> usize {
    ROW_RESTS + usize::from(stirs) * 2 + usize::from(follows)
}

/// Whether a row that moved goes on. `history`: what is remembered of it.
#[inline]
pub(super) fn row_moves(history: u32, speed: u32) -> usize {
    let calm = usize::from(history == 0);
    ROW_MOVES + calm * 8 + (log16(speed) as usize / 16).saturating_sub(2).min(7)
}

/// Whether a field that lay still moves. `rested`: its row rested; `before`: fields of the row that
/// have moved.
#[inline]
pub(super) fn wakes(of: Class, rested: bool, before: usize) -> usize {
    class(of) + WAKES + usize::from(rested) * 3 + before.min(2)
}

/// Whether any held field of a row changes.
#[inline]
pub(super) fn held(rested: bool, moved: bool) -> usize {
    HELD + usize::from(rested) * 2 + usize::from(moved)
}

/// Whether one of them does. `changed`: it did with the last snapshot.
#[inline]
pub(super) fn differs(changed: bool) -> usize {
    DIFFERS + usize::from(changed)
}

/// Whether another component of a quaternion is the largest than expected.
#[inline]
pub(super) fn largest(sure: bool) -> usize {
    LARGEST + usize::from(sure)
}

/// Whether rows left or entered a table.
pub(super) const fn members() -> usize {
    MEMBERS
}

/// Whether anything happens in a table that rested.
pub(super) const fn stirs() -> usize {
    STIRS
}

/// What a slot that nothing is known of counts for, in decisions.
pub(super) const LITTLE_TRUST: f64 = 0.4;
/// What a slot of a prior counts for that another is learnt from.
pub(super) const TRUST: f64 = 16.0;
/// Share of a level's count that reaches the level beside it.
const SPILL: f64 = 0.02;
/// Levels that it reaches: behind them nothing of it is left.
const SPILL_LEVELS: usize = 4;

/// The counts; those of lengths and zeros lean on the levels beside them.
fn smoothed(counts: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut out = counts.to_vec();
    for base in Class::ALL.map(class) {
        for (start, stride) in [(base + ZERO, 4), (base + LENGTH, LENGTHS)] {
            let slots = start..start + LEVELS * stride;
            for (slot, sum) in out.iter_mut().enumerate().take(slots.end).skip(slots.start) {
                let mut share = 1.0;
                for step in (1..=SPILL_LEVELS).map(|levels| levels * stride) {
                    share *= SPILL;
                    let beside = [slot.checked_sub(step), slot.checked_add(step)];
                    for other in beside.into_iter().flatten().filter(|other| slots.contains(other))
                    {
                        sum[0] += share * counts[other][0];
                        sum[1] += share * counts[other][1];
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_PRIOR_BYTES;
    use crate::stream::history::size;
    use crate::stream::range::probability;

    /// Whether the coder takes it as it is.
    fn is_sound(p: Probability) -> bool {
        probability(p.into()) == p
    }

    #[test]
    fn the_shipped_prior_is_within_the_coders_bounds() {
        assert!(SHIPPED_PRIOR.len() <= MAX_PRIOR_BYTES);
        assert_eq!(SHIPPED_PRIOR.len(), MAGIC.len() + PRIOR_BYTES);
        let (head, slots) = SHIPPED_PRIOR.split_at(SHIPPED_PRIOR.len() - SLOTS);
        let palette = head[head.len() - PALETTE * 2..].as_chunks::<2>().0;
        let palette: Vec<u16> = palette.iter().map(|word| u16::from_le_bytes(*word)).collect();
        assert!(palette.iter().all(|&p| is_sound(p)) && palette.is_sorted());
        let model = Model::shipped();
        assert!(model.slots.iter().zip(slots).all(|(&p, &at)| p == palette[usize::from(at)]));
        // Trained, not flat; many contexts hardly ever meet.
        let told = model.slots.iter().filter(|p| p.abs_diff(0x8000) > 0x0800).count();
        assert!(told > SLOTS / 4, "{told} of {SLOTS}");
        // No sum of the largest features leaves a word, in either direction.
        let largest = i64::from(log16(u32::MAX).max(log16(size(-8))));
        for weights in model.weights.iter().flatten() {
            let sum: i64 = weights.iter().map(|&w| i64::from(w).abs() * largest).sum();
            assert!(i32::try_from(sum).is_ok(), "{weights:?}");
        }
    }

    #[test]
    fn a_written_model_reads_back_with_the_nearest_probabilities() {
        let mut model = Model::flat();
        model.weights[3][1][5] = -1234;
        let mut counts = vec![[0.0; 2]; SLOTS];
        (counts[members()], counts[stirs()]) = ([990.0, 10.0], [0.0, 1e9]);
        let bytes = model.write(&counts, LITTLE_TRUST);
        let read = Model::from_bytes(&bytes[MAGIC.len()..]);
        assert_eq!(read.weights, model.weights);
        let share = |slot: usize| f64::from(read.slots[slot]) / 65_536.0;
        assert!((share(members()) - 0.01).abs() < 0.0005, "{}", share(members()));
        assert!(share(stirs()) > 0.999 && is_sound(read.slots[stirs()]));
        assert!((share(largest(true)) - 0.5).abs() < 0.01);
    }
}
