//! Durations by size, in buckets that a shift finds.

use super::Tally;

/// Buckets with a bound.
const BOUNDED: usize = 24;

/// Durations by size: bounds of 1 ms × 2ⁿ and 1.5 ms × 2ⁿ, from 47 µs to 128 ms. Fine enough to tell a
/// p99 of 1 ms from one of 1.5, and found without a search. One thread records; any may read.
#[derive(Debug, Default)]
pub struct Histogram {
    /// Of each bound those at most that long and longer than the one before; the last is all others.
    buckets: [Tally; BOUNDED + 1],
    sum_us: Tally,
}

impl Histogram {
    /// Counts one duration.
    pub fn record(&self, duration_us: u64) {
        self.buckets[bucket(duration_us)].add(1);
        self.sum_us.add(duration_us);
    }

    /// The bounds in microseconds, each with how many durations were at most that long.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let counts = self.buckets[..BOUNDED].iter().scan(0, |total, count| {
            *total += count.get();
            Some(*total)
        });
        (0..BOUNDED).map(bound_us).zip(counts)
    }

    /// How many durations there were.
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().map(Tally::get).sum()
    }

    pub(super) fn sum_us(&self) -> u64 {
        self.sum_us.get()
    }

    /// Adds all of `other`: histograms of several threads become one for a reader.
    pub(super) fn merge(&self, other: &Self) {
        for (own, other) in self.buckets.iter().zip(&other.buckets) {
            own.add(other.get());
        }
        self.sum_us.add(other.sum_us.get());
    }
}

/// Bounds are multiples of 15.625 µs: 3, 4, 6, 8, 12, 16 and so on.
const QUANTUM_NS: u64 = 15_625;

fn bound_us(index: usize) -> f64 {
    let quanta = (3 + index as u64 % 2) << (index / 2);
    (quanta * QUANTUM_NS) as f64 / 1e3
}

/// The first bucket whose bound is not below the duration.
fn bucket(duration_us: u64) -> usize {
    // 8 µs to 125 is one quantum; a duration equal to a bound belongs to it, hence one less.
    let quanta = duration_us.saturating_mul(8).saturating_sub(1) / 125;
    if quanta < 2 {
        return 0;
    }
    let octave = quanta.ilog2();
    let upper_half = (quanta >> (octave - 1)) & 1;
    (2 * (octave as usize - 1) + upper_half as usize).min(BOUNDED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_lands_in_the_first_bucket_that_holds_it() {
        for us in (0..200_000).chain([1 << 40, u64::MAX]) {
            let expected = (0..BOUNDED).position(|index| us as f64 <= bound_us(index));
            assert_eq!(bucket(us), expected.unwrap_or(BOUNDED), "{us} us");
        }
    }

    #[test]
    fn bounds_tell_the_goals_of_lateness_apart() {
        let bounds: Vec<f64> = (0..BOUNDED).map(bound_us).collect();
        assert_eq!((bounds[0], bounds[BOUNDED - 1]), (46.875, 128_000.0));
        for goal_us in [500.0, 1_000.0, 1_500.0, 2_000.0, 3_000.0] {
            assert!(bounds.contains(&goal_us), "{goal_us}");
        }
        assert!(bounds.windows(2).all(|pair| pair[1] / pair[0] <= 1.5));
    }

    #[test]
    fn histograms_add_up() {
        let (sum, other) = (Histogram::default(), Histogram::default());
        sum.record(100);
        other.record(100);
        other.record(1_000_000);
        sum.merge(&other);
        assert_eq!((sum.count(), sum.sum_us()), (3, 1_000_200));
        assert_eq!(sum.cumulative().last(), Some((128_000.0, 2)));
    }
}
