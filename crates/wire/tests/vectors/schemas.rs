//! The schemas of the vectors.

use serde_json::{Value, json};
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, To, players_table,
};
use tickwire_wire::shape::{Shape, ShapeField, Variant};

use crate::worlds::{self, Dice};

fn part(name: &str, shape: Shape) -> ShapeField {
    ShapeField { name: name.to_owned(), shape }
}

pub(crate) fn boxed(shape: Shape) -> Box<Shape> {
    Box::new(shape)
}

/// At least one of every type, with its special cases.
pub(crate) fn every_shape() -> Vec<Shape> {
    let spec = FloatSpec::half_open(-2048.0, 2048.0, 1.0 / 32.0);
    let unit = |name: &str| Variant { name: name.to_owned(), fields: Vec::new() };
    let pos = Shape::Vector { n: 2, spec };
    vec![
        Shape::Bool,
        Shape::Int { min: -5, max: 300 },
        Shape::Int { min: 7, max: 7 },
        Shape::Int { min: i64::from(i32::MIN), max: i64::from(i32::MAX) },
        Shape::Wide { signed: false },
        Shape::Wide { signed: true },
        Shape::Float(spec),
        pos.clone(),
        Shape::Vector { n: 3, spec },
        Shape::Angle { bits: 10 },
        Shape::Quat { bits: 9 },
        Shape::Id { table: "ships".to_owned() },
        Shape::Player,
        Shape::Team,
        Shape::Enum {
            name: "Phase".to_owned(),
            variants: vec![unit("Warmup"), unit("Playing"), unit("Over")],
        },
        Shape::Enum {
            name: "Order".to_owned(),
            variants: vec![
                unit("Idle"),
                Variant { name: "Go".to_owned(), fields: vec![part("to", pos)] },
                Variant {
                    name: "Follow".to_owned(),
                    fields: vec![
                        part("who", Shape::Player),
                        part("note", Shape::Option { of: boxed(Shape::Text { max: 5 }) }),
                    ],
                },
            ],
        },
        Shape::Enum { name: "Only".to_owned(), variants: vec![unit("One")] },
        Shape::Struct {
            name: "Cargo".to_owned(),
            fields: vec![
                part("weight", Shape::Int { min: 0, max: 1000 }),
                part("sealed", Shape::Bool),
            ],
        },
        Shape::Option { of: boxed(Shape::Wide { signed: true }) },
        Shape::Array { of: boxed(Shape::Option { of: boxed(Shape::Team) }), len: 3 },
        Shape::Text { max: 11 },
        Shape::List { of: boxed(Shape::Text { max: 6 }), max: 3 },
        Shape::Array { of: boxed(Shape::Bool), len: 0 },
        Shape::Unit,
    ]
}

fn table(name: &str, fields: Vec<FieldSchema>) -> TableSchema {
    TableSchema {
        name: name.to_owned(),
        single: false,
        owner: None,
        audience: Audience::Everyone,
        fields,
    }
}

pub(crate) fn schema_of(game: &str, mut tables: Vec<TableSchema>) -> Schema {
    tables.insert(0, players_table());
    let schema = Schema {
        protocol: PROTOCOL,
        game: game.to_owned(),
        tick_hz: 30,
        send_every: 1,
        tables,
        input: Shape::Struct {
            name: "Input".to_owned(),
            fields: vec![
                part("thrust", Shape::Int { min: -1, max: 1 }),
                part("aim", Shape::Angle { bits: 10 }),
                part("fire", Shape::Bool),
            ],
        },
        sticky: vec![2],
        command: every_shape().swap_remove(15),
        event: every_shape().swap_remove(15),
    };
    schema.validate().unwrap();
    schema
}

/// What a small shooter has: moving rows with private fields, and a single row.
pub(crate) fn arena() -> Schema {
    let vector =
        |min, end, step| Shape::Vector { n: 2, spec: FloatSpec::half_open(min, end, step) };
    let mut ships = table(
        "ships",
        vec![
            FieldSchema::new("player", Shape::Player),
            FieldSchema::new("pos", vector(0.0, 64.0, 1.0 / 64.0)),
            FieldSchema::new("vel", vector(-16.0, 16.0, 1.0 / 32.0)),
            FieldSchema::new("heading", Shape::Angle { bits: 10 }),
            FieldSchema::new("alive", Shape::Bool),
            FieldSchema::new("hull", Shape::Int { min: 0, max: 100 }),
            FieldSchema::new("ammo", Shape::Int { min: 0, max: 40 }),
            FieldSchema::new("plan", Shape::Option { of: boxed(vector(0.0, 64.0, 0.25)) }),
        ],
    );
    ships.owner = Some(0);
    for linear in [1, 3] {
        ships.fields[linear].predict = Predict::Linear;
        ships.fields[linear].lerp = true;
    }
    ships.fields[1].velocity = Some(2);
    ships.fields[1].usual = 2;
    ships.fields[2].keeps_length = true;
    ships.fields[3].follows = Some(2);
    ships.fields[6].to = To::Owner;
    ships.fields[7].to = To::Owner;
    let mut round = table(
        "round",
        vec![
            FieldSchema::new("phase", every_shape().swap_remove(14)),
            FieldSchema::new("ends_in", Shape::Int { min: 0, max: 9000 }),
        ],
    );
    round.single = true;
    round.fields[1].predict = Predict::Linear;
    schema_of("arena", vec![ships, round])
}

/// Every shape as a field, and two of them as the fields of a private single row.
pub(crate) fn museum() -> Schema {
    let fields = |predict: Predict| -> Vec<FieldSchema> {
        let shapes = every_shape().into_iter().enumerate();
        let field = |(index, shape): (usize, Shape)| {
            let moves = matches!(
                shape,
                Shape::Int { .. } | Shape::Float(_) | Shape::Vector { .. } | Shape::Angle { .. }
            );
            let mut field = FieldSchema::new(&format!("f{index}"), shape);
            field.predict = if moves { predict } else { Predict::Hold };
            field
        };
        shapes.map(field).collect()
    };
    let mut secret = table(
        "secret",
        vec![
            FieldSchema::new("whose", Shape::Player),
            FieldSchema::new("word", Shape::Text { max: 9 }),
            FieldSchema::new("order", every_shape().swap_remove(15)),
        ],
    );
    secret.single = true;
    secret.owner = Some(0);
    secret.fields[1].to = To::Owner;
    secret.fields[2].to = To::Owner;
    let tables = vec![
        table("held", fields(Predict::Hold)),
        table("linear", fields(Predict::Linear)),
        table("empty", Vec::new()),
        secret,
    ];
    schema_of("museum", tables)
}

/// Random ones.
pub(crate) fn random(seed: u64) -> Schema {
    worlds::schema(&mut Dice(seed))
}

/// The schemas that streams and snapshots refer to, by index.
pub(crate) fn list() -> Vec<Schema> {
    vec![arena(), museum(), random(7), random(24)]
}

/// Each: `json` (the text), `hash`.
pub(crate) fn all() -> Value {
    list().iter().map(|schema| json!({"json": schema.to_json(), "hash": schema.hash()})).collect()
}
