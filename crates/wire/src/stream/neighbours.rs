//! Rigid bodies that are near each other often move as one: a pile that is pushed, a wall that falls.
//!
//! Of the bodies already coded in this snapshot it is known how they moved and turned. Each of the
//! nearest says where this body would go if it were fixed to it: the neighbour's own way, and its turn
//! times the distance (the velocity field of a rigid body). What counts is how much that differs from
//! what the same neighbour would have said one snapshot ago. Those who were right then count most.

use super::motion::Body;
use super::predict::{FAR, RowRecord, quarters};
use super::rotation::{Rotation, Spin};

/// Bodies that have a say.
const NEAREST: usize = 8;
/// Squared steps by which a neighbour was wrong that do not count against it: rounding.
const NOISE: f64 = 3.0;
/// Weight of a turn's error against that of a way.
const TURN_WEIGHT: f64 = 0.1;
/// Bodies that are looked at, the last ones coded: bounds the work.
const LOOKED_AT: usize = 256;

/// How a body moved that is already coded.
#[derive(Clone, Copy, Debug)]
struct Moved {
    /// Where it was, in steps.
    place: [f64; 3],
    /// How far it went with this snapshot.
    went: [f64; 3],
    /// How far with the one before.
    had_gone: [f64; 3],
    spin: Spin,
    had_spun: Spin,
    /// Sizes of its residuals.
    place_by: f64,
    turn_by: f64,
}

/// The bodies coded so far in this chunk's table.
#[derive(Clone, Debug, Default)]
pub(super) struct Neighbours {
    moved: Vec<Moved>,
    /// Where each of them was, side by side: the search reads nothing else.
    places: Vec<[f64; 3]>,
}

/// What the neighbours say of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Guess {
    /// The body's rotation at the base, and its turn of the snapshot before.
    pub(super) now: Rotation,
    pub(super) had_spun: Spin,
    place: [f64; 3],
    had_gone: [f64; 3],
    /// By how much they would have been wrong one snapshot ago: way and turn, each a sum over three axes.
    way_apart: f64,
    spin_apart: f64,
    /// What they changed, and how far the body was apart from them, axis by axis.
    way_change: [f64; 3],
    way_off: [f64; 3],
    spin_change: Spin,
    spin_off: Spin,
    /// Sizes of their residuals, in quarters of a step.
    pub(super) place_around: u32,
    pub(super) turn_around: u32,
    top: f64,
}

/// By how far apart a body was: weights of (change, offset, own last residual) for places.
const PLACE_WEIGHTS: [(f64, f64, f64); 8] = [
    (0.60, 1.30, 0.24),
    (0.73, 1.12, 0.15),
    (0.60, 0.74, 0.23),
    (0.34, 0.29, 0.36),
    (0.10, 0.03, 0.47),
    (0.04, 0.03, 0.49),
    (0.01, 0.01, 0.53),
    (0.0, 0.0, 0.55),
];
/// The same for turns, without the last.
const TURN_WEIGHTS: [(f64, f64); 8] = [
    (0.20, 0.50),
    (0.45, 0.85),
    (0.55, 1.05),
    (0.50, 0.95),
    (0.33, 0.50),
    (0.11, 0.11),
    (0.02, 0.02),
    (0.0, 0.0),
];

/// Which row of weights: 1 from one step on, 2 from two, doubling.
fn bucket(apart: f64) -> usize {
    let limits = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];
    limits.iter().take_while(|&&limit| apart >= limit).count()
}

impl Neighbours {
    /// Starts a table.
    pub(super) fn clear(&mut self) {
        self.moved.clear();
        self.places.clear();
    }

    /// What the nearest of them say of a body that has not been coded yet.
    pub(super) fn guess(&self, body: &Body, record: &RowRecord<'_>) -> Guess {
        let at = |row: &[u32], axis: usize| f64::from(row[body.place + axis]);
        let place = [0, 1, 2].map(|axis| at(record.now, axis));
        let had_gone = [0, 1, 2].map(|axis| at(record.now, axis) - at(record.last, axis));
        let turn = body.turn..body.turn + 4;
        let now = Rotation::from_raw(&record.now[turn.clone()], body.top);
        let last = Rotation::from_raw(&record.last[turn], body.top);
        let mut guess = Guess::alone(place, had_gone, (now, last), body.top);
        let (nearest, count) = self.nearest(&place);
        guess.hear(&self.moved, &nearest[..count]);
        guess
    }

    /// A body has been coded.
    pub(super) fn add(
        &mut self,
        body: &Body,
        guess: &Guess,
        next: &[u32],
        (place_by, turn_by): (u32, u32),
    ) {
        let then = Rotation::from_raw(&next[body.turn..body.turn + 4], body.top);
        self.places.push(guess.place);
        self.moved.push(Moved {
            place: guess.place,
            went: [0, 1, 2].map(|axis| f64::from(next[body.place + axis]) - guess.place[axis]),
            had_gone: guess.had_gone,
            spin: guess.now.to(&then),
            had_spun: guess.had_spun,
            place_by: f64::from(place_by),
            turn_by: f64::from(turn_by),
        });
    }

