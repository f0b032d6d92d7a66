//! The clock of the transport: what the pure core gets as `now_us`.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Microseconds since the Unix epoch that never go back, even when the wall clock does.
#[derive(Debug, Clone, Copy)]
pub struct Time {
    origin: Instant,
    origin_us: u64,
}

impl Default for Time {
    fn default() -> Self {
        Self::new()
    }
}

impl Time {
    /// Starts at the wall clock's time.
    pub fn new() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { origin: Instant::now(), origin_us: since_epoch.as_micros() as u64 }
    }

    /// Now, in µs.
    pub fn now_us(&self) -> u64 {
        self.origin_us + self.origin.elapsed().as_micros() as u64
    }

    /// The instant of a time in µs, for timers.
    pub fn instant(&self, us: u64) -> Instant {
        self.origin + Duration::from_micros(us.saturating_sub(self.origin_us))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_and_microseconds_name_the_same_moment() {
        let time = Time::new();
        let now_us = time.now_us();
        assert!(now_us > 1_600_000_000_000_000, "µs since 1970: {now_us}");
        let later = time.instant(now_us + 5_000) - time.instant(now_us);
        assert_eq!(later, Duration::from_micros(5_000));
        assert!(time.instant(0) <= time.instant(now_us));
    }
}
