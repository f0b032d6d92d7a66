//! `Hello`, `Welcome`, and every way to be refused.

use tickwire_game::{Level, Profile};
use tickwire_room::limits::{HELLO_TIMEOUT_US, RESERVATION_US};
use tickwire_room::ticket::Ticket;
use tickwire_room::{AnyRoom, ReserveError, RoomConfig, TicketKey};
use tickwire_wire::close;
use tickwire_wire::message::{Auth, encode_hello, encode_ping};
use tickwire_wire::prior::Prior;

use crate::harness::{Table, config, key};
use crate::probe::{Heard, Probe};
use crate::yard::{Command, Input, Options, PRIOR, SURE};

fn refused(table: &mut Table, auth: Auth) -> (u16, String) {
    refused_with(table, auth, |_| {})
}

fn refused_with(table: &mut Table, auth: Auth, prepare: impl FnOnce(&mut Probe)) -> (u16, String) {
    let conn = table.connect(auth);
    prepare(table.probe_mut(conn));
    table.hello(conn);
    assert!(table.probe(conn).heard.is_empty());
    let close = table.close(conn);
    (close.code, close.reason.clone())
}

fn first_message(table: &mut Table, bytes: &[u8]) -> (u16, String) {
    let conn = table.connect(Auth::Ticket(String::new()));
    table.send(conn, bytes);
    table.release();
    let close = table.close(conn);
    (close.code, close.reason.clone())
}

#[test]
fn a_ticket_gives_a_seat_and_everything_to_play() {
    let mut table = Table::new(Options::default());
    let seat = table.reserve("Ada");
    let conn = table.connect(Auth::Ticket(seat.ticket));
    table.hello(conn);
    let welcome = table.probe(conn).welcome.clone().unwrap();
    assert_eq!(welcome.player, seat.player.0);
    assert_eq!((welcome.room.as_str(), welcome.tick_hz, welcome.send_every), ("yard", 30, 1));
    assert_eq!((welcome.epoch, welcome.window_ms, welcome.reliable_received), (1, 30_000, 0));
    assert!(welcome.schema.is_some() && welcome.options.contains("\"radius\":20.0"));

    table.tick();
    let probe = table.probe(conn);
    assert_eq!(probe.heard, [Heard::Welcome, Heard::Snapshot(1)]);
    assert_eq!(probe.rows("players").len(), 1);
    assert_eq!(probe.rows("pawns")[0].1[0], u32::from(welcome.player));
    let info = table.room.info();
    assert_eq!((info.players, info.clients, info.bots, info.tick), (1, 1, 0, 1));
    assert_eq!((info.game, info.seats, info.schema_hash), ("yard", 8, welcome.schema_hash));
}

#[test]
fn a_prior_comes_with_the_first_welcome_unless_the_client_has_it_or_nothing_is_coded_from_it() {
    let prior = Prior::from_bytes(PRIOR).unwrap();
    let mut table = Table::new(Options::default());
    assert_eq!(table.room.info().prior_hash, prior.hash());
    let first = table.join("Ada");
    let welcome = table.probe(first).welcome.clone().unwrap();
    assert_eq!(
        (welcome.prior_hash.as_str(), welcome.prior.as_deref()),
        (prior.hash(), Some(PRIOR))
    );
    let seat = table.reserve("Bob");
    let second = table.connect(Auth::Ticket(seat.ticket));
    let mut hello = table.probe(second).hello();
    hello.prior_hash = Some(welcome.prior_hash);
    let mut message = Vec::new();
    encode_hello(&hello, &mut message);
    table.send(second, &message);
    table.release();
    let welcome = table.probe(second).welcome.clone().unwrap();
    assert_eq!((welcome.prior_hash.as_str(), welcome.prior), (prior.hash(), None));

    // Another one that its shell wants to try.
    let mut bytes = PRIOR.to_vec();
    *bytes.last_mut().unwrap() = 1;
    let tried = Prior::from_bytes(&bytes).unwrap();
    let trying = RoomConfig { prior: Some(tried.clone()), ..config() };
    let mut table = Table::with(Options::default(), trying);
    let conn = table.join("Di");
    table.tick();
    let welcome = table.probe(conn).welcome.clone().unwrap();
    assert_eq!((welcome.prior_hash.as_str(), welcome.prior), (tried.hash(), Some(bytes)));
    assert_eq!(table.room.info().prior_hash, tried.hash());

    let packed = RoomConfig { level: Some(Level::Packed), ..config() };
    let mut table = Table::with(Options::default(), packed);
    let conn = table.join("Cy");
    let welcome = table.probe(conn).welcome.clone().unwrap();
    assert_eq!((welcome.prior_hash.as_str(), welcome.prior), ("", None));
}

