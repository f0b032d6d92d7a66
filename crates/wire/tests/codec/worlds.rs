//! Random schemas, values and histories, all decided by a seed: a seed is a bug report.

use std::sync::Arc;

use proptest::test_runner::{Config, RngSeed};
use tickwire_wire::columns::{StateColumns, TableColumns};
use tickwire_wire::layout::{Coding, FieldLayout, Layout, TableLayout};
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, To, players_table,
};
use tickwire_wire::shape::{ColumnSpec, Shape, ShapeField, Variant};

/// The same cases in every run; each prints its seed when it fails.
pub(crate) fn cases(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() }
}

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `n` - 1; 0 for no choice.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.next() % n }
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// 0 to `max`, often at an end.
    pub(crate) fn up_to(&mut self, max: u32) -> u32 {
        match self.below(8) {
            0 => 0,
            1 => max,
            _ => self.below(u64::from(max) + 1) as u32,
        }
    }
}

/// A shape whose parts nest at most `depth` deep.
pub(crate) fn shape(dice: &mut Dice, depth: u32) -> Shape {
    let kinds = if depth == 0 { 12 } else { 17 };
    match dice.below(kinds) {
        0 => Shape::Bool,
        1 => {
            let min = dice.below(200) as i64 - 100;
            Shape::Int { min, max: min + (dice.next() >> (32 + dice.below(32))) as i64 }
        }
        2 => Shape::Wide { signed: dice.chance(50) },
        3 => Shape::Float(float(dice)),
        4 => Shape::Vector { n: 2 + dice.below(2) as u32, spec: float(dice) },
        5 => Shape::Angle { bits: 1 + dice.below(22) as u32 },
        6 => Shape::Quat { bits: 2 + dice.below(15) as u32 },
        7 => Shape::Id { table: "players".to_owned() },
        8 => Shape::Player,
        9 => Shape::Team,
        10 => Shape::Unit,
        11 => Shape::Text { max: dice.below(20) as u32 },
        12 => Shape::Enum { name: "E".to_owned(), variants: variants(dice, depth) },
        13 => Shape::Struct { name: "S".to_owned(), fields: fields(dice, depth, 4) },
        14 => Shape::Option { of: Box::new(shape(dice, depth - 1)) },
        15 => Shape::Array { of: element(dice, depth), len: dice.below(4) as u32 },
        _ => Shape::List { of: element(dice, depth), max: dice.below(5) as u32 },
    }
}

/// Elements have at least one column.
fn element(dice: &mut Dice, depth: u32) -> Box<Shape> {
    let of = shape(dice, depth - 1);
    Box::new(if of.columns() == 0 { Shape::Bool } else { of })
}

fn float(dice: &mut Dice) -> FloatSpec {
    let step = 1.0 / f64::from(1_u32 << dice.below(10));
    let max_raw = (dice.next() >> (42 + dice.below(20))) as u32;
    FloatSpec { min: -f64::from(max_raw / 2) * step, step, max_raw }
}

fn variants(dice: &mut Dice, depth: u32) -> Vec<Variant> {
    let unit_only = dice.chance(40);
    (0..=dice.below(5))
        .map(|index| Variant {
            name: format!("v{index}"),
            fields: if unit_only { Vec::new() } else { fields(dice, depth, 3) },
        })
        .collect()
}

fn fields(dice: &mut Dice, depth: u32, most: u64) -> Vec<ShapeField> {
    (0..dice.below(most + 1))
        .map(|index| ShapeField { name: format!("f{index}"), shape: shape(dice, depth - 1) })
        .collect()
}

