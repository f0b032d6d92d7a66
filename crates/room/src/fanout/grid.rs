//! The grid of interest cells.

use tickwire_game::Vec2;
use tickwire_wire::quant::FloatSpec;

use crate::limits::ROW_HYSTERESIS;

/// Most cells along one axis: a map beyond it gets larger cells at its far edges.
const MAX_CELLS_PER_AXIS: u32 = 4096;

/// Square cells over the range of every placed table. Cells at the edge reach beyond it, and every
/// cell reaches a little into its neighbours: rows of its own may stand there still.
#[derive(Clone, Debug)]
pub(crate) struct Grid {
    /// Side of a cell, in the game's units.
    size: f32,
    /// Lowest coordinate, on both axes.
    min: f32,
    /// How far beyond a border a row of the cell may stand, in the game's units.
    slack: f32,
    /// Cells along one axis.
    count: u32,
}

/// A rectangle of cells, bounds included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellRange {
    /// Lowest and highest column.
    pub(crate) x: (u32, u32),
    /// Lowest and highest row.
    pub(crate) y: (u32, u32),
}

impl Grid {
    /// Cells of `size` over positions of these specs; `None` without positions or with a size
    /// that makes no sense.
    pub(crate) fn new<'a>(
        size: f32,
        specs: impl Iterator<Item = &'a FloatSpec> + Clone,
    ) -> Option<Self> {
        if !size.is_finite() || size <= 0.0 {
            return None;
        }
        let min = specs.clone().map(|spec| spec.value(0)).reduce(f32::min)?;
        let max = specs.map(|spec| spec.value(spec.max_raw)).reduce(f32::max)?;
        let count = ((max - min) / size).floor() as u32;
        let count = count.saturating_add(1).min(MAX_CELLS_PER_AXIS);
        Some(Self { size, min, slack: size * ROW_HYSTERESIS, count })
    }

    /// Number of cells.
    pub(crate) fn cells(&self) -> usize {
        self.count as usize * self.count as usize
    }

    /// Index of the cell that holds a position.
    pub(crate) fn cell(&self, x: f32, y: f32) -> u32 {
        self.along(y) * self.count + self.along(x)
    }

    /// Column and row of a cell.
    pub(crate) fn split(&self, cell: u32) -> (u32, u32) {
        (cell % self.count, cell / self.count)
    }

    /// Index of the cell at a column and row.
    pub(crate) fn join(&self, x: u32, y: u32) -> u32 {
        y * self.count + x
    }

    /// A rectangle with all cells that reach into a circle.
    pub(crate) fn around(&self, middle: Vec2, radius: f32) -> CellRange {
        let reach = radius + self.slack;
        // One more at the low end: a circle also reaches a cell whose far edge it only touches.
        let span = |at: f32| (self.along(at - reach).saturating_sub(1), self.along(at + reach));
        CellRange { x: span(middle.x), y: span(middle.y) }
    }

    /// Whether a row of a cell stays in it although it may stand beyond the border.
    pub(crate) fn keeps(&self, cell: u32, x: f32, y: f32) -> bool {
        self.reaches(cell, Vec2::new(x, y), 0.0)
    }

    /// Whether a cell reaches into a circle.
    pub(crate) fn reaches(&self, cell: u32, middle: Vec2, radius: f32) -> bool {
        let (x, y) = self.split(cell);
        let (dx, dy) = (self.distance(x, middle.x), self.distance(y, middle.y));
        dx * dx + dy * dy <= radius * radius
    }

    /// Side of a cell.
    pub(crate) fn size(&self) -> f32 {
        self.size
    }

    /// Distance of a coordinate from where rows in the cells of a column or row may be; those at the
    /// edge have no end.
    fn distance(&self, index: u32, at: f32) -> f32 {
        let low = self.min + index as f32 * self.size;
        let high = low + self.size + self.slack;
        let below = if index == 0 { 0.0 } else { (low - self.slack - at).max(0.0) };
        let above = if index + 1 == self.count { 0.0 } else { (at - high).max(0.0) };
        below + above
    }

    /// The casts saturate: what is below or beyond the grid, or no number, falls in a cell at its edge.
    fn along(&self, at: f32) -> u32 {
        (((at - self.min) / self.size).floor() as u32).min(self.count - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let specs = [
            FloatSpec { min: -50.0, step: 0.5, max_raw: 100 },
            FloatSpec { min: 0.0, step: 0.25, max_raw: 200 },
        ];
        Grid::new(10.0, specs.iter()).unwrap()
    }

    #[test]
    fn every_position_has_a_cell_and_the_cell_reaches_it() {
        let grid = grid();
        assert_eq!(grid.count, 11);
        for (x, y) in [(-50.0, -50.0), (0.0, 0.0), (50.0, 50.0), (-9.9, 31.0), (1e9, -1e9)] {
            let cell = grid.cell(x, y);
            assert!(cell < 121);
            assert!(grid.reaches(cell, Vec2::new(x, y), 0.0), "{x} {y}");
            let (column, row) = grid.split(cell);
            assert_eq!(grid.join(column, row), cell);
        }
        assert_eq!(grid.cell(f32::NAN, f32::NAN), 0);
    }

    #[test]
    fn a_circle_reaches_the_cells_it_overlaps_and_no_others() {
        let grid = grid();
        let middle = Vec2::new(5.0, 5.0);
        let reach = 7.0 - 2.0 * grid.slack;
        let reached: Vec<u32> =
            (0..121).filter(|&cell| grid.reaches(cell, middle, reach)).collect();
        // The cell itself and its four sides; the corners are 7.07 away, less their slack.
        assert_eq!(reached.len(), 5);
        let around = grid.around(middle, reach);
        for cell in reached {
            let (x, y) = grid.split(cell);
            assert!(
                (around.x.0..=around.x.1).contains(&x) && (around.y.0..=around.y.1).contains(&y)
            );
        }
    }

    #[test]
    fn a_row_keeps_its_cell_a_little_beyond_the_border() {
        let grid = grid();
        let cell = grid.cell(5.0, 5.0);
        let beyond = 10.0 + grid.slack / 2.0;
        assert_ne!(grid.cell(beyond, 5.0), cell);
        assert!(grid.keeps(cell, beyond, 5.0) && grid.keeps(cell, beyond, beyond));
        assert!(grid.keeps(cell, -grid.slack / 2.0, 5.0));
        assert!(!grid.keeps(cell, 10.0 + grid.slack * 1.5, 5.0));
        assert!(!grid.keeps(cell, 5.0, -grid.slack * 1.5));
    }

    #[test]
    fn senseless_sizes_make_no_grid() {
        let spec = FloatSpec { min: 0.0, step: 1.0, max_raw: 9 };
        for size in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            assert!(Grid::new(size, [spec].iter()).is_none());
        }
        assert!(Grid::new(1.0, [].iter()).is_none());
        assert_eq!(Grid::new(1e-20, [spec].iter()).unwrap().count, MAX_CELLS_PER_AXIS);
    }
}
