//! Keyframes, shared by joiners; catch-ups for those who missed snapshots; deltas for the others.

use tickwire_room::{AnyRoom, Delivery, Outgoing, RoomConfig};

use crate::harness::{Table, config};
use crate::yard::{Command, Input, Options};

fn busy_yard() -> Table {
    let options = Options { crumbs: 30, wander: true, seats: 16, ..Options::default() };
    Table::with(options, RoomConfig { bots: 4, ..config() })
}

/// Every client has the same rows, and they are those of the room.
fn assert_all_equal(table: &mut Table) {
    let mut extract = tickwire_wire::columns::Extract::default();
    table.room.world().extract(&mut extract);
    for probe in table.probes.values().filter(|probe| !probe.is_cut) {
        assert_eq!(probe.merged(), extract.public, "{:?}", probe.conn);
    }
}

#[test]
fn joiners_of_one_tick_share_one_keyframe_and_the_rest_one_delta() {
    let mut table = busy_yard();
    let old = [table.join("a"), table.join("b"), table.join("c")];
    table.ticks(10);
    let made = table.room.counters().keyframes;
    let new = [table.join("d"), table.join("e"), table.join("f")];
    table.tick();
    assert_eq!(table.room.counters().keyframes, made + 1);
    for (conns, keyframe) in [(old, false), (new, true)] {
        let shared: Vec<_> = conns.iter().map(|&c| table.probe(c).newest().shared).collect();
        assert!(
            shared.windows(2).all(|pair| pair[0] == pair[1]),
            "the very same bytes: {shared:?}"
        );
        for conn in conns {
            assert_eq!(table.probe(conn).newest().states, [(0, keyframe)]);
        }
    }
    table.tick();
    let all = old.iter().chain(&new).map(|&conn| table.probe(conn).newest().shared);
    let all: std::collections::BTreeSet<_> = all.collect();
    assert_eq!(all.len(), 1, "from the next tick on all share one delta");
    assert_all_equal(&mut table);
}

#[test]
fn a_late_joiner_has_the_state_that_the_others_have() {
    let mut table = busy_yard();
    let first = table.join("a");
    for round in 0..20 {
        table.ticks(7);
        let late = table.join(&round.to_string());
        table.ticks(2);
        let (early, late_hash) = (&table.probe(first).streams[&0], &table.probe(late).streams[&0]);
        assert_eq!(early.hash(), late_hash.hash());
        assert_eq!(early.previous(), late_hash.previous(), "and what predictions start from");
        assert_all_equal(&mut table);
        table.cut(late);
        table.wait(31_000_000);
    }
    assert!(table.probe(first).verified > 100);
}

#[test]
fn a_joiner_of_a_quiet_room_goes_on_with_the_shared_delta() {
    let mut table = Table::new(Options::default());
    let first = table.join("Ada");
    table.ticks(10);
    let watcher = table.join("Bob");
    table.ticks(300);
    table.cut(watcher);
    table.ticks(300);
    let late = table.resume(watcher);
    table.ticks(100);
    let before = table.room.counters().keyframes;
    table.command(first, &Command::Ring { n: 1 });
    table.tick();
    assert_eq!(table.room.counters().keyframes, before, "after 100 silent ticks a delta will do");
    assert_eq!(table.probe(first).newest().shared, table.probe(late).newest().shared);
    assert_eq!(table.probe(late).rows("bell")[0].1, [1]);
}

#[test]
fn a_skipped_client_catches_up_next_and_nobody_else_notices() {
    let mut table = busy_yard();
    let (slow, quick) = (table.join("slow"), table.join("quick"));
    table.ticks(5);
    table.busy.insert(slow);
    table.ticks(4);
    assert_eq!(table.probe(slow).newest().tick, 5);
    assert_eq!(table.room.counters().snapshots_skipped, 4);
    table.busy.clear();
    table.tick();
    assert_eq!(table.probe(slow).newest().states, [(0, false)]);
    assert_eq!(table.probe(slow).newest().catch_ups, [0]);
    assert!(!table.probe(slow).newest().own.full);
    assert_eq!(table.room.counters().catch_ups, 3, "not one for each snapshot that it skipped");
    assert_eq!(table.room.counters().keyframes, 1, "of the two who joined together");
    assert_eq!(table.probe(quick).newest().states, [(0, false)]);
    table.tick();
    assert_eq!(table.probe(slow).newest().states, [(0, false)]);
    assert_eq!(table.probe(slow).newest().shared, table.probe(quick).newest().shared);
    assert_all_equal(&mut table);
    assert_eq!(table.probe(slow).private("pawns"), [(1, vec![101])]);
}