    /// Squared distance and index of the nearest bodies, nearest first; of equal ones the earlier.
    fn nearest(&self, place: &[f64; 3]) -> ([(f64, usize); NEAREST], usize) {
        let mut best = [(f64::INFINITY, 0); NEAREST];
        let start = self.moved.len().saturating_sub(LOOKED_AT);
        for (index, other) in self.places.iter().enumerate().skip(start) {
            let (x, y, z) = (other[0] - place[0], other[1] - place[1], other[2] - place[2]);
            let square = x * x + y * y + z * z;
            if square >= best[NEAREST - 1].0 {
                continue;
            }
            let mut at = NEAREST - 1;
            while at > 0 && square < best[at - 1].0 {
                best[at] = best[at - 1];
                at -= 1;
            }
            best[at] = (square, index);
        }
        (best, (self.moved.len() - start).min(NEAREST))
    }
}

impl Guess {
    fn alone(
        place: [f64; 3],
        had_gone: [f64; 3],
        (now, last): (Rotation, Rotation),
        top: f64,
    ) -> Self {
        Self {
            now,
            had_spun: last.to(&now),
            place,
            had_gone,
            way_apart: f64::from(FAR),
            spin_apart: f64::from(FAR),
            way_change: [0.0; 3],
            way_off: [0.0; 3],
            spin_change: [0.0; 3],
            spin_off: [0.0; 3],
            place_around: 0,
            turn_around: 0,
            top,
        }
    }

    /// Weighs what the neighbours say.
    fn hear(&mut self, moved: &[Moved], nearest: &[(f64, usize)]) {
        let Some(&(closest, _)) = nearest.first() else { return };
        let mut total = 0.0;
        let (mut way, mut old_way) = ([0.0; 3], [0.0; 3]);
        let (mut spin, mut old_spin) = ([0.0; 3], [0.0; 3]);
        let (mut place_by, mut turn_by) = (0.0, 0.0);
        for &(square, index) in nearest {
            let other = &moved[index];
            let arm = [0, 1, 2].map(|axis| self.place[axis] - other.place[axis]);
            let (swing, old_swing) = (cross(&other.spin, &arm), cross(&other.had_spun, &arm));
            let mut wrong = 0.0;
            for (axis, old_swing) in old_swing.iter().enumerate() {
                let off = self.had_gone[axis] - other.had_gone[axis] - old_swing;
                let twist = (self.had_spun[axis] - other.had_spun[axis]) * self.top;
                wrong = wrong + off * off + TURN_WEIGHT * (twist * twist);
            }
            let weight = 1.0 / ((square + closest + 1.0) * (wrong + NOISE));
            total += weight;
            for axis in 0..3 {
                way[axis] += weight * (other.went[axis] + swing[axis]);
                old_way[axis] += weight * (other.had_gone[axis] + old_swing[axis]);
                spin[axis] += weight * other.spin[axis];
                old_spin[axis] += weight * other.had_spun[axis];
            }
            place_by += weight * other.place_by;
            turn_by += weight * other.turn_by;
        }
        (self.way_apart, self.spin_apart) = (0.0, 0.0);
        for axis in 0..3 {
            self.way_change[axis] = (way[axis] - old_way[axis]) / total;
            self.way_off[axis] = self.had_gone[axis] - old_way[axis] / total;
            self.spin_change[axis] = (spin[axis] - old_spin[axis]) / total;
            self.spin_off[axis] = self.had_spun[axis] - old_spin[axis] / total;
            self.way_apart += self.way_off[axis].abs();
            self.spin_apart += self.spin_off[axis].abs() * self.top;
        }
        self.place_around = (place_by / total) as u32;
        self.turn_around = (turn_by / total) as u32;
    }

    /// What is to be added to a component that goes on in a line. `own`: its last residual.
    pub(super) fn place(&self, axis: usize, own: f64) -> f64 {
        let (change, off, inertia) = PLACE_WEIGHTS[bucket(self.way_apart)];
        change * self.way_change[axis] - off * self.way_off[axis] + inertia * own
    }

    /// What is to be added to the turn of the last snapshot.
    pub(super) fn turn(&self) -> Spin {
        let (change, off) = TURN_WEIGHTS[bucket(self.spin_apart)];
        [0, 1, 2].map(|axis| change * self.spin_change[axis] - off * self.spin_off[axis])
    }

    /// How far the body is from going with its neighbours, in quarters of a step.
    pub(super) fn place_apart(&self) -> u32 {
        quarters(self.way_apart).min(FAR)
    }

    /// The same for turning.
    pub(super) fn turn_apart(&self) -> u32 {
        quarters(self.spin_apart).min(FAR)
    }
}

fn cross(a: &[f64; 3], b: &[f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
