//! The rows of a table at level `ranged`: one adaptive decision after the other (PROTOCOL 7.3.6).
//!
//! Written once for both directions: a [`Coder`] takes what a decision is and returns what it is, an
//! encoder the former, a decoder from its bytes.

mod coder;

pub(super) use coder::{Coder, Memory, RangedReader, RangedWriter};

use super::history::{History, NOTHING};
use super::model::{self, Coded, Mix, Model, Residual};
use super::motion::{Class, TableMotion};
use super::neighbours::Neighbours;
use super::predict::{Component, Components, FAR, RowRecord, Step};
use super::record::{Change, TOGETHER, TableRecord};
use crate::bits::bit_length;
use crate::error::DecodeError;
use crate::layout::{Coding, FieldLayout, TableLayout};

/// Bits of an index of a quaternion's component.
const INDEX_BITS: u32 = 2;

/// Codes the rows that stay in a table.
pub(super) struct Rows<'a, C> {
    pub(super) table: &'a TableLayout,
    pub(super) model: &'a Model,
    pub(super) coder: &'a mut C,
    pub(super) neighbours: &'a mut Neighbours,
    /// Ticks from the base to what is coded.
    pub(super) ticks: f64,
}

impl<C: Coder> Rows<'_, C> {
    /// Codes every row of `change` that was there before: its columns in `change.next` are those
    /// to come (encoder) or become those (decoder).
    pub(super) fn code(
        &mut self,
        base: TableRecord<'_>,
        change: &mut Change,
    ) -> Result<(), DecodeError> {
        self.neighbours.clear();
        let mut moved = false;
        let mut index = 0;
        while index < change.next.len() {
            if change.is_quiet(base, index) {
                for index in index..index + TOGETHER {
                    let history = self.resting_row(base, change, index, &mut moved)?;
                    change.history.push(history);
                }
                index += TOGETHER;
                continue;
            }
            let history = match change.old(index) {
                Some(old) => self.row(&base.row(old), change.next.row_mut(index), &mut moved)?,
                None => NOTHING,
            };
            change.history.push(history);
            index += 1;
        }
        Ok(())
    }

    /// Codes a row that rests and, as far as an encoder knows, goes on doing so.
    #[inline]
    fn resting_row(
        &mut self,
        base: TableRecord<'_>,
        change: &mut Change,
        index: usize,
        moved: &mut bool,
    ) -> Result<History, DecodeError> {
        *moved = self.coder.bit(model::row_rests(false, *moved), false);
        if !*moved {
            return Ok(NOTHING);
        }
        self.coder.check()?;
        self.moving_row(&base.row(index), true, change.next.row_mut(index))
    }

    /// Codes one row; returns its next history.
    #[inline]
    fn row(
        &mut self,
        record: &RowRecord<'_>,
        next: &mut [u32],
        moved: &mut bool,
    ) -> Result<History, DecodeError> {
        let rested = record.now == record.last;
        let slot = if rested {
            model::row_rests(record.history != NOTHING, *moved)
        } else {
            model::row_moves(record.history, self.speed(record))
        };
        *moved = self.coder.bit(slot, next != record.now);
        if !*moved {
            next.copy_from_slice(record.now);
            return Ok(NOTHING);
        }
        self.coder.check()?;
        self.moving_row(record, rested, next)
    }

    /// Roughly how fast a row moves: by its first moving field.
    #[inline]
    fn speed(&self, record: &RowRecord<'_>) -> u32 {
        let Some(first) = self.table.motion.moving.first() else { return 0 };
        let way = |column: usize| record.now[column].abs_diff(record.last[column]);
        let columns = first.offset..first.offset + first.columns;
        columns.map(way).fold(0, u32::saturating_add).min(1 << 20)
    }

    fn moving_row(
        &mut self,
        record: &RowRecord<'_>,
        rested: bool,
        next: &mut [u32],
    ) -> Result<History, DecodeError> {
        let motion = &self.table.motion;
        let guess = motion.body.as_ref().map(|body| self.neighbours.guess(body, record));
        let mut fields = Fields {
            model: self.model,
            coder: &mut *self.coder,
            coded: Coded::default(),
            before: 0,
            body: (0, 0),
        };
        let mut history = NOTHING;
        let mut woken = 0;
        for field in &motion.moving {
            let class = motion.class(field);
            if field.is_still(record, rested) {
                let columns = field.offset..field.offset + field.columns;
                let now = &record.now[columns.clone()];
                let slot = model::wakes(class, rested, woken);
                if !fields.coder.bit(slot, next[columns.clone()] != *now) {
                    next[columns].copy_from_slice(now);
                    continue;
                }
            }
            woken += 1;
            let guess = guess.as_ref().filter(|_| motion.is_of_body(field));
            let step = Step { class, record: *record, ticks: self.ticks, guess };
            field.step(&step, next, &mut history, &mut fields)?;
            fields.next_field(class);
        }
        let body = fields.body;
        self.held(motion, record, (rested, woken > 0), next)?;
        if let (Some(body_columns), Some(guess)) = (&motion.body, &guess) {
            self.neighbours.add(body_columns, guess, next, body);
        }
        Ok(history)
    }

    /// Codes the fields that stay until they change.
    fn held(
        &mut self,
        motion: &TableMotion,
        record: &RowRecord<'_>,
        (rested, moved): (bool, bool),
        next: &mut [u32],
    ) -> Result<(), DecodeError> {
        let fields = || motion.held.iter().map(|&index| &self.table.public[index]);
        let is_other = |field: &FieldLayout, next: &[u32]| field.of(next) != field.of(record.now);
        let any = fields().any(|field| is_other(field, next));
        let any = !motion.held.is_empty() && self.coder.bit(model::held(rested, moved), any);
        for field in motion.held.iter().map(|&index| &self.table.public[index]) {
            let changed = field.of(record.now) != field.of(record.last);
            if any && self.coder.bit(model::differs(changed), is_other(field, next)) {
                self.held_field(field, record, next)?;
            } else {
                field.of_mut(next).copy_from_slice(field.of(record.now));
            }
        }
        Ok(())
    }

    fn held_field(
        &mut self,
        field: &FieldLayout,
        record: &RowRecord<'_>,
        next: &mut [u32],
    ) -> Result<(), DecodeError> {
        match field.coding {
            Coding::Flip => {
                next[field.offset] = record.now[field.offset] ^ 1;
                Ok(())
            }
            Coding::Count(spec) => {
                let column = field.offset;
                let now = f64::from(record.now[column]);
                let component = Component {
                    class: Class::Count,
                    index: 0,
                    expected: now,
                    otherwise: now + (now - f64::from(record.last[column])),
                    max: spec.max,
                    wraps: false,
                    own: 0,
                    field: 0,
                    pace: record.now[column].abs_diff(record.last[column]).saturating_mul(4),
                    speed: 0,
                    aside: 0,
                    apart: FAR,
                    around: 0,
                };
                let mut fields = Fields {
                    model: self.model,
                    coder: &mut *self.coder,
                    coded: Coded::default(),
                    before: 0,
                    body: (0, 0),
                };
                next[column] = fields.component(&component, next[column])?;
                Ok(())
            }
            _ => self.coder.plain(field, next),
        }
    }
}

