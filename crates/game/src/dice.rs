//! [`Dice`]: random numbers that are the same on every machine.

use std::convert::Infallible;
use std::ops::Range;

use crate::hash::{fmix64, hash_bytes};

/// Random numbers decided by (seed, tick, salt) and how many have been drawn: no state to save, and
/// drawing in one place never disturbs another. Own methods use integers and exact f32 steps only;
/// for more, it is a [`rand::Rng`].
///
/// Not for keys: whoever knows the seed knows the throws.
#[derive(Clone, Debug)]
pub struct Dice {
    key: u64,
    drawn: u64,
}

/// The odd constant by which counters are spread (2^64 divided by the golden ratio).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// The dice of a seed, a tick and a salt.
    pub fn new(seed: u64, tick: u32, salt: u64) -> Self {
        let tick_key = fmix64(seed ^ fmix64(u64::from(tick).wrapping_add(SPREAD)));
        Self { key: fmix64(tick_key ^ salt.wrapping_mul(SPREAD)), drawn: 0 }
    }

    /// The next 64 bits.
    pub fn bits64(&mut self) -> u64 {
        self.drawn = self.drawn.wrapping_add(1);
        fmix64(self.key.wrapping_add(self.drawn.wrapping_mul(SPREAD)))
    }

    /// The next 32 bits.
    pub fn bits32(&mut self) -> u32 {
        (self.bits64() >> 32) as u32
    }

    /// An integer in 0..`n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        // High half of a product: the bias, n / 2^32 at most, is below anything a game can notice.
        ((u64::from(self.bits32()) * u64::from(n)) >> 32) as u32
    }

    /// A float in [0, 1), in steps of 2^-24.
    pub fn unit(&mut self) -> f32 {
        (self.bits32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A float in `range`; its start when it is empty.
    pub fn range(&mut self, range: Range<f32>) -> f32 {
        let value = range.start + self.unit() * (range.end - range.start);
        // The sum may round up to the end.
        if value < range.end { value } else { range.start }
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f32) -> bool {
        self.unit() < p
    }

    /// One of `items`; `None` when there are none.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len().min(u32::MAX as usize) as u32) as usize)
    }

    /// Puts `items` in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            let other = self.below(index as u32 + 1) as usize;
            items.swap(index, other);
        }
    }
}

impl rand::TryRng for Dice {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.bits32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for eight in bytes.chunks_mut(8) {
            let word = self.bits64().to_le_bytes();
            eight.copy_from_slice(&word[..eight.len()]);
        }
        Ok(())
    }
}

/// The seed of [`Cx::shared_dice`](crate::Cx::shared_dice): known to everyone who knows the game's
/// name.
pub(crate) fn shared_seed(game: &str) -> u64 {
    hash_bytes(game.as_bytes())
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn the_same_figures_give_the_same_throws() {
        let throws = |mut dice: Dice| (0..4).map(|_| dice.bits64()).collect::<Vec<_>>();
        assert_eq!(throws(Dice::new(7, 100, 3)), throws(Dice::new(7, 100, 3)));
        assert_ne!(throws(Dice::new(7, 100, 3)), throws(Dice::new(8, 100, 3)));
        assert_ne!(throws(Dice::new(7, 100, 3)), throws(Dice::new(7, 101, 3)));
        assert_ne!(throws(Dice::new(7, 100, 3)), throws(Dice::new(7, 100, 4)));
        // These bits are part of every recording: they may not change.
        assert_eq!(throws(Dice::new(7, 100, 3))[0], Dice::new(7, 100, 3).next_u64());
    }

    #[test]
    fn throws_are_even() {
        let mut dice = Dice::new(1, 1, 1);
        let mut counts = [0_u32; 6];
        (0..60_000).for_each(|_| counts[dice.below(6) as usize] += 1);
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        let mean = (0..10_000).map(|_| dice.range(-1.0..3.0)).sum::<f32>() / 10_000.0;
        assert!((0.95..1.05).contains(&mean), "{mean}");
        let hits = (0..10_000).filter(|_| dice.chance(0.25)).count();
        assert!((2_350..2_650).contains(&hits), "{hits}");
    }

    #[test]
    fn empty_ranges_are_harmless() {
        let mut dice = Dice::new(1, 1, 1);
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.range(2.0..2.0), 2.0);
        assert_eq!(dice.pick::<u8>(&[]), None);
    }
}
