//! Ways through the map: for each tile and each place to go, the next tile.
//!
//! Worked out once per map. Destinations are blocks of 2 x 2 tiles: a quarter of the memory, and as a
//! wall is at least a tile thick, a block cannot lie on both sides of one.

use tickwire_game::Vec2;

use crate::map::Map;

/// Steps to the eight neighbours, straight ones first; a step's code is its index + 1.
const STEPS: [(i32, i32); 8] =
    [(1, 0), (0, 1), (-1, 0), (0, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)];
/// Cost of a straight step.
const STRAIGHT: u16 = 5;
/// Cost of a diagonal step: about √2 times as long.
const DIAGONAL: u16 = 7;
/// A tile from which the destination cannot be reached.
const UNREACHED: u16 = u16::MAX;

/// Next steps between all places of a map.
#[derive(Clone, Debug)]
pub struct Nav {
    width: i32,
    height: i32,
    /// Per destination block, per tile a step code of 4 bits (0: there, or no way), two in a byte.
    codes: Vec<u8>,
    /// Per tile the number of its connected area; 0 for walls.
    areas: Vec<u16>,
}

impl Nav {
    /// Searches from every block of the map.
    pub fn new(map: &Map) -> Self {
        let (width, height) = (map.width(), map.height());
        let tiles = (width * height) as usize;
        let mut nav = Self { width, height, codes: Vec::new(), areas: areas(map) };
        let mut search = Search { costs: vec![UNREACHED; tiles], rings: Vec::new() };
        for block_y in 0..(height + 1) / 2 {
            for block_x in 0..(width + 1) / 2 {
                search.run(map, block_x * 2, block_y * 2);
                let mut codes = vec![0_u8; tiles.div_ceil(2)];
                for tile in 0..tiles {
                    let code = search.best_step(map, tile as i32 % width, tile as i32 / width);
                    codes[tile / 2] |= code << (tile % 2 * 4);
                }
                nav.codes.extend_from_slice(&codes);
            }
        }
        nav
    }

    /// The neighbouring tile by which the way from `from` to `to` goes on: a step of -1, 0 or 1 along
    /// each axis. `None` when both are in the same block of 2 x 2 tiles, or no way leads there.
    pub fn step(&self, from: Vec2, to: Vec2) -> Option<(i32, i32)> {
        let tile = self.index(from)?;
        let (x, y) = Map::tile(to);
        self.index(to)?;
        let block = (y / 2 * ((self.width + 1) / 2) + x / 2) as usize;
        let tiles = (self.width * self.height) as usize;
        let pair = self.codes[block * tiles.div_ceil(2) + tile / 2];
        let code = pair >> (tile % 2 * 4) & 15;
        (code > 0).then(|| STEPS[usize::from(code) - 1])
    }

    /// Whether a way leads from one point to another.
    pub fn reaches(&self, from: Vec2, to: Vec2) -> bool {
        match (self.index(from), self.index(to)) {
            (Some(from), Some(to)) => self.areas[from] != 0 && self.areas[from] == self.areas[to],
            _ => false,
        }
    }

    /// Number of a point's tile; `None` outside the map.
    fn index(&self, pos: Vec2) -> Option<usize> {
        let (x, y) = Map::tile(pos);
        let inside = (0..self.width).contains(&x) && (0..self.height).contains(&y);
        inside.then_some((y * self.width + x) as usize)
    }
}

/// Whether a walker on a floor tile may take this step: diagonals do not cut corners.
fn open(map: &Map, x: i32, y: i32, (dx, dy): (i32, i32)) -> bool {
    !map.solid(x + dx, y + dy) && !map.solid(x + dx, y) && !map.solid(x, y + dy)
}

/// What a step costs.
fn cost((dx, dy): (i32, i32)) -> u16 {
    if dx != 0 && dy != 0 { DIAGONAL } else { STRAIGHT }
}

/// One search outward from a block, reused for all.
struct Search {
    /// Per tile, the cost of the way to the block.
    costs: Vec<u16>,
    /// Tiles by cost: `rings[c]` is to be visited at cost c.
    rings: Vec<Vec<(i32, i32)>>,
}

