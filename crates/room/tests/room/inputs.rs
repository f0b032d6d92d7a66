//! Both input modes, from the wire to the tick that uses an input.

use tickwire_game::Team;
use tickwire_room::{AnyRoom, ConnId};
use tickwire_wire::message::InputMode;
use tickwire_wire::snapshot::MARGIN_UNKNOWN;

use crate::harness::Table;
use crate::yard::{Input, Options};

fn walk(x: i8) -> Input {
    Input { x, ..Input::default() }
}

fn jump() -> Input {
    Input { jump: true, ..Input::default() }
}

fn table(mode: InputMode) -> (Table, ConnId) {
    let mut table = Table::new(Options::default());
    let conn = table.join_with("Ada", Team::NONE, |probe| probe.mode = mode);
    table.tick();
    (table, conn)
}

/// What the newest `count` ticks used, as x.
fn used(table: &Table, count: usize) -> Vec<i8> {
    let used = &table.room.world().state().used;
    used[used.len() - count..].iter().map(|(_, x, _)| *x).collect()
}

#[test]
fn a_scheduled_input_is_used_in_exactly_its_tick() {
    let (mut table, conn) = table(InputMode::Scheduled);
    table.inputs(conn, 4, &[walk(1), walk(2)]);
    table.inputs(conn, 6, &[walk(3)]);
    table.ticks(5);
    assert_eq!(table.tick_now(), 6);
    assert_eq!(used(&table, 5), [0, 0, 1, 2, 3]);
    let acks: Vec<u16> = table.probe(conn).snapshots.iter().map(|s| s.own.acked_input).collect();
    assert_eq!(acks, [0, 4, 5, 6], "a snapshot in which nothing changes is left out");
    assert_eq!(table.room.counters().starved_ticks, 0, "nothing is missed before the first input");
}

#[test]
fn a_missing_scheduled_input_is_repeated_for_five_ticks_and_counted() {
    let (mut table, conn) = table(InputMode::Scheduled);
    table.inputs(conn, 2, &[walk(4)]);
    table.ticks(9);
    assert_eq!(used(&table, 9), [4, 4, 4, 4, 4, 4, 0, 0, 0]);
    assert_eq!(table.room.counters().starved_ticks, 5);
    let told: Vec<_> = table.probe(conn).snapshots.iter().filter_map(|s| s.own.counters).collect();
    assert_eq!(told, [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
}

#[test]
fn late_inputs_are_dropped_and_counted_and_repeats_are_not_late() {
    let (mut table, conn) = table(InputMode::Scheduled);
    table.inputs(conn, 2, &[walk(1), walk(2)]);
    table.ticks(2);
    // 2 and 3 have been used; they come again, with one that is new.
    table.inputs(conn, 2, &[walk(3), walk(3), walk(4)]);
    table.tick();
    assert_eq!(used(&table, 3), [1, 2, 4]);
    assert_eq!(table.room.counters().late_inputs, 0);
    table.ticks(2);
    table.inputs(conn, 5, &[walk(3), walk(3)]);
    table.tick();
    assert_eq!(used(&table, 1), [4], "a late input never comes into force");
    assert_eq!(table.room.counters().late_inputs, 2);
    assert_eq!(table.probe(conn).newest().own.counters, Some((2, 3)));
}

#[test]
fn inputs_too_far_ahead_are_dropped() {
    let (mut table, conn) = table(InputMode::Scheduled);
    table.inputs(conn, 2 + 63, &[walk(1), walk(2)]);
    table.inputs(conn, u32::MAX - 15, &[walk(3); 15]);
    assert_eq!(table.room.counters().early_inputs, 16);
    table.ticks(66);
    let used = used(&table, 66);
    assert_eq!(used.iter().position(|&x| x != 0), Some(63));
    assert!(used.iter().all(|&x| x < 2));
}

#[test]
fn the_margin_says_how_early_or_late_inputs_come() {
    let (mut table, conn) = table(InputMode::Scheduled);
    let period_us = 33_333;
    let margin = |table: &Table| table.probe(conn).newest().own.input_margin;
    table.tick();
    assert_eq!(margin(&table), MARGIN_UNKNOWN);
    // Half a tick before its deadline, and no other waits.
    let due_us = table.room.next_tick_us();
    table.now_us = due_us - period_us / 2 - 10;
    table.inputs(conn, 3, &[walk(1)]);
    table.tick();
    assert_eq!(margin(&table), 4);
    // Two and a quarter ticks early: measured against its own deadline.
    let due_us = table.room.next_tick_us();
    table.now_us = due_us - period_us / 4 - 10;
    table.inputs(conn, 6, &[walk(1)]);
    table.tick();
    assert_eq!(margin(&table), 18);
    table.ticks(3);
    assert_eq!(table.tick_now(), 7);
    // Half a tick late.
    let ran_us = table.now_us;
    table.now_us = ran_us + period_us / 2;
    table.inputs(conn, 7, &[walk(1)]);
    table.tick();
    assert_eq!(margin(&table), -4);
    // Just late, and far too late: rounded to the worse, and clamped.
    table.now_us += 1;
    table.inputs(conn, 8, &[walk(1)]);
    table.tick();
    assert_eq!(margin(&table), -1);
    table.ticks(100);
    table.inputs(conn, 50, &[walk(1)]);
    table.tick();
    assert_eq!(margin(&table), -127);
}

#[test]
fn latest_takes_the_newest_and_acknowledges_all() {
    let (mut table, conn) = table(InputMode::Latest);
    table.inputs(conn, 1, &[walk(1), walk(2), walk(3)]);
    table.inputs(conn, 4, &[walk(4)]);
    table.tick();
    assert_eq!(used(&table, 1), [4]);
    assert_eq!(table.probe(conn).newest().own.acked_input, 4);
    table.inputs(conn, 3, &[walk(1)]);
    table.tick();
    assert_eq!(used(&table, 1), [4], "an old number changes nothing");
    assert_eq!(table.room.counters().late_inputs, 0);
}

#[test]
fn latest_loses_no_press_and_presses_no_longer_than_asked() {
    let (mut table, conn) = table(InputMode::Latest);
    let jumps = |table: &Table| table.room.world().state().pawns.values().next().unwrap().jumps;
    table.inputs(conn, 1, &[walk(1), jump(), walk(2)]);
    table.tick();
    assert_eq!((used(&table, 1), jumps(&table)), (vec![2], 1));
    // The press was used up: the next input does not carry it.
    table.inputs(conn, 4, &[walk(3)]);
    table.tick();
    assert_eq!((used(&table, 1), jumps(&table)), (vec![3], 1));
}

#[test]
fn latest_keeps_the_newest_in_force_for_a_second() {
    let (mut table, conn) = table(InputMode::Latest);
    table.inputs(conn, 1, &[walk(-1)]);
    table.ticks(40);
    let used = used(&table, 40);
    assert!(used[..31].iter().all(|&x| x == -1));
    assert!(used[31..].iter().all(|&x| x == 0));
}

#[test]
fn a_client_that_is_cut_off_drives_nothing() {
    let (mut table, conn) = table(InputMode::Latest);
    table.inputs(conn, 1, &[walk(2)]);
    table.tick();
    table.cut(conn);
    table.tick();
    assert_eq!(used(&table, 1), [0]);
}
