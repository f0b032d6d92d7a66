//! A shell that is short of time asks for fewer snapshots, or for no catching up.

use tickwire_room::{AnyRoom, Relief, RoomConfig, TickReport};

use crate::harness::{Table, config};
use crate::yard::Options;

fn yard(send_every: u16) -> Table {
    let options = Options {
        send_every,
        crumbs: 30,
        wander: true,
        cell_size: Some(32.0),
        ..Options::default()
    };
    Table::with(options, RoomConfig { bots: 2, ..config() })
}

fn thin(table: &mut Table, snapshot_every: u32) {
    table.room.relieve(Relief { snapshot_every, ..Relief::default() });
}

#[test]
fn a_thinned_room_makes_fewer_snapshots_that_fit_without_catch_ups() {
    for send_every in [1, 2] {
        let mut table = yard(send_every);
        let conns = [table.join("Ada"), table.join("Bo")];
        table.meet_at_snapshot();
        let before = table.room.counters();
        let mut expected = 0;
        for every in [2, 3, 1, 3, 2, 1] {
            thin(&mut table, every);
            table.meet_at_snapshot();
            let seen = |table: &Table| conns.map(|conn| table.probe(conn).snapshots.len());
            let count = seen(&table);
            table.ticks(24);
            let came = 24 / (u32::from(send_every) * every) as usize;
            assert_eq!(seen(&table), count.map(|count| count + came), "one of {every}");
            expected += 2 * (24 / u32::from(send_every) as usize - came);
            for conn in conns {
                let probe = table.probe(conn);
                assert_eq!(probe.newest().tick, table.tick_now(), "the newest state");
                assert!(probe.close.is_none());
            }
        }
        let after = table.room.counters();
        assert_eq!(after.ticks, u64::from(table.tick_now()), "and no tick is left out");
        assert!(after.snapshots_thinned - before.snapshots_thinned >= expected as u64);
        assert_eq!(after.catch_ups, before.catch_ups, "what is left out costs no catch-up");
    }
}

#[test]
fn who_joins_or_has_a_thin_line_gets_on_in_a_thinned_room() {
    let mut table = yard(1);
    let first = table.join("Ada");
    table.ticks(5);
    thin(&mut table, 3);
    let late = table.join("Bo");
    for tick in 0..120 {
        table.busy = if tick % 12 < 9 { [first].into() } else { [].into() };
        table.tick();
    }
    table.busy.clear();
    assert!(table.room.info().slow_clients.iter().sum::<u32>() > 0, "its line was too thin");
    table.meet_at_snapshot();
    for conn in [first, late] {
        let probe = table.probe(conn);
        assert!(probe.close.is_none());
        assert_eq!(probe.newest().tick, table.tick_now());
    }
    let seen = table.probe(late).snapshots.len();
    table.ticks(30);
    assert_eq!(table.probe(late).snapshots.len(), seen + 10);
}

#[test]
fn a_room_that_still_is_tells_its_clients_the_time_when_thinned_too() {
    let mut table = Table::new(Options::default());
    let conn = table.join("Ada");
    thin(&mut table, 3);
    table.ticks(300);
    let ticks: Vec<u32> = table.probe(conn).snapshots.iter().map(|s| s.tick).collect();
    assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] <= 15), "two a second: {ticks:?}");
    assert!(ticks.len() < 40, "and hardly more: {}", ticks.len());
}

#[test]
fn a_room_told_not_to_catch_up_runs_one_tick_and_gives_up_the_rest() {
    let mut table = Table::new(Options { tick_hz: 50, ..Options::default() });
    table.ticks(5);
    table.room.relieve(Relief { catch_up_ticks: 1, ..Relief::default() });
    table.now_us = table.room.next_tick_us() + 45_000;
    assert_eq!(table.tick(), TickReport { ticks: 1, skipped: 2, late_us: 45_000 });
    assert_eq!(table.room.counters().skipped_ticks, 2);
    table.room.relieve(Relief::default());
    table.now_us = table.room.next_tick_us() + 45_000;
    assert_eq!(table.tick(), TickReport { ticks: 3, skipped: 0, late_us: 45_000 });
}
