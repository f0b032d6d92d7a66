//! A shell that keeps the newest snapshot for a busy socket: whatever became of it, the client ends with
//! everyone's state, and misses and repeats nothing.

use tickwire_game::{Dice, Team};
use tickwire_room::{AnyRoom, ConnId, RoomConfig};
use tickwire_wire::level::Level;

use crate::harness::{Table, config};
use crate::paths::is_shared;
use crate::yard::{Command, Event, Input, Options};

fn wandering() -> Options {
    Options { crumbs: 30, wander: true, notes: true, ..Options::default() }
}

/// What a client must have heard: numbers of the droppable and of the reliable events.
fn heard(table: &Table, conn: ConnId) -> (Vec<u32>, Vec<u32>) {
    let number = |event: Event| match event {
        Event::Rung { n } | Event::Whispered { n, .. } => n,
    };
    let probe = table.probe(conn);
    let sure = probe.reliable_events().into_iter().map(|(_, event)| number(event));
    (probe.events().into_iter().map(number).collect(), sure.collect())
}

/// One room with sockets that are busy, keep, drop and take at random.
fn follow(seed: u64) {
    let mut dice = Dice::new(seed, 0, 3);
    let level = Level::ALL[seed as usize % Level::ALL.len()];
    let cell_size = [None, Some(25.0)][dice.below(2) as usize];
    let send_every = 1 + dice.below(2) as u16;
    let options = Options { cell_size, send_every, ..wandering() };
    let mut table = Table::with(options, RoomConfig { seed, level: Some(level), ..config() });
    let conns: Vec<ConnId> =
        (0..5).map(|n| table.join_with(&n.to_string(), Team(1), |_| {})).collect();
    table.ticks(2);
    let mut said = (Vec::new(), Vec::new());
    for n in 0..300 {
        for (line, &conn) in conns.iter().enumerate().skip(1) {
            if dice.chance(0.3) {
                table.unblock(conn);
            }
            if dice.chance(0.1) {
                table.keepers.insert(conn);
            } else if dice.chance(0.03) {
                table.keepers.remove(&conn);
            }
            // Droppable events are kept for a second: nobody is away for longer here.
            let newest = table.probe(conn).snapshots.last().map_or(0, |snapshot| snapshot.tick);
            let is_due = table.tick_now() - newest >= 18;
            if !is_due && dice.chance([0.0, 0.2, 0.5, 0.8, 0.97][line]) {
                table.busy.insert(conn);
            } else {
                table.busy.remove(&conn);
            }
        }
        table.overtakes = dice.chance(0.2);
        let speaker = conns[dice.below(5) as usize];
        if dice.chance(0.3) {
            table.command(speaker, &Command::Whisper { n });
            said.0.push(n);
        }
        if dice.chance(0.1) {
            table.command(speaker, &Command::Ring { n });
            said.1.push(n);
        }
        if dice.chance(0.2) {
            table.command(speaker, &Command::Fire);
        }
        for &conn in &conns {
            let input = Input { x: dice.below(9) as i8 - 4, y: 0, jump: false };
            table.inputs(conn, table.tick_now() + 1, &[input]);
        }
        table.tick();
    }
    table.overtakes = false;
    table.busy.clear();
    table.tick();
    table.meet_at_snapshot();
    let steady = table.probe(conns[0]).newest().clone();
    for &conn in &conns {
        assert_eq!(heard(&table, conn), said, "seed {seed}");
        let probe = table.probe(conn);
        assert_eq!(probe.newest().tick, steady.tick, "seed {seed}");
        assert_eq!(probe.newest().own.acked_input, steady.own.acked_input);
        let shared = probe.streams.iter().filter(|(number, _)| is_shared(**number));
        let pairs =
            shared.filter_map(|(n, one)| Some((one, table.probe(conns[0]).streams.get(n)?)));
        for (one, other) in pairs {
            assert_eq!(one.state(), other.state(), "seed {seed}");
        }
        let pawns = &table.room.world().state().pawns;
        let (_, pawn) = pawns.owned_by(table.player(conn)).unwrap();
        assert_eq!(probe.private("pawns")[0].1, [u32::from(pawn.ammo)], "seed {seed}");
    }
    let late: usize = conns.iter().map(|&conn| table.probe(conn).late.len()).sum();
    assert!(late > 30, "seed {seed}: {late} snapshots were taken late");
}