/// Appends a random value of the shape: valid columns, those that are not there 0.
pub(crate) fn value(dice: &mut Dice, shape: &Shape, out: &mut Vec<u32>) {
    let skip = |out: &mut Vec<u32>, columns: usize| out.resize(out.len() + columns, 0);
    match shape {
        Shape::Enum { variants, .. } => {
            let tag = dice.below(variants.len() as u64) as usize;
            out.push(tag as u32);
            for (index, field) in
                variants.iter().enumerate().flat_map(|(i, v)| v.fields.iter().map(move |f| (i, f)))
            {
                if index == tag {
                    value(dice, &field.shape, out);
                } else {
                    skip(out, field.shape.columns());
                }
            }
        }
        Shape::Struct { fields, .. } => {
            fields.iter().for_each(|field| value(dice, &field.shape, out));
        }
        Shape::Array { of, len } => (0..*len).for_each(|_| value(dice, of, out)),
        Shape::Option { of } => {
            let present = dice.chance(50);
            out.push(present.into());
            if present { value(dice, of, out) } else { skip(out, of.columns()) }
        }
        Shape::List { of, max } => {
            let len = dice.up_to(*max);
            out.push(len);
            (0..len).for_each(|_| value(dice, of, out));
            skip(out, (max - len) as usize * of.columns());
        }
        Shape::Text { max } => text(dice, *max, out),
        _ => {
            let mut specs: Vec<ColumnSpec> = Vec::new();
            shape.push_specs(&mut specs);
            out.extend(specs.iter().map(|spec| dice.up_to(spec.max)));
        }
    }
}

fn text(dice: &mut Dice, max: u32, out: &mut Vec<u32>) {
    let mut text = String::new();
    let goal = dice.up_to(max) as usize;
    while text.len() < goal {
        let next = ['a', 'Z', ' ', 'é', '猫', '🚀'][dice.below(6) as usize];
        if text.len() + next.len_utf8() > max as usize {
            break;
        }
        text.push(next);
    }
    out.push(text.len() as u32);
    let mut words = vec![0; max.div_ceil(4) as usize];
    for (index, byte) in text.bytes().enumerate() {
        words[index / 4] |= u32::from(byte) << (index % 4 * 8);
    }
    out.extend(words);
}

/// A valid schema of `players` and up to four random tables.
pub(crate) fn schema(dice: &mut Dice) -> Schema {
    loop {
        let schema = any_schema(dice);
        // Now and then a row has too many columns.
        if schema.validate().is_ok() {
            return schema;
        }
    }
}

fn any_schema(dice: &mut Dice) -> Schema {
    let mut tables = vec![players_table()];
    for index in 0..dice.below(5) {
        tables.push(table(dice, format!("t{index}")));
    }
    Schema {
        protocol: PROTOCOL,
        game: "random".to_owned(),
        tick_hz: 30,
        send_every: 1,
        tables,
        input: shape(dice, 2),
        sticky: Vec::new(),
        command: shape(dice, 2),
        event: shape(dice, 2),
    }
}

fn table(dice: &mut Dice, name: String) -> TableSchema {
    let mut fields: Vec<FieldSchema> = (0..dice.below(7))
        .map(|index| FieldSchema::new(&format!("f{index}"), shape(dice, 2)))
        .collect();
    for field in &mut fields {
        let moves = matches!(
            field.shape,
            Shape::Int { .. } | Shape::Float(_) | Shape::Vector { .. } | Shape::Angle { .. }
        );
        if moves && dice.chance(70) {
            field.predict = Predict::Linear;
        }
    }
    let mut owner = None;
    if dice.chance(40) {
        for field in &mut fields {
            field.to = if dice.chance(40) { To::Owner } else { To::Everyone };
        }
        owner = Some(fields.len());
        fields.push(FieldSchema::new("owner", Shape::Player));
    }
    TableSchema { name, single: dice.chance(25), owner, audience: Audience::Everyone, fields }
}

/// Players that own rows in a [`World`].
pub(crate) const OWNERS: u64 = 3;

/// A state that changes at random, but with the habits of a game: things stay, move on, appear.
pub(crate) struct World {
    pub(crate) layout: Arc<Layout>,
    pub(crate) public: StateColumns,
    pub(crate) private: StateColumns,
    /// Public columns of the tick before.
    before: StateColumns,
    next_id: u32,
}

impl World {
    pub(crate) fn new(schema: &Schema) -> Self {
        let layout = Arc::new(Layout::new(schema));
        let (public, private) = (StateColumns::public(&layout), StateColumns::private(&layout));
        Self { layout, before: public.clone(), public, private, next_id: 1 }
    }

