//! The monotonic clock in nanoseconds, and sleeps to absolute deadlines.

use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};

const SECOND_NS: u64 = 1_000_000_000;

/// Nanoseconds of the monotonic clock.
pub fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * SECOND_NS + now.tv_nsec as u64
}

/// Sleeps until then; not at all when that has passed.
pub fn sleep_until_ns(deadline_ns: u64) {
    let deadline = Timespec {
        tv_sec: (deadline_ns / SECOND_NS) as i64,
        tv_nsec: (deadline_ns % SECOND_NS) as i64,
    };
    // A signal ends the sleep early: whoever sleeps here looks at the clock again.
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &deadline);
}
