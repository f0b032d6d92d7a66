//! What is fuzzed: a decoder, with real bytes for it.

use std::sync::Arc;

use tickwire_wire::close::Close;
use tickwire_wire::columns::StateColumns;
use tickwire_wire::events::{EventsReader, write_events};
use tickwire_wire::input::InputsMessage;
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::limits::{MAX_CELLS_PER_STATE, MAX_ROWS_PER_TABLE};
use tickwire_wire::message::{
    ClientMessage, FromClient, FromServer, ServerMessage, encode_client_reliable, encode_ping,
    encode_pong, encode_server_reliable,
};
use tickwire_wire::prior::Prior;
use tickwire_wire::snapshot::{
    Chunk, Hashes, OwnSection, Sections, SnapshotReader, write_chunk_count, write_steady,
};
use tickwire_wire::stream::{StreamDecoder, StreamEncoder};
use tickwire_wire::websocket::{FrameDecoder, FrameLimits, Role};

use crate::games::Game;
use crate::worlds::{self, Dice};

/// Whether bytes mean something. Panics when a decoder does, or breaks a promise.
pub(crate) type Decode = Box<dyn Fn(&[u8]) -> bool>;

/// A decoder and bytes that it takes.
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) corpus: Vec<Vec<u8>>,
    pub(crate) decode: Decode,
}

/// All of them, over a random game.
pub(crate) fn all(dice: &mut Dice) -> Vec<Target> {
    let mut targets = Vec::new();
    for level in Level::ALL {
        targets.extend(chunks(dice, level));
    }
    targets.extend([inputs(dice), events(dice), snapshots(), control(), frames(Role::Server)]);
    targets.extend([frames(Role::Client), prior()]);
    targets
}

/// Keyframes, deltas and catch-ups of one stream: from a state at tick 8 to tick 9.
fn chunks(dice: &mut Dice, level: Level) -> [Target; 3] {
    let mut game = Game::new(dice);
    let layout = Arc::new(Layout::coded(&game.schema, level));
    let mut encoder = StreamEncoder::new(Arc::clone(&layout));
    let (mut keyframe, mut first) = (Vec::new(), Vec::new());
    for tick in 1..8 {
        game.step(dice);
        encoder.advance(tick, &game.state, &mut Vec::new());
    }
    game.step(dice);
    encoder = StreamEncoder::new(Arc::clone(&layout));
    encoder.advance(8, &game.state, &mut Vec::new());
    encoder.keyframe(&mut first);
    let base = game.state.clone();
    let (mut deltas, mut catch_ups, mut keyframes) = (Vec::new(), Vec::new(), vec![first.clone()]);
    for _ in 0..4 {
        // Several ways on from the same base.
        game.step(dice);
        let mut encoder = StreamEncoder::new(Arc::clone(&layout));
        encoder.advance(8, &base, &mut Vec::new());
        let (mut delta, mut catch_up) = (Vec::new(), Vec::new());
        encoder.advance(9, &game.state, &mut delta);
        if delta.is_empty() || !encoder.catch_up(8, &mut catch_up) {
            continue;
        }
        keyframe.clear();
        encoder.keyframe(&mut keyframe);
        keyframes.push(keyframe.clone());
        deltas.push(delta);
        catch_ups.push(catch_up);
    }
    if deltas.is_empty() {
        // A game in which nothing ever happens: any other will do.
        return chunks(dice, level);
    }
    let mut decoder = StreamDecoder::new(Arc::clone(&layout));
    decoder.keyframe(8, &first).unwrap();
    type Give = fn(&mut StreamDecoder, &[u8]) -> bool;
    let target = |kind: &str, corpus: Vec<Vec<u8>>, give: Give| {
        let (decoder, layout, first) = (decoder.clone(), Arc::clone(&layout), first.clone());
        let decode = move |bytes: &[u8]| {
            let mut decoder = decoder.clone();
            let taken = give(&mut decoder, bytes);
            check(&decoder, &layout, taken);
            if taken {
                // What a hostile state leads to is as harmless.
                let _ = decoder.delta(9, 10, bytes);
            }
            decoder.keyframe(8, &first).unwrap();
            taken
        };
        Target { name: format!("{kind} at {level}"), corpus, decode: Box::new(decode) }
    };
    [
        target("keyframe", keyframes, |decoder, bytes| decoder.keyframe(9, bytes).is_ok()),
        target("delta", deltas, |decoder, bytes| decoder.delta(8, 9, bytes).is_ok()),
        target("catch-up", catch_ups, |decoder, bytes| decoder.catch_up(8, 9, bytes).is_ok()),
    ]
}

