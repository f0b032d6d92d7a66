//! What the range coder expects: the decisions of a row, each with its probability (PROTOCOL 7.3.6).
//!
//! A residual is coded as zero or not, sign, length in bits, bits. How large it may become is
//! estimated from everything both sides know (a weighted sum of logarithms, as in context-based
//! lossless image coders: Wu and Memon, CALIC, 1997); the estimate is the context of most decisions.

use std::sync::{Arc, OnceLock};

use super::history::{History, NOTHING, size};
use super::mixing::{self, INPUTS, PRIOR_WEIGHT_SHIFT};
use super::motion::Class;
use super::predict::{Component, FAR};
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

/// Contexts of a decision beside its slot, at level `ranged-max`.
const OTHERS: usize = INPUTS - 1;
/// Values of each of them.
const OTHER_VALUES: usize = LEVELS / 2 * 8;
/// Kinds of decisions that are mixed: zero, sign, lengths.
const KINDS: usize = 2 + MIXED_LENGTHS;
/// Positions of the unary length that are mixed, the last one for all further.
const MIXED_LENGTHS: usize = 4;
/// Slots of those contexts.
pub(super) const OTHER_SLOTS: usize = Class::ALL.len() * OTHERS * OTHER_VALUES * KINDS;
/// Sets of weights by which they are mixed.
pub(super) const MIXES: usize = Class::ALL.len() * KINDS * GROUPS;

/// Weights of one estimate, in 1/64.
pub(super) type Weights = [i32; FEATURES];

/// The numbers of a prior.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Model {
    /// Per class: of the first component, of the others.
    pub(super) weights: [[Weights; 2]; Class::ALL.len()],
    /// The probability of each slot at the start of a chunk.
    pub(super) slots: Vec<Probability>,
    /// The same for the other contexts of level `ranged-max`.
    pub(super) others: Vec<Probability>,
    /// The weights of each mix at the start of a chunk.
    pub(super) mixes: Vec<mixing::Weights>,
}

