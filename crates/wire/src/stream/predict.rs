//! Where a row goes next: the steps by which every moving field is predicted, coded and remembered.
//!
//! A step walks the components of one field. For each it tells a [`Components`] what it expects, and
//! goes on with what the component really is: encoder and decoder run the very same steps. Only
//! `+ - * /`, `sqrt` and `floor` on `f64`, so that every implementation computes the same bits.

mod angle;
mod carried;
mod line;
mod steered;
mod turn;

use super::history::{Bits, History, RESIDUAL_BITS, Track};
use super::motion::{Class, Kind, Moving};
use super::neighbours::Guess;
use super::record::same;
use crate::error::DecodeError;

/// What a delta may read of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct RowRecord<'a> {
    /// Its columns at the base.
    pub(super) now: &'a [u32],
    /// Its columns one snapshot earlier.
    pub(super) last: &'a [u32],
    /// What is remembered beside them.
    pub(super) history: History,
}

impl RowRecord<'_> {
    /// How far a column went with the last snapshot.
    #[inline]
    fn went(&self, column: usize) -> f64 {
        f64::from(self.now[column]) - f64::from(self.last[column])
    }
}

/// What is expected of one component, and by what its uncertainty may be judged. Sizes are in
/// quarters of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    /// What its field's numbers are like.
    pub(super) class: Class,
    /// Which component of its field, in the order of coding.
    pub(super) index: usize,
    /// Where it is expected, in raw steps.
    pub(super) expected: f64,
    /// Where it would be by the other way of predicting.
    pub(super) otherwise: f64,
    /// Highest valid value.
    pub(super) max: u32,
    /// Whether values wrap around at `max + 1`.
    pub(super) wraps: bool,
    /// The residual remembered of this component.
    pub(super) own: i32,
    /// Sizes of the residuals remembered of the field.
    pub(super) field: u32,
    /// How far it went with the last snapshot.
    pub(super) pace: u32,
    /// How far the field went.
    pub(super) speed: u32,
    /// What only this kind of field has: how far a turning vector reaches to the side.
    pub(super) aside: u32,
    /// How far the row is from moving as its neighbours do; `FAR` without any.
    pub(super) apart: u32,
    /// Sizes of the residuals of its neighbours.
    pub(super) around: u32,
}

/// Of a row that has no neighbours.
pub(super) const FAR: u32 = 1 << 12;

impl Component {
    /// The valid value nearest to what is expected, and how far above it the expectation lies, in
    /// steps (within ±0.5 unless it was out of range).
    #[inline]
    pub(super) fn rounded(&self) -> (u32, f64) {
        let whole = floor(self.expected + 0.5);
        let offset = self.expected - whole;
        let max = f64::from(self.max);
        if self.wraps {
            let turn = max + 1.0;
            ((whole - floor(whole / turn) * turn) as u32, offset)
        } else {
            (whole.clamp(0.0, max) as u32, offset)
        }
    }
}

/// Whoever codes, or only compares, the components of a row.
pub(super) trait Components {
    /// Takes what is expected of a component and what it is; a decoder takes no notice of the
    /// latter. Returns what it is.
    fn component(&mut self, component: &Component, actual: u32) -> Result<u32, DecodeError>;

    /// The same for the index of a quaternion's largest component (0..=3).
    fn largest(&mut self, expected: u32, sure: bool, actual: u32) -> Result<u32, DecodeError>;
}

/// What a step knows beside the row itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) class: Class,
    pub(super) record: RowRecord<'a>,
    /// Ticks in which rates have moved it: see [`Layout::ticks`](crate::layout::Layout).
    pub(super) ticks: f64,
    /// What the neighbours say, for rigid bodies.
    pub(super) guess: Option<&'a Guess>,
}

impl Moving {
    /// Whether the field lies still: it then is expected to go on doing so, whatever its kind. In a row
    /// that rests, every field does.
    #[inline]
    pub(super) fn is_still(&self, record: &RowRecord<'_>, row_rests: bool) -> bool {
        let columns = self.offset..self.offset + self.columns;
        row_rests
            || same(&record.now[columns.clone()], &record.last[columns])
                && self.slot.of(record.history).is_zero()
                && !matches!(self.kind, Kind::Carried { .. })
    }

