//! Percentiles of a list of durations.

use std::time::Duration;

use serde_json::{Value, json};

/// Durations, kept whole: benches are short.
#[derive(Debug, Default)]
pub struct Spread {
    nanos: Vec<u64>,
}

impl Spread {
    /// Adds one.
    pub fn push(&mut self, duration: Duration) {
        self.nanos.push(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Adds these, in nanoseconds.
    pub fn extend(&mut self, nanos: impl IntoIterator<Item = u64>) {
        self.nanos.extend(nanos);
    }

    /// The one at this place in ascending order, in nanoseconds; `None` when there are fewer.
    pub fn nth_ns(&mut self, index: usize) -> Option<u64> {
        self.nanos.sort_unstable();
        self.nanos.get(index).copied()
    }

    /// The `share` (0..=1) percentile in µs; 0 when empty.
    pub fn micros(&mut self, share: f64) -> f64 {
        if self.nanos.is_empty() {
            return 0.0;
        }
        self.nanos.sort_unstable();
        let last = self.nanos.len() - 1;
        self.nanos[(share * last as f64).round() as usize] as f64 / 1000.0
    }

    /// Median and 99th percentile in µs, for reports.
    pub fn json(&mut self) -> Value {
        json!({ "p50": self.micros(0.5), "p99": self.micros(0.99) })
    }

    /// The mean in µs; 0 when empty.
    pub fn mean_micros(&self) -> f64 {
        self.nanos.iter().sum::<u64>() as f64 / 1000.0 / self.nanos.len().max(1) as f64
    }
}
