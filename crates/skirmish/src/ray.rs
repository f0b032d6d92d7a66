//! Straight lines through the map: what a beam meets, who sees whom.

use tickwire_game::{Vec2, math};

use crate::map::Map;

/// How far a ray from `from` along the unit vector `dir` flies before it meets a wall, at most
/// `reach` metres. Walks the tiles that the ray crosses, one after the other.
pub fn wall_distance(map: &Map, from: Vec2, dir: Vec2, reach: f32) -> f32 {
    let mut tile = Map::tile(from);
    let mut x = Axis::new(from.x, dir.x, tile.0);
    let mut y = Axis::new(from.y, dir.y, tile.1);
    // A ray that crosses every column and row once has left the map.
    for _ in 0..=(map.width() + map.height()) {
        if map.solid(tile.0, tile.1) {
            return 0.0;
        }
        let at = if x.next <= y.next {
            tile.0 += x.sign;
            x.advance()
        } else {
            tile.1 += y.sign;
            y.advance()
        };
        if at >= reach {
            return reach;
        }
        if map.solid(tile.0, tile.1) {
            return at;
        }
    }
    reach
}

/// Where along the ray the next tile border of one axis lies.
struct Axis {
    /// Direction in tiles: -1 or 1.
    sign: i32,
    /// Distance along the ray to the next border.
    next: f32,
    /// Distance along the ray between borders.
    gap: f32,
}

impl Axis {
    fn new(from: f32, dir: f32, tile: i32) -> Self {
        if dir == 0.0 {
            return Self { sign: 0, next: f32::INFINITY, gap: f32::INFINITY };
        }
        let (sign, gap) = if dir > 0.0 { (1, 1.0 / dir) } else { (-1, -1.0 / dir) };
        let inside = if dir > 0.0 { tile as f32 + 1.0 - from } else { from - tile as f32 };
        Self { sign, next: inside * gap, gap }
    }

    /// Steps over a border; gives its distance.
    fn advance(&mut self) -> f32 {
        let at = self.next;
        self.next += self.gap;
        at
    }
}

/// Whether nothing solid lies between two points.
pub fn clear(map: &Map, from: Vec2, to: Vec2) -> bool {
    match unit_and_length(to - from) {
        Some((dir, length)) => wall_distance(map, from, dir, length) >= length,
        None => true,
    }
}

/// Distance along a ray (unit `dir`) at which it enters a circle; 0 when it starts inside.
pub fn circle_distance(from: Vec2, dir: Vec2, centre: Vec2, radius: f32) -> Option<f32> {
    let to = centre - from;
    let outside = to.dot(to) - radius * radius;
    if outside <= 0.0 {
        return Some(0.0);
    }
    let along = to.dot(dir);
    let inside = along * along - outside;
    if along <= 0.0 || inside < 0.0 {
        return None;
    }
    Some(along - math::sqrt(inside))
}

/// Unit vector and length; `None` for a vector too short to have a direction.
pub fn unit_and_length(v: Vec2) -> Option<(Vec2, f32)> {
    let length = math::sqrt(v.dot(v));
    (length > 1e-6).then(|| (v / length, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hall() -> Map {
        Map::from_rows(&["########", "#......#", "#..#...#", "#......#", "########"])
    }

    #[test]
    fn a_ray_stops_at_the_first_wall() {
        let map = hall();
        let from = Vec2::new(1.5, 1.5);
        assert_eq!(wall_distance(&map, from, Vec2::X, 50.0), 5.5);
        assert_eq!(wall_distance(&map, from, -Vec2::X, 50.0), 0.5);
        assert_eq!(wall_distance(&map, Vec2::new(1.5, 2.5), Vec2::X, 50.0), 1.5);
        assert_eq!(wall_distance(&map, Vec2::new(1.5, 2.5), Vec2::X, 1.0), 1.0);
        assert_eq!(wall_distance(&map, Vec2::new(3.5, 2.5), Vec2::X, 50.0), 0.0);
        assert_eq!(wall_distance(&map, Vec2::new(3.5, 1.5), Vec2::Y, 50.0), 0.5);
    }

    #[test]
    fn a_slanted_ray_meets_the_face_it_crosses() {
        let map = hall();
        let (dir, _) = unit_and_length(Vec2::new(2.0, 1.0)).expect("a direction");
        // From (1.5, 1.75), x = 3 is crossed at y = 2.5: the face of the block at (3, 2).
        let distance = wall_distance(&map, Vec2::new(1.5, 1.75), dir, 50.0);
        assert!((distance - (1.5_f32 * 1.5 + 0.75 * 0.75).sqrt()).abs() < 1e-5, "{distance}");
    }

    #[test]
    fn sight_is_blocked_by_walls_only() {
        let map = hall();
        assert!(clear(&map, Vec2::new(1.5, 1.5), Vec2::new(6.5, 1.5)));
        assert!(!clear(&map, Vec2::new(1.5, 2.5), Vec2::new(6.5, 2.5)));
        assert!(clear(&map, Vec2::new(1.5, 1.5), Vec2::new(1.5, 1.5)));
    }

    #[test]
    fn a_ray_enters_circles_before_it() {
        let from = Vec2::new(1.0, 1.0);
        assert_eq!(circle_distance(from, Vec2::X, Vec2::new(5.0, 1.0), 0.5), Some(3.5));
        assert_eq!(circle_distance(from, Vec2::X, Vec2::new(5.0, 1.75), 0.5), None);
        assert_eq!(circle_distance(from, Vec2::X, Vec2::new(-2.0, 1.0), 0.5), None);
        assert_eq!(circle_distance(from, Vec2::X, Vec2::new(1.25, 1.0), 0.5), Some(0.0));
    }
}