/// Probabilities that the slots of a prior choose from.
const PALETTE: usize = 256;
/// Bytes of a prior behind its magic: weights, palette, slots; other slots, mixes.
pub(crate) const PRIOR_BYTES: usize = HEAD_BYTES + SLOTS + OTHER_SLOTS + MIXES * INPUTS * 2;
/// Bytes of weights and palette.
const HEAD_BYTES: usize = Class::ALL.len() * 2 * FEATURES * 2 + PALETTE * 2;

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
        let slots = |from: usize, count: usize| -> Vec<Probability> {
            let indices = bytes.get(from..from + count).unwrap_or_default();
            let mut slots: Vec<_> = indices.iter().map(|&at| palette[usize::from(at)]).collect();
            slots.resize(count, probability(0x8000));
            slots
        };
        let mixes = bytes.get(HEAD_BYTES + SLOTS + OTHER_SLOTS..).unwrap_or_default();
        let mut words = mixes.as_chunks::<2>().0.iter().map(|word| i16::from_le_bytes(*word));
        let mut weight = || i32::from(words.next().unwrap_or(0)) << PRIOR_WEIGHT_SHIFT;
        Self {
            weights,
            slots: slots(HEAD_BYTES, SLOTS),
            others: slots(HEAD_BYTES + SLOTS, OTHER_SLOTS),
            mixes: (0..MIXES).map(|_| std::array::from_fn(|_| weight())).collect(),
        }
    }

    /// One that expects nothing in particular: what training starts from.
    pub(super) fn flat() -> Self {
        let mut weights = [0; FEATURES];
        // Half of it from the size of the last residual, half from that of its siblings.
        (weights[2], weights[3], weights[5]) = (24, 24, 8);
        Self {
            weights: [[weights; 2]; Class::ALL.len()],
            slots: vec![probability(0x8000); SLOTS],
            others: vec![probability(0x8000); OTHER_SLOTS],
            // Mostly the slot of level `ranged`.
            mixes: vec![[26_000, 13_000, 13_000, 13_000, 13_000]; MIXES],
        }
    }

    /// Takes over the decisions counted per slot (zeros, ones), beside which the probabilities held
    /// count for as many as `trust` says.
    pub(super) fn learn(&mut self, counts: &[[f64; 2]], trust: f64) {
        let (own, others) = counts.split_at(SLOTS);
        let held = self.slots.iter_mut().chain(&mut self.others);
        for ([zeros, ones], p) in smoothed(own).iter().chain(others).zip(held) {
            let share = f64::from(*p) / 65_536.0;
            let (zeros, ones) = (zeros + trust * (1.0 - share), ones + trust * share);
            *p = probability((65_536.0 * ones / (zeros + ones)) as u32);
        }
    }

    /// The bytes of a prior.
    pub(super) fn write(&self) -> Vec<u8> {
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
        bytes.extend(self.slots.iter().chain(&self.others).map(|&p| nearest(&palette, p)));
        for &weight in self.mixes.iter().flatten() {
            let weight = (weight >> PRIOR_WEIGHT_SHIFT).clamp(i16::MIN.into(), i16::MAX.into());
            bytes.extend_from_slice(&(weight as i16).to_le_bytes());
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
#[inline]
pub(super) fn features(component: &Component, coded: &Coded) -> Weights {
    let c = component;
    let siblings = if c.index > 1 { coded.field / 2 } else { coded.field };
    let spread = ((c.otherwise - c.expected).abs() * 4.0) as u32;
    [
        64,
        if c.index > 1 { 64 } else { 0 },
        log16(size(c.own)),
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
    let part = (u64::from(value) << 4 >> octave) as u32;
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
    /// First set of weights of the class, and the values of its other contexts: for the size, and for
    /// the sign. Only at level `ranged-max`.
    mix: usize,
    sizes: [u32; OTHERS],
    signs: [u32; OTHERS],
}

/// A decision that is mixed: its set of weights, its slots among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mix {
    pub(super) set: usize,
    pub(super) others: [usize; OTHERS],
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
            mix: component.class as usize * KINDS,
            sizes: [0; OTHERS],
            signs: [0; OTHERS],
        }
    }

    /// Fills the other contexts of level `ranged-max`. `before`: the residual coded before in the row.
    #[inline]
    pub(super) fn mix(&mut self, component: &Component, coded: &Coded, before: i32, offset: f64) {
        let c = component;
        // Octaves, from below one step on.
        let octave = |size: u32| (log16(size) as u32 / 16 - 1).min(7);
        let own = size(c.own);
        let spread = c.otherwise - c.expected;
        let spread_size = (spread.abs() * 4.0) as u32;
        let index = (c.index as u32).min(2);
        let level = self.level as u32 / 2 * 8;
        let towards = ((spread * 2.0).clamp(-7.0, 7.0) + 7.5) as u32;
        self.sizes = [
            level + octave(own),
            level + octave(if c.apart < FAR { c.apart } else { spread_size }),
            level + octave(coded.field),
            towards * 10 + self.level as u32 / 4,
        ];
        let eighth = (((offset + 0.5) * 8.0) as u32).min(7);
        let sign = |value: i32| (value.signum() + 1) as u32;
        let side = u32::from(spread > -0.25) + u32::from(spread > 0.25);
        self.signs = [
            (c.own.clamp(-7, 7) + 7) as u32 * 4 + side,
            side * 8 + octave(spread_size) + 24 * u32::from(index > 0),
            eighth * 8 + self.level as u32 / 5,
            sign(before) * 16 + sign(c.own) * 4 + index,
        ];
    }

    /// The decision whether it is not zero, mixed.
    #[inline]
    pub(super) fn zero_mix(&self) -> Mix {
        self.mixed(0, &self.sizes)
    }

    /// The decision whether it is negative, mixed.
    #[inline]
    pub(super) fn sign_mix(&self) -> Mix {
        self.mixed(1, &self.signs)
    }

    /// The decision whether it is longer, mixed.
    #[inline]
    pub(super) fn longer_mix(&self, length: u32) -> Mix {
        self.mixed(2 + (length as usize - 1).min(MIXED_LENGTHS - 1), &self.sizes)
    }

    #[inline]
    fn mixed(&self, kind: usize, values: &[u32; OTHERS]) -> Mix {
        let kind = self.mix + kind;
        let slot = |other: usize| (kind * OTHERS + other) * OTHER_VALUES + values[other] as usize;
        Mix { set: kind * GROUPS + self.level / 8, others: std::array::from_fn(slot) }
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
pub(super) fn row_moves(history: History, speed: u32) -> usize {
    let calm = usize::from(history == NOTHING);
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

/// Index of the palette's entry nearest to a probability.
fn nearest(palette: &[Probability], p: Probability) -> u8 {
    let index = palette.partition_point(|&other| other < p);
    let below = index.saturating_sub(1);
    let is_above = palette.get(index).is_some_and(|&at| at - p < p.saturating_sub(palette[below]));
    if is_above || index == 0 { index as u8 } else { below as u8 }
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
        let (head, rest) = SHIPPED_PRIOR.split_at(MAGIC.len() + HEAD_BYTES);
        let slots = &rest[..SLOTS];
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
        let mut counts = vec![[0.0; 2]; SLOTS + OTHER_SLOTS];
        (counts[members()], counts[stirs()]) = ([990.0, 10.0], [0.0, 1e9]);
        model.mixes[7][2] = -4096;
        model.learn(&counts, LITTLE_TRUST);
        let bytes = model.write();
        let read = Model::from_bytes(&bytes[MAGIC.len()..]);
        assert_eq!(read.weights, model.weights);
        assert_eq!(read.mixes[7][2], -4096);
        let share = |slot: usize| f64::from(read.slots[slot]) / 65_536.0;
        assert!((share(members()) - 0.01).abs() < 0.0005, "{}", share(members()));
        assert!(share(stirs()) > 0.999 && is_sound(read.slots[stirs()]));
        assert!((share(largest(true)) - 0.5).abs() < 0.01);
    }
}