#[test]
fn any_pattern_of_skips_ends_in_the_same_state() {
    let mut table = busy_yard();
    let conns: Vec<_> = (0..6).map(|n| table.join(&n.to_string())).collect();
    let mut dice = tickwire_game::Dice::new(3, 0, 0);
    for tick in 0..300 {
        table.busy = conns.iter().copied().filter(|_| dice.chance(0.3)).collect();
        if dice.chance(0.2) {
            table.command(conns[0], &Command::Fire);
        }
        if tick % 15 == 0 {
            for &conn in &conns {
                table.inputs(conn, 0, &[]);
            }
        }
        table.tick();
    }
    table.busy.clear();
    table.meet_at_snapshot();
    assert_all_equal(&mut table);
    for &conn in &conns {
        let player = table.player(conn);
        let (_, pawn) = table.room.world().state().pawns.owned_by(player).unwrap();
        assert_eq!(table.probe(conn).private("pawns")[0].1, [u32::from(pawn.ammo)]);
    }
}

#[test]
fn snapshots_that_are_not_released_are_not_built_again() {
    let mut table = busy_yard();
    let conn = table.join("Ada");
    table.ticks(3);
    for _ in 0..5 {
        table.now_us = table.room.next_tick_us();
        table.room.tick(table.now_us);
        table.room.encode(table.now_us);
    }
    let mut released = Vec::new();
    table.room.release(&mut |_, outgoing| {
        if let Outgoing::Snapshot { own, shared } = outgoing {
            released.push([own, shared].concat());
        }
        Delivery::Queued
    });
    assert_eq!(released.len(), 1);
    table.probe_mut(conn).snapshot(&released[0], &[]);
    assert_eq!(table.probe(conn).newest().tick, 4);
    table.tick();
    assert_eq!(table.probe(conn).newest().tick, 9);
    assert_all_equal(&mut table);
}

#[test]
fn an_idle_room_sends_two_small_snapshots_a_second() {
    for (tick_hz, send_every) in [(30, 1), (30, 2), (20, 3), (60, 1)] {
        let mut table = Table::new(Options { tick_hz, send_every, ..Options::default() });
        let conn = table.join("Ada");
        table.ticks(usize::from(tick_hz));
        let (before, bytes) = (table.probe(conn).snapshots.len(), table.room.counters());
        table.ticks(10 * usize::from(tick_hz));
        let count = table.probe(conn).snapshots.len() - before;
        assert!((20..=30).contains(&count), "{count} in 10 s at {tick_hz} Hz, every {send_every}");
        let bytes = table.room.counters().snapshot_bytes - bytes.snapshot_bytes;
        assert!(bytes <= 5 * count as u64 + 8, "{bytes} bytes in {count}");
        // Inputs that wait to be acknowledged are news.
        let first = table.tick_now() + 1;
        table.inputs(conn, first, &[Input::default(); 15]);
        let before = table.probe(conn).snapshots.len();
        table.ticks(15);
        let count = table.probe(conn).snapshots.len() - before;
        assert!(count >= 15 / usize::from(send_every));
    }
}

#[test]
fn a_room_without_clients_encodes_nothing() {
    let mut table = busy_yard();
    table.ticks(50);
    let counters = table.room.counters();
    assert_eq!((counters.ticks, counters.keyframes, counters.deltas), (50, 0, 0));
}

#[test]
fn hashes_of_16_bits_come_every_60_ticks_to_those_who_did_not_ask_for_more() {
    let mut table = busy_yard();
    let conns: Vec<_> = (0..4)
        .map(|n| table.join_with(&n.to_string(), tickwire_game::Team::NONE, |p| p.verify = false))
        .collect();
    table.ticks(600);
    let firsts = conns.iter().map(|&conn| {
        let probe = table.probe(conn);
        assert!((10..=11).contains(&probe.verified), "{} in 600 ticks", probe.verified);
        probe.hashed_at.clone()
    });
    let turns: std::collections::BTreeSet<u32> = firsts.map(|ticks| ticks[3]).collect();
    assert_eq!(turns.len(), 4, "each client in its own tick");
    assert_eq!(table.room.counters().verify_bytes, 0);
}