    /// Whether its last value was a surprise.
    #[inline]
    pub(super) fn surprised(&self, record: &RowRecord<'_>) -> bool {
        let mut bits = self.slot.of(record.history);
        match self.kind {
            Kind::Line { .. } => Track::is_rough(bits, self.columns),
            Kind::Turn => Track::is_rough(bits, 3),
            Kind::Carried { .. } => false,
            Kind::Steered { .. } | Kind::Angle { .. } => bits.read(RESIDUAL_BITS) != 0,
        }
    }

    /// Moves the field: `next` holds (encoder) or receives (decoder) its columns; those of fields
    /// coded before are there already. Its part of the next history goes into `history`.
    #[inline]
    pub(super) fn step(
        &self,
        step: &Step<'_>,
        next: &mut [u32],
        history: &mut History,
        coder: &mut impl Components,
    ) -> Result<(), DecodeError> {
        let bits = match &self.kind {
            Kind::Line { goes_on } => self.line(step, *goes_on, next, coder)?,
            Kind::Carried { rate, per_tick, at_zero } => {
                self.carried(step, (*rate, *per_tick, *at_zero), next, coder)?
            }
            Kind::Steered { zero, keeps_length, goes_on } => {
                self.steered(step, (*zero, *keeps_length, *goes_on), next, coder)?
            }
            Kind::Angle { goes_on, follows } => {
                self.angle(step, *goes_on, *follows, next, coder)?
            }
            Kind::Turn => self.turn(step, next, coder)?,
        };
        self.slot.place(bits, history);
        Ok(())
    }

    fn bits(&self, record: &RowRecord<'_>) -> Bits {
        self.slot.of(record.history)
    }
}

/// Added to a number, it leaves no bits for a fraction: the sum is rounded to the nearest integer.
const NO_FRACTION: f64 = 6_755_399_441_055_744.0;

/// The largest integer not above a value.
///
/// As [`f64::floor`], which is a call of a library function where the processor's instruction for it
/// cannot be presumed.
#[inline]
pub(super) fn floor(value: f64) -> f64 {
    /// Above it every value is whole, or nearly.
    const LARGE: f64 = 2_251_799_813_685_248.0;
    if value.abs() < LARGE {
        let near = (value + NO_FRACTION) - NO_FRACTION;
        near - if near > value { 1.0 } else { 0.0 }
    } else {
        value.floor()
    }
}

/// The largest integer not above a value that is within the range of `i32`: the same with less work.
#[inline]
pub(super) fn small_floor(value: f64) -> i32 {
    let near = value + NO_FRACTION;
    // The lowest bits of a number without a fraction are those of the integer.
    near.to_bits() as i32 - i32::from(near - NO_FRACTION > value)
}

/// A size in quarters of a step.
#[inline]
pub(super) fn quarters(steps: f64) -> u32 {
    // A saturating cast; NaN gives 0.
    (steps.abs() * 4.0) as u32
}

/// The nearest integer, halves up, as far as `i32` reaches.
#[inline]
fn nearest(value: f64) -> i32 {
    floor(value + 0.5) as i32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::fixed_cases())]
        #[test]
        fn an_expectation_is_rounded_to_a_valid_value(bits: u64, near in -1e10..1e10, width in 0..33_u32) {
            let max = ((1_u64 << width) - 1) as u32;
            for expected in [f64::from_bits(bits), near, f64::NAN, f64::INFINITY] {
                // An angle has 1 to 22 bits, and turns by less than a few turns at once.
                let is_angle = (1..=22).contains(&width) && expected.abs() < 1e12;
                for wraps in [false, true].into_iter().filter(|wraps| !wraps || is_angle) {
                    let component = Component {
                        class: Class::Line,
                        index: 0,
                        expected,
                        otherwise: 0.0,
                        max,
                        wraps,
                        own: 0,
                        field: 0,
                        pace: 0,
                        speed: 0,
                        aside: 0,
                        apart: FAR,
                        around: 0,
                    };
                    let (rounded, _) = component.rounded();
                    prop_assert!(rounded <= max);
                    let actual = bits as u32 & max;
                    let residual = component.difference(rounded, actual);
                    prop_assert_eq!(component.apply(rounded, residual), Ok(actual));
                }
            }
        }
    }
}
