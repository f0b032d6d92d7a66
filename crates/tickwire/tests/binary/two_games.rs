//! Two games in one binary, at the same time.

use tickwire::tag::Tag;
use tickwire_skirmish::Skirmish;

use crate::good::Good;
use crate::program::Program;
use crate::raw::{eventually, get, post};

#[test]
fn tag_runs_beside_skirmish() {
    let program = Program::start(&[]);
    let address = program.address;
    let games = get(address, "/v1/games").json();
    let names: Vec<_> =
        games["games"].as_array().unwrap().iter().map(|game| &game["name"]).collect();
    assert_eq!(names, ["skirmish", "tag"]);
    let made = post(address, "/v1/rooms", r#"{"game":"tag","id":"yard","bots":5}"#);
    assert_eq!(made.status, 201, "{made:?}");

    let shooter = Good::join::<Skirmish>(address, "skirmish");
    let runner = Good::join::<Tag>(address, "yard");
    shooter.play_on(60);
    runner.play_on(40);
    eventually("the lobby shows both", || {
        let yard = get(address, "/v1/rooms/yard").json();
        yard["players"] == 1 && yard["bots"] == 4 && yard["clients"] == 1
    });
    let hash = get(address, "/v1/rooms/yard").json()["schema_hash"].as_str().unwrap().to_owned();
    let schema = get(address, &format!("/v1/schemas/{hash}")).json();
    assert_eq!(schema["game"], "tag");
    assert_eq!(schema["tables"][1]["name"], "runners");
    for (good, name) in [(shooter, "skirmish"), (runner, "tag")] {
        let report = good.leave();
        assert!(report.close.is_none(), "{name}: {report:?}");
    }
    eventually("the seat is a bot's again", || get(address, "/v1/rooms/yard").json()["bots"] == 5);
}

#[test]
fn the_tiny_game_keeps_every_rule_and_is_tiny() {
    tickwire::testing::check::<Tag>();
    let lines = include_str!("../../src/tag.rs").lines().count();
    assert!(lines < 80, "{lines} lines");
}
