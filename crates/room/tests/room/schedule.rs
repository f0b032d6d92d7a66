//! Deadlines: absolute, in phase, caught up a little and then given up.

use tickwire_room::{AnyRoom, RoomConfig, TickReport};

use crate::harness::{START_US, Table, config};
use crate::yard::{Input, Options};

#[test]
fn ticks_run_at_absolute_deadlines_however_late_each_call_is() {
    let mut table = Table::new(Options::default());
    let first_us = table.room.next_tick_us();
    assert!(first_us > START_US && first_us <= START_US + 33_334);
    let mut dice = tickwire_game::Dice::new(1, 0, 0);
    for _ in 0..30 * 60 {
        let due_us = table.room.next_tick_us();
        table.now_us = due_us - 1;
        assert_eq!(table.room.tick(table.now_us), TickReport::default());
        let late_us = u64::from(dice.below(30_000));
        table.now_us = due_us + late_us;
        assert_eq!(table.room.tick(table.now_us), TickReport { ticks: 1, skipped: 0, late_us });
    }
    assert_eq!(table.room.next_tick_us() - first_us, 60_000_000, "no drift in a minute");
}

#[test]
fn an_overrun_is_caught_up_by_three_ticks_and_the_rest_is_given_up_and_counted() {
    let mut table = Table::new(Options { tick_hz: 50, ..Options::default() });
    let conn = table.join("Ada");
    table.ticks(5);
    let due_us = table.room.next_tick_us();
    table.now_us = due_us + 45_000;
    let report = table.tick();
    assert_eq!(report, TickReport { ticks: 3, skipped: 0, late_us: 45_000 });
    assert_eq!(table.room.counters().skipped_ticks, 0);

    let due_us = table.room.next_tick_us();
    table.now_us = due_us + 200_000;
    let report = table.tick();
    assert_eq!(report, TickReport { ticks: 3, skipped: 8, late_us: 200_000 });
    let counters = table.room.counters();
    assert_eq!((counters.ticks, counters.skipped_ticks), (11, 8));
    assert_eq!(table.tick_now(), 11, "tick numbers have no holes");
    assert_eq!(table.room.next_tick_us(), due_us + 220_000);
    // One snapshot for the three ticks; the next goes on from it.
    let first = table.tick_now() + 1;
    table.inputs(conn, first, &[Input { x: 1, ..Input::default() }]);
    table.tick();
    let ticks: Vec<u32> = table.probe(conn).snapshots.iter().map(|s| s.tick).collect();
    assert_eq!(ticks.last(), Some(&12));
    assert!(!ticks.contains(&9) && !ticks.contains(&10));
}

#[test]
fn phases_spread_rooms_over_the_period() {
    let first_us = |phase_us| {
        let table = Table::with(Options::default(), RoomConfig { phase_us, ..config() });
        table.room.next_tick_us() - START_US
    };
    // The clock starts on a deadline of phase 0, so that one has just passed.
    assert_eq!([0, 5_000, 10_000].map(first_us), [33_333, 5_000, 10_000]);
}

#[test]
fn snapshots_come_every_send_every_ticks() {
    let options = Options { send_every: 3, crumbs: 5, wander: true, ..Options::default() };
    let mut table = Table::new(options);
    let conn = table.join("Ada");
    table.ticks(12);
    // An overrun that jumps over a snapshot's tick is made good with the newest state.
    table.now_us = table.room.next_tick_us() + 70_000;
    assert_eq!(table.tick().ticks, 3);
    table.now_us = table.room.next_tick_us() + 35_000;
    assert_eq!(table.tick().ticks, 2);
    table.ticks(4);
    let ticks: Vec<u32> = table.probe(conn).snapshots.iter().map(|s| s.tick).collect();
    assert_eq!(ticks, [3, 6, 9, 12, 15, 18, 21]);
}
