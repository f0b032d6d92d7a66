//! When to try again after a connection is lost, and when not to.
//!
//! Pure: time and chance are arguments. Full jitter keeps a thousand clients of a restarted server
//! from coming back in the same instant: for the first 15 s each wait is drawn from 0 up to
//! min(1 s, 0.25 s × 2ⁿ); after that the upper end doubles up to 30 s. A hint of the server
//! (`retry after N ms` in the reason of close code 1012) replaces the drawn wait, and a final
//! refusal ends it all.

use tickwire_wire::close::{self, Close};

use crate::limits::{
    BACKOFF_EAGER_CAP_US, BACKOFF_EAGER_US, BACKOFF_FIRST_US, BACKOFF_LATE_CAP_US,
    BACKOFF_RATE_LIMITED_US,
};

/// What a lost connection says about another try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Try again with the resume token after a drawn wait.
    Retry,
    /// Try again after this many microseconds, as the server asked for.
    RetryAfter {
        /// The wait, in microseconds.
        us: u64,
    },
    /// The seat is gone, but a new ticket for the same room may help.
    NewTicket,
    /// Trying again cannot help: the match is over, or the client was refused for good.
    Final,
}

impl Advice {
    /// Reads the advice out of how the connection ended (PROTOCOL.md, section 1); [`Close::cut`]
    /// stands for a line that broke without a close frame.
    pub fn of(end: &Close) -> Self {
        match end.code {
            close::RESTART => match end.retry_after_ms() {
                Some(ms) => {
                    Self::RetryAfter { us: (u64::from(ms) * 1000).min(BACKOFF_LATE_CAP_US) }
                }
                None => Self::Retry,
            },
            close::TOO_FAST => Self::RetryAfter { us: BACKOFF_RATE_LIMITED_US },
            close::UNAUTHENTICATED => Self::NewTicket,
            _ if end.retryable() => Self::Retry,
            _ => Self::Final,
        }
    }
}

/// Counts failed tries of one outage and spaces them out.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    /// When the outage began; `None` while the line is up.
    since_us: Option<u64>,
    /// Tries that failed in this outage.
    tries: u32,
    /// Tries that failed after the eager phase; they double the upper end of the wait.
    late_tries: u32,
}

impl Backoff {
    /// A line that is up.
    pub fn new() -> Self {
        Self::default()
    }

    /// How long to wait before the next try, in microseconds. `chance` in 0.0..1.0 draws the wait.
    pub fn wait_us(&mut self, now_us: u64, chance: f64) -> u64 {
        let since_us = *self.since_us.get_or_insert(now_us);
        let cap_us = if now_us.saturating_sub(since_us) < BACKOFF_EAGER_US {
            let doubled = BACKOFF_FIRST_US.saturating_mul(1 << self.tries.min(16));
            doubled.min(BACKOFF_EAGER_CAP_US)
        } else {
            self.late_tries = self.late_tries.saturating_add(1);
            let doubled = BACKOFF_EAGER_CAP_US.saturating_mul(1 << self.late_tries.min(16));
            doubled.min(BACKOFF_LATE_CAP_US)
        };
        self.tries = self.tries.saturating_add(1);
        (cap_us as f64 * chance.clamp(0.0, 1.0)) as u64
    }

    /// Tries that failed since the line was last up.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// The line is up again: the next outage starts afresh.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000;

    #[test]
    fn early_tries_come_quickly_and_stay_below_a_second() {
        let mut backoff = Backoff::new();
        let waits: Vec<u64> = (0..5).map(|_| backoff.wait_us(0, 1.0)).collect();
        assert_eq!(waits, [250_000, 500_000, SECOND, SECOND, SECOND]);
    }

    #[test]
    fn the_wait_is_drawn_from_zero_up() {
        let mut backoff = Backoff::new();
        assert_eq!(backoff.wait_us(0, 0.0), 0);
        assert_eq!(backoff.wait_us(0, 0.5), 250_000);
    }

    #[test]
    fn after_fifteen_seconds_the_upper_end_grows_to_thirty() {
        let mut backoff = Backoff::new();
        backoff.wait_us(0, 1.0);
        let waits: Vec<u64> =
            (0..7).map(|i| backoff.wait_us((15 + i) * SECOND, 1.0) / SECOND).collect();
        assert_eq!(waits, [2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_line_that_is_up_again_forgets_the_outage() {
        let mut backoff = Backoff::new();
        for _ in 0..9 {
            backoff.wait_us(0, 1.0);
        }
        backoff.reset();
        assert_eq!(backoff.tries(), 0);
        assert_eq!(backoff.wait_us(100 * SECOND, 1.0), 250_000);
    }

    fn advice(code: u16, reason: &str) -> Advice {
        Advice::of(&Close::new(code, reason))
    }

    #[test]
    fn close_codes_say_whether_a_retry_helps() {
        assert_eq!(Advice::of(&Close::cut()), Advice::Retry);
        for code in [1001, 1006, 4005, 4010, 4013] {
            assert_eq!(advice(code, ""), Advice::Retry, "{code}");
        }
        for code in [1000, 1002, 1003, 1007, 1009, 1011, 4000, 4002, 4003, 4004, 4009] {
            assert_eq!(advice(code, ""), Advice::Final, "{code}");
        }
        assert_eq!(advice(4001, "expired"), Advice::NewTicket);
        assert_eq!(advice(4008, "chat"), Advice::RetryAfter { us: BACKOFF_RATE_LIMITED_US });
    }

    #[test]
    fn a_restarting_server_names_the_wait() {
        assert_eq!(advice(1012, "retry after 1500 ms"), Advice::RetryAfter { us: 1_500_000 });
        assert_eq!(advice(1012, "soon"), Advice::Retry);
        let absurd = advice(1012, "retry after 4294967295 ms");
        assert_eq!(absurd, Advice::RetryAfter { us: BACKOFF_LATE_CAP_US });
    }
}
