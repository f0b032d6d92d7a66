//! Random games: tables whose fields move as in a game, described with every kind of hint, right and
//! wrong; all decided by a seed.

use std::sync::Arc;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, players_table,
};
use tickwire_wire::shape::{ColumnSpec, Shape};

use crate::worlds::Dice;

/// A game's state, moved on snapshot by snapshot.
pub(crate) struct Game {
    pub(crate) schema: Schema,
    pub(crate) layout: Arc<Layout>,
    pub(crate) state: StateColumns,
    before: StateColumns,
    next_id: u32,
    /// How wild it is, in percent of fields that leap in a snapshot.
    wild: u64,
}

/// A schema of up to three tables of moving things.
pub(crate) fn schema(dice: &mut Dice) -> Schema {
    let tables = (0..1 + dice.below(3)).map(|index| {
        let name = format!("t{index}");
        if dice.chance(30) { bodies(dice, name) } else { things(dice, name) }
    });
    let tables = [players_table()].into_iter().chain(tables).collect();
    let schema = Schema {
        protocol: PROTOCOL,
        game: "random".to_owned(),
        tick_hz: 10 + dice.below(100) as u16,
        send_every: 1 + dice.below(3) as u16,
        tables,
        input: Shape::Unit,
        sticky: Vec::new(),
        command: Shape::Unit,
        event: Shape::Unit,
    };
    schema.validate().unwrap();
    schema
}

/// Rigid bodies: a place, a rotation, perhaps more.
fn bodies(dice: &mut Dice, name: String) -> TableSchema {
    let mut place = FieldSchema::new("place", Shape::Vector { n: 3, spec: float(dice) });
    place.predict = Predict::Linear;
    let mut fields = vec![place, FieldSchema::new("turn", quat(dice))];
    if dice.chance(50) {
        fields.push(FieldSchema::new("kind", Shape::Int { min: 0, max: 7 }));
    }
    if dice.chance(30) {
        fields.push(FieldSchema::new("second_turn", quat(dice)));
    }
    if dice.chance(30) {
        fields.reverse();
    }
    table(name, fields)
}

fn quat(dice: &mut Dice) -> Shape {
    Shape::Quat { bits: 2 + dice.below(15) as u32 }
}

/// Any fields with any hints that a schema allows.
fn things(dice: &mut Dice, name: String) -> TableSchema {
    let n = 2 + dice.below(2) as u32;
    let mut fields: Vec<FieldSchema> = (0..1 + dice.below(7))
        .map(|index| {
            let shape = match dice.below(9) {
                0 | 1 => Shape::Vector { n, spec: float(dice) },
                2 => Shape::Vector { n: 2, spec: float(dice) },
                3 => Shape::Float(float(dice)),
                4 => Shape::Angle { bits: 1 + dice.below(22) as u32 },
                5 => quat(dice),
                6 => Shape::Bool,
                7 => Shape::Player,
                _ => int(dice),
            };
            FieldSchema::new(&format!("f{index}"), shape)
        })
        .collect();
    for index in 0..fields.len() {
        hint(dice, &mut fields, index);
    }
    TableSchema { single: dice.chance(10), ..table(name, fields) }
}

fn hint(dice: &mut Dice, fields: &mut [FieldSchema], index: usize) {
    let shape = fields[index].shape.clone();
    let named = |dice: &mut Dice, fits: &dyn Fn(&Shape) -> bool| {
        let fitting: Vec<usize> = (0..fields.len()).filter(|&i| fits(&fields[i].shape)).collect();
        let chosen = dice.below(fitting.len() as u64) as usize;
        fitting.get(chosen).copied().filter(|_| dice.chance(60))
    };
    let vector_of = |n: u32| move |shape: &Shape| matches!(shape, Shape::Vector { n: other, .. } if *other == n);
    let is_float = |shape: &Shape| matches!(shape, Shape::Float(_));
    let mut follows = None;
    let velocity = match shape {
        Shape::Vector { n, .. } => named(dice, &vector_of(n)),
        Shape::Float(_) => named(dice, &is_float),
        Shape::Angle { .. } => {
            follows = named(dice, &vector_of(2));
            named(dice, &is_float)
        }
        _ => None,
    };
    let moves = !matches!(shape, Shape::Bool | Shape::Player | Shape::Quat { .. });
    let field = &mut fields[index];
    (field.velocity, field.follows) = (velocity, follows);
    field.keeps_length = matches!(shape, Shape::Vector { .. }) && dice.chance(40);
    if moves && dice.chance(50) {
        field.predict = Predict::Linear;
    }
}

