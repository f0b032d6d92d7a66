//! A cut line: the seat is kept, commands and events are neither lost nor doubled.

use tickwire_game::Dice;
use tickwire_room::limits::{MAX_KEPT_MESSAGES, RESUME_WINDOW_MS};
use tickwire_room::{AnyRoom, ConnId};
use tickwire_wire::close;
use tickwire_wire::message::{Auth, ClientMessage, encode_client_reliable};

use crate::harness::Table;
use crate::probe::command_bytes;
use crate::yard::{Command, Event, Input, Options, SURE};

const WINDOW_US: u64 = RESUME_WINDOW_MS as u64 * 1000;

fn two() -> (Table, ConnId, ConnId) {
    let mut table = Table::new(Options { crumbs: 10, wander: true, ..Options::default() });
    let conns = (table.join("Ada"), table.join("Bob"));
    table.ticks(3);
    (table, conns.0, conns.1)
}

fn rung(table: &Table) -> u32 {
    table.room.world().state().bell.rung
}

#[test]
fn a_resumed_client_gets_the_tail_it_lacks_once() {
    let (mut table, ada, bob) = two();
    table.command(bob, &Command::Ring { n: 1 });
    table.tick();
    table.cut(ada);
    table.command(bob, &Command::Ring { n: 2 });
    table.ticks(30);
    table.command(bob, &Command::Ring { n: 3 });
    table.tick();
    let ada = table.resume(ada);
    let probe = table.probe(ada);
    assert_eq!(probe.reliable_events().len(), 1, "only once the state is there");
    table.tick();
    // The probe itself asserts that numbers come once and in order.
    let heard: Vec<Event> = table.probe(ada).reliable_events().into_iter().map(|e| e.1).collect();
    assert_eq!(heard, [1, 2, 3].map(|n| Event::Rung { n }));
    assert!(table.probe(ada).newest().own.full);
    assert_eq!(table.probe(ada).merged(), table.probe(bob).merged());
    assert_eq!(table.room.counters().resumes, 1);
}

#[test]
fn a_message_that_was_handed_out_but_lost_is_sent_again_with_its_number() {
    let (mut table, ada, bob) = two();
    table.command(bob, &Command::Ring { n: 1 });
    table.tick();
    table.command(bob, &Command::Ring { n: 2 });
    table.tick();
    // The second never reached the client, nor did the acknowledgement of the first the server.
    let probe = table.probe_mut(ada);
    probe.received = 1;
    probe.heard.pop();
    table.cut(ada);
    let ada = table.resume(ada);
    table.tick();
    let heard: Vec<Event> = table.probe(ada).reliable_events().into_iter().map(|e| e.1).collect();
    assert_eq!(heard, [1, 2].map(|n| Event::Rung { n }));
}

#[test]
fn commands_sent_again_after_a_cut_are_applied_once() {
    let (mut table, ada, _) = two();
    table.command(ada, &Command::Ring { n: 1 });
    table.command(ada, &Command::Ring { n: 10 });
    table.cut(ada);
    table.tick();
    assert_eq!(rung(&table), 11);
    let ada = table.resume(ada);
    assert_eq!(table.probe(ada).welcome.as_ref().unwrap().reliable_received, 2);
    // A client that does not trust its luck sends all of them again.
    for (seq, n) in [(1, 1), (2, 10), (3, 100)] {
        let mut bytes = Vec::new();
        let body = ClientMessage::Command(command_bytes(&Command::Ring { n }));
        encode_client_reliable(seq, &body, &mut bytes);
        table.send(ada, &bytes);
    }
    table.tick();
    assert_eq!(rung(&table), 111);
    assert_eq!(table.probe(ada).newest().own.reliable_received, Some(3));
}

#[test]
fn a_command_that_cost_the_connection_is_not_counted() {
    let (mut table, ada, _) = two();
    (0..100).for_each(|_| table.command(ada, &Command::Fire));
    table.tick();
    assert_eq!(table.close(ada).code, close::TOO_FAST);
    let ada = table.resume(ada);
    assert_eq!(table.probe(ada).welcome.as_ref().unwrap().reliable_received, 60);
}

#[test]
fn exactly_once_over_any_cuts() {
    let (mut table, mut ada, bob) = two();
    let mut dice = Dice::new(11, 0, 0);
    let mut sent = Vec::new();
    for n in 1..=400_u32 {
        if dice.chance(0.15) {
            table.command(ada, &Command::Ring { n });
            sent.push(n);
        }
        let first = table.tick_now() + 2;
        for conn in [ada, bob] {
            if dice.chance(0.5) {
                table.inputs(conn, first, &[Input::default()]);
            }
        }
        if dice.chance(0.1) {
            if dice.chance(0.5) {
                table.cut(ada);
            }
            if dice.chance(0.5) {
                table.tick();
            }
            ada = table.resume(ada);
            let has = table.probe(ada).welcome.as_ref().unwrap().reliable_received;
            assert_eq!(has as usize, sent.len());
        }
        table.tick();
    }
    let expected: Vec<Event> = sent.iter().map(|&n| Event::Rung { n }).collect();
    for conn in [ada, bob] {
        let heard: Vec<Event> =
            table.probe(conn).reliable_events().into_iter().map(|event| event.1).collect();
        assert_eq!(heard, expected);
    }
    assert_eq!(rung(&table), sent.iter().sum::<u32>());
}

