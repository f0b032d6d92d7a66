//! Welcome, snapshots, events, clocks and inputs of one session.

use tickwire_client::session::{ClientEvent, InputMode, Options, SendError, Session, SessionError};
use tickwire_client::typed;
use tickwire_wire::level::Level;
use tickwire_wire::message::{ServerMessage, decode_hello, encode_welcome};
use tickwire_wire::prior::{MAGIC, Prior};

use crate::rink::{Event, Input, Options as RinkOptions, Rink};
use crate::server::{ME, Server, TICK_US, columns_of, event_of};

/// A session that has been let in, and its server.
fn joined(options: Options) -> (Session, Server) {
    let mut server = Server::new(RinkOptions::default());
    let mut session = Session::new("ticket", options);
    let hello = session.hello(0);
    for message in server.connect(&hello) {
        session.receive(1_000, &message).unwrap();
    }
    (session, server)
}

fn verifying() -> Options {
    Options { verify: true, ..Options::default() }
}

/// Runs `ticks` server ticks; the client makes an input whenever one is due. 2 ms each way.
fn play(session: &mut Session, server: &mut Server, ticks: u32) -> Vec<ClientEvent> {
    let mut events = Vec::new();
    for _ in 0..ticks {
        let tick_us = u64::from(server.world.tick() + 1) * TICK_US;
        for now_us in (tick_us - TICK_US + 2_000..tick_us).step_by(1_000) {
            if let Some(number) = session.due_input(now_us) {
                let input = Input { x: 1, y: 0, jump: number % 10 == 0 };
                session.queue_input(number, &columns_of(&input)).unwrap();
            }
            while let Some(message) = session.take_outgoing(now_us) {
                server.receive(now_us + 2_000, &message);
            }
        }
        for message in server.tick(tick_us) {
            session.receive(tick_us + 2_000, &message).unwrap();
            events.extend(std::iter::from_fn(|| session.poll_event()));
        }
    }
    events
}

#[test]
fn the_state_is_the_servers_and_every_hash_agrees() {
    let (mut session, mut server) = joined(verifying());
    for _ in 0..300 {
        play(&mut session, &mut server, 1);
        let state = session.state().unwrap();
        assert_eq!(state.public, server.extract.public);
        assert_eq!(session.tick(), Some(server.world.tick()));
    }
    let stats = session.stats();
    assert_eq!((stats.snapshots, stats.snapshots_verified, stats.desyncs), (300, 300, 0));
    assert_eq!(stats.keyframes, 1);
    assert!(stats.verify_bytes >= 5 * 290, "{}", stats.verify_bytes);
    assert!(stats.snapshot_bytes_mean() < 40.0, "{}", stats.snapshot_bytes_mean());
}

#[test]
fn rooms_of_every_level_are_played_and_a_resume_may_find_another() {
    let mut session = Session::new("ticket", verifying());
    for (cuts, level) in (0..).zip([Level::Packed, Level::Ranged, Level::RangedMax, Level::Packed])
    {
        let mut server = Server::coded(RinkOptions::default(), level);
        let hello = session.hello(0);
        for message in server.connect(&hello) {
            session.receive(1_000, &message).unwrap();
        }
        assert_eq!(session.welcome().unwrap().level, level);
        for _ in 0..60 {
            play(&mut session, &mut server, 1);
            assert_eq!(session.state().unwrap().public, server.extract.public, "{level}");
        }
        let stats = session.stats();
        assert_eq!((stats.snapshots_verified, stats.desyncs), (60 * (cuts + 1), 0), "{level}");
        session.disconnected();
    }
}

/// A prior of zeros: not the protocol's own.
fn zeros() -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.resize(Prior::BYTES, 0);
    bytes
}