fn table(name: String, fields: Vec<FieldSchema>) -> TableSchema {
    TableSchema { name, single: false, owner: None, audience: Audience::Everyone, fields }
}

/// From one value to as many as a float may have.
fn float(dice: &mut Dice) -> FloatSpec {
    let max_raw = ((1_u64 << dice.below(25)) - dice.below(2)) as u32;
    let step = 1.0 / f64::from(1_u32 << dice.below(12));
    FloatSpec { min: -f64::from(max_raw / 2) * step, step, max_raw }
}

/// From one value to all of 32 bits.
fn int(dice: &mut Dice) -> Shape {
    let max = (1_i64 << dice.below(33)) - 1;
    Shape::Int { min: -max / 2, max: max - max / 2 }
}

impl Game {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let schema = schema(dice);
        let layout = Arc::new(Layout::new(&schema));
        let state = StateColumns::public(&layout);
        let wild = [1, 5, 30, 90][dice.below(4) as usize];
        Self { schema, layout, before: state.clone(), state, next_id: 1, wild }
    }

    /// One snapshot on.
    pub(crate) fn step(&mut self, dice: &mut Dice) {
        let now = self.state.clone();
        let layout = Arc::clone(&self.layout);
        for (index, table) in layout.tables.iter().enumerate().skip(1) {
            self.state.tables[index].clear();
            let still = dice.chance(20);
            for (id, row) in now.tables[index].iter() {
                if !table.single && !still && dice.chance(3) {
                    continue;
                }
                let mut row = row.to_vec();
                // Some rows rest for a while.
                if !still && dice.below(40) > u64::from(id % 20) {
                    let last = self.before.tables[index].get(id);
                    self.move_row(dice, index, last, &mut row);
                }
                self.state.tables[index].push(id, &row);
            }
            let is_empty = self.state.tables[index].is_empty();
            let entering = match (table.single, is_empty) {
                (true, _) => u64::from(is_empty),
                (false, true) => dice.below(15),
                (false, false) => dice.below(10) / 8,
            };
            for _ in 0..entering {
                let mut row = vec![0; table.public_width];
                table.public.iter().for_each(|field| leap(dice, &field.shape, field.of(&mut row)));
                self.next_id += 1 + dice.below(3) as u32;
                self.state.tables[index].push(if table.single { 1 } else { self.next_id }, &row);
            }
        }
        self.before = now;
    }

    fn move_row(&self, dice: &mut Dice, table: usize, last: Option<&[u32]>, row: &mut [u32]) {
        for field in &self.layout.tables[table].public {
            if dice.chance(self.wild) {
                leap(dice, &field.shape, field.of(row));
                continue;
            }
            let schema = &self.schema.tables[table].fields[field.field];
            let rate = schema.velocity.and_then(|of| {
                let other = self.layout.tables[table].public.iter().find(|f| f.field == of)?;
                Some(other.of(row).to_vec())
            });
            let cells = field.offset..field.offset + field.columns;
            for (position, cell) in cells.enumerate() {
                let max = column_max(&field.shape, position);
                let went = last.map_or(0, |last| i64::from(row[cell]) - i64::from(last[cell]));
                let way = match (&rate, &field.shape) {
                    // Now and then the hint is right, if only by chance of the scales.
                    (Some(rate), _) => i64::from(rate[position % rate.len()]) / 30,
                    (None, Shape::Bool | Shape::Player) => 0,
                    (None, Shape::Quat { .. }) if position == 0 => 0,
                    _ => went,
                };
                let jolt = if dice.chance(50) { dice.below(5) as i64 - 2 } else { 0 };
                let next = i64::from(row[cell]) + way + jolt;
                row[cell] = match field.shape {
                    Shape::Angle { .. } => next.rem_euclid(i64::from(max) + 1),
                    _ => next.clamp(0, max.into()),
                } as u32;
            }
        }
    }
}

/// Any valid value, often at an end of the range.
fn leap(dice: &mut Dice, shape: &Shape, cells: &mut [u32]) {
    for (position, cell) in cells.iter_mut().enumerate() {
        *cell = dice.up_to(column_max(shape, position));
    }
}

fn column_max(shape: &Shape, position: usize) -> u32 {
    let mut specs: Vec<ColumnSpec> = Vec::new();
    shape.push_specs(&mut specs);
    specs[position].max
}

/// The columns of a field within a row, to be changed.
trait Of {
    fn of<'a>(&self, row: &'a mut [u32]) -> &'a mut [u32];
}

impl Of for tickwire_wire::layout::FieldLayout {
    fn of<'a>(&self, row: &'a mut [u32]) -> &'a mut [u32] {
        &mut row[self.offset..self.offset + self.columns]
    }
}
