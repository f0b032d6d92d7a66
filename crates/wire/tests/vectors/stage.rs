//! A stage on which everything moves that the codec predicts: bodies that push each other, ships that
//! follow their velocity, things that turn; and beside them fields that only change now and then.
//!
//! Only basic operations, so that the vectors come out the same on every machine.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::{FloatSpec, quat_raw};
use tickwire_wire::schema::{Audience, FieldSchema, Predict, Schema, TableSchema, To};
use tickwire_wire::shape::{Shape, Variant};

use crate::schemas::{boxed, schema_of};
use crate::worlds::{self, Dice};

/// Bits of every angle, and of every component of a rotation.
const ANGLE_BITS: u32 = 10;
const QUAT_BITS: u32 = 9;

fn field(name: &str, shape: Shape, linear: bool) -> FieldSchema {
    let mut field = FieldSchema::new(name, shape);
    field.predict = if linear { Predict::Linear } else { Predict::Hold };
    field
}

fn space(half: f64, step: f64) -> FloatSpec {
    FloatSpec::half_open(-half, half, step)
}

fn plane(half: f64, step: f64) -> Shape {
    Shape::Vector { n: 2, spec: space(half, step) }
}

fn table(name: &str, fields: Vec<FieldSchema>) -> TableSchema {
    let audience = Audience::Everyone;
    TableSchema { name: name.to_owned(), single: false, owner: None, audience, fields }
}

/// Tables after `players`, by index.
const BODIES: usize = 1;
const SHIPS: usize = 2;
const DRIFTERS: usize = 3;
const THINGS: usize = 4;
const ROUND: usize = 5;

/// All ways of moving.
pub(crate) fn schema() -> Schema {
    let bodies = table(
        "bodies",
        vec![
            field("pos", Shape::Vector { n: 3, spec: space(64.0, 1.0 / 32.0) }, true),
            field("rot", Shape::Quat { bits: QUAT_BITS }, false),
            field("heat", Shape::Int { min: 0, max: 500 }, true),
            field("hits", Shape::Int { min: 0, max: 99 }, false),
        ],
    );
    let mut ships = table(
        "ships",
        vec![
            field("pos", plane(64.0, 1.0 / 64.0), true),
            field("vel", plane(16.0, 1.0 / 32.0), false),
            field("heading", Shape::Angle { bits: ANGLE_BITS }, false),
            field("alive", Shape::Bool, false),
            field("fuel", Shape::Float(space(8.0, 1.0 / 64.0)), true),
            field("player", Shape::Player, false),
            field("ammo", Shape::Int { min: 0, max: 40 }, false),
        ],
    );
    ships.fields[0].velocity = Some(1);
    ships.fields[1].keeps_length = true;
    ships.fields[2].follows = Some(1);
    ships.owner = Some(5);
    ships.fields[6].to = To::Owner;
    let mut drifters = table(
        "drifters",
        vec![
            field("pos", plane(64.0, 1.0 / 64.0), true),
            field("vel", plane(16.0, 1.0 / 32.0), true),
            field("aim", Shape::Angle { bits: ANGLE_BITS }, true),
            field("swing", Shape::Vector { n: 3, spec: space(8.0, 1.0 / 32.0) }, false),
            field("look", Shape::Angle { bits: ANGLE_BITS }, false),
            field("spare", plane(64.0, 1.0 / 16.0), false),
        ],
    );
    drifters.fields[0].velocity = Some(1);
    drifters.fields[3].keeps_length = true;
    let unit = |name: &str| Variant { name: name.to_owned(), fields: Vec::new() };
    let variants = vec![unit("Idle"), unit("Open"), unit("Shut")];
    let things = table(
        "things",
        vec![
            field("state", Shape::Enum { name: "State".to_owned(), variants }, false),
            field("label", Shape::Text { max: 9 }, false),
            field("items", Shape::List { of: boxed(Shape::Team), max: 4 }, false),
            field("at", Shape::Option { of: boxed(plane(64.0, 0.25)) }, false),
            field("lit", Shape::Bool, false),
            field("count", Shape::Int { min: -50, max: 5000 }, false),
            field("of", Shape::Id { table: "ships".to_owned() }, false),
        ],
    );
    let mut round = table(
        "round",
        vec![
            field(
                "phase",
                Shape::Enum { name: "Phase".to_owned(), variants: vec![unit("A"), unit("B")] },
                false,
            ),
            field("ends_in", Shape::Int { min: 0, max: 9000 }, true),
            field("score", Shape::Int { min: 0, max: 9000 }, false),
        ],
    );
    round.single = true;
    let schema = schema_of("stage", vec![bodies, ships, drifters, things, round]);
    // Rates of a room, other than those of most games.
    schema.at(25, 2)
}

