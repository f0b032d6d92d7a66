//! Latencies in microseconds, reported as percentiles in milliseconds.

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longest latency told apart, in µs; a longer one counts as this.
const MAX_US: u64 = 60_000_000;
/// Three digits: 0.1 % of the value, far below what a scheduler adds.
const DIGITS: u8 = 3;

/// A distribution of times.
#[derive(Debug, Clone)]
pub struct Latencies {
    histogram: Histogram<u64>,
}

/// Percentiles of input-to-state latency, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Median.
    pub p50: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// 999 of 1000 are at most this.
    pub p999: f64,
    /// The longest.
    pub max: f64,
}

/// Percentiles of the time between snapshots, in ms.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Intervals {
    /// Median.
    pub p50: f64,
    /// 99 of 100 are at most this.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl Latencies {
    /// An empty distribution.
    pub fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, MAX_US, DIGITS)
            .expect("constant bounds that hdrhistogram accepts");
        Self { histogram }
    }

    /// Adds one time, in µs.
    pub fn note(&mut self, us: u64) {
        self.histogram.saturating_record(us.clamp(1, MAX_US));
    }

    /// Times noted.
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// What `quantile` (0.0..=1.0) of the times stay at or below, in ms; 0.0 when there are none.
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        if self.histogram.is_empty() {
            return 0.0;
        }
        ms(self.histogram.value_at_quantile(quantile))
    }

    /// The percentiles of a latency report.
    pub fn percentiles(&self) -> Percentiles {
        Percentiles {
            p50: self.quantile_ms(0.5),
            p99: self.quantile_ms(0.99),
            p999: self.quantile_ms(0.999),
            max: self.quantile_ms(1.0),
        }
    }

    /// The percentiles of an interval report.
    pub fn intervals(&self) -> Intervals {
        Intervals {
            p50: self.quantile_ms(0.5),
            p99: self.quantile_ms(0.99),
            max: self.quantile_ms(1.0),
        }
    }
}

/// µs as ms, to a hundredth: finer is noise.
fn ms(us: u64) -> f64 {
    (us as f64 / 10.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_known_series() {
        let mut latencies = Latencies::new();
        (1..=1000).for_each(|n| latencies.note(n * 100));
        let p = latencies.percentiles();
        assert!((p.p50 - 50.0).abs() < 0.1, "{p:?}");
        assert!((p.p99 - 99.0).abs() < 0.2, "{p:?}");
        assert!((p.p999 - 99.9).abs() < 0.2, "{p:?}");
        assert!((p.max - 100.0).abs() < 0.2, "{p:?}");
        assert_eq!(latencies.count(), 1000);
    }

    #[test]
    fn nothing_noted_gives_zeros_and_extremes_are_kept() {
        let mut latencies = Latencies::new();
        assert_eq!(latencies.percentiles().max, 0.0);
        latencies.note(0);
        latencies.note(u64::MAX);
        assert_eq!(latencies.count(), 2);
        assert!(latencies.percentiles().max >= 60_000.0);
    }
}