/// A valid state within the limits, or none.
fn check(decoder: &StreamDecoder, layout: &Layout, taken: bool) {
    assert_eq!(decoder.tick().is_some(), taken);
    let states: [&StateColumns; 2] = [decoder.state(), decoder.previous()];
    for state in states {
        assert!(worlds::is_valid(layout, state));
        assert!(state.tables.iter().all(|table| table.len() <= MAX_ROWS_PER_TABLE));
        assert!(taken || state.tables.iter().all(|table| table.is_empty()));
        let cells: usize = state.tables.iter().map(|table| table.cells.len()).sum();
        assert!(cells <= MAX_CELLS_PER_STATE);
    }
}

fn inputs(dice: &mut Dice) -> Target {
    let shape = worlds::shape(dice, 2);
    let mut message = InputsMessage::new(7, 1601, 103);
    for _ in 0..3 {
        let mut columns = Vec::new();
        worlds::value(dice, &shape, &mut columns);
        message.push(&columns);
    }
    let mut bytes = Vec::new();
    message.write(&shape, &mut bytes);
    let corpus = vec![bytes[1..].to_vec()];
    let decode = move |bytes: &[u8]| InputsMessage::default().read(&shape, bytes).is_ok();
    Target { name: "inputs".to_owned(), corpus, decode: Box::new(decode) }
}

fn events(dice: &mut Dice) -> Target {
    let shape = worlds::shape(dice, 2);
    let mut columns = Vec::new();
    worlds::value(dice, &shape, &mut columns);
    let mut bytes = Vec::new();
    write_events(&shape, 1000, [(990, &columns[..]), (1000, &columns)].into_iter(), &mut bytes);
    let decode = move |bytes: &[u8]| {
        let Ok(mut events) = EventsReader::new(&shape, 1000, bytes) else { return false };
        let mut columns = Vec::new();
        loop {
            match events.next(&mut columns) {
                Ok(Some(tick)) => assert!(tick <= 1000),
                end => return end.is_ok(),
            }
        }
    };
    Target { name: "events".to_owned(), corpus: vec![bytes], decode: Box::new(decode) }
}

/// Streams whose deltas a snapshot of the corpus has.
const STREAMS: usize = 3;

fn snapshots() -> Target {
    let own = |hashes, sections| OwnSection {
        tick: 260,
        full: true,
        acked_input: 0x0102,
        input_margin: -3,
        reliable_received: Some(300),
        counters: Some((1, 2)),
        hashes,
        private: Some(&[0x43, 1]),
        sections,
    };
    let mut corpus = Vec::new();
    for hashes in [Hashes::Full([7, 8][..].into()), Hashes::Low16([7][..].into()), Hashes::None] {
        let mut bytes = Vec::new();
        own(hashes, Sections { special: true, steady: true }).write(&mut bytes);
        let chunks = [
            Chunk::CatchUp { stream: 3, from: 257, base: 259, bytes: &[0] },
            Chunk::Keyframe { stream: 40, base: 260, bytes: &[1, 2] },
            Chunk::Events { stream: 0, bytes: &[3, 4, 5] },
            Chunk::Left { stream: 1 },
        ];
        write_chunk_count(chunks.len() as u32, &mut bytes);
        chunks.iter().for_each(|chunk| chunk.write(260, &mut bytes));
        write_steady([Some(&[9, 9][..]), None, Some(&[8, 8, 8])].into_iter(), &mut bytes);
        corpus.push(bytes[1..].to_vec());
    }
    let decode = |bytes: &[u8]| {
        let Ok(mut reader) = SnapshotReader::new(bytes, None) else { return false };
        loop {
            match reader.next_chunk() {
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return false,
            }
        }
        let Ok(mut deltas) = reader.deltas(STREAMS) else { return false };
        let read: usize = (0..STREAMS).filter_map(|_| deltas.next_delta()).map(<[u8]>::len).sum();
        assert!(read <= bytes.len());
        true
    };
    Target { name: "snapshot".to_owned(), corpus, decode: Box::new(decode) }
}