#[test]
fn whatever_is_kept_dropped_or_overtaken_nothing_is_lost_or_repeated() {
    (1..=24).for_each(follow);
}

#[test]
fn a_snapshot_taken_late_is_the_base_of_the_next() {
    let mut table = Table::new(wandering());
    let [late, steady] = ["a", "b"].map(|name| table.join(name));
    table.keepers.insert(late);
    table.ticks(3);
    table.busy.insert(late);
    table.tick();
    assert_eq!(table.probe(late).newest().tick, 3);
    let before = table.room.counters();
    table.unblock(late);
    assert_eq!(table.probe(late).newest().tick, 4);
    table.busy.clear();
    table.tick();
    assert_eq!(table.probe(late).newest().shared, table.probe(steady).newest().shared);
    let after = table.room.counters();
    assert_eq!(after.catch_ups, before.catch_ups, "it has lost nothing");
    assert_eq!(after.snapshots_skipped, 0);
    assert_eq!(after.snapshots, before.snapshots + 3, "the late one, and one for each");
}

#[test]
fn what_a_newer_snapshot_takes_the_place_of_was_never_had() {
    let mut table = Table::new(wandering());
    let conn = table.join("a");
    table.keepers.insert(conn);
    table.ticks(3);
    table.busy.insert(conn);
    table.ticks(3);
    table.unblock(conn);
    let newest = table.probe(conn).newest();
    assert_eq!((newest.tick, &newest.catch_ups[..]), (6, &[0][..]), "from tick 3");
    assert_eq!(table.room.counters().snapshots_skipped, 2, "those of ticks 4 and 5");
}

#[test]
fn a_client_that_never_reads_costs_the_logarithm_of_its_time() {
    let mut table = Table::new(wandering());
    let [dead, steady] = ["a", "b"].map(|name| table.join(name));
    table.keepers.insert(dead);
    table.ticks(3);
    let before = table.room.counters();
    table.busy.insert(dead);
    table.ticks(150);
    let after = table.room.counters();
    // At ages of 1, 2, 4, 8 and 16 snapshots; beyond the 32 states kept, keyframes: at 32, 64, 128.
    assert_eq!(table.probe(dead).refusals.len(), 9);
    assert_eq!(after.catch_ups - before.catch_ups, 5);
    assert_eq!(after.keyframes - before.keyframes, 3);
    assert_eq!(after.deltas - before.deltas, 150, "no lower rate is made for it");
    assert_eq!(after.snapshots_skipped - before.snapshots_skipped, 149, "all but the one kept");
    assert_eq!(table.probe(steady).newest().tick, 153);
}

#[test]
fn what_a_team_was_told_before_somebody_changed_to_it_stays_with_it() {
    let mut table = Table::new(Options { notes: true, ..Options::default() });
    let [spy, member] = ["a", "b"].map(|name| table.join_with(name, Team(1), |_| {}));
    table.tick();
    table.command(member, &Command::JoinTeam { team: Team(2) });
    table.tick();
    table.busy.insert(spy);
    table.command(member, &Command::Whisper { n: 1 });
    table.ticks(3);
    table.command(spy, &Command::JoinTeam { team: Team(2) });
    table.tick();
    table.busy.clear();
    table.command(member, &Command::Whisper { n: 2 });
    table.tick();
    assert_eq!(heard(&table, member).0, [1, 2]);
    assert_eq!(heard(&table, spy).0, [2]);
}