/// Codes the components of one row's moving fields.
struct Fields<'a, C> {
    model: &'a Model,
    coder: &'a mut C,
    coded: Coded,
    /// The residual coded last.
    before: i32,
    /// Sizes of the residuals of a body's place and turn.
    body: (u32, u32),
}

impl<C> Fields<'_, C> {
    fn next_field(&mut self, class: Class) {
        match class {
            Class::Place => self.body.0 = self.coded.field,
            Class::Turn => self.body.1 = self.coded.field,
            _ => {}
        }
        self.coded.next_field();
    }
}

impl<C: Coder> Components for Fields<'_, C> {
    #[inline]
    fn component(&mut self, component: &Component, actual: u32) -> Result<u32, DecodeError> {
        let (rounded, offset) = component.rounded();
        let level = self.model.level(component, &self.coded);
        let mut contexts = Residual::new(component, level, offset);
        if self.coder.mixes() {
            contexts.mix(component, &self.coded, self.before, offset);
        }
        let residual = component.difference(rounded, actual);
        self.coder.sample(component, &self.coded, residual);
        let residual = self.residual(&contexts, residual)?;
        self.coded.add(residual);
        self.before = residual;
        component.apply(rounded, residual)
    }

    fn largest(&mut self, expected: u32, sure: bool, actual: u32) -> Result<u32, DecodeError> {
        if self.coder.bit(model::largest(sure), actual != expected) {
            return Ok(self.coder.raw(actual, INDEX_BITS));
        }
        Ok(expected)
    }
}

impl<C: Coder> Fields<'_, C> {
    /// A decision that level `ranged-max` mixes.
    #[inline]
    fn decide(&mut self, slot: usize, mix: impl FnOnce() -> Mix, bit: bool) -> bool {
        if self.coder.mixes() {
            self.coder.mixed(slot, mix(), bit)
        } else {
            self.coder.bit(slot, bit)
        }
    }

    #[inline]
    fn residual(&mut self, contexts: &Residual, residual: i32) -> Result<i32, DecodeError> {
        if !self.decide(contexts.zero(), || contexts.zero_mix(), residual != 0) {
            return Ok(0);
        }
        let negative = self.decide(contexts.sign(), || contexts.sign_mix(), residual < 0);
        let size = residual.unsigned_abs();
        let mut length = 1;
        while length < u32::BITS {
            let longer = bit_length(size) > length;
            if !self.decide(contexts.longer(length), || contexts.longer_mix(length), longer) {
                break;
            }
            length += 1;
        }
        let mut value = 1;
        let mut left = length - 1;
        for second in [false, true] {
            if left > 0 {
                left -= 1;
                let slot = if second {
                    contexts.second(length, value & 1 == 1)
                } else {
                    contexts.top(length)
                };
                let bit = self.coder.bit(slot, size.checked_shr(left).unwrap_or(0) & 1 == 1);
                value = value << 1 | u32::from(bit);
            }
        }
        let low = self.coder.raw(size, left);
        let value = if left > 0 { value << left | low } else { value };
        Ok(if negative { value.wrapping_neg() as i32 } else { value as i32 })
    }
}

impl Component {
    /// The way from the rounded expectation to a value; the shorter one where values wrap.
    #[inline]
    pub(super) fn difference(&self, rounded: u32, actual: u32) -> i32 {
        let difference = actual.wrapping_sub(rounded);
        if !self.wraps {
            return difference as i32;
        }
        let unused = u32::BITS - bit_length(self.max);
        ((difference << unused) as i32) >> unused
    }

    /// Where a residual leads.
    #[inline]
    pub(super) fn apply(&self, rounded: u32, residual: i32) -> Result<u32, DecodeError> {
        let value = rounded.wrapping_add(residual as u32);
        if self.wraps {
            Ok(value & self.max)
        } else if value <= self.max {
            Ok(value)
        } else {
            Err(DecodeError::InvalidColumn)
        }
    }
}
