//! A rotation: it goes on turning as before, for a rigid body with what its neighbours did.

use super::{Component, Components, FAR, Step, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, LEAN_BITS, Track, lean};
use crate::stream::motion::{Class, Moving};
use crate::stream::neighbours::Guess;
use crate::stream::rotation::{Rotation, Spinning};

/// The two largest components of the expectation differ by so much when it is sure which is the
/// largest.
const SURE: f64 = 0.03;

impl Moving {
    pub(super) fn turn(
        &self,
        step: &Step<'_>,
        next: &mut [u32],
        coder: &mut impl Components,
    ) -> Result<Bits, DecodeError> {
        let record = &step.record;
        let top = f64::from(self.max);
        let mut bits = self.bits(record);
        let track = Track::read(&mut bits, 3);
        let counter = bits.read(LEAN_BITS);
        let columns = self.offset..self.offset + self.columns;
        // A guess has worked both out already.
        let (now, turned) = match step.guess {
            Some(guess) => (guess.now, guess.had_spun),
            None => {
                let now = Rotation::from_raw(&record.now[columns.clone()], top);
                (now, Rotation::from_raw(&record.last[columns.clone()], top).to(&now))
            }
        };
        let by_itself = turned.after(&now);
        let expected = match step.guess {
            Some(guess) => turned.plus(guess.turn()).after(&now),
            None => by_itself,
        };

        let (largest, lead) = expected.largest();
        let next = &mut next[columns];
        next[0] = coder.largest(largest, lead > SURE, next[0])?;
        let line = by_itself.raw(next[0], top);
        let guessed = if step.guess.is_some() { expected.raw(next[0], top) } else { line };
        let stays = now.raw(next[0], top);
        let went = [0, 1, 2].map(|index| quarters(line[index] - stays[index]));
        let speed = went.into_iter().fold(0, u32::saturating_add);
        // In another representation the carried fractions mean nothing.
        let same = next[0] == record.now[self.offset];
        let track = if same { track } else { Track::default() };
        let by_track = step.guess.is_none() || counter >= 2;
        let class = if by_track && track.is_smooth() { Class::Spin } else { step.class };
        let field = track.size(3);
        let mut beyond = [0.0; 3];
        let (mut smooth_by, mut guessed_by) = (0.0, 0.0);
        for index in 0..3 {
            let smooth = line[index] + track.ahead(index);
            let (expected, otherwise) = match (step.guess, counter < 2) {
                (None, _) => (smooth, stays[index]),
                (Some(_), true) => (guessed[index], stays[index]),
                (Some(_), false) => (smooth, stays[index]),
            };
            let component = Component {
                class,
                index,
                expected,
                otherwise,
                max: self.max,
                wraps: false,
                own: track.residual(index),
                field,
                pace: went[index],
                speed,
                aside: 0,
                apart: step.guess.map_or(FAR, Guess::turn_apart),
                around: step.guess.map_or(0, |guess| guess.turn_around),
            };
            next[1 + index] = coder.component(&component, next[1 + index])?;
            let actual = f64::from(next[1 + index]);
            beyond[index] = actual - line[index];
            smooth_by += (actual - smooth).abs();
            guessed_by += (actual - guessed[index]).abs();
        }
        let mut kept = track.next(3, &beyond);
        kept.push(lean(counter, guessed_by, smooth_by), LEAN_BITS);
        Ok(kept)
    }
}
