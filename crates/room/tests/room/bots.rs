//! Bots fill a room, yield to humans, and return.

use tickwire_game::{LeaveReason, PlayerId};
use tickwire_room::limits::RESUME_WINDOW_MS;
use tickwire_room::{AnyRoom, RoomConfig};
use tickwire_wire::message::ClientMessage;

use crate::harness::{Table, config};
use crate::yard::Options;

fn table(seats: u16, bots: u16) -> Table {
    Table::with(Options { seats, ..Options::default() }, RoomConfig { bots, ..config() })
}

/// (humans, bots) as the world has them.
fn players(table: &Table) -> (usize, usize) {
    let players = table.room.world().players();
    let bots = players.values().filter(|player| player.bot).count();
    (players.len() - bots, bots)
}

fn leave(table: &mut Table, conn: tickwire_room::ConnId) {
    let bytes = table.probe_mut(conn).reliable(&ClientMessage::Leave);
    table.send(conn, &bytes);
}

#[test]
fn bots_fill_the_room_and_play() {
    let mut table = table(6, 4);
    table.ticks(20);
    assert_eq!(players(&table), (0, 4));
    let info = table.room.info();
    assert_eq!((info.players, info.bots, info.clients), (0, 4, 0));
    let state = table.room.world().state();
    assert!(state.used.iter().any(|(_, x, _)| *x != 0), "they move");
    let names: std::collections::BTreeSet<String> =
        table.room.world().players().values().map(|player| player.name.to_string()).collect();
    assert_eq!(names.len(), 4, "each has its own name");
}

#[test]
fn a_bot_leaves_for_every_human_and_returns_when_one_goes() {
    let mut table = table(6, 4);
    table.ticks(2);
    let first = table.join("Ada");
    assert_eq!(players(&table), (0, 4), "until the human enters, nobody goes");
    table.tick();
    assert_eq!(players(&table), (1, 3));
    let rest: Vec<_> = (0..5).map(|n| table.join(&n.to_string())).collect();
    table.tick();
    assert_eq!(players(&table), (6, 0), "every seat goes to a human");
    leave(&mut table, first);
    table.tick();
    assert_eq!(players(&table), (5, 0), "five humans are enough");
    for &conn in &rest[..3] {
        leave(&mut table, conn);
    }
    table.tick();
    assert_eq!(players(&table), (2, 2));
}

#[test]
fn a_seat_that_is_kept_counts_as_taken() {
    let mut table = table(4, 4);
    let conn = table.join("Ada");
    table.ticks(2);
    table.cut(conn);
    table.tick();
    assert_eq!(players(&table), (1, 3));
    let id = tickwire_game::Id::new(u32::from(table.probe(conn).player()));
    assert!(!table.room.world().players().get(id).unwrap().online);
    table.wait(u64::from(RESUME_WINDOW_MS) * 1000);
    table.tick();
    assert_eq!(players(&table), (0, 4));
}

#[test]
fn player_ids_are_not_given_out_again() {
    let mut table = table(3, 3);
    table.ticks(2);
    let mut seen = std::collections::BTreeSet::from([1, 2, 3]);
    for _ in 0..20 {
        let conn = table.join("Ada");
        table.tick();
        assert!(seen.insert(table.probe(conn).player()));
        leave(&mut table, conn);
        table.tick();
        let newest = table.room.world().players().ids().last().map(|id| id.raw() as u16);
        assert!(seen.insert(newest.unwrap()), "the bot that returns has a new id");
    }
}

#[test]
fn the_world_is_told_that_a_bot_yields() {
    let config = RoomConfig { bots: 2, record: true, ..config() };
    let mut table = Table::with(Options { seats: 2, ..Options::default() }, config);
    table.ticks(2);
    table.join("Ada");
    table.tick();
    let bytes = table.room.recording().unwrap();
    let recording = tickwire_game::Recording::<crate::yard::Yard>::load(&bytes).unwrap();
    let leaves: Vec<_> = recording.entries().flat_map(|entry| entry.unwrap().leaves).collect();
    assert_eq!(leaves, [(PlayerId(2), LeaveReason::Yielded)]);
}
