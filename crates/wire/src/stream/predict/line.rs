//! Components that stay or go on as before; for the position of a rigid body, with what its
//! neighbours did.

use super::{Component, Components, FAR, Step, nearest, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, RESIDUAL_BITS, coarse, lean, size, value};
use crate::stream::motion::Moving;
use crate::stream::neighbours::Guess;

impl Moving {
    pub(super) fn line(
        &self,
        step: &Step<'_>,
        goes_on: bool,
        next: &mut [u32],
        coder: &mut impl Components,
    ) -> Result<Bits, DecodeError> {
        let record = &step.record;
        let columns = self.offset..self.offset + self.columns;
        let mut bits = self.bits(record);
        let mut remembered = [0; 3];
        for remembered in &mut remembered[..self.columns] {
            *remembered = bits.read_signed(RESIDUAL_BITS);
        }
        let counter = bits.read(LEAN_BITS);
        let continues = goes_on == (counter < 2);
        let field = remembered.iter().map(|&r| size(r)).sum();
        let speed = columns.clone().map(|column| quarters(record.went(column))).fold(0, u32::saturating_add);
        let mut kept = Bits::default();
        let (mut stays_by, mut goes_on_by) = (0.0, 0.0);
        for (index, column) in columns.enumerate() {
            let now = f64::from(record.now[column]);
            let went = record.went(column);
            let line = now + went;
            let (expected, otherwise) = match step.guess {
                Some(guess) => (line + guess.place(index, value(remembered[index])), now),
                None if continues => (line, now),
                None => (now, line),
            };
            let component = Component {
                class: step.class,
                column,
                index,
                expected,
                otherwise,
                max: self.max,
                wraps: false,
                own: remembered[index],
                field,
                pace: quarters(went),
                speed,
                aside: 0,
                apart: step.guess.map_or(FAR, Guess::place_apart),
                around: step.guess.map_or(0, |guess| guess.place_around),
            };
            next[column] = coder.component(&component, next[column])?;
            let actual = f64::from(next[column]);
            kept.push(coarse(nearest(actual - line)), RESIDUAL_BITS);
            stays_by += (actual - now).abs();
            goes_on_by += (actual - line).abs();
        }
        let (first, second) =
            if goes_on { (goes_on_by, stays_by) } else { (stays_by, goes_on_by) };
        kept.push(lean(counter, first, second), LEAN_BITS);
        Ok(kept)
    }
}
