//! Training of priors: the same walk over a stream as an encoder's, by a coder that only counts.

use super::model::{Coded, FEATURES, Model, SLOTS, Weights, features};
use super::history::NOTHING;
use super::neighbours::Neighbours;
use super::predict::Component;
use super::ranged::{Coder, Rows};
use super::record::{Change, Records};
use crate::columns::StateColumns;
use crate::error::DecodeError;
use crate::layout::{FieldLayout, Layout};

/// Passes over the recordings that fit the weights; the fit changes little after six.
pub const FITTING_PASSES: usize = 10;
/// A residual of zero counts as this: it was less than half a step.
const LEAST_RESIDUAL: f64 = 0.3;
/// What holds weights near zero that the recordings say nothing about.
const RIDGE: f64 = 10.0;

/// Learns a prior from recordings: every recording is played to it once per pass.
///
/// The scale of a Laplace distribution is fitted to each class by Newton's method; then the decisions
/// of each slot are counted.
#[derive(Debug)]
pub struct Trainer {
    model: Model,
    fits: Vec<Fit>,
    counts: Vec<[f64; 2]>,
    /// What the recording in hand counts for.
    weight: f64,
}

/// One estimate being fitted.
#[derive(Clone, Debug)]
struct Fit {
    weights: [f64; FEATURES],
    gradient: [f64; FEATURES],
    curvature: [[f64; FEATURES]; FEATURES],
    residuals: f64,
}

impl Default for Trainer {
    fn default() -> Self {
        Self::new()
    }
}

impl Trainer {
    /// One that knows nothing.
    pub fn new() -> Self {
        let model = Model::flat();
        let fit = |weights: &Weights| Fit {
            weights: weights.map(f64::from),
            gradient: [0.0; FEATURES],
            curvature: [[0.0; FEATURES]; FEATURES],
            residuals: 0.0,
        };
        let fits = model.weights.iter().flatten().map(fit).collect();
        Self { model, fits, counts: vec![[0.0; 2]; SLOTS], weight: 1.0 }
    }

    /// Starts a pass.
    pub fn begin(&mut self) {
        self.counts.fill([0.0; 2]);
        for fit in &mut self.fits {
            fit.gradient = [0.0; FEATURES];
            fit.curvature = [[0.0; FEATURES]; FEATURES];
            fit.residuals = 0.0;
        }
    }

    /// Plays a recording: the states of one room, snapshot by snapshot. `weight`: what it counts for
    /// among the others.
    pub fn play<'a>(
        &mut self,
        layout: &Layout,
        states: impl IntoIterator<Item = &'a StateColumns>,
        weight: f64,
    ) {
        self.weight = weight;
        let mut records = Records::new(layout);
        let mut neighbours = Neighbours::default();
        let mut change = Change::default();
        let mut started = false;
        for state in states {
            if !started {
                records.start(state);
                started = true;
                continue;
            }
            for (index, table) in layout.tables.iter().enumerate() {
                let record = records.table(index);
                change.compare(&record.now.ids, &state.tables[index]);
                let model = self.model.clone();
                let stirs = !change.same_rows || change.next != *record.now;
                if record.rests() && !self.bit(super::model::stirs(), stirs) {
                    change.history.resize(record.now.len(), NOTHING);
                } else {
                    if !table.single {
                        self.bit(super::model::members(), !change.same_rows);
                    }
                    let mut rows =
                        Rows { table, model: &model, coder: &mut *self, neighbours: &mut neighbours };
                    // Nothing is read: nothing can fail.
                    let _ = rows.code(record, &mut change);
                }
                records.advance(index, &mut change);
            }
        }
    }

    /// Ends a pass that fits the weights.
    pub fn fit(&mut self) {
        for (fit, weights) in self.fits.iter_mut().zip(self.model.weights.iter_mut().flatten()) {
            if fit.residuals > 0.0 {
                fit.step();
                *weights = fit.weights.map(|weight| weight.round().clamp(-2000.0, 2000.0) as i32);
            }
        }
    }

    /// Ends the last pass, in which decisions were counted; returns the bytes of the prior.
    pub fn finish(&mut self) -> Vec<u8> {
        self.model.write(&self.counts)
    }
}

impl Fit {
    /// A residual of a component with these features.
    fn add(&mut self, features: &Weights, residual: f64, weight: f64) {
        let sum: f64 = features.iter().zip(&self.weights).map(|(&f, w)| f64::from(f) * w).sum();
        let ratio = (residual / scale(sum)).min(50.0);
        for (row, &f) in features.iter().enumerate() {
            let f = f64::from(f);
            self.gradient[row] += weight * f * (1.0 - ratio);
            for (column, &g) in features.iter().enumerate() {
                self.curvature[row][column] += weight * f * f64::from(g) * ratio;
            }
        }
        self.residuals += weight;
    }

    /// One step of Newton's method.
    fn step(&mut self) {
        let unit = std::f64::consts::LN_2 / 1024.0;
        let mut system = self.curvature;
        for (index, row) in system.iter_mut().enumerate() {
            row.iter_mut().for_each(|value| *value *= unit);
            row[index] += RIDGE * self.residuals * unit;
        }
        let mut right = self.gradient;
        for (value, weight) in right.iter_mut().zip(&self.weights) {
            *value += RIDGE * self.residuals * unit * weight * 1e-3;
        }
        let step = solve(system, right);
        for (weight, step) in self.weights.iter_mut().zip(step) {
            *weight -= step.clamp(-200.0, 200.0);
        }
    }
}

/// The scale that a sum of weighted features stands for, in steps.
fn scale(sum: f64) -> f64 {
    (sum / 1024.0 - 2.0).clamp(-4.0, 20.0).exp2()
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
        for row in 0..FEATURES {
            if row != column {
                let factor = a[row][column] / a[column][column];
                for k in column..FEATURES {
                    a[row][k] -= factor * a[column][k];
                }
                b[row] -= factor * b[column];
            }
        }
    }
    std::array::from_fn(|i| if a[i][i].abs() < 1e-12 { 0.0 } else { b[i] / a[i][i] })
}

impl Coder for Trainer {
    fn bit(&mut self, slot: usize, bit: bool) -> bool {
        self.counts[slot][usize::from(bit)] += self.weight;
        bit
    }

    fn raw(&mut self, value: u32, _n: u32) -> u32 {
        value
    }

    fn plain(&mut self, _field: &FieldLayout, _row: &mut [u32]) -> Result<(), DecodeError> {
        Ok(())
    }

    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }

    fn sample(&mut self, component: &Component, coded: &Coded, residual: i32) {
        let fit = component.class as usize * 2 + usize::from(component.index > 0);
        let size = f64::from(residual.unsigned_abs()).max(LEAST_RESIDUAL);
        self.fits[fit].add(&features(component, coded), size, self.weight);
    }
}
