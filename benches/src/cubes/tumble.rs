//! States like those of a trace, without one: cubes that are thrown, tumble, bounce and come to
//! rest. No cube meets another; for contacts there are traces.

use tickwire_game::{Dice, Quat, Vec3};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::quat_raw;

use super::{BODIES, COLUMNS, FRAME_HZ, MAX_RAW, QUAT_BITS, REACH_M, STEPS_PER_M, TABLE, schema};

/// Seconds of a frame.
const DT: f32 = 1.0 / FRAME_HZ as f32;
/// Height of the middle of a cube that lies on the ground, metres.
const LYING_M: f32 = 0.2;
/// Metres between neighbours at first.
const SPACING_M: f32 = 1.0;
/// Probability that a cube at rest is thrown in a frame: about a tenth is in motion.
const THROW_CHANCE: f32 = 0.0015;
/// Part of its speed that a cube keeps at each bounce.
const BOUNCE: f32 = 0.45;
/// Below this speed a bounce ends in rest, m/s.
const REST_SPEED: f32 = 0.6;
/// m/s².
const GRAVITY: f32 = 9.81;

/// One cube.
#[derive(Clone, Copy)]
struct Cube {
    at: Vec3,
    vel: Vec3,
    turn: Quat,
    /// Radians a second, about the axis of this direction.
    spin: Vec3,
    rests: bool,
}

/// `frames` frames of [`BODIES`] cubes.
pub fn states(frames: usize, seed: u64) -> Vec<StateColumns> {
    let layout = Layout::new(&schema());
    let mut cubes: Vec<Cube> = (0..BODIES).map(Cube::lying).collect();
    (0..frames)
        .map(|frame| {
            let mut dice = Dice::new(seed, frame as u32, 0);
            let mut state = StateColumns::public(&layout);
            for (id, cube) in (1..).zip(&mut cubes) {
                cube.step(&mut dice);
                state.tables[TABLE].push(id, &cube.row());
            }
            state
        })
        .collect()
}

impl Cube {
    fn lying(index: usize) -> Self {
        let (x, y) = ((index % 30) as f32, (index / 30) as f32);
        let at = Vec3::new((x - 15.0) * SPACING_M, (y - 15.0) * SPACING_M, LYING_M);
        Self { at, vel: Vec3::ZERO, turn: Quat::IDENTITY, spin: Vec3::ZERO, rests: true }
    }

    fn step(&mut self, dice: &mut Dice) {
        if self.rests {
            if dice.chance(THROW_CHANCE) {
                let mut any = |reach: f32| dice.range(-reach..reach);
                self.vel = Vec3::new(any(3.0), any(3.0), 4.0 + any(2.0));
                self.spin = Vec3::new(any(6.0), any(6.0), any(6.0));
                self.rests = false;
            }
            return;
        }
        self.vel.z -= GRAVITY * DT;
        self.at += self.vel * DT;
        self.turn = (Quat::from_scaled_axis(self.spin * DT) * self.turn).normalize();
        if self.at.z < LYING_M {
            self.at.z = LYING_M;
            self.vel = Vec3::new(self.vel.x, self.vel.y, -self.vel.z) * BOUNCE;
            self.spin *= BOUNCE;
            self.rests = self.vel.length() < REST_SPEED;
        }
    }

    fn row(&self) -> [u32; COLUMNS] {
        let [largest, a, b, c] = quat_raw(self.turn.to_array(), QUAT_BITS);
        let raw = |metres: f32| {
            let steps = (metres * STEPS_PER_M as f32).round() as i32 + REACH_M * STEPS_PER_M;
            (steps.max(0) as u32).min(MAX_RAW)
        };
        let at = self.at.to_array().map(raw);
        [largest, a, b, c, at[0], at[1], at[2], u32::from(!self.rests)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_tumble_and_most_lie() {
        let states = states(600, 1);
        let table = |frame: usize| &states[frame].tables[TABLE];
        assert_eq!((table(0).len(), table(599).len()), (BODIES, BODIES));
        for frame in [200, 400, 599] {
            let (now, last) = (table(frame), table(frame - 1));
            let moved = (0..BODIES).filter(|&body| now.row(body)[4..7] != last.row(body)[4..7]);
            let turned = (0..BODIES).filter(|&body| now.row(body)[..4] != last.row(body)[..4]);
            assert!((40..250).contains(&moved.count()), "frame {frame}");
            assert!((20..250).contains(&turned.count()), "frame {frame}");
        }
        assert_eq!(states, super::states(600, 1));
    }
}
