//! Pinned bytes: small examples, spelled out bit by bit as `PROTOCOL.md` describes them.

use std::sync::Arc;

use tickwire_wire::columns::{Extract, StateColumns};
use tickwire_wire::events::write_events;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::layout::Layout;
use tickwire_wire::quant::FloatSpec;
use tickwire_wire::schema::{
    Audience, FieldSchema, PROTOCOL, Predict, Schema, TableSchema, To, players_table,
};
use tickwire_wire::shape::{Shape, ShapeField};
use tickwire_wire::snapshot::{
    Chunk, Hashes, OwnSection, PrivateEncoder, Sections, write_chunk_count, write_steady,
};
use tickwire_wire::stream::{Advance, StreamDecoder, StreamEncoder};

/// Bits in the order in which they are written; each part is a value and its width, or a code.
#[derive(Clone, Copy)]
enum Part {
    Bits(u32, u32),
    Gamma(u32),
    Rice(u32, u32),
}

use Part::{Bits, Gamma, Rice};

/// The slow way: one bit after the other.
fn bytes_of(parts: &[Part]) -> Vec<u8> {
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

#[test]
fn a_keyframe() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut delta = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3)], 300), &mut delta);
    encoder.advance(2, &state(&layout, &[(3, MOVER_3_LATER)], 300), &mut delta);
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);

    let mut parts = vec![Gamma(0), Gamma(1), Rice(2, 4)];
    parts.extend(plain(MOVER_3_LATER));
    // Moved: player no, pos from, aim from, alive no, health no.
    parts.extend([Bits(1, 1), Bits(0, 1)]);
    parts.extend([Bits(1, 1), Bits(1000, 12), Bits(2000, 12), Bits(1, 1), Bits(250, 8)]);
    parts.extend([Bits(0, 2)]);
    parts.extend([Bits(1, 1), Bits(300, 9), Bits(0, 1)]);
    assert_eq!(keyframe, bytes_of(&parts));
    assert_eq!(keyframe.len(), 15);
}

#[test]
fn a_delta() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3)], 300), &mut out);
    let advance = encoder.advance(4, &state(&layout, &[(3, MOVER_3_LATER)], 299), &mut out);
    assert_eq!(advance, Advance::Delta { base: 1 });

    // players: nothing; movers: none left, none entered, one differs, at index 0: pos and aim.
    let mut parts = vec![Bits(0, 1), Bits(1, 1), Gamma(0), Gamma(0), Gamma(1), Rice(0, 1)];
    parts.extend([Bits(0, 1), Bits(1, 1), Bits(1, 1), Bits(0, 1), Bits(0, 1)]);
    // pos: +10 with k = 3 (sum 8, n 1); -2 with k = 4 (sum 28, n 2); aim: +4 with k = 3 again.
    parts.extend([Rice(20, 3), Rice(3, 4), Rice(8, 3)]);
    // round: its one field, plain.
    parts.extend([Bits(1, 1), Bits(1, 1), Bits(299, 9)]);
    assert_eq!(out, bytes_of(&parts));
    assert_eq!(out.len(), 6);
}

#[test]
fn a_row_that_goes_on_as_predicted_costs_a_bit_per_table() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3)], 300), &mut out);
    encoder.advance(2, &state(&layout, &[(3, MOVER_3_LATER)], 300), &mut out);
    out.clear();
    // Twice the step; the angle wraps from 254 to 2.
    let next = [1, 1020, 1996, 2, 1, 100];
    let advance = encoder.advance(3, &state(&layout, &[(3, next)], 300), &mut out);
    assert_eq!(advance, Advance::Delta { base: 2 });
    assert_eq!(out, [0]);
    // It stops: one delta says so, then silence.
    for (tick, expected) in [(4, Advance::Delta { base: 3 }), (5, Advance::Unchanged)] {
        out.clear();
        let advance = encoder.advance(tick, &state(&layout, &[(3, next)], 300), &mut out);
        assert_eq!(advance, expected);
        assert_eq!(out.len(), if tick == 4 { 4 } else { 0 });
    }
    assert_eq!(encoder.tick(), Some(4));
}

