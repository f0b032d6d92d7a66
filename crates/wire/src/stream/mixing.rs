//! Mixing of probabilities in the logistic domain, for level `ranged-max` (Mahoney, PAQ; here with
//! weights that a prior brings along). Integers only: every implementation computes the same.

use std::sync::{Arc, OnceLock};

use super::range::{PROBABILITY_BITS, Probability, probability};

/// Probabilities that are mixed for one decision: the slot of level `ranged`, then the others.
pub(super) const INPUTS: usize = 5;

/// Logarithms of odds are in 1/256, from -2047 to 2047.
const MOST: i32 = 2047;
/// Fraction bits of a weight.
const WEIGHT_BITS: u32 = 16;
/// How quickly weights follow.
const WEIGHT_SHIFT: u32 = 18;
/// Bits by which a prior's weights are coarser.
pub(super) const PRIOR_WEIGHT_SHIFT: u32 = 6;
/// Entries of the table of logarithms.
const STRETCH_ENTRIES: usize = 4096;

/// 65536 / (1 + e^-x) for x from -8 to 8 in steps of 1/2.
const SQUASH: [i32; 33] = [
    22, 36, 60, 98, 162, 267, 439, 720, 1_179, 1_921, 3_108, 4_971, 7_812, 11_955, 17_625, 24_743,
    32_768, 40_793, 47_911, 53_581, 57_724, 60_565, 62_428, 63_615, 64_357, 64_816, 65_097, 65_269,
    65_374, 65_438, 65_476, 65_500, 65_514,
];

/// The probability of a logarithm of odds: linear between the entries.
#[inline]
fn squash(log_odds: i32) -> i32 {
    let at = log_odds.clamp(-MOST, MOST) + 2048;
    let (index, part) = ((at >> 7) as usize, at & 127);
    SQUASH[index] + (((SQUASH[index + 1] - SQUASH[index]) * part) >> 7)
}

/// The logarithm of the odds of a probability: the inverse of [`squash`], by the 12 high bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch(Vec<i16>);

impl Stretch {
    /// The table, worked out once.
    pub(super) fn shared() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Stretch>> = OnceLock::new();
        Arc::clone(SHARED.get_or_init(|| Arc::new(Self::new())))
    }

    /// Works the table out.
    fn new() -> Self {
        let mut table = vec![MOST as i16; STRETCH_ENTRIES];
        let mut next = 0;
        for log_odds in -MOST..=MOST {
            let index = (squash(log_odds) >> 4) as usize;
            while next <= index {
                table[next] = log_odds as i16;
                next += 1;
            }
        }
        Self(table)
    }

    #[inline]
    fn of(&self, p: Probability) -> i32 {
        i32::from(self.0[usize::from(p >> 4)])
    }
}

/// Weights of the inputs of one kind of decision.
pub(super) type Weights = [i32; INPUTS];

/// One decision, mixed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mixed {
    inputs: [i32; INPUTS],
    p: i32,
}

impl Mixed {
    /// Mixes the probabilities of a decision.
    #[inline]
    pub(super) fn new(stretch: &Stretch, ps: [Probability; INPUTS], weights: &Weights) -> Self {
        let inputs = ps.map(|p| stretch.of(p));
        let sum: i64 = inputs
            .iter()
            .zip(weights)
            .map(|(&input, &weight)| i64::from(input) * i64::from(weight))
            .sum();
        let sum = (sum >> WEIGHT_BITS).clamp(-i64::from(MOST), i64::from(MOST));
        Self { inputs, p: squash(sum as i32) }
    }

    /// The probability that it is a one.
    #[inline]
    pub(super) fn p(&self) -> Probability {
        probability(self.p as u32)
    }

    /// Moves the weights towards those that would have told better.
    #[inline]
    pub(super) fn learn(&self, bit: bool, weights: &mut Weights) {
        let error = (i32::from(bit) << PROBABILITY_BITS) - self.p;
        for (weight, input) in weights.iter_mut().zip(self.inputs) {
            *weight += (input * error) >> WEIGHT_SHIFT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretch_undoes_squash() {
        let stretch = Stretch::new();
        for log_odds in (-1400..1400).step_by(7) {
            let back = stretch.of(probability(squash(log_odds) as u32));
            assert!((back - log_odds).abs() <= 8 + log_odds.abs() / 40, "{log_odds}: {back}");
        }
        assert!((-MOST..MOST).all(|x| squash(x) <= squash(x + 1)));
        assert_eq!(squash(0), 32_768);
    }

    #[test]
    fn weights_learn_whom_to_trust() {
        let stretch = Stretch::new();
        let mut weights = [1 << (WEIGHT_BITS - 2); INPUTS];
        let (right, wrong) = (probability(60_000), probability(5_000));
        let ps = [right, wrong, wrong, probability(32_768), probability(32_768)];
        let first = Mixed::new(&stretch, ps, &weights).p();
        for _ in 0..600 {
            let mixed = Mixed::new(&stretch, ps, &weights);
            mixed.learn(true, &mut weights);
        }
        let last = Mixed::new(&stretch, ps, &weights).p();
        assert!(first < 32_768 && last > 50_000, "{first} {last}");
    }
}
