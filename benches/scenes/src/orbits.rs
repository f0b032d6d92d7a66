//! Planets and moons around a sun: long smooth curves, position and spin alone. Once in a while one of them
//! fires its engine, and once in a while it is seen or no longer seen.

use std::f32::consts::TAU;

use libm::{cosf, sinf};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::quant::{FloatSpec, angle_raw};
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::dice::Dice;
use crate::{moving, rows_of, schema_of, state_of, table_of};

/// Bodies beside the sun.
pub const BODIES: usize = 80;
/// Ticks a second.
pub const HZ: u16 = 20;
/// Steps of the integration in a tick: moons are quick.
const SUBSTEPS: u32 = 4;
/// Pull of the sun times square distance.
const SUN: f32 = 60_000.0;
/// Pull of a planet times square distance.
const PLANET: f32 = 900.0;
/// Distance that softens each pull.
const SOFTENING: f32 = 4.0;
/// Every so many bodies one is a planet; those after it are its moons.
const FAMILY: usize = 4;
/// Bits of a spin angle.
const SPIN_BITS: u32 = 9;
/// Chance that a moon's engine starts in a tick.
const BURN_CHANCE: f32 = 0.002;
/// Chance that a body is seen, or no longer seen, from a tick on.
const SEEN_CHANCE: f32 = 0.0005;

fn pos_spec() -> FloatSpec {
    FloatSpec::half_open(-1024.0, 1024.0, 1.0 / 32.0)
}

fn fields() -> Vec<FieldSchema> {
    vec![
        moving("pos", Shape::Vector { n: 2, spec: pos_spec() }, Predict::Linear),
        moving("spin", Shape::Angle { bits: SPIN_BITS }, Predict::Linear),
        FieldSchema::new("size", Shape::Int { min: 1, max: 64 }),
        FieldSchema::new("burning", Shape::Bool),
    ]
}

/// How the codec sees the scene: table `bodies` with `pos`, `spin`, `size`, `burning`.
pub fn schema() -> Schema {
    schema_of("orbits", HZ, [table_of("bodies", fields())])
}

#[derive(Clone, Debug)]
struct Body {
    pos: [f32; 2],
    vel: [f32; 2],
    spin: f32,
    /// Radians a second.
    turning: f32,
    size: u32,
    /// Index of the planet around which it goes; none for planets.
    planet: Option<usize>,
    /// Ticks for which its engine still burns.
    burns: u32,
    seen: bool,
}

impl Body {
    /// On a nearly round orbit around `centre` with this `pull`.
    fn around(
        dice: &mut Dice,
        centre: ([f32; 2], [f32; 2]),
        radius: f32,
        pull: f32,
        planet: Option<usize>,
    ) -> Self {
        let angle = dice.between(0.0, TAU);
        let (sin, cos) = (sinf(angle), cosf(angle));
        let speed = (pull / radius).sqrt() * dice.between(0.85, 1.1);
        let ([x, y], [vx, vy]) = centre;
        Self {
            pos: [x + cos * radius, y + sin * radius],
            vel: [vx - sin * speed, vy + cos * speed],
            spin: dice.between(0.0, TAU),
            turning: dice.between(-1.5, 1.5),
            size: dice.whole(1, 65),
            planet,
            burns: 0,
            seen: dice.chance(0.9),
        }
    }

    fn row(&self) -> [u32; 5] {
        let spec = pos_spec();
        [
            spec.raw(self.pos[0]),
            spec.raw(self.pos[1]),
            angle_raw(self.spin, SPIN_BITS),
            self.size - 1,
            u32::from(self.burns > 0),
        ]
    }
}

fn bodies(dice: &mut Dice) -> Vec<Body> {
    let mut bodies: Vec<Body> = Vec::with_capacity(BODIES);
    for index in 0..BODIES {
        let first = index - index % FAMILY;
        let body = if index == first {
            let radius = dice.between(80.0, 600.0);
            Body::around(dice, ([0.0; 2], [0.0; 2]), radius, SUN, None)
        } else {
            let planet = (bodies[first].pos, bodies[first].vel);
            let radius = dice.between(8.0, 20.0);
            Body::around(dice, planet, radius, PLANET, Some(first))
        };
        bodies.push(body);
    }
    bodies
}

/// The acceleration at `at` towards `to`.
fn towards(at: [f32; 2], to: [f32; 2], pull: f32) -> [f32; 2] {
    let (x, y) = (to[0] - at[0], to[1] - at[1]);
    let square = x * x + y * y + SOFTENING * SOFTENING;
    let share = pull / (square * square.sqrt());
    [x * share, y * share]
}

fn step(bodies: &mut [Body], dice: &mut Dice) {
    let dt = 1.0 / (f32::from(HZ) * SUBSTEPS as f32);
    for body in bodies.iter_mut() {
        body.burns = body.burns.saturating_sub(1);
        if body.planet.is_some() && dice.chance(BURN_CHANCE) {
            body.burns = dice.whole(5, 40);
        }
        body.seen ^= dice.chance(SEEN_CHANCE);
        body.spin += body.turning / f32::from(HZ);
        // Kept small: a large f32 would turn in visible steps.
        body.spin -= (body.spin / TAU).floor() * TAU;
    }
    for _ in 0..SUBSTEPS {
        for index in 0..bodies.len() {
            let planet = bodies[index].planet.map(|planet| bodies[planet].pos);
            let body = &mut bodies[index];
            let mut pulls = vec![towards(body.pos, [0.0; 2], SUN)];
            pulls.extend(planet.map(|planet| towards(body.pos, planet, PLANET)));
            for axis in 0..2 {
                body.vel[axis] += pulls.iter().map(|pull| pull[axis]).sum::<f32>() * dt;
                if body.burns > 0 {
                    body.vel[axis] *= 1.0 + 0.2 * dt;
                }
                body.pos[axis] += body.vel[axis] * dt;
            }
        }
    }
}

/// The states of a run.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let mut dice = Dice::new(seed);
    let mut bodies = bodies(&mut dice);
    let fields = fields();
    (0..ticks)
        .map(|_| {
            let mut rows = rows_of(&fields);
            for (id, body) in (1..).zip(&bodies) {
                if body.seen {
                    rows.push(id, &body.row());
                }
            }
            step(&mut bodies, &mut dice);
            state_of([rows])
        })
        .collect()
}
