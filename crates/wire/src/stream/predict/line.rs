//! Components that stay or go on as before; for the position of a rigid body, with what its
//! neighbours did.

use super::{Component, Components, FAR, Step, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, Track, lean, value};
use crate::stream::motion::{Class, Moving};
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
        let track = Track::read(&mut bits, self.columns);
        let counter = bits.read(LEAN_BITS);
        let field = track.size(self.columns);
        let speed = columns
            .clone()
            .map(|column| quarters(record.went(column)))
            .fold(0, u32::saturating_add);
        let by_track = (counter < 2) == (goes_on && step.guess.is_none());
        let class = if by_track && track.is_smooth() { Class::Smooth } else { step.class };
        let mut beyond = [0.0; 3];
        let (mut first_by, mut second_by) = (0.0, 0.0);
        for (index, column) in columns.enumerate() {
            let now = f64::from(record.now[column]);
            let went = record.went(column);
            let line = now + went;
            let smooth = line + track.ahead(index);
            let (first, second) = match step.guess {
                Some(guess) => (line + guess.place(index, value(track.residual(index))), smooth),
                None if goes_on => (smooth, now),
                None => (now, smooth),
            };
            let (expected, otherwise) = if counter < 2 { (first, second) } else { (second, first) };
            let component = Component {
                class,
                index,
                expected,
                otherwise,
                max: self.max,
                wraps: false,
                own: track.residual(index),
                field,
                pace: quarters(went),
                speed,
                aside: 0,
                apart: step.guess.map_or(FAR, Guess::place_apart),
                around: step.guess.map_or(0, |guess| guess.place_around),
            };
            next[column] = coder.component(&component, next[column])?;
            let actual = f64::from(next[column]);
            beyond[index] = actual - line;
            first_by += (actual - first).abs();
            second_by += (actual - second).abs();
        }
        let mut kept = track.next(self.columns, &beyond);
        kept.push(lean(counter, first_by, second_by), LEAN_BITS);
        Ok(kept)
    }
}