/// A body, or a ship or drifter with its vector.
#[derive(Clone)]
struct Mover {
    id: u32,
    place: [f64; 3],
    way: [f64; 3],
    turn: [f64; 4],
    spin: [f64; 3],
    rests: bool,
    extra: [u32; 4],
}

/// What moves on it, and its state.
pub(crate) struct Stage {
    layout: Arc<Layout>,
    dice: Dice,
    movers: [Vec<Mover>; 3],
    things: Vec<(u32, Vec<u32>)>,
    round: [u32; 3],
    next_id: u32,
}

impl Stage {
    pub(crate) fn new(schema: &Schema, seed: u64) -> Self {
        let layout = Arc::new(Layout::new(schema));
        let movers = [const { Vec::new() }; 3];
        let mut stage = Self {
            layout,
            dice: Dice(seed),
            movers,
            things: Vec::new(),
            round: [0, 4000, 7],
            next_id: 1,
        };
        for (kind, count) in [18, 10, 10].into_iter().enumerate() {
            for _ in 0..count {
                stage.enter(kind);
            }
        }
        for _ in 0..6 {
            stage.enter_thing();
        }
        stage
    }

    /// From -1 to 1.
    fn share(&mut self) -> f64 {
        self.dice.below(2001) as f64 / 1000.0 - 1.0
    }

    fn shares(&mut self, scale: f64) -> [f64; 3] {
        [0; 3].map(|_| self.share() * scale)
    }

    fn id(&mut self) -> u32 {
        let id = self.next_id;
        self.next_id += 1 + self.dice.below(3) as u32 * self.dice.below(30) as u32;
        id
    }

    fn enter(&mut self, kind: usize) {
        let mut turn = [self.share(), self.share(), self.share(), self.share() + 0.1];
        unit(&mut turn);
        let mover = Mover {
            id: self.id(),
            // Bodies stand close together.
            place: self.shares(if kind == 0 { 3.0 } else { 40.0 }),
            way: self.shares(if kind == 0 { 0.2 } else { 6.0 }),
            turn,
            spin: self.shares(0.05),
            rests: self.dice.chance(30),
            extra: [0; 4].map(|_| self.dice.below(40) as u32),
        };
        self.movers[kind].push(mover);
    }

    fn enter_thing(&mut self) {
        let mut cells = Vec::new();
        for field in &self.layout.tables[THINGS].public {
            worlds::value(&mut self.dice, &field.shape, &mut cells);
        }
        let id = self.id();
        self.things.push((id, cells));
    }

    /// One snapshot on.
    pub(crate) fn step(&mut self) -> StateColumns {
        if self.dice.chance(15) {
            return self.state();
        }
        for kind in 0..3 {
            self.come_and_go(kind);
            // What pushes one body pushes those beside it.
            let push = if self.dice.chance(30) { self.shares(0.3) } else { [0.0; 3] };
            let spin = if self.dice.chance(30) { self.shares(0.03) } else { [0.0; 3] };
            for index in 0..self.movers[kind].len() {
                let mut mover = self.movers[kind][index].clone();
                self.move_on(kind, &mut mover, (push, spin));
                self.movers[kind][index] = mover;
            }
        }
        self.change_things();
        self.round[1] = self.round[1].saturating_sub(1);
        if self.dice.chance(20) {
            self.round = [
                self.dice.below(2) as u32,
                self.round[1] + self.dice.below(40) as u32,
                self.round[2] + 1,
            ];
        }
        self.state()
    }

    fn come_and_go(&mut self, kind: usize) {
        if self.dice.chance(15) {
            let gone = self.dice.below(self.movers[kind].len() as u64) as usize;
            self.movers[kind].remove(gone);
        }
        if self.dice.chance(20) {
            self.enter(kind);
        }
    }

    fn move_on(&mut self, kind: usize, mover: &mut Mover, (push, spin): ([f64; 3], [f64; 3])) {
        if self.dice.chance(if mover.rests { 8 } else { 4 }) {
            mover.rests = !mover.rests;
        }
        if self.dice.chance(8) {
            let slot = self.dice.below(4) as usize;
            mover.extra[slot] = self.dice.below(100) as u32;
        }
        if mover.rests {
            return;
        }
        match kind {
            0 => {
                for axis in 0..3 {
                    mover.way[axis] = (mover.way[axis] + push[axis]) * 0.97;
                    mover.spin[axis] = (mover.spin[axis] + spin[axis]) * 0.98;
                }
                turn_by(&mut mover.turn, &mover.spin);
                mover.extra[0] = (mover.extra[0] + 3) % 480;
            }
            1 => rotate(&mut mover.way, if mover.id.is_multiple_of(2) { 0.08 } else { 0.0 }),
            _ => {
                for axis in 0..3 {
                    mover.way[axis] += self.share() * 0.1;
                }
                rotate(&mut mover.spin, 0.1);
            }
        }
        if self.dice.chance(3) {
            mover.way = self.shares(if kind == 0 { 0.5 } else { 6.0 });
        }
        for axis in 0..3 {
            mover.place[axis] += mover.way[axis] / if kind == 0 { 1.0 } else { 30.0 };
            if mover.place[axis].abs() > 50.0 {
                mover.way[axis] = -mover.way[axis];
            }
        }
    }

