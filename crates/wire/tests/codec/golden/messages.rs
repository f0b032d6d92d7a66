//! Messages: inputs, private fields, a snapshot.

use std::sync::Arc;

use tickwire_wire::columns::Extract;
use tickwire_wire::events::write_events;
use tickwire_wire::input::InputsMessage;
use tickwire_wire::layout::Layout;
use tickwire_wire::snapshot::{
    Chunk, Hashes, OwnSection, PrivateEncoder, Sections, write_chunk_count, write_steady,
};

use super::Part::{Bits, Gamma};
use super::{MOVER_3, MOVER_9, bytes_of, schema};

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