#[test]
fn a_prior_is_sent_once_and_kept_by_its_hash() {
    let prior = Prior::from_bytes(&zeros()).unwrap();
    let mut session = Session::new("ticket", verifying());
    let mut asked = Vec::new();
    for of_room in [None, Some(&prior), Some(&prior), None, Some(&prior)] {
        let mut server = Server::with_prior(RinkOptions::default(), Level::Ranged, of_room);
        let hello = session.hello(0);
        asked.push(decode_hello(&hello).unwrap().prior_hash);
        for message in server.connect(&hello) {
            session.receive(1_000, &message).unwrap();
        }
        play(&mut session, &mut server, 20);
        assert_eq!(session.stats().desyncs, 0);
        session.rejoin("another");
    }
    let known = Some(prior.hash().to_owned());
    assert_eq!(asked, [None, None, known.clone(), known.clone(), known]);

    let shipped = |session: &mut Session| {
        session.know_prior(prior.clone());
        decode_hello(&session.hello(0)).unwrap().prior_hash
    };
    let hash = shipped(&mut Session::new("t", Options::default()));
    assert_eq!(hash.as_deref(), Some(prior.hash()));
}

#[test]
fn private_fields_come_for_own_rows_only() {
    let (mut session, mut server) = joined(Options::default());
    play(&mut session, &mut server, 60);
    let state = typed::state::<Rink>(session.state().unwrap());
    for (id, truth) in server.world.state().pucks.iter() {
        let seen = state.pucks.get(id).unwrap();
        let breath = if truth.player == ME { truth.breath } else { 0 };
        assert_eq!(seen.breath, breath);
        assert_eq!((seen.pos, seen.vel, seen.hits), (truth.pos, truth.vel, truth.hits));
    }
    assert_eq!(state.clock.seconds, server.world.state().clock.seconds);
    assert_eq!(typed::players(session.state().unwrap()).len(), 2);
}

#[test]
fn events_come_with_or_after_the_state_of_their_tick_and_each_once() {
    let (mut session, mut server) = joined(Options::default());
    let events = play(&mut session, &mut server, 151);
    let mut newest = 0;
    let (mut seconds, mut jumps) = (Vec::new(), Vec::new());
    for event in &events {
        match event {
            ClientEvent::Snapshot(info) => newest = info.tick,
            ClientEvent::Event { tick, reliable, columns } => {
                assert!(*tick <= newest, "event of {tick} before its state, newest {newest}");
                match event_of(columns) {
                    Event::Second { number } => {
                        assert!(reliable);
                        seconds.push(number);
                    }
                    Event::Jumped { player } => {
                        assert_eq!((player, *reliable), (ME, false));
                        jumps.push(*tick);
                    }
                }
            }
            _ => {}
        }
    }
    assert_eq!(seconds, [1, 2, 3, 4, 5]);
    let expected: Vec<u32> = (1..=15).map(|n| n * 10).filter(|t| *t >= jumps[0]).collect();
    assert_eq!(jumps, expected);
    assert!(jumps.len() >= 14);
}

#[test]
fn inputs_settle_half_a_tick_early_and_none_is_late_any_more() {
    let (mut session, mut server) = joined(Options::default());
    play(&mut session, &mut server, 60);
    let late = server.late;
    play(&mut session, &mut server, 600);
    assert_eq!(server.late, late);
    let margin = session.clock().unwrap().margin();
    assert!((0.3..0.8).contains(&margin), "{margin}");
    let acked = session.acked_input().unwrap();
    assert_eq!(acked, server.world.tick(), "each tick had its input");
    assert!(server.drawn > 0);
    let drawn = f64::from(server.drawn) / 16.0;
    let lag = f64::from(server.world.tick()) - drawn;
    assert!((0.5..4.0).contains(&lag), "drawn lags by {lag}");
}

#[test]
fn in_latest_mode_inputs_are_counted_from_one() {
    let options = Options { input_mode: InputMode::Latest, ..Options::default() };
    let (mut session, mut server) = joined(options);
    play(&mut session, &mut server, 90);
    let acked = session.acked_input().unwrap();
    assert!((80..=92).contains(&acked), "{acked}");
    assert!(typed::state::<Rink>(session.state().unwrap()).pucks.values().any(|p| p.vel.x > 1.0));
}

