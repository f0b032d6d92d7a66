//! Turrets that aim and fire, and their shells: rows that enter with a speed, fly a curve through the air, bounce
//! or burst, and leave. Ids are never used again.

use std::f32::consts::{PI, TAU};

use libm::{atan2f, cosf, sinf};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::quant::{FloatSpec, angle_raw};
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::dice::Dice;
use crate::{moving, rows_of, schema_of, state_of, table_of};

/// Turrets.
pub const TURRETS: usize = 24;
/// Ticks a second.
pub const HZ: u16 = 60;
/// Metres between the middle and the furthest turret.
const FIELD: f32 = 80.0;
/// Metres per second squared.
const GRAVITY: f32 = 9.81;
/// Share of its speed that the air takes from a shell in a second.
const DRAG: f32 = 0.08;
/// Bits of an aim.
const AIM_BITS: u32 = 10;
/// Radians a tick that a turret turns.
const TURN: f32 = 1.2 / HZ as f32;
/// Ticks that a shell flies at most.
const MAX_AGE: u32 = 5 * HZ as u32;

fn pos_spec() -> FloatSpec {
    FloatSpec::half_open(-256.0, 256.0, 1.0 / 64.0)
}

fn vel_spec() -> FloatSpec {
    FloatSpec::half_open(-64.0, 64.0, 1.0 / 32.0)
}

fn turret_fields() -> Vec<FieldSchema> {
    vec![
        moving("pos", Shape::Vector { n: 2, spec: pos_spec() }, Predict::Hold),
        moving("aim", Shape::Angle { bits: AIM_BITS }, Predict::Linear),
        FieldSchema::new("loaded", Shape::Int { min: 0, max: 7 }),
        FieldSchema::new("team", Shape::Team),
    ]
}

fn shell_fields() -> Vec<FieldSchema> {
    let mut pos = moving("pos", Shape::Vector { n: 3, spec: pos_spec() }, Predict::Linear);
    pos.velocity = Some(1);
    vec![
        pos,
        moving("vel", Shape::Vector { n: 3, spec: vel_spec() }, Predict::Linear),
        FieldSchema::new("by", Shape::Id { table: "turrets".to_owned() }),
        FieldSchema::new("bounces", Shape::Bool),
    ]
}

/// How the codec sees the scene: tables `turrets` and `shells`, the shells with `pos` (rate `vel`) and `vel`.
pub fn schema() -> Schema {
    schema_of(
        "projectiles",
        HZ,
        [table_of("turrets", turret_fields()), table_of("shells", shell_fields())],
    )
}

#[derive(Debug)]
struct Turret {
    pos: [f32; 2],
    aim: f32,
    target: f32,
    loaded: u32,
    team: u32,
    /// Ticks until it fires or has loaded.
    pause: u32,
    /// Whether its shells bounce.
    bounces: bool,
}

#[derive(Debug)]
struct Shell {
    id: u32,
    pos: [f32; 3],
    vel: [f32; 3],
    by: u32,
    bounces: bool,
    age: u32,
}

struct Field {
    dice: Dice,
    turrets: Vec<Turret>,
    shells: Vec<Shell>,
    last_id: u32,
}

impl Field {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let turrets = (0..TURRETS)
            .map(|index| Turret {
                pos: [(); 2].map(|()| dice.between(-FIELD, FIELD)),
                aim: dice.between(-PI, PI),
                target: dice.between(-PI, PI),
                loaded: 7,
                team: 1 + index as u32 % 2,
                pause: dice.whole(1, 200),
                bounces: index % 3 == 0,
            })
            .collect();
        Self { dice, turrets, shells: Vec::new(), last_id: 0 }
    }

    fn step(&mut self) {
        for shell in &mut self.shells {
            shell.fly();
        }
        self.shells.retain(|shell| shell.age < MAX_AGE);
        for index in 0..self.turrets.len() {
            let turret = &mut self.turrets[index];
            let off = turret.target - turret.aim;
            let off = off - (off / TAU + 0.5).floor() * TAU;
            turret.aim += off.clamp(-TURN, TURN);
            if turret.pause > 0 {
                turret.pause -= 1;
            } else if turret.loaded == 0 {
                turret.loaded = 7;
                turret.pause = self.dice.whole(60, 240);
                let away = atan2f(-turret.pos[1], -turret.pos[0]);
                turret.target = away + self.dice.between(-1.5, 1.5);
            } else if off.abs() < TURN {
                self.fire(index);
            }
        }
    }

    fn fire(&mut self, index: usize) {
        let dice = &mut self.dice;
        let turret = &mut self.turrets[index];
        turret.loaded -= 1;
        turret.pause = dice.whole(8, 30);
        turret.target += dice.between(-0.1, 0.1);
        let (speed, slope) = (dice.between(25.0, 45.0), dice.between(0.1, 0.9));
        let aim = turret.aim + dice.between(-0.02, 0.02);
        let flat = cosf(slope) * speed;
        self.last_id += 1;
        self.shells.push(Shell {
            id: self.last_id,
            pos: [turret.pos[0], turret.pos[1], 1.5],
            vel: [cosf(aim) * flat, sinf(aim) * flat, sinf(slope) * speed],
            by: index as u32 + 1,
            bounces: turret.bounces,
            age: 0,
        });
    }

    fn columns(&self) -> StateColumns {
        let (pos, vel) = (pos_spec(), vel_spec());
        let mut turrets = rows_of(&turret_fields());
        for (id, turret) in (1..).zip(&self.turrets) {
            let [x, y] = turret.pos.map(|part| pos.raw(part));
            turrets.push(id, &[x, y, angle_raw(turret.aim, AIM_BITS), turret.loaded, turret.team]);
        }
        let mut shells = rows_of(&shell_fields());
        for shell in &self.shells {
            let [x, y, z] = shell.pos.map(|part| pos.raw(part));
            let [vx, vy, vz] = shell.vel.map(|part| vel.raw(part));
            shells.push(shell.id, &[x, y, z, vx, vy, vz, shell.by, u32::from(shell.bounces)]);
        }
        state_of([turrets, shells])
    }
}

impl Shell {
    fn fly(&mut self) {
        let dt = 1.0 / f32::from(HZ);
        self.age += 1;
        self.vel[2] -= GRAVITY * dt;
        for (pos, vel) in self.pos.iter_mut().zip(&mut self.vel) {
            *vel *= 1.0 - DRAG * dt;
            *pos += *vel * dt;
        }
        if self.pos[2] < 0.0 {
            if self.bounces && self.vel[2] < -1.0 {
                self.pos[2] = -self.pos[2];
                self.vel = [self.vel[0] * 0.7, self.vel[1] * 0.7, self.vel[2] * -0.6];
            } else {
                self.age = MAX_AGE;
            }
        }
    }
}

/// The states of a run.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let mut field = Field::new(seed);
    (0..ticks)
        .map(|_| {
            let state = field.columns();
            field.step();
            state
        })
        .collect()
}
