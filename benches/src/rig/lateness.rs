//! How late ticks began, out of the histogram that `/metrics` shows.

/// Ticks by lateness, as a histogram accumulates them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lateness {
    /// Upper bound of a bucket in µs, and how many ticks were at most as late.
    buckets: Vec<(f64, f64)>,
}

/// Lines of the histogram begin with this, up to the bound.
const BUCKET: &str = "tickwire_tick_late_seconds_bucket{";

impl Lateness {
    /// Out of the text of `/metrics`; lines of several shards are added up.
    pub fn parse(metrics: &str) -> Self {
        let mut buckets: Vec<(f64, f64)> = Vec::new();
        for line in metrics.lines().filter_map(|line| line.strip_prefix(BUCKET)) {
            let Some((labels, count)) = line.split_once("} ") else { continue };
            let bound = labels.split(',').find_map(|label| label.strip_prefix("le=\""));
            let bound = bound.and_then(|bound| bound.trim_end_matches('"').parse::<f64>().ok());
            let (Some(bound), Ok(count)) = (bound, count.parse()) else { continue };
            let bound_us = bound * 1e6;
            match buckets.iter_mut().find(|bucket| bucket.0 == bound_us) {
                Some(bucket) => bucket.1 += count,
                None => buckets.push((bound_us, count)),
            }
        }
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { buckets }
    }

    /// What has been added since `before`.
    pub fn since(&self, before: &Self) -> Self {
        let added = |&(bound, count): &(f64, f64)| {
            let was = before.buckets.iter().find(|bucket| bucket.0 == bound);
            (bound, count - was.map_or(0.0, |bucket| bucket.1))
        };
        Self { buckets: self.buckets.iter().map(added).collect() }
    }

    /// The `share` (0..=1) percentile in µs, by a straight line within its bucket; the highest bound
    /// when it is beyond that, 0 when there are no ticks.
    pub fn percentile_us(&self, share: f64) -> f64 {
        let total = self.buckets.last().map_or(0.0, |bucket| bucket.1);
        let wanted = total * share;
        let (mut low_us, mut below) = (0.0, 0.0);
        for &(bound_us, count) in &self.buckets {
            if count >= wanted && count > below {
                if bound_us.is_infinite() {
                    return low_us;
                }
                return low_us + (bound_us - low_us) * (wanted - below) / (count - below);
            }
            (low_us, below) = (bound_us, count);
        }
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
        # TYPE tickwire_tick_late_seconds histogram\n\
        tickwire_tick_late_seconds_bucket{le=\"0.0001\"} 50\n\
        tickwire_tick_late_seconds_bucket{le=\"0.0002\"} 90\n\
        tickwire_tick_late_seconds_bucket{le=\"0.001\"} 99\n\
        tickwire_tick_late_seconds_bucket{le=\"+Inf\"} 100\n\
        tickwire_tick_late_seconds_sum 1\n";

    #[test]
    fn percentiles_lie_within_their_buckets() {
        let late = Lateness::parse(TEXT);
        let percentile = |share| late.percentile_us(share).round();
        assert_eq!(percentile(0.25), 50.0);
        assert_eq!(percentile(0.5), 100.0);
        assert_eq!(percentile(0.7), 150.0);
        assert_eq!(percentile(0.99), 1000.0);
        assert_eq!(percentile(1.0), 1000.0, "beyond the highest bound");
        assert_eq!(Lateness::default().percentile_us(0.5), 0.0);
    }

    #[test]
    fn only_what_was_added_counts() {
        let before = Lateness::parse(TEXT);
        let after =
            Lateness::parse(&TEXT.replace("} 99\n", "} 109\n").replace("} 100\n", "} 110\n"));
        assert_eq!(before.since(&before).percentile_us(0.9), 0.0);
        assert_eq!(after.since(&before).percentile_us(0.5).round(), 600.0);
    }

    #[test]
    fn shards_are_added_up() {
        let text = "tickwire_tick_late_seconds_bucket{shard=\"0\",le=\"0.001\"} 3\n\
                    tickwire_tick_late_seconds_bucket{shard=\"1\",le=\"0.001\"} 4\n";
        assert_eq!(Lateness::parse(text).buckets, [(1000.0, 7.0)]);
    }
}