impl Search {
    /// Fills the costs of the way to the block with this upper left tile.
    fn run(&mut self, map: &Map, left: i32, top: i32) {
        self.costs.fill(UNREACHED);
        self.rings.clear();
        for (x, y) in [(left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)] {
            self.offer(map, x, y, 0);
        }
        let mut now = 0;
        while now < self.rings.len() {
            for (x, y) in std::mem::take(&mut self.rings[now]) {
                if usize::from(self.costs[(y * map.width() + x) as usize]) < now {
                    continue;
                }
                for step in STEPS.into_iter().filter(|&step| open(map, x, y, step)) {
                    self.offer(map, x + step.0, y + step.1, now as u16 + cost(step));
                }
            }
            now += 1;
        }
    }

    /// Notes a way to a floor tile when it is the best so far.
    fn offer(&mut self, map: &Map, x: i32, y: i32, cost: u16) {
        if map.solid(x, y) {
            return;
        }
        let known = &mut self.costs[(y * map.width() + x) as usize];
        if cost < *known {
            *known = cost;
            let ring = usize::from(cost);
            if self.rings.len() <= ring {
                self.rings.resize_with(ring + 1, Vec::new);
            }
            self.rings[ring].push((x, y));
        }
    }

    /// Code of the step by which the way from a tile goes on.
    fn best_step(&self, map: &Map, x: i32, y: i32) -> u8 {
        let here = self.costs[(y * map.width() + x) as usize];
        if here == 0 || here == UNREACHED {
            return 0;
        }
        let way = |step: (i32, i32)| {
            let there = self.costs[((y + step.1) * map.width() + x + step.0) as usize];
            there.saturating_add(cost(step))
        };
        let on = STEPS.iter().position(|&step| open(map, x, y, step) && way(step) == here);
        on.map_or(0, |index| index as u8 + 1)
    }
}

/// Numbers the connected areas of floor, from 1.
fn areas(map: &Map) -> Vec<u16> {
    let width = map.width();
    let mut areas = vec![0_u16; (width * map.height()) as usize];
    let mut count = 0;
    for start in 0..areas.len() {
        let (x, y) = (start as i32 % width, start as i32 / width);
        if map.solid(x, y) || areas[start] != 0 {
            continue;
        }
        count += 1;
        areas[start] = count;
        let mut open_tiles = vec![(x, y)];
        while let Some((x, y)) = open_tiles.pop() {
            for (dx, dy) in &STEPS[..4] {
                let tile = (y + dy) * width + x + dx;
                if !map.solid(x + dx, y + dy) && areas[tile as usize] == 0 {
                    areas[tile as usize] = count;
                    open_tiles.push((x + dx, y + dy));
                }
            }
        }
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(map: &Map, nav: &Nav, from: (i32, i32), to: (i32, i32)) -> Option<usize> {
        let goal = Map::centre(to.0, to.1);
        let (mut x, mut y) = from;
        for steps in 0..200 {
            let Some((dx, dy)) = nav.step(Map::centre(x, y), goal) else {
                let there = (x / 2, y / 2) == (to.0 / 2, to.1 / 2);
                return there.then_some(steps);
            };
            assert!(open(map, x, y, (dx, dy)), "step {dx},{dy} from {x},{y} goes through a wall");
            (x, y) = (x + dx, y + dy);
        }
        None
    }

    #[test]
    fn ways_lead_around_walls() {
        let map = Map::from_rows(&[
            "##########",
            "#...#....#",
            "#...#....#",
            "#...#.##.#",
            "#......#.#",
            "#####..#.#",
            "#......#.#",
            "##########",
        ]);
        let nav = Nav::new(&map);
        assert_eq!(walk(&map, &nav, (1, 1), (8, 6)), Some(14));
        assert_eq!(walk(&map, &nav, (8, 6), (1, 6)), Some(15));
        assert!(nav.reaches(Map::centre(1, 1), Map::centre(8, 6)));
    }

    #[test]
    fn no_way_is_no_step() {
        let map = Map::from_rows(&["#######", "#..#..#", "#..#..#", "#######"]);
        let nav = Nav::new(&map);
        let (left, right) = (Map::centre(1, 1), Map::centre(5, 2));
        assert!(!nav.reaches(left, right));
        assert_eq!(nav.step(left, right), None);
        assert_eq!(nav.step(Vec2::new(-3.0, 99.0), left), None);
        assert!(!nav.reaches(left, Vec2::new(3.5, 1.5)));
    }
}