#[test]
fn a_newer_connection_takes_over_at_once() {
    let (mut table, old, _) = two();
    let token = table.probe(old).welcome.clone().unwrap().resume_token;
    let new = table.connect(Auth::Resume(token));
    table.hello(new);
    assert_eq!(table.close(old).code, close::REPLACED);
    assert!(table.probe(new).welcome.is_some());
    // What the old one still says has no effect, and its end does not disturb the seat.
    table.command(old, &Command::Ring { n: 1 });
    table.cut(old);
    table.ticks(2);
    assert_eq!(rung(&table), 0);
    assert_eq!(table.room.info().clients, 2);
    let player = table.player(new);
    let row = table.room.world().players().get(tickwire_game::Id::new(player.0.into()));
    assert!(row.unwrap().online);
    assert_eq!(table.probe(new).newest().tick, table.tick_now());
}

#[test]
fn a_seat_is_kept_for_30_s_and_no_longer() {
    let (mut table, ada, bob) = two();
    table.cut(ada);
    table.wait(WINDOW_US - 1);
    table.tick();
    let ada = table.resume(ada);
    assert!(table.probe(ada).welcome.is_some());
    table.cut(ada);
    table.wait(WINDOW_US);
    table.tick();
    assert_eq!(table.room.world().players().len(), 1);
    let mut probe = table.probes.remove(&ada).unwrap();
    table.probes.insert(ada, crate::probe::Probe::new(ada, probe.auth.clone()));
    probe.is_cut = true;
    let token = probe.welcome.unwrap().resume_token;
    let late = table.connect(Auth::Resume(token));
    table.hello(late);
    let close = table.close(late);
    assert_eq!((close.code, close.reason.as_str()), (4001, "the seat is gone; join again"));
    assert!(table.probe(bob).close.is_none());
}

#[test]
fn a_client_that_forgot_what_it_acknowledged_needs_a_new_ticket() {
    let (mut table, ada, bob) = two();
    table.command(bob, &Command::Ring { n: 1 });
    table.tick();
    let first = table.tick_now() + 1;
    table.inputs(ada, first, &[Input::default()]);
    table.cut(ada);
    table.probe_mut(ada).received = 0;
    let token = table.probe(ada).welcome.clone().unwrap().resume_token;
    let page = table.connect(Auth::Resume(token));
    table.hello(page);
    assert_eq!(table.close(page).code, close::UNAUTHENTICATED);
}

#[test]
fn a_seat_with_too_large_a_backlog_is_given_up() {
    let (mut table, ada, bob) = two();
    table.cut(ada);
    let per_tick = 60;
    for _ in 0..MAX_KEPT_MESSAGES / per_tick + 1 {
        table.command(bob, &Command::Flood { code: SURE, count: per_tick as u16 });
        table.tick();
        let first = table.tick_now() + 1;
        table.inputs(bob, first, &[Input::default()]);
    }
    table.tick();
    assert_eq!(table.room.world().players().len(), 1);
    assert!(table.probe(bob).close.is_none());
}

#[test]
fn a_lost_welcome_locks_nobody_out() {
    let (mut table, ada, _) = two();
    table.cut(ada);
    let token = table.probe(ada).welcome.clone().unwrap().resume_token;
    for _ in 0..3 {
        let conn = table.connect(Auth::Resume(token.clone()));
        let hello = table.probe(conn).hello_bytes();
        // It is seated, but the line is cut before its Welcome comes.
        table.send(conn, &hello);
        table.cut(conn);
    }
    let ada = table.resume(ada);
    table.tick();
    assert!(table.probe(ada).close.is_none());
    assert_eq!(table.probe(ada).newest().tick, table.tick_now());
}

#[test]
fn who_breaks_the_protocol_keeps_no_seat() {
    let (mut table, ada, bob) = two();
    assert_eq!(table.room.info().players, 2);
    let now_us = table.now_us;
    table.room.receive(now_us, ada, &[0x77]);
    table.ticks(2);
    assert_eq!(table.room.info().players, 1, "a malformed message ends the seat");
    let now_us = table.now_us;
    table.room.expel(now_us, bob);
    table.ticks(2);
    assert_eq!(table.room.info().players, 0, "so does a broken WebSocket frame");
}
