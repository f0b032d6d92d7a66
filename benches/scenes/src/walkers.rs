//! People on foot in a square: each walks in legs, changes pace, stands, looks about, gets hurt and scores.
//!
//! What a hand on a stick or a keyboard makes of a velocity: it turns by fits, and mostly keeps its length. Each
//! seed is another game: other speeds, steps of quantisation, rates of turning and of snapshots.

use std::f32::consts::{PI, TAU};

use libm::{cosf, sinf};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::quant::{FloatSpec, angle_raw};
use tickwire_wire::schema::{FieldSchema, Predict, Schema};
use tickwire_wire::shape::Shape;

use crate::dice::Dice;
use crate::{moving, rows_of, schema_of, state_of, table_of};

/// People in the square.
pub const PEOPLE: usize = 48;
/// Ticks a second.
pub const HZ: u16 = 30;
/// Side of the square in metres.
const SQUARE: f32 = 150.0;
/// Bits of the direction in which somebody looks.
const LOOK_BITS: u32 = 9;

fn pos_spec() -> FloatSpec {
    FloatSpec::half_open(0.0, f64::from(SQUARE), 1.0 / 64.0)
}

fn vel_spec() -> FloatSpec {
    FloatSpec::half_open(-16.0, 16.0, 1.0 / 64.0)
}

fn fields() -> Vec<FieldSchema> {
    let mut pos = moving("pos", Shape::Vector { n: 2, spec: pos_spec() }, Predict::Linear);
    pos.velocity = Some(1);
    vec![
        pos,
        moving("vel", Shape::Vector { n: 2, spec: vel_spec() }, Predict::Hold),
        moving("look", Shape::Angle { bits: LOOK_BITS }, Predict::Hold),
        FieldSchema::new("health", Shape::Int { min: 0, max: 255 }),
        FieldSchema::new("score", Shape::Int { min: 0, max: 65_535 }),
        FieldSchema::new("crouches", Shape::Bool),
    ]
}

/// How the codec sees the scene: table `people` with `pos` (rate `vel`), `vel`, `look`, `health`, `score`, `crouches`.
pub fn schema() -> Schema {
    schema_of("walkers", HZ, [table_of("people", fields())])
}

/// What a seed decides for everyone.
#[derive(Clone, Copy, Debug)]
struct Habits {
    /// Metres per second.
    speed: f32,
    /// Radians by which a course turns in a tick, at most.
    turn: f32,
    /// The same for the look.
    glance: f32,
    /// Seconds of a leg, at most.
    leg_s: f32,
    /// Share of legs that are stands.
    stands: f32,
    /// Chance of a turn in a tick of walking: hands on keys turn seldom and far.
    restless: f32,
}

impl Habits {
    fn new(dice: &mut Dice) -> Self {
        let restless = if dice.chance(0.5) { 1.0 } else { dice.between(0.02, 0.5) };
        Self {
            speed: dice.between(1.5, 9.0),
            turn: dice.between(0.05, 0.4) / restless.max(0.2),
            glance: dice.between(0.03, 0.3),
            leg_s: dice.between(1.0, 5.0),
            stands: dice.between(0.05, 0.4),
            restless,
        }
    }
}

#[derive(Debug)]
struct Walker {
    pos: [f32; 2],
    course: f32,
    look: f32,
    pace: f32,
    stands: bool,
    left_s: f32,
    health: u32,
    score: u32,
    crouches: bool,
}

impl Walker {
    fn new(dice: &mut Dice) -> Self {
        Self {
            pos: [dice.between(0.0, SQUARE), dice.between(0.0, SQUARE)],
            course: dice.between(-PI, PI),
            look: dice.between(-PI, PI),
            pace: 1.0,
            stands: true,
            left_s: 0.0,
            health: 100,
            score: 0,
            crouches: false,
        }
    }

    fn step(&mut self, habits: &Habits, dice: &mut Dice) {
        let dt = 1.0 / f32::from(HZ);
        self.left_s -= dt;
        if self.left_s <= 0.0 {
            self.left_s = dice.between(0.3, habits.leg_s);
            self.stands = dice.chance(habits.stands);
            self.pace = if dice.chance(0.8) { 1.0 } else { dice.between(0.3, 1.0) };
            self.crouches = dice.chance(0.1);
        }
        if !self.stands {
            if dice.chance(habits.restless) {
                self.course += dice.between(-habits.turn, habits.turn);
            }
            self.look += dice.between(-habits.glance, habits.glance);
            let velocity = self.velocity(habits);
            for (axis, pos) in self.pos.iter_mut().enumerate() {
                *pos += velocity[axis] * dt;
                if *pos < 0.0 || *pos >= SQUARE - 0.1 {
                    *pos = pos.clamp(0.0, SQUARE - 0.1);
                    self.course += dice.between(1.5, 4.5);
                }
            }
        }
        if dice.chance(0.015) {
            self.score += dice.whole(1, 3);
        }
        if dice.chance(0.02) {
            let hurt = dice.whole(1, 9);
            self.health = if self.health > hurt { self.health - hurt } else { 100 };
        }
    }

    fn velocity(&self, habits: &Habits) -> [f32; 2] {
        let speed = if self.stands { 0.0 } else { habits.speed * self.pace };
        [cosf(self.course) * speed, sinf(self.course) * speed]
    }

    fn row(&self, habits: &Habits) -> Vec<u32> {
        let velocity = self.velocity(habits);
        let mut row: Vec<u32> = self.pos.iter().map(|&x| pos_spec().raw(x)).collect();
        row.extend(velocity.iter().map(|&x| vel_spec().raw(x)));
        row.push(angle_raw(self.look.rem_euclid(TAU), LOOK_BITS));
        row.extend([self.health, self.score.min(65_535), u32::from(self.crouches)]);
        row
    }
}

/// The state of each of `ticks` ticks.
pub fn states(seed: u64, ticks: usize) -> Vec<StateColumns> {
    let mut dice = Dice::new(seed);
    let habits = Habits::new(&mut dice);
    let mut walkers: Vec<Walker> = (0..PEOPLE).map(|_| Walker::new(&mut dice)).collect();
    let fields = fields();
    (0..ticks)
        .map(|_| {
            let mut rows = rows_of(&fields);
            for (id, walker) in (1..).zip(&mut walkers) {
                walker.step(&habits, &mut dice);
                rows.push(id, &walker.row(&habits));
            }
            state_of([rows])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_walk_and_another_seed_another() {
        assert_eq!(states(3, 40), states(3, 40));
        assert_ne!(states(3, 40), states(4, 40));
    }

    #[test]
    fn most_people_walk_and_stay_in_the_square() {
        let states = states(1, 300);
        let moved = states.windows(2).flat_map(|pair| {
            let (before, after) = (&pair[0].tables[1], &pair[1].tables[1]);
            (0..PEOPLE).map(|index| before.row(index)[..2] != after.row(index)[..2])
        });
        let (moving, all) =
            moved.fold((0, 0), |(yes, all), moved| (yes + u32::from(moved), all + 1));
        assert!(moving * 2 > all, "{moving} of {all}");
        let max = pos_spec().max_raw;
        assert!(
            states
                .iter()
                .all(|s| s.tables[1].iter().all(|(_, row)| row[0] <= max && row[1] <= max))
        );
    }
}
