//! Cars on a plain: each drives from point to point, brakes before turns, waits, and drifts when it turns fast.
//!
//! Position follows the velocity field exactly, heading follows the direction of the velocity but for the drift:
//! the motion that velocity predictors and "this angle follows that vector" hints are made for.

use std::f32::consts::{PI, TAU};

use libm::{atan2f, cosf, sinf};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::quant::{FloatSpec, angle_raw};
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::dice::Dice;
use crate::{moving, rows_of, schema_of, state_of, table_of};

/// Cars.
pub const CARS: usize = 64;
/// Ticks a second.
pub const HZ: u16 = 30;
/// Metres between the middle and the furthest targets.
const PLAIN: f32 = 110.0;
/// Bits of a heading.
const HEADING_BITS: u32 = 10;
/// Metres per second that the fastest car drives; the others choose less.
const TOP_SPEED: f32 = 28.0;
/// Metres from its target at which a car chooses the next one.
const ARRIVED: f32 = 5.0;
/// Radians that a car drifts at most.
const MAX_DRIFT: f32 = 0.5;

fn pos_spec() -> FloatSpec {
    FloatSpec::half_open(-128.0, 128.0, 1.0 / 64.0)
}

fn vel_spec() -> FloatSpec {
    FloatSpec::half_open(-32.0, 32.0, 1.0 / 16.0)
}

fn fields() -> Vec<FieldSchema> {
    let mut pos = moving("pos", Shape::Vector { n: 2, spec: pos_spec() }, Predict::Linear);
    pos.velocity = Some(1);
    vec![
        pos,
        moving("vel", Shape::Vector { n: 2, spec: vel_spec() }, Predict::Hold),
        moving("heading", Shape::Angle { bits: HEADING_BITS }, Predict::Linear),
        FieldSchema::new("braking", Shape::Bool),
        FieldSchema::new("gear", Shape::Int { min: 0, max: 5 }),
    ]
}

/// How the codec sees the scene: table `cars` with `pos` (rate `vel`), `vel`, `heading`, `braking`, `gear`.
pub fn schema() -> Schema {
    schema_of("vehicles", HZ, [table_of("cars", fields())])
}

#[derive(Debug)]
struct Car {
    pos: [f32; 2],
    /// Direction of the velocity, in radians.
    course: f32,
    speed: f32,
    /// Radians between course and heading.
    drift: f32,
    target: [f32; 2],
    /// Speed on a straight.
    cruise: f32,
    /// Radians a second that it can turn.
    agility: f32,
    braking: bool,
    /// Ticks that it still stands at its target.
    waits: u32,
}

impl Car {
    fn new(dice: &mut Dice) -> Self {
        Self {
            pos: place(dice),
            course: dice.between(-PI, PI),
            speed: 0.0,
            drift: 0.0,
            target: place(dice),
            cruise: dice.between(0.3, 1.0) * TOP_SPEED,
            agility: dice.between(0.8, 2.2),
            braking: false,
            waits: dice.whole(0, 120),
        }
    }

    fn step(&mut self, dice: &mut Dice) {
        let dt = 1.0 / f32::from(HZ);
        if self.waits > 0 {
            self.waits -= 1;
            self.braking = self.waits > 0;
            return;
        }
        let (dx, dy) = (self.target[0] - self.pos[0], self.target[1] - self.pos[1]);
        let distance = (dx * dx + dy * dy).sqrt();
        if distance < ARRIVED {
            self.target = place(dice);
            if self.speed < 6.0 && dice.chance(0.3) {
                self.speed = 0.0;
                self.drift = 0.0;
                self.waits = dice.whole(30, 300);
                return;
            }
        }
        let off = wrapped(atan2f(dy, dx) - self.course);
        // Slow enough to turn, and to stop for what may be a rest at the target.
        let for_turn = self.cruise * (1.0 - 0.75 * (off.abs() / 1.2).min(1.0));
        let for_stop = 2.0 + (2.0 * 6.0 * distance).sqrt();
        let wanted = for_turn.min(for_stop);
        self.braking = wanted < self.speed - 0.5;
        let change = if self.braking { -8.0 } else { 4.0 * (1.0 - self.speed / TOP_SPEED) };
        self.speed = (self.speed + change * dt).max(1.0).min(self.speed.max(wanted));
        let grip = 9.0 / self.speed.max(3.0);
        let limit = self.agility.min(grip);
        // The driver's hands are not perfectly still.
        let turn = (off * 2.0).clamp(-limit, limit) + dice.between(-0.02, 0.02);
        self.course = wrapped(self.course + turn * dt);
        let slip = (turn * self.speed * 0.05).clamp(-MAX_DRIFT, MAX_DRIFT);
        self.drift += (slip - self.drift) * 0.15;
        self.pos[0] += cosf(self.course) * self.speed * dt;
        self.pos[1] += sinf(self.course) * self.speed * dt;
    }

    fn row(&self) -> [u32; 7] {
        let (pos, vel) = (pos_spec(), vel_spec());
        [
            pos.raw(self.pos[0]),
            pos.raw(self.pos[1]),
            vel.raw(cosf(self.course) * self.speed),
            vel.raw(sinf(self.course) * self.speed),
            angle_raw(self.course + self.drift, HEADING_BITS),
            u32::from(self.braking),
            (self.speed / 5.0) as u32,
        ]
    }
}

fn place(dice: &mut Dice) -> [f32; 2] {
    [(); 2].map(|()| dice.between(-PLAIN, PLAIN))
}

/// `angle` in [-π, π].
fn wrapped(angle: f32) -> f32 {
    angle - (angle / TAU + 0.5).floor() * TAU
}

/// The states of a run.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let mut dice = Dice::new(seed);
    let mut cars: Vec<Car> = (0..CARS).map(|_| Car::new(&mut dice)).collect();
    let fields = fields();
    (0..ticks)
        .map(|_| {
            let mut rows = rows_of(&fields);
            for (id, car) in (1..).zip(&mut cars) {
                rows.push(id, &car.row());
                car.step(&mut dice);
            }
            state_of([rows])
        })
        .collect()
}
