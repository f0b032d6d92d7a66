//! An angle that stays, goes on turning, or points along a vector.

use super::{Component, Components, FAR, Step, floor, nearest, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, RESIDUAL_BITS, coarse, lean, size};
use crate::stream::motion::Moving;

/// An angle that rests further from the vector's direction, in turns, does not follow it.
const ELSEWHERE: f64 = 1.0 / 64.0;

impl Moving {
    pub(super) fn angle(
        &self,
        step: &Step<'_>,
        goes_on: bool,
        follows: Option<(usize, f64)>,
        next: &mut [u32],
        coder: &mut impl Components,
    ) -> Result<Bits, DecodeError> {
        let record = &step.record;
        let turn = f64::from(self.max) + 1.0;
        let mut bits = self.bits(record);
        let remembered = bits.read_signed(RESIDUAL_BITS);
        let mut counter = bits.read(LEAN_BITS);
        let column = self.offset;
        let now = f64::from(record.now[column]);
        let went = shorter_way(record.went(column), turn);
        let line = now + went;
        let (mut first, mut second) = if goes_on { (line, now) } else { (now, line) };
        if let Some((vector, zero)) = follows {
            let x = f64::from(next[vector]) - zero;
            let y = f64::from(next[vector + 1]) - zero;
            if let Some(turns) = direction(x, y) {
                (first, second) = (turns * turn, first);
            }
            let x = f64::from(record.now[vector]) - zero;
            let y = f64::from(record.now[vector + 1]) - zero;
            let looks_elsewhere =
                |turns| shorter_way(now - turns * turn, turn).abs() > turn * ELSEWHERE;
            if went == 0.0 && direction(x, y).is_some_and(looks_elsewhere) {
                counter = counter.max(2);
            }
        }
        let (expected, otherwise) = if counter < 2 { (first, second) } else { (second, first) };
        let component = Component {
            class: step.class,
            index: 0,
            expected,
            otherwise: expected + shorter_way(otherwise - expected, turn),
            max: self.max,
            wraps: true,
            own: remembered,
            field: size(remembered),
            pace: quarters(went),
            speed: quarters(went),
            aside: 0,
            apart: FAR,
            around: 0,
        };
        next[column] = coder.component(&component, next[column])?;
        let actual = f64::from(next[column]);
        let away = |from: f64| shorter_way(actual - from, turn);
        let mut kept = Bits::default();
        kept.push(coarse(nearest(away(expected))), RESIDUAL_BITS);
        kept.push(lean(counter, away(first).abs(), away(second).abs()), LEAN_BITS);
        Ok(kept)
    }
}

/// A difference of angles, within half a turn.
fn shorter_way(difference: f64, turn: f64) -> f64 {
    difference - floor(difference / turn + 0.5) * turn
}

/// The direction of a vector in turns from the x axis, to about a 2000th; none of the zero vector.
///
/// The arc tangent is a polynomial (Abramowitz and Stegun 4.4.47): only basic operations, so that all
/// implementations agree.
fn direction(x: f64, y: f64) -> Option<f64> {
    let (across, along) = (x.abs(), y.abs());
    let (small, large) = if across < along { (across, along) } else { (along, across) };
    if large == 0.0 {
        return None;
    }
    let ratio = small / large;
    let square = ratio * ratio;
    let radians = ratio
        * (0.999_866
            + square
                * (-0.330_299_5
                    + square * (0.180_141 + square * (-0.085_133 + square * 0.020_835_1))));
    let eighth = radians * 0.159_154_943_091_895_35;
    let quarter = if across < along { 0.25 - eighth } else { eighth };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    Some(if y < 0.0 { 1.0 - half } else { half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "this machine's sine is good enough to check against"
    )]
    fn directions_go_once_round() {
        for degree in 0..360 {
            let angle = f64::from(degree).to_radians();
            let turns = direction(angle.cos() * 7.0, angle.sin() * 7.0).unwrap();
            let error = shorter_way(turns - f64::from(degree) / 360.0, 1.0);
            assert!(error.abs() < 5e-5, "{degree}: {turns}");
        }
        assert_eq!(direction(0.0, 0.0), None);
    }

    #[test]
    fn the_shorter_way_is_at_most_half_a_turn() {
        assert_eq!(shorter_way(250.0, 256.0), -6.0);
        assert_eq!(shorter_way(-250.0, 256.0), 6.0);
        assert_eq!(shorter_way(100.0, 256.0), 100.0);
    }
}