#[test]
fn the_shell_may_give_a_connection_more_or_less_time_for_its_hello() {
    for hello_us in [300_000, 20_000_000] {
        let mut table = Table::with(Options::default(), RoomConfig { hello_us, ..config() });
        let silent = table.connect(Auth::Ticket(String::new()));
        for (wait_us, is_open) in [(hello_us - 1, true), (1, false)] {
            table.wait(wait_us);
            table.room.tick(table.now_us);
            table.release();
            assert_eq!(table.probe(silent).close.is_none(), is_open);
        }
        let reason = format!("no accepted Hello within {} ms", hello_us / 1_000);
        assert_eq!((table.close(silent).code, &table.close(silent).reason), (4005, &reason));
    }
}

#[test]
fn a_schema_that_the_client_has_is_not_sent_again() {
    let mut table = Table::new(Options::default());
    let first = table.join("Ada");
    let welcome = table.probe(first).welcome.clone();
    let ticket = table.reserve("Bob").ticket;
    let second = table.connect(Auth::Ticket(ticket));
    let mut hello = table.probe(second).hello();
    hello.schema_hash = welcome.map(|welcome| welcome.schema_hash);
    let mut bytes = Vec::new();
    tickwire_wire::message::encode_hello(&hello, &mut bytes);
    table.send(second, &bytes);
    let mut answer = Vec::new();
    table.room.release(&mut |conn, outgoing| {
        if let (true, tickwire_room::Outgoing::Message(bytes)) = (conn == second, outgoing) {
            answer = bytes.to_vec();
        }
        tickwire_room::Delivery::Queued
    });
    let welcome = tickwire_wire::message::decode_welcome(&answer).unwrap();
    assert_eq!(welcome.schema, None);
}

#[test]
fn every_bad_ticket_has_its_own_reason() {
    let mut table = Table::new(Options::default());
    let seat = table.reserve("Ada");
    let genuine = Ticket {
        room: "yard".into(),
        player: seat.player.0,
        nonce: 1,
        expires_us: seat.expires_us,
    };
    let foreign = Ticket { room: "other".into(), ..genuine.clone() };
    let forged = genuine.sign(&TicketKey::from_bytes([1; 32]));
    let cases = [
        (String::new(), "the ticket is malformed"),
        ("not a ticket".into(), "the ticket is malformed"),
        (forged, "the ticket's signature is wrong"),
        (foreign.sign(&key()), "the ticket is for another room"),
        (genuine.sign(&key()), "the ticket has already been used"),
    ];
    for (ticket, reason) in cases {
        assert_eq!(refused(&mut table, Auth::Ticket(ticket)), (4001, reason.into()));
    }
    // The reservation has not suffered.
    let conn = table.connect(Auth::Ticket(seat.ticket.clone()));
    table.hello(conn);
    assert!(table.probe(conn).welcome.is_some());
    let again = refused(&mut table, Auth::Ticket(seat.ticket));
    assert_eq!(again, (4001, "the ticket has already been used".into()));

    let late = table.reserve("Bob").ticket;
    table.wait(RESERVATION_US);
    let expired = refused(&mut table, Auth::Ticket(late));
    assert_eq!(expired, (4001, "the ticket has expired; join again".into()));
}

#[test]
fn bad_resume_tokens_are_refused() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    let token = table.probe(conn).welcome.clone().unwrap().resume_token;
    let malformed = refused(&mut table, Auth::Resume("x".into()));
    assert_eq!(malformed, (4001, "the resume token is malformed".into()));
    let mut other = token.clone();
    other.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    let wrong = refused(&mut table, Auth::Resume(other));
    assert_eq!(wrong, (4001, "the resume token is not the newest of its seat".into()));
    let nobody = refused(&mut table, Auth::Resume("_".repeat(45) + "8"));
    assert_eq!(nobody.0, 4001);
    assert!(table.probe(conn).close.is_none(), "the seat has not suffered");
}

#[test]
fn a_hello_must_come_first_and_in_time_and_once() {
    let mut table = Table::new(Options::default());
    assert_eq!(first_message(&mut table, &encode_ping([0; 4])), (4000, "expected Hello".into()));
    assert_eq!(first_message(&mut table, &[]), (4000, "empty message".into()));
    let unknown = first_message(&mut table, &[0x99]);
    assert_eq!(unknown, (4000, "unknown message kind 0x99".into()));
    assert_eq!(first_message(&mut table, &[1; 5000]).0, close::TOO_LONG);

    let silent = table.connect(Auth::Ticket(String::new()));
    let conn = table.join("Ada");
    table.wait(HELLO_TIMEOUT_US - 1);
    table.room.tick(table.now_us);
    table.release();
    assert!(table.probe(silent).close.is_none());
    table.wait(1);
    table.room.tick(table.now_us);
    table.release();
    assert_eq!(table.close(silent).code, close::NO_HELLO);
    assert_eq!(table.close(silent).reason, "no accepted Hello within 5000 ms");
    assert!(table.probe(conn).close.is_none());

    let twice = table.probe(conn).hello_bytes();
    table.send(conn, &twice);
    table.release();
    assert_eq!(
        (table.close(conn).code, table.close(conn).reason.as_str()),
        (4000, "a second Hello")
    );
}

