//! Where the small cubes stand before the player comes.

use clap::ValueEnum;

use super::{CUBE_EDGE, CUBES};
use crate::dice::Dice;

/// Cubes along each side of the grid.
const SIDE: usize = 30;
/// Metres from cube to cube of the grid.
const SPACING: f32 = 1.0;
/// Metres between cubes that stand side by side: touching bodies would wake whole walls at once.
const GAP: f32 = 0.01;
/// Metres from cube to cube in a stack.
const PITCH: f32 = CUBE_EDGE + GAP;

/// An arrangement of the small cubes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Layout {
    /// One by one, a metre apart.
    #[default]
    Grid,
    /// Half of them in pyramids, half on the grid.
    Pile,
    /// In walls of bricks.
    Wall,
    /// In towers, nine on each other.
    Towers,
    /// A third of them hangs in the air and falls, now one and then another; the others are on the grid.
    Rain,
}

/// A cube before the first step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// Its centre in metres.
    pub(super) pos: [f32; 3],
    /// Its rotation (x, y, z, w).
    pub(super) rotation: [f32; 4],
    /// Whether it hangs in the air until it is let go.
    pub(super) hangs: bool,
}

impl Start {
    fn standing(pos: [f32; 3]) -> Self {
        Self { pos, rotation: [0.0, 0.0, 0.0, 1.0], hangs: false }
    }
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Grid, Self::Pile, Self::Wall, Self::Towers, Self::Rain];

    /// The [`CUBES`] starts of this layout.
    pub(super) fn starts(self, dice: &mut Dice) -> Vec<Start> {
        match self {
            Self::Grid => grid().collect(),
            Self::Pile => pile(dice),
            Self::Wall => walls(dice),
            Self::Towers => towers(dice),
            Self::Rain => rain(dice),
        }
    }
}

/// Height of the centre of a cube in `layer` of a stack; the ground carries layer 0.
fn height(layer: usize) -> f32 {
    CUBE_EDGE * (layer as f32 + 0.5)
}

fn grid() -> impl Iterator<Item = Start> {
    let first = -(SIDE as f32 - 1.0) / 2.0 * SPACING;
    (0..CUBES).map(move |index| {
        let (x, y) = ((index % SIDE) as f32, (index / SIDE) as f32);
        Start::standing([first + x * SPACING, first + y * SPACING, height(0)])
    })
}

/// The grid's places that are further than `radius` from each of `centres`, nearest to the middle first.
fn grid_beside(centres: &[[f32; 2]], radius: f32) -> impl Iterator<Item = Start> {
    grid().filter(move |start| {
        centres.iter().all(|centre| {
            let (x, y) = (start.pos[0] - centre[0], start.pos[1] - centre[1]);
            x * x + y * y > radius * radius
        })
    })
}

fn pile(dice: &mut Dice) -> Vec<Start> {
    /// Cubes along the lowest side of a pyramid: 7² + 6² + .. + 1 = 140 of them.
    const BASE: usize = 7;
    let centres: Vec<[f32; 2]> = [[-8.0, -7.0], [7.0, -5.0], [1.0, 8.0]]
        .map(|[x, y]: [f32; 2]| [x + dice.between(-2.0, 2.0), y + dice.between(-2.0, 2.0)])
        .to_vec();
    let mut starts = Vec::new();
    for centre in &centres {
        for layer in 0..BASE {
            let side = BASE - layer;
            for index in 0..side * side {
                let offset = |along: usize| (along as f32 - (side as f32 - 1.0) / 2.0) * PITCH;
                let (x, y) = (offset(index % side), offset(index / side));
                starts.push(Start::standing([centre[0] + x, centre[1] + y, height(layer)]));
            }
        }
    }
    starts.extend(grid_beside(&centres, 2.6));
    starts.truncate(CUBES);
    starts
}

fn walls(dice: &mut Dice) -> Vec<Start> {
    /// Bricks of a wall's layer.
    const LONG: usize = 15;
    /// Layers of a wall.
    const HIGH: usize = 6;
    let mut starts = Vec::new();
    for wall in 0..CUBES / (LONG * HIGH) {
        // Two columns of five walls, turned by a quarter one after the other.
        let x = if wall % 2 == 0 { -6.5 } else { 6.5 } + dice.between(-1.0, 1.0);
        let y = (wall / 2) as f32 * 6.5 - 13.0 + dice.between(-1.0, 1.0);
        let along_x = wall % 4 < 2;
        for brick in 0..LONG * HIGH {
            let (layer, along) = (brick / LONG, brick % LONG);
            let bond = if layer % 2 == 0 { 0.0 } else { 0.5 };
            let offset = (along as f32 + bond - LONG as f32 / 2.0) * PITCH;
            let (dx, dy) = if along_x { (offset, 0.0) } else { (0.0, offset) };
            starts.push(Start::standing([x + dx, y + dy, height(layer)]));
        }
    }
    starts
}

fn towers(dice: &mut Dice) -> Vec<Start> {
    /// Cubes of a tower.
    const HIGH: usize = 9;
    /// Towers along each side.
    const ROW: usize = 10;
    let mut starts = Vec::new();
    for tower in 0..CUBES / HIGH {
        let x = (tower % ROW) as f32 * 2.7 - 12.15 + dice.between(-0.5, 0.5);
        let y = (tower / ROW) as f32 * 2.7 - 12.15 + dice.between(-0.5, 0.5);
        starts.extend((0..HIGH).map(|layer| Start::standing([x, y, height(layer)])));
    }
    starts
}

fn rain(dice: &mut Dice) -> Vec<Start> {
    grid()
        .map(|start| {
            if !dice.chance(1.0 / 3.0) {
                return start;
            }
            // High enough to pass over the player, low enough to arrive within two seconds.
            let [x, y, _] = start.pos;
            let pos = [x * 0.8, y * 0.8, dice.between(4.0, 14.0)];
            Start { pos, rotation: dice.rotation(), hangs: true }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_has_its_cubes_above_the_ground_and_apart() {
        for layout in Layout::ALL {
            let starts = layout.starts(&mut Dice::new(3));
            assert_eq!(starts.len(), CUBES, "{layout:?}");
            for (index, start) in starts.iter().enumerate() {
                assert!(start.pos[2] >= CUBE_EDGE / 2.0 - 1e-6);
                let crossing = starts[..index].iter().find(|other| {
                    !other.hangs
                        && !start.hangs
                        && (0..3).all(|axis| {
                            (other.pos[axis] - start.pos[axis]).abs() < CUBE_EDGE - 0.001
                        })
                });
                assert!(crossing.is_none(), "{layout:?}: {start:?} is within {crossing:?}");
            }
        }
    }
}