    /// One tick on.
    pub(crate) fn step(&mut self, dice: &mut Dice) {
        let still = dice.chance(15);
        let public_now = self.public.clone();
        let private_now = self.private.clone();
        for index in 0..self.layout.tables.len() {
            let layout = Arc::clone(&self.layout);
            let table = &layout.tables[index];
            let (now, before) = (&public_now.tables[index], &self.before.tables[index]);
            self.public.tables[index].clear();
            self.private.tables[index].clear();
            let leaving = [0, 0, 0, 10, 50][dice.below(5) as usize];
            for (row, (id, cells)) in now.iter().enumerate() {
                if !still && !table.single && dice.chance(leaving) {
                    continue;
                }
                let mut cells = cells.to_vec();
                let mut secret = private_now.tables[index].row(row).to_vec();
                if !still {
                    change(dice, table, before.get(id), &mut cells);
                    change_private(dice, table, &mut secret);
                }
                self.public.tables[index].push(id, &cells);
                self.private.tables[index].push(id, &secret);
            }
            if !still || (table.single && now.is_empty()) {
                self.enter_rows(dice, index, table);
            }
        }
        self.before = public_now;
    }

    fn enter_rows(&mut self, dice: &mut Dice, index: usize, table: &TableLayout) {
        let entering = match (table.single, self.public.tables[index].is_empty()) {
            (true, empty) => u64::from(empty),
            (false, empty) => dice.below(if empty { 12 } else { 3 }),
        };
        for _ in 0..entering {
            let id = if table.single { 1 } else { self.next_id };
            self.next_id += 1 + (dice.below(4) * dice.below(40)) as u32;
            let mut cells = Vec::new();
            for field in &table.public {
                if is_owner(table, field) {
                    cells.push(dice.below(OWNERS + 1) as u32);
                } else {
                    value(dice, &field.shape, &mut cells);
                }
            }
            let mut secret = Vec::new();
            for field in &table.private {
                value(dice, &field.shape, &mut secret);
            }
            self.public.tables[index].push(id, &cells);
            self.private.tables[index].push(id, &secret);
        }
    }
}

/// A unit field may have the same offset.
fn is_owner(table: &TableLayout, field: &FieldLayout) -> bool {
    table.owner == Some(field.offset) && field.columns == 1
}

fn change(dice: &mut Dice, table: &TableLayout, before: Option<&[u32]>, cells: &mut [u32]) {
    for field in &table.public {
        let range = field.offset..field.offset + field.columns;
        if is_owner(table, field) {
            if dice.chance(5) {
                cells[field.offset] = dice.below(OWNERS + 1) as u32;
            }
            continue;
        }
        if let (Coding::Residual(residual), true) = (field.coding, dice.chance(70)) {
            let max = i64::from(residual.spec.max);
            for column in range {
                let now = i64::from(cells[column]);
                let rate = before.map_or(0, |before| now - i64::from(before[column]));
                let jolt = if dice.chance(40) { dice.below(9) as i64 - 4 } else { 0 };
                let next = now + rate + jolt;
                let next =
                    if residual.wraps { next.rem_euclid(max + 1) } else { next.clamp(0, max) };
                cells[column] = next as u32;
            }
        } else if dice.chance(10) {
            let mut fresh = Vec::new();
            value(dice, &field.shape, &mut fresh);
            cells[range].copy_from_slice(&fresh);
        }
    }
}

fn change_private(dice: &mut Dice, table: &TableLayout, cells: &mut [u32]) {
    for field in &table.private {
        if dice.chance(20) {
            let mut fresh = Vec::new();
            value(dice, &field.shape, &mut fresh);
            cells[field.offset..field.offset + field.columns].copy_from_slice(&fresh);
        }
    }
}

/// Whether every column of every row is within its range, and ids ascend from 1.
pub(crate) fn is_valid(layout: &Layout, state: &StateColumns) -> bool {
    layout.tables.iter().zip(&state.tables).all(|(table, columns)| {
        let mut specs = Vec::new();
        table.public.iter().for_each(|field| field.shape.push_specs(&mut specs));
        let in_range = |row: &[u32]| row.iter().zip(&specs).all(|(cell, spec)| *cell <= spec.max);
        ids_ascend(columns) && columns.iter().all(|(_, row)| in_range(row))
    })
}

fn ids_ascend(table: &TableColumns) -> bool {
    table.ids.first() != Some(&0) && table.ids.is_sorted_by(|a, b| a < b)
}
