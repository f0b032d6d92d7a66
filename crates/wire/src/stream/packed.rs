//! The rows of a table at level `packed`: plain bits and rice codes (PROTOCOL 7.3.5).
//!
//! Lists of the rows that are not as expected, then for each of these which fields are not, and by how
//! much. The width of a residual follows from those before it in the chunk, from its siblings, and
//! from what is remembered of the row.

mod reader;
mod writer;

pub(super) use reader::PackedReader;
pub(super) use writer::PackedWriter;

use super::adaptive::Adaptive;
use crate::layout::TableLayout;

/// Bits of an index of a quaternion's component.
const INDEX_BITS: u32 = 2;

/// Rice parameter of the gaps in a list of `count` of `rows` rows.
fn gap_parameter(rows: usize, count: usize) -> u32 {
    (rows / (count + 1)).checked_ilog2().unwrap_or(0)
}

/// Bits of the mask of a row's fields: the moving ones, then one for all held ones.
fn mask_bits(table: &TableLayout) -> usize {
    table.motion.moving.len() + usize::from(!table.motion.held.is_empty())
}

/// Sizes of the residuals of one table's fields within one chunk.
#[derive(Clone, Debug, Default)]
struct Widths {
    /// One entry per moving field, then one per public field for held ones.
    adaptive: Vec<Adaptive>,
    /// Sum and number of the residuals of the row's field so far, zigzagged.
    siblings: (u32, u32),
}

impl Widths {
    /// As at the start of every chunk and table.
    fn start(&mut self, table: &TableLayout) {
        self.adaptive.clear();
        self.adaptive.extend(table.motion.usual.iter().map(|&usual| Adaptive::expecting(usual)));
    }

    /// The next field of a row begins.
    fn next_field(&mut self) {
        self.siblings = (0, 0);
    }

    /// The rice parameter of a component of the field at `entry`, whose remembered sizes are `field`.
    #[inline]
    fn parameter(&self, entry: usize, columns: usize, field: u32) -> u32 {
        // All in eighths of a zigzagged residual, which is about twice its size.
        let chunk = self.adaptive[entry].mean_eighths();
        let remembered = field.min(1 << 16) * 4 / columns.max(1) as u32;
        let (sum, n) = self.siblings;
        let expected = match (field > 0, n) {
            (false, 0) => chunk,
            (true, 0) => (chunk + 2 * remembered) / 3,
            (false, n) => (chunk + 2 * (sum / n)) / 3,
            (true, n) => (2 * chunk + 3 * remembered + 3 * (sum / n)) / 8,
        };
        // The best parameter for a geometric distribution of this mean: about log2(0.7 × mean).
        (expected / 11).checked_ilog2().map_or(0, |k| k + 1)
    }

    /// Takes note of a residual, zigzagged.
    #[inline]
    fn learn(&mut self, entry: usize, residual: u32) {
        self.adaptive[entry].learn(residual);
        self.siblings.0 += residual.min(1 << 16) * 8;
        self.siblings.1 += 1;
    }
}
