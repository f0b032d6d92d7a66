//! What is left on the screen of past mispredictions.

use super::own_rows::OwnRows;
use crate::fields::SmoothField;
use crate::limits::{VISUAL_ERROR_HALF_LIFE_US, VISUAL_ERROR_MAX_RANGE};

/// Offsets from the predicted to the drawn rows, which fade.
#[derive(Debug, Clone)]
pub(super) struct VisualError {
    /// Smooth fields by table.
    fields: Vec<Vec<SmoothField>>,
    /// By (table, row id, field).
    offsets: Vec<((usize, u32, usize), [f64; 3])>,
    /// When the offsets were as large as they say.
    as_of_us: u64,
}

impl VisualError {
    pub(super) fn new(fields: Vec<Vec<SmoothField>>) -> Self {
        Self { fields, offsets: Vec::new(), as_of_us: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.offsets.clear();
    }

    /// The predicted rows were `shown` and are `now`: keeps the picture where it was.
    pub(super) fn absorb(&mut self, now_us: u64, shown: &OwnRows, now: &OwnRows) {
        let left = self.left(now_us);
        self.as_of_us = now_us;
        let old = std::mem::take(&mut self.offsets);
        for row in &now.rows {
            let Some(before) = shown.get(row.table, row.id) else { continue };
            for field in &self.fields[row.table] {
                let key = (row.table, row.id, field.field);
                let mut offset = [0.0; 3];
                for (index, offset) in offset.iter_mut().enumerate().take(field.columns) {
                    let value = |cells: &[u32]| field.scale.value(cells[field.offset + index]);
                    *offset = field.scale.difference(value(&row.cells), value(&before.cells));
                }
                if let Some((_, faded)) = old.iter().find(|(other, _)| *other == key) {
                    offset.iter_mut().zip(faded).for_each(|(new, old)| *new += old * left);
                }
                let largest = offset.iter().fold(0.0_f64, |most, part| most.max(part.abs()));
                let is_teleport = largest > field.scale.range() * VISUAL_ERROR_MAX_RANGE;
                if largest > 0.0 && !is_teleport {
                    self.offsets.push((key, offset));
                }
            }
        }
    }

    /// The numbers to draw between two predicted states, offset included.
    pub(super) fn numbers(
        &self,
        now_us: u64,
        share: f64,
        before: &OwnRows,
        after: &OwnRows,
        (table, id, field): (usize, u32, usize),
    ) -> Option<[f64; 3]> {
        let smooth = self.fields.get(table)?.iter().find(|smooth| smooth.field == field)?;
        let to = after.get(table, id)?;
        let from = before.get(table, id).unwrap_or(to);
        let left = self.left(now_us);
        let offset = self.offsets.iter().find(|(key, _)| *key == (table, id, field));
        let mut numbers = [0.0; 3];
        for (index, number) in numbers.iter_mut().enumerate().take(smooth.columns) {
            let a = smooth.scale.value(from.cells[smooth.offset + index]);
            let b = smooth.scale.value(to.cells[smooth.offset + index]);
            *number = a + smooth.scale.difference(a, b) * share.clamp(0.0, 1.0);
            *number += offset.map_or(0.0, |(_, offset)| offset[index] * left);
        }
        Some(numbers)
    }

    /// The part of the offsets that is left at `now_us`.
    fn left(&self, now_us: u64) -> f64 {
        let age_us = now_us.saturating_sub(self.as_of_us) as f64;
        0.5_f64.powf(age_us / VISUAL_ERROR_HALF_LIFE_US)
    }
}
