//! Several streams at once: what a client shows is the union of their rows.

use std::sync::Arc;

use tickwire_client::session::{ClientEvent, Options, Session, SessionError};
use tickwire_wire::columns::StateColumns;
use tickwire_wire::error::DecodeError;
use tickwire_wire::snapshot::{
    Chunk, Hashes, MARGIN_UNKNOWN, OwnSection, Sections, write_chunk_count, write_steady,
};
use tickwire_wire::stream::{Advance, StreamEncoder};

use crate::rink::Options as RinkOptions;
use crate::server::Server;

const PUCKS: usize = 1;

/// A stream's state: pucks by id, each with this number of hits (column 5).
fn state(server: &Server, pucks: &[(u32, u32)]) -> StateColumns {
    let mut state = StateColumns::public(&server.layout);
    for &(id, hits) in pucks {
        state.tables[PUCKS].push(id, &[9, 100, 100, 512, 512, hits]);
    }
    state
}

/// A snapshot of these chunks.
fn snapshot(tick: u32, hashes: &[u32], chunks: &[Chunk<'_>]) -> Vec<u8> {
    message(tick, hashes, chunks, &[])
}

/// A snapshot of these chunks and deltas.
fn message(tick: u32, hashes: &[u32], chunks: &[Chunk<'_>], deltas: &[Option<&[u8]>]) -> Vec<u8> {
    let own = OwnSection {
        tick,
        full: true,
        acked_input: 0,
        input_margin: MARGIN_UNKNOWN,
        reliable_received: None,
        counters: None,
        hashes: Hashes::Full(hashes.into()),
        private: None,
        sections: Sections { special: !chunks.is_empty(), steady: !deltas.is_empty() },
    };
    let mut message = Vec::new();
    own.write(&mut message);
    if !chunks.is_empty() {
        write_chunk_count(chunks.len() as u32, &mut message);
        chunks.iter().for_each(|chunk| chunk.write(tick, &mut message));
    }
    write_steady(deltas.iter().copied(), &mut message);
    message
}

fn pucks(session: &Session) -> Vec<(u32, u32)> {
    let table = &session.state().unwrap().public.tables[PUCKS];
    table.iter().map(|(id, row)| (id, row[5])).collect()
}

/// Two streams with keyframes at tick 10, taken in.
fn two_streams() -> (Session, Server, [StreamEncoder; 2]) {
    let mut server = Server::new(RinkOptions::default());
    let mut session = Session::new("t", Options { verify: true, ..Options::default() });
    let hello = session.hello(0);
    session.receive(0, &server.connect(&hello)[0]).unwrap();
    let mut encoders = [0, 1].map(|_| StreamEncoder::new(Arc::clone(&server.layout)));
    let states = [state(&server, &[(1, 10), (4, 40)]), state(&server, &[(2, 20), (4, 41)])];
    let mut bytes = [Vec::new(), Vec::new()];
    for ((encoder, state), bytes) in encoders.iter_mut().zip(&states).zip(&mut bytes) {
        encoder.advance(10, state, &mut Vec::new());
        encoder.keyframe(bytes);
    }
    let hashes: Vec<u32> = encoders.iter().map(StreamEncoder::hash).collect();
    let chunks = [
        Chunk::Keyframe { stream: 0, base: 10, bytes: &bytes[0] },
        Chunk::Keyframe { stream: 900_000, base: 10, bytes: &bytes[1] },
    ];
    session.receive(1, &snapshot(10, &hashes, &chunks)).unwrap();
    (session, server, encoders)
}

#[test]
fn rows_of_all_streams_are_shown_and_the_highest_stream_counts() {
    let (session, ..) = two_streams();
    assert_eq!(pucks(&session), [(1, 10), (2, 20), (4, 41)]);
    assert_eq!(session.stats().snapshots_verified, 1);
    assert_eq!(session.stats().keyframes, 2);
}

#[test]
fn a_stream_that_is_left_takes_its_rows_along() {
    let (mut session, ..) = two_streams();
    session.receive(2, &snapshot(11, &[], &[Chunk::Left { stream: 900_000 }])).unwrap();
    assert_eq!(pucks(&session), [(1, 10), (4, 40)]);
    session.receive(3, &snapshot(12, &[], &[Chunk::Left { stream: 77 }])).unwrap();
    assert_eq!(pucks(&session), [(1, 10), (4, 40)]);
}

#[test]
fn each_stream_goes_on_from_its_own_tick() {
    let (mut session, server, [_, mut second]) = two_streams();
    session.receive(2, &snapshot(11, &[], &[])).unwrap();
    let mut bytes = Vec::new();
    let next = state(&server, &[(2, 21), (3, 30)]);
    assert_eq!(second.advance(12, &next, &mut bytes), Advance::Delta { base: 10 });
    let deltas = [None, Some(&bytes[..])];
    session.receive(3, &message(12, &[second.hash()], &[], &deltas)).unwrap();
    assert_eq!(pucks(&session), [(1, 10), (2, 21), (3, 30), (4, 40)]);
    assert_eq!(session.stats().snapshots_verified, 3);
}

#[test]
fn the_hash_of_the_right_stream_is_blamed() {
    let (mut session, server, [_, mut second]) = two_streams();
    while session.poll_event().is_some() {}
    let mut bytes = Vec::new();
    second.advance(11, &state(&server, &[(2, 22)]), &mut bytes);
    let deltas = [None, Some(&bytes[..])];
    session.receive(3, &message(11, &[second.hash() ^ 1], &[], &deltas)).unwrap();
    let events: Vec<ClientEvent> = std::iter::from_fn(|| session.poll_event()).collect();
    assert!(events.contains(&ClientEvent::Desync { tick: 11, stream: 900_000 }), "{events:?}");
}

#[test]
fn a_client_that_skipped_deltas_catches_up() {
    let (mut session, server, [mut first, mut second]) = two_streams();
    let mut delta = Vec::new();
    first.advance(14, &state(&server, &[(1, 12)]), &mut delta);
    for tick in 11..14 {
        second.advance(tick, &state(&server, &[(2, tick), (3, 30)]), &mut Vec::new());
    }
    let mut bytes = Vec::new();
    assert!(second.catch_up(10, &mut bytes));
    let chunk = Chunk::CatchUp { stream: 900_000, from: 10, base: 13, bytes: &bytes };
    let hashes = [second.hash(), first.hash()];
    session.receive(3, &message(14, &hashes, &[chunk], &[Some(&delta)])).unwrap();
    assert_eq!(pucks(&session), [(1, 12), (2, 13), (3, 30)]);
    assert_eq!((session.stats().catch_ups, session.stats().desyncs), (1, 0));
    let mut deltas = [Vec::new(), Vec::new()];
    first.advance(15, &state(&server, &[(1, 13)]), &mut deltas[0]);
    second.advance(15, &state(&server, &[(2, 15)]), &mut deltas[1]);
    let deltas = [Some(&deltas[0][..]), Some(&deltas[1][..])];
    session.receive(4, &message(15, &[first.hash(), second.hash()], &[], &deltas)).unwrap();
    assert_eq!(pucks(&session), [(1, 13), (2, 15)]);
    assert_eq!(session.stats().desyncs, 0);
}

#[test]
fn a_stream_is_restated_once() {
    let (mut session, _, encoders) = two_streams();
    let mut bytes = Vec::new();
    encoders[0].keyframe(&mut bytes);
    let chunk = Chunk::Keyframe { stream: 0, base: 10, bytes: &bytes };
    let error = session.receive(3, &snapshot(11, &[], &[chunk, chunk])).unwrap_err();
    assert_eq!(error, SessionError::Snapshot(DecodeError::InvalidHead));
}

#[test]
fn a_catch_up_of_an_unknown_stream_or_base_ends_the_connection() {
    for (stream, from) in [(5, 10), (900_000, 9)] {
        let (mut session, ..) = two_streams();
        let chunk = Chunk::CatchUp { stream, from, base: 11, bytes: &[0] };
        let error = session.receive(3, &snapshot(11, &[], &[chunk])).unwrap_err();
        assert_eq!(error, SessionError::Snapshot(DecodeError::WrongBase));
        assert_eq!(error.close().code, 4000);
    }
}

#[test]
fn ticks_only_grow() {
    let (mut session, ..) = two_streams();
    let error = session.receive(3, &snapshot(10, &[], &[])).unwrap_err();
    assert_eq!(error, SessionError::OldSnapshot { tick: 10, newest: 10 });
}

#[test]
fn a_new_connection_knows_no_stream() {
    let (mut session, mut server, [mut first, _]) = two_streams();
    let hello = session.hello(5);
    session.receive(6, &server.connect(&hello)[0]).unwrap();
    let mut bytes = Vec::new();
    first.advance(20, &state(&server, &[(1, 11)]), &mut Vec::new());
    first.keyframe(&mut bytes);
    let chunk = Chunk::Keyframe { stream: 0, base: 20, bytes: &bytes };
    session.receive(7, &snapshot(20, &[first.hash()], &[chunk])).unwrap();
    assert_eq!(pucks(&session), [(1, 11)], "the other stream is gone");
}
