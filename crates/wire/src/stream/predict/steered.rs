//! A vector that turns more than it changes its length: a velocity under control.
//!
//! The component that is smallest, and so moves fastest along the circle, is coded first; from the
//! others and the usual length follows the last one. The length of two rounded components is known to
//! half a step only; its running mean is carried as a correction.

use super::{Component, Components, FAR, Step, nearest, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, RESIDUAL_BITS, coarse, lean, size};
use crate::stream::motion::{LENGTH_BITS, Moving};

/// Parts of a step in which the correction of the length is carried.
const PARTS: f64 = 8.0;
/// The largest correction, in parts.
const MOST: i32 = (1 << (LENGTH_BITS - 1)) - 1;
/// Share of a new length that enters the mean.
const GAIN: f64 = 0.125;
/// A length that differs by more, in steps, is a new one.
const NEW_LENGTH: f64 = 1.5;

impl Moving {
    pub(super) fn steered(
        &self,
        step: &Step<'_>,
        (zero, keeps_length, goes_on): (f64, bool, bool),
        next: &mut [u32],
        coder: &mut impl Components,
    ) -> Result<Bits, DecodeError> {
        let record = &step.record;
        let mut bits = self.bits(record);
        let remembered = bits.read_signed(RESIDUAL_BITS);
        let counter = bits.read(LEAN_BITS);
        let length_counter = bits.read(LEAN_BITS);
        let correction = f64::from(bits.read_signed(LENGTH_BITS)) / PARTS;
        let continues = goes_on == (counter < 2);
        let by_length = keeps_length == (length_counter < 2);

        let order = self.smallest_first(record.now, zero);
        let columns = &order[..self.columns];
        let square = |row: &[u32], column: usize| {
            let value = f64::from(row[column]) - zero;
            value * value
        };
        let squares: f64 =
            columns.iter().fold(0.0, |sum, &column| sum + square(record.now, column));
        let length = squares.sqrt() + correction;
        let speed = columns.iter().map(|&c| quarters(record.went(c))).fold(0, u32::saturating_add);

        let mut coded = 0.0;
        let mut kept = Bits::default();
        let (mut stays_by, mut goes_on_by) = (0.0, 0.0);
        let (mut length_by, mut plain_by) = (0.0, 0.0);
        for (index, &column) in columns.iter().enumerate() {
            let now = f64::from(record.now[column]);
            let line = now + record.went(column);
            let plain = if continues { line } else { now };
            let is_last = index + 1 == columns.len();
            let rest = length * length - coded;
            // Nothing is left for the last one when the others are longer than the usual length.
            let on_circle = if rest > 0.0 {
                let side = rest.sqrt();
                if now < zero { zero - side } else { zero + side }
            } else {
                plain
            };
            let (expected, otherwise) = match (is_last, by_length) {
                (true, true) => (on_circle, plain),
                (true, false) => (plain, on_circle),
                (false, _) if continues => (line, now),
                (false, _) => (now, line),
            };
            let own = if index == 0 { remembered } else { 0 };
            let component = Component {
                class: step.class,
                index: if is_last && by_length { 2 } else { index.min(1) },
                expected,
                otherwise,
                max: self.max,
                wraps: false,
                own,
                field: size(remembered),
                pace: quarters(record.went(column)),
                speed,
                aside: quarters((squares - square(record.now, column)).max(0.0).sqrt()),
                apart: FAR,
                around: 0,
            };
            next[column] = coder.component(&component, next[column])?;
            let actual = f64::from(next[column]);
            coded += square(next, column);
            if index == 0 {
                kept.push(coarse(nearest(actual - plain)), RESIDUAL_BITS);
            }
            if is_last {
                length_by = (actual - on_circle).abs();
                plain_by = (actual - plain).abs();
            } else {
                stays_by += (actual - now).abs();
                goes_on_by += (actual - line).abs();
            }
        }
        let (first, second) = if goes_on { (goes_on_by, stays_by) } else { (stays_by, goes_on_by) };
        kept.push(lean(counter, first, second), LEAN_BITS);
        let (first, second) =
            if keeps_length { (length_by, plain_by) } else { (plain_by, length_by) };
        kept.push(lean(length_counter, first, second), LEAN_BITS);
        kept.push(next_correction(length, coded.sqrt()), LENGTH_BITS);
        Ok(kept)
    }

    /// The field's columns, that with the smallest magnitude first; of equal ones the earlier.
    fn smallest_first(&self, row: &[u32], zero: f64) -> [usize; 3] {
        let mut order = [self.offset, self.offset + 1, self.offset + 2];
        let magnitude = |column: usize| (f64::from(row[column]) - zero).abs();
        for end in 1..self.columns {
            let mut at = end;
            while at > 0 && magnitude(order[at]) < magnitude(order[at - 1]) {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        order
    }
}

/// The correction that leads from the length just measured to the mean of the lengths so far.
fn next_correction(mean: f64, measured: f64) -> i32 {
    let away = measured - mean;
    if away.abs() > NEW_LENGTH {
        return 0;
    }
    nearest((mean + away * GAIN - measured) * PARTS).clamp(-MOST - 1, MOST)
}
