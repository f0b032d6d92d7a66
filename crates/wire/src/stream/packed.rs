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
use crate::bits::bit_length;
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
}

impl Widths {
    /// As at the start of every chunk and table.
    fn start(&mut self, table: &TableLayout) {
        self.adaptive.clear();
        self.adaptive.extend(table.motion.usual.iter().map(|&usual| Adaptive::expecting(usual)));
    }

    /// Those for a field of a row. What it learns is to be put back.
    #[inline]
    fn of_field(&self, entry: usize, columns: usize) -> FieldWidths {
        FieldWidths { chunk: self.adaptive[entry], columns: columns as u32, sum: 0, coded: 0 }
    }
}

/// What the widths of the residuals of one field of one row follow from.
#[derive(Clone, Copy, Debug)]
struct FieldWidths {
    /// Sizes of the field's residuals within the chunk.
    chunk: Adaptive,
    columns: u32,
    /// Sum and number of the residuals so far, zigzagged, in eighths.
    sum: u32,
    coded: u32,
}

impl FieldWidths {
    /// The rice parameter of the next component, when the sizes remembered of the field are `field`.
    #[inline]
    fn parameter(&self, field: u32) -> u32 {
        // All in eighths of a zigzagged residual, which is about twice its size.
        let chunk = self.chunk.mean_eighths();
        let remembered = field.min(1 << 16) * 4 / self.columns.max(1);
        let siblings = self.sum / self.coded.max(1);
        let expected = match (field > 0, self.coded > 0) {
            (false, false) => chunk,
            (true, false) => (chunk + 2 * remembered) / 3,
            (false, true) => (chunk + 2 * siblings) / 3,
            (true, true) => (2 * chunk + 3 * remembered + 3 * siblings) / 8,
        };
        // The best parameter for a geometric distribution of this mean: about log2(0.7 × mean).
        bit_length(expected / 11)
    }

    /// Takes note of a residual, zigzagged.
    #[inline]
    fn learn(&mut self, residual: u32) {
        self.chunk.learn(residual);
        self.sum += residual.min(1 << 16) * 8;
        self.coded += 1;
    }
}
