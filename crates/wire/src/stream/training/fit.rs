//! One estimate of the size of residuals, being fitted by Newton's method.

use crate::stream::model::{FEATURES, Weights};

/// A residual of zero counts as this: it was less than half a step.
const LEAST_RESIDUAL: f64 = 0.3;
/// One that is more times its estimate counts no more: an outlier tells nothing of the others.
const MOST_RATIO: f64 = 50.0;
/// What holds weights near zero that the recordings say nothing about.
const RIDGE: f64 = 10.0;
/// Residuals from which on an estimate is fitted: fewer say nothing.
const LEAST_RESIDUALS: f64 = 200.0;
/// How far a weight goes in one step.
const MOST_STEP: f64 = 200.0;
/// Magnitude of a weight: of 64 constants, the largest sum that a word holds.
const MOST_WEIGHT: f64 = 2000.0;

/// One estimate being fitted.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    weights: [f64; FEATURES],
    gradient: [f64; FEATURES],
    curvature: [[f64; FEATURES]; FEATURES],
    residuals: f64,
}

impl Fit {
    /// One that starts from these weights.
    pub(super) fn new(weights: &Weights) -> Self {
        Self {
            weights: weights.map(f64::from),
            gradient: [0.0; FEATURES],
            curvature: [[0.0; FEATURES]; FEATURES],
            residuals: 0.0,
        }
    }

    /// Forgets the residuals, not the weights.
    pub(super) fn begin(&mut self) {
        self.gradient = [0.0; FEATURES];
        self.curvature = [[0.0; FEATURES]; FEATURES];
        self.residuals = 0.0;
    }

    /// A residual of a component with these features.
    pub(super) fn add(&mut self, features: &Weights, residual: i32, weight: f64) {
        let size = f64::from(residual.unsigned_abs()).max(LEAST_RESIDUAL);
        let features = features.map(f64::from);
        let sum: f64 = features.iter().zip(&self.weights).map(|(f, w)| f * w).sum();
        let ratio = (size / scale(sum)).min(MOST_RATIO);
        for (row, f) in features.iter().enumerate() {
            self.gradient[row] += weight * f * (1.0 - ratio);
            let slope = weight * f * ratio;
            // It is symmetric: `step` fills in the other half.
            for (value, g) in self.curvature[row].iter_mut().zip(&features).skip(row) {
                *value += slope * g;
            }
        }
        self.residuals += weight;
    }

    /// Takes over what another has been told since the pass began.
    pub(super) fn absorb(&mut self, other: &Self) {
        for row in 0..FEATURES {
            self.gradient[row] += other.gradient[row];
            for (sum, value) in self.curvature[row].iter_mut().zip(&other.curvature[row]) {
                *sum += value;
            }
        }
        self.residuals += other.residuals;
    }

    /// One step of Newton's method; `None` when there is too little to go by.
    pub(super) fn step(&mut self) -> Option<Weights> {
        if self.residuals < LEAST_RESIDUALS {
            return None;
        }
        let unit = std::f64::consts::LN_2 / 1024.0;
        let hold = RIDGE * self.residuals * unit;
        let system = std::array::from_fn(|row| {
            std::array::from_fn(|column| {
                let value = self.curvature[row.min(column)][row.max(column)] * unit;
                if row == column { value + hold } else { value }
            })
        });
        let right = std::array::from_fn(|row| self.gradient[row] + hold * self.weights[row] * 1e-3);
        for (weight, step) in self.weights.iter_mut().zip(solve(system, right)) {
            *weight =
                (*weight - step.clamp(-MOST_STEP, MOST_STEP)).clamp(-MOST_WEIGHT, MOST_WEIGHT);
        }
        Some(self.weights.map(|weight| weight.round() as i32))
    }
}

/// The scale that a sum of weighted features stands for, in steps.
fn scale(sum: f64) -> f64 {
    libm::exp2((sum / 1024.0 - 2.0).clamp(-4.0, 20.0))
}

/// Solves a system of equations by elimination.
fn solve(mut a: [[f64; FEATURES]; FEATURES], mut b: [f64; FEATURES]) -> [f64; FEATURES] {
    for column in 0..FEATURES {
        let pivot = (column..FEATURES)
            .max_by(|&x, &y| a[x][column].abs().total_cmp(&a[y][column].abs()))
            .unwrap_or(column);
        a.swap(column, pivot);
        b.swap(column, pivot);
        if a[column][column].abs() < 1e-12 {
            continue;
        }
        let (top, right) = (a[column], b[column]);
        let others = a.iter_mut().zip(&mut b).enumerate().filter(|(row, _)| *row != column);
        for (_, (cells, value)) in others {
            let factor = cells[column] / top[column];
            for (cell, above) in cells.iter_mut().zip(&top).skip(column) {
                *cell -= factor * above;
            }
            *value -= factor * right;
        }
    }
    std::array::from_fn(|i| if a[i][i].abs() < 1e-12 { 0.0 } else { b[i] / a[i][i] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_is_solved() {
        let cell = |row: usize, column: usize| {
            if row == column { 3.0 } else { 1.0 / (1 + row + column) as f64 }
        };
        let a = std::array::from_fn(|row| std::array::from_fn(|column| cell(row, column)));
        let b = std::array::from_fn(|row| (0..FEATURES).map(|at| cell(row, at) * at as f64).sum());
        for (index, found) in solve(a, b).into_iter().enumerate() {
            assert!((found - index as f64).abs() < 1e-9, "{index}: {found}");
        }
    }

    #[test]
    fn a_fit_finds_the_scale_of_its_residuals() {
        let mut fit = Fit::new(&[0; FEATURES]);
        let mut features = [0; FEATURES];
        for _ in 0..40 {
            fit.begin();
            for large in [false, true] {
                (features[0], features[2]) = (64, if large { 96 } else { 16 });
                (0..400).for_each(|_| fit.add(&features, if large { 32 } else { 1 }, 1.0));
            }
            assert!(fit.step().is_some());
        }
        let estimate = |size: i32| {
            let sum = 64.0 * fit.weights[0] + f64::from(size) * fit.weights[2];
            scale(sum)
        };
        assert!((0.8..1.25).contains(&estimate(16)), "{}", estimate(16));
        assert!((26.0..40.0).contains(&estimate(96)), "{}", estimate(96));
    }

    #[test]
    fn a_few_residuals_say_nothing() {
        let mut fit = Fit::new(&[0; FEATURES]);
        fit.add(&[64; FEATURES], 5, 1.0);
        assert_eq!(fit.step(), None);
    }
}