#[test]
fn rows_that_leave_and_enter() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let mut decoder = StreamDecoder::new(Arc::clone(&layout));
    let mut out = Vec::new();
    encoder.advance(1, &state(&layout, &[(3, MOVER_3), (4, MOVER_3)], 300), &mut out);
    let mut keyframe = Vec::new();
    encoder.keyframe(&mut keyframe);
    decoder.keyframe(1, &keyframe).unwrap();
    let next = state(&layout, &[(3, MOVER_3), (9, MOVER_9)], 300);
    encoder.advance(2, &next, &mut out);

    let mut parts = vec![Bits(0, 1), Bits(1, 1), Gamma(1), Rice(1, 3), Gamma(1), Rice(8, 4)];
    parts.extend(plain(MOVER_9));
    parts.extend([Gamma(0), Bits(0, 1)]);
    assert_eq!(out, bytes_of(&parts));
    decoder.delta(1, 2, &out).unwrap();
    assert_eq!(decoder.state(), &next);
    assert_eq!(decoder.previous(), &next);
}

#[test]
fn an_inputs_message() {
    let shape = schema().input;
    let mut message = InputsMessage::new(7, 1601, 103);
    for input in [[2, 1], [2, 1], [0, 0]] {
        assert!(message.push(&input));
    }
    let mut out = Vec::new();
    message.write(&shape, &mut out);
    let parts = [
        Bits(7, 32),
        Bits(1601, 32),
        Bits(103, 32),
        Bits(3, 4),
        Bits(0, 1),
        Bits(2, 2),
        Bits(1, 1),
        Bits(1, 1),
        Bits(0, 1),
        Bits(0, 2),
        Bits(0, 1),
    ];
    assert_eq!(out[0], 0x02);
    assert_eq!(out[1..], bytes_of(&parts));
    assert_eq!(out.len(), 15);
}

#[test]
fn private_fields_of_the_owned_rows() {
    let layout = Arc::new(Layout::new(&schema()));
    let mut rows = Extract::default();
    rows.append(layout.tables[0].public_width, 0);
    let (public, private) = rows.append(6, 1);
    for (id, row, ammo) in [(3, MOVER_3, 12), (9, MOVER_9, 33)] {
        public.push(id, &row);
        private.push(id, &[ammo]);
    }
    let (public, private) = rows.append(1, 0);
    public.push(1, &[300]);
    private.push(1, &[]);
    let mut encoder = PrivateEncoder::new(layout, 2);
    let mut out = Vec::new();
    assert!(encoder.encode(&rows, true, &mut out));
    assert_eq!(out, bytes_of(&[Bits(1, 1), Bits(33, 6)]));
    out.clear();
    assert!(!encoder.encode(&rows, false, &mut out), "nothing new");
    assert!(out.is_empty());
    assert!(encoder.encode(&rows, true, &mut out), "a keyframe starts over");
    assert_eq!(out, bytes_of(&[Bits(1, 1), Bits(33, 6)]));
}

#[test]
fn a_snapshot_message() {
    let mut events = Vec::new();
    write_events(&schema().event, 260, [(259, &[5][..])].into_iter(), &mut events);
    assert_eq!(events, bytes_of(&[Gamma(1), Gamma(1), Bits(5, 16)]));

    let mut out = Vec::new();
    let own = OwnSection {
        tick: 260,
        full: false,
        acked_input: 0x0102,
        input_margin: -3,
        reliable_received: Some(300),
        counters: Some((1, 2)),
        hashes: Hashes::Low16([0xAABB_CCDD][..].into()),
        private: Some(&[0x43]),
        sections: Sections { special: true, steady: true },
    };
    own.write(&mut out);
    let head = [0x82, 0b1111_0110, 4, 0x02, 0xFD, 0xAC, 0x02, 1, 2, 1, 0xDD, 0xCC, 1, 0x43];
    assert_eq!(out, head);
    out.clear();
    write_chunk_count(4, &mut out);
    for chunk in [
        Chunk::CatchUp { stream: 3, from: 257, base: 259, bytes: &[0] },
        Chunk::Keyframe { stream: 40, base: 260, bytes: &[1, 2] },
        Chunk::Events { stream: 0, bytes: &events },
        Chunk::Left { stream: 1 },
    ] {
        chunk.write(260, &mut out);
    }
    let mut chunks = vec![4, 12, 1, 2, 1, 0, 0xA1, 1, 0, 2, 1, 2, 2, events.len() as u8];
    chunks.extend(&events);
    chunks.push(7);
    assert_eq!(out, chunks);
    out.clear();
    assert!(write_steady([Some(&[9, 9][..]), None, Some(&[8, 8, 8])].into_iter(), &mut out));
    assert_eq!(out, [0x02, 9, 9, 8, 8, 8]);
}
