//! The random numbers of a scene: one seed, one sequence, on every machine.

/// SplitMix64: small, well mixed from the first number on, and without a dependency.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    state: u64,
}

impl Dice {
    /// The sequence of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f32 {
        // 24 bits: every one of them is exact in f32.
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    /// A number in [`low`, `high`).
    pub(crate) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// An integer in `low..high`.
    pub(crate) fn whole(&mut self, low: u32, high: u32) -> u32 {
        low + (self.next() % u64::from(high - low)) as u32
    }

    /// True with the chance `share`.
    pub(crate) fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    /// A direction in space, all equally likely.
    pub(crate) fn direction(&mut self) -> [f32; 3] {
        loop {
            let [x, y, z] = [(); 3].map(|()| self.between(-1.0, 1.0));
            let square = x * x + y * y + z * z;
            // Outside the ball the corners of the cube would be favoured; near its centre digits are lost.
            if (0.01..=1.0).contains(&square) {
                let length = square.sqrt();
                return [x / length, y / length, z / length];
            }
        }
    }

    /// A rotation (x, y, z, w), all equally likely.
    pub(crate) fn rotation(&mut self) -> [f32; 4] {
        loop {
            let parts = [(); 4].map(|()| self.between(-1.0, 1.0));
            let square: f32 = parts.iter().map(|part| part * part).sum();
            if (0.01..=1.0).contains(&square) {
                let length = square.sqrt();
                return parts.map(|part| part / length);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_sequence() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            [(); 8].map(|()| dice.whole(0, 1 << 31))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut dice = Dice::new(1);
        for _ in 0..1000 {
            assert!((3..9).contains(&dice.whole(3, 9)));
            assert!((-2.0..5.0).contains(&dice.between(-2.0, 5.0)));
            let length = dice.direction().iter().map(|part| part * part).sum::<f32>();
            assert!((length - 1.0).abs() < 1e-5);
        }
    }
}