fn control() -> Target {
    let mut corpus = vec![encode_ping([1, 2, 3, 4]).to_vec(), encode_pong([1, 2, 3, 4]).to_vec()];
    let from_client = [
        ClientMessage::Command(vec![1, 2, 3]),
        ClientMessage::Leave,
        ClientMessage::Chat("hé".into()),
    ];
    for body in from_client {
        let mut bytes = Vec::new();
        encode_client_reliable(7, &body, &mut bytes);
        corpus.push(bytes);
    }
    let from_server = [
        ServerMessage::Event { tick: 9, bytes: vec![1, 2, 3] },
        ServerMessage::Notice("soon".into()),
        ServerMessage::Chat { from: 3, text: "hé".into() },
    ];
    for body in from_server {
        let mut bytes = Vec::new();
        encode_server_reliable(7, &body, &mut bytes);
        corpus.push(bytes);
    }
    let decode =
        |bytes: &[u8]| FromClient::decode(bytes).is_ok() | FromServer::decode(bytes).is_ok();
    Target { name: "control message".to_owned(), corpus, decode: Box::new(decode) }
}

/// Frames as the other side sends them; those from a client are masked.
fn frames(role: Role) -> Target {
    let mut payload = Vec::new();
    Close::new(1000, "enough").write_payload(&mut payload);
    let masked = matches!(role, Role::Server);
    let mut corpus = Vec::new();
    for (head, body) in [(0x82, &[1, 2, 3][..]), (0x89, &[4]), (0x88, &payload), (0x82, &[7; 300])]
    {
        let mut bytes = vec![head];
        let mask = if masked { 0x80 } else { 0 };
        if body.len() < 126 {
            bytes.push(mask | body.len() as u8);
        } else {
            bytes.push(mask | 126);
            bytes.extend((body.len() as u16).to_be_bytes());
        }
        if masked {
            bytes.extend([0; 4]);
        }
        bytes.extend(body);
        corpus.push(bytes);
    }
    let limits = if masked { FrameLimits::FROM_CLIENT } else { FrameLimits::FROM_SERVER };
    let decode = move |bytes: &[u8]| {
        let mut decoder = FrameDecoder::new(role, limits);
        for piece in bytes.chunks(61) {
            decoder.push(piece);
            loop {
                match decoder.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => return false,
                }
            }
        }
        true
    };
    Target { name: format!("frames to a {role:?}"), corpus, decode: Box::new(decode) }
}

/// A prior that someone ships: whatever it says, streams of it lead to the same states.
fn prior() -> Target {
    let mut bytes = b"TWP1".to_vec();
    bytes.resize(Prior::BYTES, 0x5A);
    let mut dice = Dice(11);
    let mut game = Game::new(&mut dice);
    let states: Vec<StateColumns> = (0..6)
        .map(|_| {
            game.step(&mut dice);
            game.state.clone()
        })
        .collect();
    let decode = move |bytes: &[u8]| {
        let Ok(prior) = Prior::from_bytes(bytes) else { return false };
        let layout = Arc::new(Layout::with_prior(&game.schema, Level::RangedMax, &prior));
        let mut encoder = StreamEncoder::new(Arc::clone(&layout));
        let mut decoder = StreamDecoder::new(layout);
        let mut out = Vec::new();
        for (tick, state) in (0..).zip(&states) {
            let base = encoder.tick();
            out.clear();
            encoder.advance(tick, state, &mut out);
            match base {
                Some(base) if !out.is_empty() => decoder.delta(base, tick, &out).unwrap(),
                Some(_) => {}
                None => {
                    encoder.keyframe(&mut out);
                    decoder.keyframe(tick, &out).unwrap();
                }
            }
            assert!(decoder.state() == state);
        }
        true
    };
    Target { name: "prior".to_owned(), corpus: vec![bytes], decode: Box::new(decode) }
}