#[test]
fn another_protocol_version_is_told_which_one_is_spoken() {
    let mut table = Table::new(Options::default());
    let seat = table.reserve("Ada").ticket;
    let conn = table.connect(Auth::Ticket(seat));
    let mut bytes = table.probe(conn).hello_bytes();
    bytes[1] = 2;
    table.send(conn, &bytes);
    table.release();
    let close = table.close(conn);
    assert_eq!(close.code, close::VERSION);
    assert_eq!(close.reason, "protocol version 2 is not supported; this side speaks 1");
}

#[test]
fn a_malformed_message_ends_the_connection_with_what_was_wrong() {
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("kind", vec![0x77], "unknown message kind 0x77"),
        ("inputs", vec![0x02, 1, 2], "Inputs: the bytes end before the value does"),
        ("ping", vec![0x04, 1], "Ping carries 1 bytes instead of 4"),
        ("number", vec![0x03, 0, 0, 0, 0, 1], "reliable message with number 0; numbers start at 1"),
        ("gap", vec![0x03, 2, 0, 0, 0, 1], "reliable message 2, expected 1"),
        (
            "command",
            vec![0x03, 1, 0, 0, 0, 0, 1, 0],
            "Command: the bytes end before the value does",
        ),
    ];
    for (name, bytes, reason) in cases {
        let mut table = Table::new(Options::default());
        let witness = table.join("Bob");
        let conn = table.join("Ada");
        table.tick();
        table.send(conn, &bytes);
        table.tick();
        let close = table.close(conn);
        assert_eq!((close.code, close.reason.as_str()), (4000, reason), "{name}");
        assert_eq!(table.probe(witness).newest().tick, 2, "others play on");
        assert_eq!(table.room.counters().violations, 1);
    }
}

#[test]
fn acknowledging_what_was_never_sent_is_malformed() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.tick();
    table.probe_mut(conn).received = 1;
    table.inputs(conn, 3, &[Input::default()]);
    table.tick();
    assert_eq!(table.close(conn).reason, "Inputs: acknowledged message 1 of 0");
}

#[test]
fn a_full_room_gives_no_more_seats() {
    let mut table = Table::new(Options { seats: 2, ..Options::default() });
    table.join("Ada");
    let second = table.reserve("Bob");
    let profile = Profile { name: "Eve".into(), ..Profile::default() };
    let full = table.room.reserve(table.now_us, profile.clone());
    assert_eq!(full, Err(ReserveError::Full));
    // Bob never comes.
    table.wait(RESERVATION_US);
    assert!(table.room.reserve(table.now_us, profile).is_ok());
    assert_eq!(refused(&mut table, Auth::Ticket(second.ticket)).0, 4001);
}

#[test]
fn the_game_may_refuse_a_player() {
    let mut table = Table::new(Options { seats: 1, ..Options::default() });
    let conn = table.join("nobody");
    table.tick();
    let close = table.close(conn);
    assert_eq!((close.code, close.reason.as_str()), (4003, "nobody may not enter"));
    // The seat is free again.
    table.join("Ada");
}

#[test]
fn a_client_that_knows_a_newer_epoch_is_sent_elsewhere() {
    let mut table = Table::new(Options::default());
    let ticket = table.reserve("Ada").ticket;
    let conn = table.connect(Auth::Ticket(ticket));
    let mut hello = table.probe(conn).hello();
    hello.epoch_seen = 2;
    let mut bytes = Vec::new();
    tickwire_wire::message::encode_hello(&hello, &mut bytes);
    table.send(conn, &bytes);
    table.release();
    assert_eq!(table.close(conn).code, close::RESTART);
}

#[test]
fn too_many_inputs_commands_and_pings_end_the_connection() {
    let mut table = Table::new(Options::default());
    let (a, b, c) = (table.join("Ada"), table.join("Bob"), table.join("Cem"));
    table.tick();
    // Twice the tick rate for two seconds at once: 120 messages.
    for n in 0..120 {
        table.inputs(a, 10 + n, &[]);
    }
    table.tick();
    assert!(table.probe(a).close.is_none());
    for n in 0..200 {
        table.inputs(a, 200 + n, &[]);
    }
    (0..61).for_each(|_| table.command(b, &Command::Fire));
    (0..100).for_each(|n| table.send(c, &encode_ping([n; 4])));
    table.tick();
    for (conn, reason) in [(a, "inputs"), (b, "commands"), (c, "pings")] {
        let close = table.close(conn);
        assert_eq!((close.code, close.reason.clone()), (4008, format!("{reason} come too fast")));
    }
}

