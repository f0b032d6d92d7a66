//! A recorded match, played again, is the same match.

use tickwire_game::{Dice, Recording, Team};
use tickwire_room::{AnyRoom, RoomConfig};

use crate::harness::{Table, config};
use crate::yard::{Command, Input, Options, Yard};

#[test]
fn a_recorded_match_replays_to_equal_hashes() {
    let config = RoomConfig { bots: 6, record: true, ..config() };
    let options = Options { crumbs: 20, wander: true, notes: true, ..Options::default() };
    let mut table = Table::with(options, config);
    let mut dice = Dice::new(5, 0, 0);
    let mut hashes = Vec::new();
    let mut conns = Vec::new();
    for tick in 0..400_u32 {
        if tick % 40 == 3 && conns.len() < 6 {
            let team = Team(1 + (tick / 40 % 2) as u8);
            conns.push(table.join_with(&tick.to_string(), team, |_| {}));
        }
        if tick % 90 == 80 {
            let conn = conns.remove(0);
            table.cut(conn);
            if tick < 200 {
                conns.push(table.resume(conn));
            }
        }
        for &conn in &conns {
            let input = Input { x: dice.below(9) as i8 - 4, jump: dice.chance(0.1), y: 1 };
            table.inputs(conn, tick + dice.below(4), &[input]);
            if dice.chance(0.02) {
                table.command(conn, &Command::Ring { n: tick });
            }
        }
        if dice.chance(0.01) {
            table.now_us = table.room.next_tick_us() + 300_000;
        }
        table.tick();
        hashes.push((table.tick_now(), table.room.world().hash()));
    }
    assert!(table.room.counters().skipped_ticks > 0);
    let recording = Recording::<Yard>::load(&table.room.recording().unwrap()).unwrap();
    let mut replayed = std::collections::BTreeMap::new();
    recording.replay(&(), |world| _ = replayed.insert(world.tick(), world.hash())).unwrap();
    assert_eq!(replayed.len() as u32, table.tick_now());
    for (tick, hash) in hashes {
        assert_eq!(replayed[&tick], hash, "after tick {tick}");
    }
}

#[test]
fn clients_that_only_watch_change_nothing() {
    let run = |watch: bool| {
        let config = RoomConfig { bots: 4, ..config() };
        let mut table =
            Table::with(Options { wander: true, crumbs: 9, ..Options::default() }, config);
        let conn = table.join("Ada");
        for tick in 0..100_u32 {
            if watch {
                table.inputs(conn, tick + 2, &[Input::default()]);
                table.send(conn, &tickwire_wire::message::encode_ping([1; 4]));
            }
            table.tick();
        }
        table.room.world().state().pawns.values().map(|pawn| pawn.pos).collect::<Vec<_>>()
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn nothing_is_recorded_unless_asked_for() {
    let mut table = Table::new(Options::default());
    table.ticks(3);
    assert_eq!(table.room.recording(), None);
}
