//! The rice parameter that follows the size of a field's residuals.

/// Largest parameter.
const MAX_K: u32 = 24;
/// Residuals after which sum and count are halved, so that old ones fade.
const WINDOW: u32 = 32;

/// Sum and number of the residuals of one (table, field) within one chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Adaptive {
    sum: u32,
    n: u32,
}

impl Adaptive {
    /// As at the start of every chunk.
    pub(super) const START: Self = Self { sum: 8, n: 1 };

    /// As at the start of every chunk for a field whose author knows its usual residuals, in raw steps;
    /// 0: nobody knows. Zigzagged they are twice as large.
    pub(super) fn expecting(usual: u32) -> Self {
        if usual == 0 { Self::START } else { Self { sum: usual.saturating_mul(2), n: 1 } }
    }

    /// The parameter for the next residual: the smallest k with n × 2^k ≥ sum.
    #[inline]
    pub(super) fn k(self) -> u32 {
        let mut k = 0;
        while k < MAX_K && (self.n << k) < self.sum {
            k += 1;
        }
        k
    }

    /// The mean of the residuals, in eighths.
    #[inline]
    pub(super) fn mean_eighths(self) -> u32 {
        (self.sum.min(1 << 24) * 8) / self.n
    }

    /// Takes note of a residual, zigzagged.
    #[inline]
    pub(super) fn learn(&mut self, residual: u32) {
        self.sum = self.sum.saturating_add(residual);
        self.n += 1;
        if self.n == WINDOW {
            self.sum /= 2;
            self.n /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_eight_and_follows_the_residuals() {
        let mut adaptive = Adaptive::START;
        assert_eq!(adaptive.k(), 3);
        for _ in 0..100 {
            adaptive.learn(0);
        }
        assert_eq!(adaptive.k(), 0);
        for _ in 0..100 {
            adaptive.learn(1000);
        }
        assert_eq!(adaptive.k(), 10);
    }

    #[test]
    fn saturates() {
        let mut adaptive = Adaptive::START;
        for _ in 0..100 {
            adaptive.learn(u32::MAX);
        }
        assert_eq!(adaptive.k(), MAX_K);
    }
}