#[test]
fn sixteen_bits_of_acknowledgement_are_completed() {
    let (mut session, mut server) = joined(Options::default());
    for _ in 0..70_000 {
        server.world.advance(&server.world.next_entry());
    }
    let hello = session.hello(70_000 * TICK_US);
    for message in server.connect(&hello) {
        session.receive(70_000 * TICK_US + 1_000, &message).unwrap();
    }
    play(&mut session, &mut server, 60);
    assert_eq!(session.acked_input(), Some(server.world.tick()));
}

#[test]
fn a_refused_command_names_its_number_and_an_applied_one_shows() {
    let (mut session, mut server) = joined(Options::default());
    let good = session.command(&[5]).unwrap();
    let bad = session.command(&[0]).unwrap();
    assert_eq!((good, bad), (1, 2));
    let events = play(&mut session, &mut server, 5);
    let refused: Vec<_> =
        events.iter().filter(|event| matches!(event, ClientEvent::Refused { .. })).collect();
    let [ClientEvent::Refused { number: 2, reason }] = refused[..] else { panic!("{refused:?}") };
    assert!(reason.contains("nothing to add"));
    let state = typed::state::<Rink>(session.state().unwrap());
    assert_eq!(state.pucks.owned_by(ME).unwrap().1.hits, 5);
    assert_eq!(session.unacknowledged(), 0);
}

#[test]
fn pings_measure_the_round_trip() {
    let (mut session, mut server) = joined(Options::default());
    let events = play(&mut session, &mut server, 90);
    let pongs = events.iter().filter(|event| matches!(event, ClientEvent::Pong { .. })).count();
    assert!((2..=3).contains(&pongs), "{pongs}");
    let round_trip_us = session.stats().round_trip_us.unwrap();
    assert!((4_000..40_000).contains(&round_trip_us), "{round_trip_us}");
}

#[test]
fn a_spectator_acknowledges_without_inputs() {
    let (mut session, mut server) = joined(Options::default());
    server.send_reliable(&ServerMessage::Notice("hello".into()));
    for message in server.tick(TICK_US) {
        session.receive(TICK_US, &message).unwrap();
    }
    assert_eq!(session.take_outgoing(TICK_US + 1), None);
    let ack = session.take_outgoing(TICK_US + 300_000).unwrap();
    server.receive(TICK_US + 300_000, &ack);
    let hello = session.hello(400_000);
    assert_eq!(server.connect(&hello).len(), 1, "nothing is left to send again");
}

#[test]
fn a_wrong_hash_is_a_desync_and_the_next_connection_starts_afresh() {
    let (mut session, mut server) = joined(verifying());
    play(&mut session, &mut server, 10);
    server.lie = true;
    let events = play(&mut session, &mut server, 1);
    let tick = server.world.tick();
    assert!(events.contains(&ClientEvent::Desync { tick, stream: 0 }), "{events:?}");
    assert_eq!((session.stats().desyncs, session.stats().snapshots_verified), (1, 10));
    let hello = session.hello(0);
    assert_eq!(decode_hello(&hello).unwrap().last_tick, None);
}

