//! Whose input is due when: every client sends one a period, and their phases are spread evenly.

/// The fraction of the golden ratio: its multiples fill the period evenly, however many there are, and
/// the clients of one room lie far apart.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

const SECOND_NS: u64 = 1_000_000_000;

/// The rota of all clients.
#[derive(Debug)]
pub(super) struct Pace {
    tick_hz: u64,
    /// Offset within the period in nanoseconds, and the client, in this order.
    order: Vec<(u64, u32)>,
    /// Where in `order` the next stands.
    at: usize,
    start_ns: u64,
    /// Periods since `start_ns`.
    round: u64,
}

impl Pace {
    pub(super) fn new(clients: u32, tick_hz: u16, start_ns: u64) -> Self {
        let tick_hz = u64::from(tick_hz.max(1));
        let period_ns = SECOND_NS / tick_hz;
        let offset = |client: u32| ((f64::from(client) * GOLDEN).fract() * period_ns as f64) as u64;
        let mut order: Vec<_> = (0..clients).map(|client| (offset(client), client)).collect();
        order.sort_unstable();
        Self { tick_hz, order, at: 0, start_ns, round: 0 }
    }

    /// The next client whose input is due, and since when.
    pub(super) fn next_due(&mut self, now_ns: u64) -> Option<(u32, u64)> {
        let &(offset_ns, client) = self.order.get(self.at)?;
        let due_ns = self.start_ns + self.round * SECOND_NS / self.tick_hz + offset_ns;
        if due_ns > now_ns {
            return None;
        }
        self.at += 1;
        if self.at == self.order.len() {
            (self.at, self.round) = (0, self.round + 1);
        }
        Some((client, due_ns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_comes_once_a_period_and_they_are_spread() {
        let mut pace = Pace::new(160, 30, 1_000);
        let mut seen = vec![0; 160];
        let mut last_ns = 1_000;
        let mut widest_ns = 0;
        for now_ns in (1_000..=1_000 + SECOND_NS).step_by(100_000) {
            while let Some((client, due_ns)) = pace.next_due(now_ns) {
                seen[client as usize] += 1;
                widest_ns = widest_ns.max(due_ns - last_ns);
                last_ns = due_ns;
            }
        }
        assert!(seen.iter().all(|count| (30..=31).contains(count)), "{seen:?}");
        assert!(widest_ns < 2_000_000, "{widest_ns} ns without an input");
    }
}
