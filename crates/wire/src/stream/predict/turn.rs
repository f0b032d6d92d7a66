//! A rotation: it goes on turning as before, for a rigid body with what its neighbours did.

use super::{Component, Components, FAR, Step, nearest, quarters};
use crate::error::DecodeError;
use crate::stream::history::{Bits, RESIDUAL_BITS, coarse, size};
use crate::stream::motion::Moving;
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
        let mut remembered = [0; 3];
        for remembered in &mut remembered {
            *remembered = bits.read_signed(RESIDUAL_BITS);
        }
        let columns = self.offset..self.offset + self.columns;
        let now = Rotation::from_raw(&record.now[columns.clone()], top);
        let last = Rotation::from_raw(&record.last[columns.clone()], top);
        let mut turned = last.to(&now);
        if let Some(guess) = step.guess {
            turned = turned.plus(guess.turn());
        }
        let expected = turned.after(&now);

        let (largest, lead) = expected.largest();
        let next = &mut next[columns];
        next[0] = coder.largest(largest as u32, lead > SURE, next[0])?;
        let by_turn = expected.raw(next[0] as usize, top);
        let stays = now.raw(next[0] as usize, top);
        let went = [0, 1, 2].map(|index| quarters(by_turn[index] - stays[index]));
        let mut kept = Bits::default();
        for index in 0..3 {
            let component = Component {
                class: step.class,
                column: self.offset + 1 + index,
                index,
                expected: by_turn[index],
                otherwise: stays[index],
                max: self.max,
                wraps: false,
                own: remembered[index],
                field: remembered.iter().map(|&r| size(r)).sum(),
                pace: went[index],
                speed: went.into_iter().fold(0, u32::saturating_add),
                aside: 0,
                apart: step.guess.map_or(FAR, Guess::turn_apart),
                around: step.guess.map_or(0, |guess| guess.turn_around),
            };
            next[1 + index] = coder.component(&component, next[1 + index])?;
            let away = f64::from(next[1 + index]) - by_turn[index];
            kept.push(coarse(nearest(away)), RESIDUAL_BITS);
        }
        Ok(kept)
    }
}
