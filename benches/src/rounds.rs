//! One figure, measured in several rounds.

/// What the rounds gave, in their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds a round.
    pub fn push(&mut self, figure: f64) {
        self.0.push(figure);
    }

    /// The one in the middle, or half-way between the two there; 0 when there are none.
    pub fn median(&self) -> f64 {
        let sorted = self.sorted();
        match sorted.len() {
            0 => 0.0,
            count => (sorted[(count - 1) / 2] + sorted[count / 2]) / 2.0,
        }
    }

    /// The smallest; 0 when there are none.
    pub fn min(&self) -> f64 {
        self.sorted().first().copied().unwrap_or(0.0)
    }

    /// The largest; 0 when there are none.
    pub fn max(&self) -> f64 {
        self.sorted().last().copied().unwrap_or(0.0)
    }

    /// Round for round, this over the other.
    pub fn over(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(ours, theirs)| ours / theirs).collect())
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_in_short() {
        let mut rounds = Rounds::default();
        assert_eq!((rounds.median(), rounds.min(), rounds.max()), (0.0, 0.0, 0.0));
        for figure in [4.0, 1.0, 2.0] {
            rounds.push(figure);
        }
        assert_eq!((rounds.median(), rounds.min(), rounds.max()), (2.0, 1.0, 4.0));
        rounds.push(3.0);
        assert_eq!(rounds.median(), 2.5);
        assert_eq!(rounds.over(&rounds).median(), 1.0);
    }
}
