//! Pinned bytes: small examples, spelled out bit by bit as `PROTOCOL.md` describes them.

mod messages;
mod packed;
mod prices;
mod ranged;

pub(crate) use ranged::flat_prior;

use tickwire_wire::columns::StateColumns;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, To, players_table,
};
use tickwire_wire::shape::{Shape, ShapeField};

/// Bits in the order in which they are written; each part is a value and its width, or a code.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Bits(u32, u32),
    Gamma(u32),
    Rice(u32, u32),
}

use Part::{Bits, Gamma, Rice};

/// The slow way: one bit after the other.
pub(crate) fn bytes_of(parts: &[Part]) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let value_bits = |value: u32, n: u32| (0..n).map(move |bit| value >> bit & 1 == 1);
    for &part in parts {
        match part {
            Bits(value, n) => bits.extend(value_bits(value, n)),
            Gamma(value) => {
                let n = 32 - (value + 1).leading_zeros();
                bits.extend((1..n).map(|_| false));
                bits.push(true);
                bits.extend(value_bits(value + 1, n - 1));
            }
            Rice(value, k) => {
                assert!(value >> k < 16, "no escapes in these examples");
                bits.extend((0..value >> k).map(|_| true));
                bits.push(false);
                bits.extend(value_bits(value, k));
            }
        }
    }
    bits.chunks(8)
        .map(|chunk| chunk.iter().rev().fold(0, |byte, &bit| byte << 1 | u8::from(bit)))
        .collect()
}

/// `players`, `movers` with a private field, and a single `round`.
pub(crate) fn schema() -> Schema {
    let pos = Shape::Vector { n: 2, spec: FloatSpec::half_open(0.0, 64.0, 1.0 / 64.0) };
    let mut fields = vec![
        FieldSchema::new("player", Shape::Player),
        FieldSchema::new("pos", pos),
        FieldSchema::new("aim", Shape::Angle { bits: 8 }),
        FieldSchema::new("alive", Shape::Bool),
        FieldSchema::new("health", Shape::Int { min: 0, max: 100 }),
        FieldSchema::new("ammo", Shape::Int { min: 0, max: 40 }),
    ];
    fields[1].predict = Predict::Linear;
    fields[2].predict = Predict::Linear;
    fields[5].to = To::Owner;
    let movers = TableSchema {
        name: "movers".to_owned(),
        single: false,
        owner: Some(0),
        audience: Audience::Everyone,
        fields,
    };
    let round = TableSchema {
        name: "round".to_owned(),
        single: true,
        owner: None,
        audience: Audience::Everyone,
        fields: vec![FieldSchema::new("ends_in_s", Shape::Int { min: 0, max: 300 })],
    };
    let input = Shape::Struct {
        name: "Input".to_owned(),
        fields: vec![
            ShapeField { name: "move_x".to_owned(), shape: Shape::Int { min: -1, max: 1 } },
            ShapeField { name: "fire".to_owned(), shape: Shape::Bool },
        ],
    };
    Schema {
        protocol: PROTOCOL,
        game: "golden".to_owned(),
        tick_hz: 30,
        send_every: 1,
        tables: vec![players_table(), movers, round],
        input,
        sticky: vec![1],
        command: Shape::Unit,
        event: Shape::Player,
    }
}

/// A state of the movers (id, columns) and the seconds left.
fn state(layout: &Layout, movers: &[(u32, [u32; 6])], ends_in_s: u32) -> StateColumns {
    let mut state = StateColumns::public(layout);
    movers.iter().for_each(|(id, row)| state.tables[1].push(*id, row));
    state.tables[2].push(1, &[ends_in_s]);
    state
}

const MOVER_3: [u32; 6] = [1, 1000, 2000, 250, 1, 100];
const MOVER_3_LATER: [u32; 6] = [1, 1010, 1998, 254, 1, 100];
const MOVER_9: [u32; 6] = [2, 50, 60, 7, 0, 0];

fn plain(row: [u32; 6]) -> [Part; 6] {
    let [player, x, y, aim, alive, health] = row;
    [Bits(player, 16), Bits(x, 12), Bits(y, 12), Bits(aim, 8), Bits(alive, 1), Bits(health, 7)]
}