#[test]
fn resuming_asks_to_go_on_where_it_was_cut() {
    let (mut session, mut server) = joined(verifying());
    play(&mut session, &mut server, 40);
    let hello = decode_hello(&session.hello(0)).unwrap();
    assert_eq!(hello.last_tick, Some(server.world.tick()));
    assert_eq!(hello.epoch_seen, 3);
    assert_eq!(hello.reliable_received, 1);
    assert_eq!(hello.schema_hash, Some(server.schema.hash()));
    assert_eq!(format!("{:?}", hello.auth), r#"Resume("token")"#);
}

#[test]
fn a_session_can_take_another_seat() {
    let (mut session, mut server) = joined(verifying());
    play(&mut session, &mut server, 40);
    session.rejoin("second ticket");
    let hello = decode_hello(&session.hello(0)).unwrap();
    assert_eq!(format!("{:?}", hello.auth), r#"Ticket("second ticket")"#);
    assert_eq!((hello.last_tick, hello.reliable_received, hello.epoch_seen), (None, 0, 0));
    assert_eq!(hello.schema_hash, Some(server.schema.hash()), "the schema is kept");
}

#[test]
fn a_welcome_that_does_not_fit_is_refused() {
    let server = Server::new(RinkOptions::default());
    let hello = decode_hello(&Session::new("t", Options::default()).hello(0)).unwrap();
    let good = server.welcome(&hello);
    let refuse = |welcome: tickwire_wire::message::Welcome| {
        let mut session = Session::new("t", Options::default());
        session.hello(0);
        let mut message = Vec::new();
        encode_welcome(&welcome, &mut message);
        session.receive(1, &message).unwrap_err()
    };
    let wrong_hash = tickwire_wire::message::Welcome { schema_hash: "00".into(), ..good.clone() };
    assert!(matches!(refuse(wrong_hash), SessionError::SchemaHash { .. }));
    let missing = tickwire_wire::message::Welcome { schema: None, ..good.clone() };
    assert!(matches!(refuse(missing), SessionError::SchemaMissing(_)));
    let prior = |hash: &str, bytes: Option<&[u8]>| {
        let (prior_hash, prior) = (hash.to_owned(), bytes.map(<[u8]>::to_vec));
        refuse(tickwire_wire::message::Welcome { prior_hash, prior, ..good.clone() })
    };
    assert!(matches!(prior("00", Some(&zeros())), SessionError::PriorHash { .. }));
    assert!(matches!(prior("", Some(&zeros())), SessionError::PriorHash { .. }));
    assert!(matches!(prior("00", None), SessionError::PriorMissing(_)));
    assert!(matches!(prior("00", Some(b"ZIP")), SessionError::Prior(_)));

    let (mut session, server) = joined(Options::default());
    let hello = decode_hello(&session.hello(0)).unwrap();
    let mut old = server.welcome(&hello);
    old.epoch = 2;
    let mut message = Vec::new();
    encode_welcome(&old, &mut message);
    let error = session.receive(1, &message).unwrap_err();
    assert_eq!(error, SessionError::StaleEpoch { epoch: 2, seen: 3 });
    assert_eq!(error.close().code, 4000);
}

#[test]
fn nothing_may_come_before_welcome_and_no_welcome_twice() {
    let mut server = Server::new(RinkOptions::default());
    let mut session = Session::new("t", Options::default());
    let hello = session.hello(0);
    let welcome = server.connect(&hello).remove(0);
    let snapshot = server.tick(TICK_US).pop().unwrap();
    assert_eq!(session.receive(1, &snapshot), Err(SessionError::BeforeWelcome));
    session.hello(0);
    session.receive(1, &welcome).unwrap();
    assert_eq!(session.receive(1, &welcome), Err(SessionError::SecondWelcome));
}

#[test]
fn columns_that_would_not_survive_the_wire_are_refused() {
    let (mut session, _) = joined(Options::default());
    assert_eq!(session.queue_input(9, &[1]), Err(SendError::Columns { expected: 3, got: 1 }));
    assert_eq!(session.queue_input(9, &[1, 3, 0]), Err(SendError::Range { column: 1 }));
    assert_eq!(session.command(&[256]), Err(SendError::Range { column: 0 }));
    let mut fresh = Session::new("t", Options::default());
    assert_eq!(fresh.queue_input(9, &[1, 1, 0]), Err(SendError::NotWelcome));
}

#[test]
fn a_room_is_read_only_as_the_game_it_plays() {
    let (session, _) = joined(Options::default());
    let welcome = session.welcome().unwrap();
    typed::check::<Rink>(welcome).unwrap();
    let mut other = welcome.clone();
    other.schema_hash = "0123456789abcdef".into();
    assert!(typed::check::<Rink>(&other).unwrap_err().to_string().contains("rink"));

    let mut assets = typed::FetchedAssets::default();
    assert!(typed::fixed::<Rink>(welcome, &assets).is_err(), "the map is missing");
    assets.insert("maps/ice.json", *b"[]");
    let error = typed::fixed::<Rink>(welcome, &assets).err().unwrap();
    assert_eq!(error, typed::TypedError::Asset("maps/ice.json".into()));
    assets.insert("maps/ice.json", *b"{}");
    assert!(typed::fixed::<Rink>(welcome, &assets).is_ok());
}
