//! Rooms of every codec level, played over real sockets with every snapshot's hash checked.

use tickwire::tag::Tag;

use crate::good::Good;
use crate::program::Program;
use crate::raw::{get, post};

#[test]
fn rooms_of_every_level_are_played_side_by_side() {
    let program = Program::start(&["--set", "rooms.level=packed", "--bots", "0"]);
    let address = program.address;
    let levels = ["packed", "ranged", "ranged-max"];
    let players: Vec<Good> = levels
        .iter()
        .map(|level| {
            let body = format!(r#"{{"game":"tag","id":"{level}","bots":4,"level":"{level}"}}"#);
            let made = post(address, "/v1/rooms", &body);
            assert_eq!(made.status, 201, "{made:?}");
            Good::join::<Tag>(address, level)
        })
        .collect();
    for (level, player) in levels.into_iter().zip(players) {
        player.play_on(60);
        assert_eq!(get(address, &format!("/v1/rooms/{level}")).json()["level"], level);
        let report = player.leave();
        assert!(report.close.is_none(), "{level}: {report:?}");
    }
    assert_eq!(get(address, "/v1/rooms/skirmish").json()["level"], "packed", "the server's choice");
}
