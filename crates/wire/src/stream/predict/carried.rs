//! A place whose rate of change is another vector of the row.
//!
//! The part of a step by which rounding has cut the place short is carried along, so that the place
//! follows its rate exactly as long as the game moves it by that rate.

use super::{Component, Components, FAR, RowRecord, Step, nearest, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, lean};
use crate::stream::motion::{FRACTION_BITS, Moving};

/// Parts of a step in which fractions are carried.
const PARTS: f64 = (1 << FRACTION_BITS) as f64;
/// The largest carried fraction: half a step.
const HALF: i32 = 1 << (FRACTION_BITS - 1);

impl Moving {
    pub(super) fn carried(
        &self,
        step: &Step<'_>,
        (rate, per_tick, at_zero): (usize, f64, f64),
        next: &mut [u32],
        coder: &mut impl Components,
    ) -> Result<Bits, DecodeError> {
        let record = &step.record;
        let mut bits = self.bits(record);
        let mut fractions = [0; 3];
        for fraction in &mut fractions[..self.columns] {
            *fraction = bits.read_signed(FRACTION_BITS);
        }
        let mut counter = bits.read(LEAN_BITS);
        let way = |row: &[u32], index: usize| {
            (f64::from(row[rate + index]) * per_tick + at_zero) * step.ticks
        };
        if self.stays_against(record, |index| way(record.now, index)) {
            counter = counter.max(2);
        }
        let mut kept = Bits::default();
        let (mut rate_by, mut line_by) = (0.0, 0.0);
        for (index, &fraction) in fractions[..self.columns].iter().enumerate() {
            let column = self.offset + index;
            let now = f64::from(record.now[column]);
            let way = way(next, index);
            let by_rate = now + f64::from(fraction) / PARTS + way;
            let line = now + record.went(column);
            let (expected, otherwise) = if counter < 2 { (by_rate, line) } else { (line, by_rate) };
            let component = Component {
                class: step.class,
                index,
                expected,
                otherwise,
                max: self.max,
                wraps: false,
                own: 0,
                field: counter * 4,
                pace: quarters(record.went(column)),
                speed: quarters(way),
                aside: quarters(way - record.went(column)),
                apart: FAR,
                around: 0,
            };
            next[column] = coder.component(&component, next[column])?;
            let actual = f64::from(next[column]);
            let carried = nearest((by_rate - actual) * PARTS).clamp(-HALF, HALF - 1);
            kept.push(carried, FRACTION_BITS);
            // Whole steps against whole steps: a line always ends at one.
            rate_by += (actual - (by_rate + 0.5).floor()).abs();
            line_by += (actual - line).abs();
        }
        kept.push(lean(counter, rate_by, line_by), LEAN_BITS);
        Ok(kept)
    }
    /// Whether the field lies still although its rate says otherwise, by a step at least.
    fn stays_against(&self, record: &RowRecord<'_>, way: impl Fn(usize) -> f64) -> bool {
        (0..self.columns).all(|index| record.went(self.offset + index) == 0.0)
            && (0..self.columns).any(|index| way(index).abs() >= 1.0)
    }
}
