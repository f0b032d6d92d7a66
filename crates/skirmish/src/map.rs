//! The arena's ground: which tiles are solid, where players and pick-ups appear.

use tickwire_game::Vec2;

use crate::movement::{Body, collide};
use crate::state::PickupKind;

/// A loaded map. One tile is one metre; x grows to the right, y downward.
#[derive(Clone, Debug)]
pub struct Map {
    width: i32,
    height: i32,
    /// Row by row; true is solid.
    walls: Vec<bool>,
    /// Where players appear, metres.
    pub spawns: Vec<Vec2>,
    /// What lies where, metres.
    pub pickups: Vec<(PickupKind, Vec2)>,
}

impl Map {
    /// A map of `width` columns; `walls` holds whole rows.
    pub(crate) fn new(width: usize, walls: Vec<bool>) -> Self {
        let height = walls.len() / width.max(1);
        Self {
            width: width as i32,
            height: height as i32,
            walls,
            spawns: Vec::new(),
            pickups: Vec::new(),
        }
    }

    /// Columns of tiles.
    pub fn width(&self) -> i32 {
        self.width
    }

    /// Rows of tiles.
    pub fn height(&self) -> i32 {
        self.height
    }

    /// Whether a tile is a wall; everything outside the map is.
    pub fn solid(&self, x: i32, y: i32) -> bool {
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        !inside || self.walls[(y * self.width + x) as usize]
    }

    /// The tile of a point.
    pub fn tile(pos: Vec2) -> (i32, i32) {
        (pos.x.floor() as i32, pos.y.floor() as i32)
    }

    /// Centre of a tile, metres.
    pub fn centre(x: i32, y: i32) -> Vec2 {
        Vec2::new(x as f32 + 0.5, y as f32 + 0.5)
    }

    /// Whether a point lies in a wall.
    pub fn solid_at(&self, pos: Vec2) -> bool {
        let (x, y) = Self::tile(pos);
        self.solid(x, y)
    }

    /// Whether an avatar can stand at `pos` without touching a wall.
    pub fn fits(&self, pos: Vec2) -> bool {
        !self.solid_at(pos) && collide(self, Body { pos, vel: Vec2::ZERO }).pos == pos
    }

    /// Row `y` as text, `#` for a wall and `.` for floor.
    pub fn row_text(&self, y: i32) -> String {
        (0..self.width).map(|x| if self.solid(x, y) { '#' } else { '.' }).collect()
    }

    /// A map from lines of `#` and `.`, without spawns and pick-ups.
    #[cfg(test)]
    pub(crate) fn from_rows(rows: &[&str]) -> Self {
        let walls = rows.iter().flat_map(|row| row.chars().map(|c| c == '#')).collect();
        Self::new(rows[0].len(), walls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_is_solid_and_tiles_floor() {
        let map = Map::from_rows(&["####", "#..#", "####"]);
        assert!(map.solid(-1, 1) && map.solid(4, 1) && map.solid(1, 3));
        assert!(!map.solid(1, 1));
        assert_eq!(Map::tile(Vec2::new(-0.25, 1.99)), (-1, 1));
        assert!(map.fits(Vec2::new(1.5, 1.5)));
        assert!(!map.fits(Vec2::new(1.25, 1.5)));
        assert!(!map.fits(Vec2::new(0.5, 1.5)));
        assert_eq!(map.row_text(1), "#..#");
    }
}
