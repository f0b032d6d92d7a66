//! The search for the highest load that holds: doubled until it does not, then halved in between.

/// Input to snapshot, 99th percentile, at which a load no longer holds, milliseconds.
pub const ECHO_P99_MS: f64 = 50.0;
/// Share of its rate that every room must keep: 29.9 of 30.
pub const TICK_HZ_SHARE: f64 = 29.9 / 30.0;
/// Steps of one search: it ends whatever the machine does.
const MAX_STEPS: u32 = 16;
/// The search ends when the two bounds are this close, as a share of the lower.
const CLOSE: f64 = 0.03;

/// What one step found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Rooms at once.
    pub rooms: u32,
    /// Whether every room kept its rate and inputs were answered in time.
    pub holds: bool,
}

/// Where the search stands.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// The highest that held; 0 when none has.
    held: u32,
    /// The lowest that did not.
    broke: Option<u32>,
    first: u32,
    /// The highest that is tried.
    most: u32,
    steps: u32,
}

impl Ceiling {
    /// A search that begins with `first` rooms and goes no higher than `most`.
    pub fn new(first: u32, most: u32) -> Self {
        Self { held: 0, broke: None, first: first.clamp(1, most), most, steps: 0 }
    }

    /// The number to try next; `None` when the search is over.
    #[expect(clippy::should_implement_trait, reason = "it needs an answer between two calls")]
    pub fn next(&mut self) -> Option<u32> {
        if self.steps == MAX_STEPS {
            return None;
        }
        self.steps += 1;
        match self.broke {
            None if self.held == 0 => Some(self.first),
            None if self.held >= self.most => None,
            None => Some((self.held * 2).min(self.most)),
            Some(broke) => {
                let gap = broke - self.held;
                let is_close = f64::from(gap) <= f64::from(self.held) * CLOSE;
                (gap > 1 && !is_close).then_some(self.held + gap / 2)
            }
        }
    }

    /// Takes a step's answer. A number that held below one that did not counts, and so does the other
    /// way round: machines are noisy.
    pub fn take(&mut self, step: Step) {
        if step.holds {
            self.held = self.held.max(step.rooms);
        } else {
            self.broke = Some(self.broke.map_or(step.rooms, |broke| broke.min(step.rooms)));
        }
    }

    /// The highest that held so far.
    pub fn held(&self) -> u32 {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(first: u32, limit: u32) -> (u32, u32) {
        let mut ceiling = Ceiling::new(first, 2_000);
        let mut steps = 0;
        while let Some(rooms) = ceiling.next() {
            ceiling.take(Step { rooms, holds: rooms <= limit });
            steps += 1;
        }
        (ceiling.held(), steps)
    }

    #[test]
    fn the_limit_is_found_from_below_and_from_above() {
        for limit in [1, 7, 100, 270, 900] {
            for first in [1, 64, 512] {
                let (held, steps) = search(first, limit);
                assert!(held <= limit && f64::from(limit - held) <= f64::from(limit) * 0.04);
                assert!(steps <= MAX_STEPS, "{steps}");
            }
        }
    }

    #[test]
    fn a_machine_that_holds_nothing_ends_the_search_too() {
        assert_eq!(search(64, 0).0, 0);
    }

    #[test]
    fn nothing_above_the_highest_is_tried() {
        let mut ceiling = Ceiling::new(64, 100);
        while let Some(rooms) = ceiling.next() {
            assert!(rooms <= 100);
            ceiling.take(Step { rooms, holds: true });
        }
        assert_eq!(ceiling.held(), 100);
    }
}
