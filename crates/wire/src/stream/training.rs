//! Training of priors: the same walk over a stream as an encoder's, by a coder that only counts.

mod fit;

use super::history::NOTHING;
use super::mixing::INPUTS;
use super::model::{self, Coded, MIXES, Mix, Model, OTHER_SLOTS, SLOTS, features};
use super::neighbours::Neighbours;
use super::predict::Component;
use super::ranged::{Coder, Memory, Rows};
use super::record::{Change, Records};
use crate::columns::StateColumns;
use crate::error::DecodeError;
use crate::layout::{FieldLayout, Layout};
use crate::level::Level;
use crate::prior::Prior;
use fit::Fit;

/// Passes over the recordings that fit the weights; the fit changes little after six.
const FITTING_PASSES: usize = 10;
/// Passes that fit the mixes.
const MIXING_PASSES: usize = 4;

/// Learns a prior from recordings.
///
/// The scale of a Laplace distribution is fitted to each class by Newton's method; then the decisions
/// of each slot are counted. The same recordings in the same order always give the same bytes.
#[derive(Clone, Debug)]
pub struct Trainer {
    model: Model,
    /// Decisions that the model's own probabilities count for in each slot.
    trust: f64,
    fits: Vec<Fit>,
    counts: Vec<[f64; 2]>,
    /// What decides while the mixes are fitted, once everything else is.
    mixing: Option<Memory>,
    /// Per mix the sum of its weights after each of its decisions, and their number: a recording
    /// pulls them its way, their mean is what suits all.
    mixed: Vec<([f64; INPUTS], f64)>,
    /// What the recording in hand counts for.
    weight: f64,
    /// Residuals in this pass, each counted once.
    residuals: u64,
}

impl Trainer {
    /// One that knows nothing.
    pub fn new() -> Self {
        Self::of(Model::flat(), model::LITTLE_TRUST)
    }

    /// One that knows what `prior` knows (`None`: the protocol's own), and learns what is special of
    /// one game: what its recordings say nothing about stays as it is.
    pub fn from_prior(prior: Option<&Prior>) -> Self {
        let model = prior.map_or_else(Model::shipped, Prior::model);
        Self::of((*model).clone(), model::TRUST)
    }

    fn of(model: Model, trust: f64) -> Self {
        let fits = model.weights.iter().flatten().map(Fit::new).collect();
        Self {
            model,
            trust,
            fits,
            counts: vec![[0.0; 2]; SLOTS + OTHER_SLOTS],
            mixing: None,
            mixed: vec![([0.0; INPUTS], 0.0); MIXES],
            weight: 1.0,
            residuals: 0,
        }
    }

    /// Learns from recordings, which `pass` is to [play](Self::play) to it: the same ones in the same
    /// order whenever it is called. Returns the bytes of the prior.
    pub fn learn(mut self, mut pass: impl FnMut(&mut Self)) -> Vec<u8> {
        for _ in 0..FITTING_PASSES {
            self.begin();
            pass(&mut self);
            self.fit();
        }
        self.begin();
        pass(&mut self);
        self.model.learn(&self.counts, self.trust);
        let mut memory = Memory::new(Level::RangedMax);
        memory.start(&self.model);
        self.mixing = Some(memory);
        for _ in 0..MIXING_PASSES {
            self.begin();
            pass(&mut self);
            self.mix();
        }
        self.model.write()
    }

    /// Plays a recording: the states of one room with their ticks, snapshot by snapshot. `weight`: what
    /// it counts for among the others. Returns how many residuals it has.
    pub fn play<'a>(
        &mut self,
        layout: &Layout,
        states: impl IntoIterator<Item = (u32, &'a StateColumns)>,
        weight: f64,
    ) -> u64 {
        let before = self.residuals;
        self.weight = weight;
        let model = self.model.clone();
        if let Some(memory) = &mut self.mixing {
            memory.start(&self.model);
        }
        let mut records = Records::new(layout);
        let mut neighbours = Neighbours::default();
        let mut change = Change::default();
        let mut base = None;
        for (tick, state) in states {
            let Some(base) = base.replace(tick) else {
                records.start(state);
                continue;
            };
            let ticks = layout.ticks(base, tick, records.rest());
            if let Some(memory) = &mut self.mixing {
                memory.start_slots(&self.model);
            }
            for (index, table) in layout.tables.iter().enumerate() {
                let record = records.table(index);
                change.compare(&record.now.ids, &state.tables[index]);
                if record.rests() && !self.bit(model::stirs(), change.differs_from(record.now)) {
                    change.history.resize(record.now.len(), NOTHING);
                } else {
                    if !table.single {
                        self.bit(model::members(), !change.same_rows);
                    }
                    let neighbours = &mut neighbours;
                    let mut rows =
                        Rows { table, model: &model, coder: &mut *self, neighbours, ticks };
                    // Nothing is read: nothing can fail.
                    let _ = rows.code(record, &mut change);
                }
                records.advance(index, &mut change);
            }
        }
        self.residuals - before
    }

    /// One that knows the same and has been played nothing in this pass: for another thread, to be
    /// [absorbed](Self::absorb).
    #[must_use]
    pub fn share(&self) -> Self {
        let mut share = self.clone();
        share.begin();
        share
    }

    /// Takes over what a [share](Self::share) has been played.
    pub fn absorb(&mut self, share: &Self) {
        self.residuals += share.residuals;
        for (fit, other) in self.fits.iter_mut().zip(&share.fits) {
            fit.absorb(other);
        }
        for (sum, count) in self.counts.iter_mut().zip(&share.counts) {
            sum[0] += count[0];
            sum[1] += count[1];
        }
        for ((sum, count), (other, others)) in self.mixed.iter_mut().zip(&share.mixed) {
            sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += other);
            *count += others;
        }
    }

    /// Starts a pass.
    fn begin(&mut self) {
        self.residuals = 0;
        self.counts.fill([0.0; 2]);
        self.mixed.fill(([0.0; INPUTS], 0.0));
        self.fits.iter_mut().for_each(Fit::begin);
    }

    /// Ends a pass that fits the weights.
    fn fit(&mut self) {
        for (fit, weights) in self.fits.iter_mut().zip(self.model.weights.iter_mut().flatten()) {
            *weights = fit.step().unwrap_or(*weights);
        }
    }

    /// Ends a pass that fits the mixes.
    fn mix(&mut self) {
        for (weights, (sum, count)) in self.model.mixes.iter_mut().zip(&self.mixed) {
            if *count > 0.0 {
                *weights = sum.map(|sum| (sum / count).round() as i32);
            }
        }
    }
}

impl Default for Trainer {
    fn default() -> Self {
        Self::new()
    }
}

impl Coder for Trainer {
    fn mixes(&self) -> bool {
        true
    }

    fn mixed(&mut self, slot: usize, mix: Mix, bit: bool) -> bool {
        if let Some(memory) = &mut self.mixing {
            memory.mixed(slot, mix, |_| bit);
            let (sum, count) = &mut self.mixed[mix.set];
            for (sum, &weight) in sum.iter_mut().zip(memory.mix(mix.set)) {
                *sum += self.weight * f64::from(weight);
            }
            *count += self.weight;
            return bit;
        }
        for other in mix.others {
            self.counts[SLOTS + other][usize::from(bit)] += self.weight;
        }
        self.bit(slot, bit)
    }

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
        self.fits[fit].add(&features(component, coded), residual, self.weight);
        self.residuals += 1;
    }
}
