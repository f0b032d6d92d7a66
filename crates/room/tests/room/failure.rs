//! A game that panics ends its own room, and the room can still say so.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tickwire_room::{AnyRoom, RoomConfig};
use tickwire_wire::close::{self, Close};
use tickwire_wire::message::Auth;

use crate::harness::{Table, config};
use crate::yard::{Command, Options, SURE};

#[test]
fn after_a_panic_every_client_is_told() {
    let options = Options { cell_size: Some(16.0), crumbs: 10, ..Options::default() };
    let mut table = Table::with(options, RoomConfig { bots: 3, ..config() });
    let conns = [table.join("Ada"), table.join("Bob")];
    table.ticks(5);
    table.command(conns[0], &Command::Crash { code: SURE });
    table.now_us = table.room.next_tick_us();
    let ticked = catch_unwind(AssertUnwindSafe(|| table.room.tick(table.now_us)));
    assert!(ticked.is_err());
    table.room.shut(Close::new(close::ROOM_FAILED, "the room failed"));
    table.release();
    for conn in conns {
        assert_eq!(table.close(conn).code, close::ROOM_FAILED);
    }
    let late = table.connect(Auth::Ticket(String::new()));
    table.hello(late);
    assert_eq!(table.close(late).code, close::ROOM_FAILED);
}
