//! Bytes that no honest server sends: an error at most, never a panic, and the next connection works.

use proptest::prelude::*;
use tickwire_client::session::{Options, Session};
use tickwire_wire::message::{SERVER_RELIABLE, SNAPSHOT, WELCOME};

use crate::rink::Options as RinkOptions;
use crate::server::{Server, TICK_US};

/// A session in the middle of a game, and its server.
fn playing() -> (Session, Server) {
    let mut server = Server::new(RinkOptions::default());
    let mut session = Session::new("ticket", Options { verify: true, ..Options::default() });
    let hello = session.hello(0);
    for message in server.connect(&hello) {
        session.receive(0, &message).unwrap();
    }
    for tick in 1..35_u64 {
        for message in server.tick(tick * TICK_US) {
            session.receive(tick * TICK_US, &message).unwrap();
        }
    }
    (session, server)
}

/// After whatever happened: a new connection brings the whole state again.
fn recovers(session: &mut Session, server: &mut Server) {
    session.disconnected();
    while session.poll_event().is_some() {}
    let hello = session.hello(0);
    for message in server.connect(&hello) {
        if session.receive(0, &message).is_err() {
            // A hostile message may have moved sequence numbers or epoch: a new seat it is.
            session.rejoin("again");
            return;
        }
    }
    for message in server.tick(TICK_US) {
        if session.receive(TICK_US, &message).is_err() {
            // As above: say a snapshot of the far future was believed.
            return;
        }
    }
}

/// Everything a caller may ask a session for.
fn poke(session: &mut Session) {
    let _ = session.due_input(10_000_000);
    let _ = session.next_due_us(10_000_000);
    let _ = session.queue_input(5, &[0, 0, 0]);
    while session.take_outgoing(10_000_000).is_some() {}
    let _ = session.state().map(|state| state.public.tables.len());
    while session.poll_event().is_some() {}
}

fn kind() -> impl Strategy<Value = u8> {
    prop_oneof![Just(WELCOME), Just(SNAPSHOT), Just(SERVER_RELIABLE), any::<u8>()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_in_any_phase(
        kind in kind(),
        body in prop::collection::vec(any::<u8>(), 0..200),
        phase in 0..3_u8,
    ) {
        let mut message = vec![kind];
        message.extend(body);
        let (mut session, mut server) = playing();
        match phase {
            0 => session = Session::new("ticket", Options::default()),
            1 => {
                session.hello(0);
            }
            _ => {}
        }
        let _ = session.receive(2_000_000, &message);
        poke(&mut session);
        recovers(&mut session, &mut server);
        poke(&mut session);
    }

    #[test]
    fn true_messages_with_flipped_cut_or_added_bytes(
        place in any::<prop::sample::Index>(),
        value in any::<u8>(),
        change in 0..3_u8,
        which in 0..3_u8,
    ) {
        let (mut session, mut server) = playing();
        let mut message = match which {
            0 => server.tick(40 * TICK_US).pop().unwrap(),
            1 => {
                let hello = session.hello(0);
                server.connect(&hello).remove(0)
            }
            // A keyframe.
            _ => {
                let hello = session.hello(0);
                for message in server.connect(&hello) {
                    session.receive(0, &message).unwrap();
                }
                server.tick(41 * TICK_US).pop().unwrap()
            }
        };
        let at = place.index(message.len());
        match change {
            0 => message[at] ^= value,
            1 => message.truncate(at),
            _ => message.insert(at, value),
        }
        let _ = session.receive(2_000_000, &message);
        poke(&mut session);
        for message in server.tick(42 * TICK_US) {
            let _ = session.receive(2_100_000, &message);
        }
        poke(&mut session);
        recovers(&mut session, &mut server);
        poke(&mut session);
    }

    #[test]
    fn a_stream_of_nonsense(messages in prop::collection::vec(
        (kind(), prop::collection::vec(any::<u8>(), 0..60)), 1..30,
    )) {
        let (mut session, _) = playing();
        for (kind, body) in messages {
            let message: Vec<u8> = std::iter::once(kind).chain(body).collect();
            if session.receive(3_000_000, &message).is_err() {
                session.hello(3_000_000);
            }
        }
        poke(&mut session);
    }
}
