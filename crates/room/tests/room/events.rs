//! Events: never before the state of their tick, reliable ones in order, droppable ones to their
//! audience alone.

use tickwire_game::{PlayerId, Team};
use tickwire_room::AnyRoom;
use tickwire_wire::close;
use tickwire_wire::message::ServerMessage;

use crate::harness::Table;
use crate::probe::Heard;
use crate::yard::{Command, Event, Options, SURE};

#[test]
fn a_reliable_event_follows_the_snapshot_of_its_tick() {
    for send_every in [1, 3] {
        let mut table = Table::new(Options { send_every, ..Options::default() });
        let conn = table.join("Ada");
        table.ticks(6);
        table.command(conn, &Command::Ring { n: 5 });
        table.ticks(3);
        table.command(conn, &Command::Ring { n: 6 });
        table.ticks(3);
        let mut newest = 0;
        for heard in &table.probe(conn).heard {
            match heard {
                Heard::Snapshot(tick) => newest = *tick,
                Heard::Reliable(_, ServerMessage::Event { tick, .. }) => {
                    assert!(*tick <= newest, "an event of {tick} after the state of {newest}");
                }
                _ => {}
            }
        }
        let rung = [(7, Event::Rung { n: 5 }), (10, Event::Rung { n: 6 })];
        assert_eq!(table.probe(conn).reliable_events(), rung);
        assert_eq!(table.probe(conn).rows("bell")[0].1, [11]);
    }
}

#[test]
fn droppable_events_ride_in_the_snapshot_and_reach_their_audience_alone() {
    let mut table = Table::new(Options { send_every: 2, ..Options::default() });
    let (a, b, c) = (table.join("Ada"), table.join("Bob"), table.join("Cem"));
    table.tick();
    table.command(a, &Command::JoinTeam { team: Team(1) });
    table.command(b, &Command::JoinTeam { team: Team(1) });
    table.tick();
    table.command(a, &Command::Whisper { n: 1 });
    table.tick();
    table.command(a, &Command::Whisper { n: 2 });
    table.command(c, &Command::Whisper { n: 3 });
    table.tick();
    let [from_a, from_c] = [a, c].map(|conn| table.player(conn));
    let to_team = [1, 2].map(|n| Event::Whispered { from: from_a, n });
    assert_eq!(table.probe(a).events(), to_team);
    assert_eq!(table.probe(b).events(), to_team);
    assert_eq!(table.probe(c).events(), [Event::Whispered { from: from_c, n: 3 }]);
    let ticks: Vec<u32> = table
        .probe(b)
        .heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Event(tick, _) => Some(*tick),
            _ => None,
        })
        .collect();
    assert_eq!(ticks, [3, 4], "each has the tick in which it happened");
}

#[test]
fn events_of_a_skipped_snapshot_come_with_the_next() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.tick();
    table.busy.insert(conn);
    table.command(conn, &Command::Whisper { n: 1 });
    table.command(conn, &Command::Ring { n: 1 });
    table.tick();
    table.busy.clear();
    table.command(conn, &Command::Whisper { n: 2 });
    table.command(conn, &Command::Ring { n: 2 });
    table.tick();
    let from = table.player(conn);
    let whispered = [1, 2].map(|n| Event::Whispered { from, n });
    assert_eq!(table.probe(conn).events(), whispered);
    let rung = [(2, Event::Rung { n: 1 }), (3, Event::Rung { n: 2 })];
    assert_eq!(table.probe(conn).reliable_events(), rung);
}

#[test]
fn messages_that_a_socket_does_not_take_are_offered_again_in_order() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.tick();
    table.stuck.insert(conn);
    for n in 1..=5 {
        table.command(conn, &Command::Ring { n });
        table.tick();
    }
    assert!(table.probe(conn).reliable_events().is_empty());
    table.stuck.clear();
    table.tick();
    let rung: Vec<Event> = table.probe(conn).reliable_events().into_iter().map(|e| e.1).collect();
    assert_eq!(rung, [1, 2, 3, 4, 5].map(|n| Event::Rung { n }));
}

#[test]
fn a_client_that_acknowledges_nothing_gets_64_messages_and_is_cut_after_5_s() {
    let mut table = Table::new(Options::default());
    let (silent, other) = (table.join("Ada"), table.join("Bob"));
    table.tick();
    for _ in 0..5 {
        table.command(other, &Command::Flood { code: SURE, count: 16 });
        table.tick();
        table.inputs(other, 0, &[]);
    }
    assert_eq!(table.probe(silent).reliable_events().len(), 64);
    assert_eq!(table.probe(other).reliable_events().len(), 80);
    table.ticks(149);
    assert!(table.probe(silent).close.is_none());
    table.ticks(3);
    assert_eq!(table.close(silent).code, close::TOO_SLOW);
    assert!(table.probe(other).close.is_none());
    // Nothing was lost: it resumes, and gets the rest.
    let back = table.resume(silent);
    table.tick();
    assert_eq!(table.probe(back).reliable_events().len(), 80);
}

#[test]
fn a_burst_of_messages_does_not_cut_those_who_acknowledge() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    table.tick();
    table.command(conn, &Command::Flood { code: SURE, count: 500 });
    for _ in 0..10 {
        table.tick();
        table.inputs(conn, 0, &[]);
    }
    assert_eq!(table.probe(conn).reliable_events().len(), 500);
}

#[test]
fn a_refused_command_is_told_to_its_sender() {
    let mut table = Table::new(Options::default());
    let (a, b) = (table.join("Ada"), table.join("Bob"));
    table.tick();
    table.command(a, &Command::Fire);
    table.command(a, &Command::Nonsense);
    table.tick();
    let refused = ServerMessage::Refused { seq: 2, reason: "nonsense".into() };
    assert_eq!(table.probe(a).lines(), [refused]);
    assert!(table.probe(b).lines().is_empty());
    assert_eq!(table.room.counters().refused, 1);
}

#[test]
fn a_late_joiner_hears_only_what_happens_from_then_on() {
    let mut table = Table::new(Options::default());
    let first = table.join("Ada");
    table.tick();
    table.command(first, &Command::Ring { n: 1 });
    table.command(first, &Command::Whisper { n: 1 });
    table.tick();
    let late = table.join("Bob");
    table.tick();
    assert!(
        table.probe(late).reliable_events().is_empty() && table.probe(late).events().is_empty()
    );
    table.command(first, &Command::Ring { n: 2 });
    table.tick();
    assert_eq!(table.probe(late).reliable_events(), [(4, Event::Rung { n: 2 })]);
    assert_eq!(table.player(late), PlayerId(2));
}