#[test]
fn pings_are_answered_with_their_bytes_up_to_a_rate() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    (0..20).for_each(|n| table.send(conn, &encode_ping([n, 2, 3, 4])));
    table.release();
    let pongs: Vec<_> =
        table.probe(conn).heard.iter().filter(|heard| matches!(heard, Heard::Pong(_))).collect();
    assert_eq!(pongs.len(), 10);
    assert_eq!(*pongs[3], Heard::Pong([3, 2, 3, 4]));
}

#[test]
fn the_shells_round_trips_reach_the_players_table_once_a_second() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.ticks(5);
    let ping = |table: &Table| table.room.world().players().values().next().unwrap().ping_ms;
    table.room.round_trip(conn, 80);
    table.ticks(24);
    assert_eq!(ping(&table), 0);
    table.tick();
    assert_eq!(ping(&table), 80);
    table.room.round_trip(conn, 85);
    table.ticks(30);
    assert_eq!(ping(&table), 80, "jitter is no news");
    table.room.round_trip(conn, 60_000);
    table.ticks(30);
    assert_eq!(ping(&table), 4095);
}

#[test]
fn chat_reaches_everyone_and_is_limited() {
    use tickwire_wire::message::ServerMessage::{Chat, Refused};
    let mut table = Table::new(Options::default());
    let (a, b) = (table.join("Ada"), table.join("Bob"));
    table.tick();
    let from = table.probe(a).player();
    table.say(a, "  hi\u{7}\n there ");
    table.say(a, " \n ");
    table.say(a, &"x".repeat(513));
    table.tick();
    let line = Chat { from, text: "hi there".into() };
    assert_eq!(table.probe(b).lines(), std::slice::from_ref(&line));
    let reason = "a chat line has at most 512 bytes".to_owned();
    assert_eq!(table.probe(a).lines(), [line, Refused { seq: 3, reason }]);

    (0..4).for_each(|n| table.say(a, &n.to_string()));
    table.tick();
    assert_eq!(table.probe(b).lines().len(), 4, "five lines in ten seconds");
    let last = table.probe(a).lines().last().cloned();
    assert_eq!(last, Some(Refused { seq: 7, reason: "chat is limited to 5 lines in 10 s".into() }));
    assert!(table.probe(a).close.is_none());
    (0..60).for_each(|_| table.say(a, "spam"));
    table.tick();
    assert_eq!(table.close(a).code, close::TOO_FAST);
}

#[test]
fn a_client_that_leaves_is_closed_and_its_seat_is_free() {
    use tickwire_wire::message::ClientMessage;
    let mut table = Table::new(Options { seats: 1, ..Options::default() });
    let conn = table.join("Ada");
    table.tick();
    let leave = table.probe_mut(conn).reliable(&ClientMessage::Leave);
    table.send(conn, &leave);
    table.tick();
    assert_eq!((table.close(conn).code, table.close(conn).reason.as_str()), (1000, "left"));
    assert_eq!(table.room.world().players().len(), 0);
    table.join("Bob");
}

#[test]
fn a_finished_match_closes_its_clients_with_the_outcome_after_a_grace() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.tick();
    table.command(conn, &Command::Finish { code: SURE });
    table.tick();
    assert_eq!(table.room.info().finished.as_deref(), Some("the yard is closed"));
    let profile = Profile::default();
    assert_eq!(table.room.reserve(table.now_us, profile), Err(ReserveError::Finished));
    table.ticks(85);
    assert!(table.probe(conn).close.is_none(), "the last snapshots still come");
    assert_eq!(table.probe(conn).newest().tick, 77, "two a second while nothing happens");
    table.ticks(10);
    let close = table.close(conn);
    assert_eq!((close.code, close.reason.as_str()), (1000, "the yard is closed"));
    assert_eq!(table.room.next_tick_us(), u64::MAX);
}

#[test]
fn a_shut_room_gives_its_close_to_all_who_are_there_and_all_who_come() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    let ticket = table.reserve("Bob").ticket;
    table.tick();
    table.room.shut(close::Close::restart(500));
    table.release();
    assert_eq!(table.close(conn).retry_after_ms(), Some(500));
    assert_eq!(refused(&mut table, Auth::Ticket(ticket)).0, close::RESTART);
}
