//! A token bucket on an outside clock.

/// Allows `burst` things at once and a steady rate in the long run.
///
/// Measured in time: a thing costs some microseconds, and the bucket earns one per microsecond.
#[derive(Clone, Debug)]
pub(crate) struct RateLimit {
    /// What one thing costs, in microseconds.
    cost_us: u64,
    /// The most that can be saved up.
    capacity_us: u64,
    /// What is saved up.
    saved_us: u64,
    /// When `saved_us` was right.
    at_us: u64,
}

impl RateLimit {
    /// A full bucket: `count` things per `window_s` seconds, `burst` at once.
    pub(crate) fn new(count: u32, window_s: u32, burst: u32) -> Self {
        let cost_us = u64::from(window_s) * 1_000_000 / u64::from(count.max(1));
        let capacity_us = cost_us * u64::from(burst);
        Self { cost_us, capacity_us, saved_us: capacity_us, at_us: 0 }
    }

    /// Takes one if the rate allows it.
    pub(crate) fn take(&mut self, now_us: u64) -> bool {
        let earned_us = now_us.saturating_sub(self.at_us);
        self.at_us = self.at_us.max(now_us);
        self.saved_us = self.saved_us.saturating_add(earned_us).min(self.capacity_us);
        let allowed = self.saved_us >= self.cost_us;
        if allowed {
            self.saved_us -= self.cost_us;
        }
        allowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_steady_rate() {
        let mut limit = RateLimit::new(5, 10, 5);
        let start_us = 1_700_000_000_000_000;
        assert!((0..5).all(|_| limit.take(start_us)));
        assert!(!limit.take(start_us));
        assert!(!limit.take(start_us + 1_999_999));
        assert!(limit.take(start_us + 2_000_000));
        assert!(!limit.take(start_us + 2_000_000));
        // A long pause fills it, but not above the burst.
        let later_us = start_us + 3_600_000_000;
        assert!((0..5).all(|_| limit.take(later_us)));
        assert!(!limit.take(later_us));
    }

    #[test]
    fn a_clock_that_goes_back_earns_nothing() {
        let mut limit = RateLimit::new(1, 1, 1);
        assert!(limit.take(5_000_000));
        assert!(!limit.take(1_000_000));
        assert!(!limit.take(5_999_999));
        assert!(limit.take(6_000_000));
    }
}