    fn change_things(&mut self) {
        if self.dice.chance(15) {
            self.enter_thing();
        }
        if self.dice.chance(15) && !self.things.is_empty() {
            self.things.remove(0);
        }
        for index in 0..self.things.len() {
            for field in self.layout.tables[THINGS].public.clone() {
                if self.dice.chance(8) {
                    let mut fresh = Vec::new();
                    worlds::value(&mut self.dice, &field.shape, &mut fresh);
                    self.things[index].1[field.offset..field.offset + field.columns]
                        .copy_from_slice(&fresh);
                }
            }
        }
    }

    fn state(&self) -> StateColumns {
        let mut state = StateColumns::public(&self.layout);
        let vector = |values: &[f64], half: f64, step: f64| -> Vec<u32> {
            values.iter().map(|&value| space(half, step).raw(value as f32)).collect()
        };
        for body in &self.movers[0] {
            let mut row = vector(&body.place, 64.0, 1.0 / 32.0);
            row.extend(quat_raw(body.turn.map(|part| part as f32), QUAT_BITS));
            row.extend([body.extra[0], body.extra[1]]);
            state.tables[BODIES].push(body.id, &row);
        }
        for ship in &self.movers[1] {
            let mut row = vector(&ship.place[..2], 64.0, 1.0 / 64.0);
            row.extend(vector(&ship.way[..2], 16.0, 1.0 / 32.0));
            row.push(direction(&ship.way));
            row.push(ship.extra[0] % 2);
            row.extend(vector(&[ship.place[2] / 10.0], 8.0, 1.0 / 64.0));
            row.push(ship.extra[1] % 4);
            state.tables[SHIPS].push(ship.id, &row);
        }
        for drifter in &self.movers[2] {
            let mut row = vector(&drifter.place[..2], 64.0, 1.0 / 64.0);
            row.extend(vector(&drifter.way[..2], 16.0, 1.0 / 32.0));
            row.push((drifter.place[2] * 40.0 + 4096.0) as u32 % (1 << ANGLE_BITS));
            row.extend(vector(&drifter.spin.map(|part| part * 60.0), 8.0, 1.0 / 32.0));
            row.push(drifter.extra[2] * 10);
            row.extend(vector(&[f64::from(drifter.extra[3]), drifter.place[2]], 64.0, 1.0 / 16.0));
            state.tables[DRIFTERS].push(drifter.id, &row);
        }
        for (id, cells) in &self.things {
            state.tables[THINGS].push(*id, cells);
        }
        state.tables[ROUND].push(1, &self.round);
        state
    }
}

fn unit(parts: &mut [f64; 4]) {
    let length = parts.iter().map(|part| part * part).sum::<f64>().sqrt();
    *parts = parts.map(|part| part / length);
}

/// Turns a rotation by a small one.
fn turn_by(turn: &mut [f64; 4], spin: &[f64; 3]) {
    let [x, y, z, w] = *turn;
    let [a, b, c] = *spin;
    *turn = [
        x + a * w + b * z - c * y,
        y - a * z + b * w + c * x,
        z + a * y - b * x + c * w,
        w - a * x - b * y - c * z,
    ];
    unit(turn);
}

/// Turns a vector in the plane by about so many radians; its length stays.
fn rotate(way: &mut [f64; 3], radians: f64) {
    let [x, y, _] = *way;
    let length = (x * x + y * y).sqrt();
    let (x, y) = (x - y * radians, y + x * radians);
    let scale = length / (x * x + y * y).sqrt().max(1e-9);
    (way[0], way[1]) = (x * scale, y * scale);
}

/// The direction of a vector as an angle, nearly: along the sides of a square round the circle.
fn direction(way: &[f64; 3]) -> u32 {
    let [x, y, _] = *way;
    let (across, along) = (x.abs(), y.abs());
    let ratio = if across < along { across / along } else { along / across.max(1e-9) };
    // Within a 200th of a turn.
    let eighth = ratio * (0.1594 - 0.0344 * ratio * ratio);
    let quarter = if across < along { 0.25 - eighth } else { eighth };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    let turns = if y < 0.0 { 1.0 - half } else { half };
    (turns * f64::from(1 << ANGLE_BITS) + 0.5) as u32 % (1 << ANGLE_BITS)
}
