//! Rooms: made, joined, ended, and their panics kept to themselves.

use std::sync::Arc;

use serde_json::json;
use tickwire_game::Level;
use tickwire_server::{Config, Server};

use super::start;
use crate::pretend::{PANIC_IN_TICK, PANIC_NOW, Spoilt};
use crate::raw::{Socket, eventually, get, metric, post};

#[test]
fn a_room_is_made_listed_and_joined() {
    let server = start(|_| ());
    let address = server.addr();
    let made =
        post(address, "/v1/rooms", r#"{"game":"pretend","id":"mine","options":{"seats":2}}"#);
    assert_eq!(made.status, 201);
    assert_eq!(made.header("location"), Some("/v1/rooms/mine"));
    assert_eq!(made.json()["seats"], 2);

    let listed = get(address, "/v1/rooms?game=pretend").json();
    let ids: Vec<_> = listed["rooms"].as_array().unwrap().iter().map(|room| &room["id"]).collect();
    assert_eq!(ids, ["main", "mine"]);
    assert_eq!(get(address, "/v1/rooms?game=other").json(), json!({ "rooms": [] }));
    assert_eq!(get(address, "/v1/rooms/mine").json()["tick_hz"], 50);

    let seat = post(address, "/v1/rooms/mine/join", r#"{"name":"Ada"}"#);
    assert_eq!(seat.status, 200);
    let seat = seat.json();
    assert_eq!((&seat["room"], &seat["player"]), (&json!("mine"), &json!(1)));
    assert_eq!(seat["socket"], "/v1/play/mine");
    assert!(seat["expires_ms"].as_u64().unwrap() > 1_600_000_000_000);
    assert_eq!(post(address, "/v1/rooms/mine/join", r#"{"name":"Bo"}"#).status, 200);
    let full = post(address, "/v1/rooms/mine/join", r#"{"name":"Cy"}"#);
    assert_eq!((full.status, full.error().as_str()), (409, "room_full"));

    let made_up = post(address, "/v1/rooms", r#"{"game":"pretend"}"#).json();
    assert!(made_up["id"].as_str().is_some_and(|id| id.len() == 8), "{made_up}");
    server.stop().unwrap();
}

#[test]
fn what_cannot_be_made_or_joined_is_answered_with_a_reason() {
    let server = start(|config| config.rooms.max = 2);
    let address = server.addr();
    let room = |body: &str| {
        let answer = post(address, "/v1/rooms", body);
        (answer.status, answer.error())
    };
    let no = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(room(r#"{"game":"chess"}"#), no(404, "game_not_found"));
    assert_eq!(room(r#"{"game":"pretend","id":"main"}"#), no(409, "room_exists"));
    assert_eq!(room(r#"{"game":"pretend","id":"No!"}"#), no(422, "bad_id"));
    assert_eq!(room(r#"{"game":"pretend","level":"zip"}"#), no(422, "bad_level"));
    assert_eq!(room(r#"{"game":"pretend","level":1}"#), no(422, "bad_body"));
    assert_eq!(room(r#"{"game":"pretend","bots":5,"id":"bots"}"#), no(400, "too_many_bots"));
    let text = post(address, "/v1/rooms", r#"{"game":"pretend","bots":5}"#).json();
    assert_eq!(text["error"]["message"], "`bots` is 5, but the room has 4 seats");
    assert_eq!(
        room(r#"{"game":"pretend","options":{"refuse":"no such map"}}"#),
        no(422, "bad_options")
    );
    assert_eq!(room(r#"{"game":"pretend","options":{"panic":1}}"#), no(500, "game_failed"));
    assert_eq!(room(r#"{"game":"pretend","color":"red"}"#), no(422, "bad_body"));
    assert_eq!(room(r#"{"game":"#), no(400, "bad_json"));
    assert_eq!(post(address, "/v1/rooms", r#"{"game":"pretend","id":"second"}"#).status, 201);
    assert_eq!(room(r#"{"game":"pretend"}"#), no(503, "server_full"));

    let join = |path: &str, body: &str| {
        let answer = post(address, path, body);
        (answer.status, answer.error())
    };
    assert_eq!(join("/v1/rooms/nowhere/join", r#"{"name":"A"}"#), no(404, "room_not_found"));
    assert_eq!(join("/v1/rooms/main/join", r#"{"name":" "}"#), no(422, "bad_name"));
    assert_eq!(join("/v1/rooms/main/join", r#"{"nom":"A"}"#), no(422, "bad_body"));
    assert_eq!(get(address, "/v1/rooms/nowhere").error(), "room_not_found");
    server.stop().unwrap();
}

#[test]
fn the_level_is_the_makers_choice_else_the_servers_else_the_games() {
    for (of_server, of_main) in [(None, "packed"), (Some(Level::Ranged), "ranged")] {
        let server = start(|config| config.rooms.level = of_server);
        let address = server.addr();
        assert_eq!(get(address, "/v1/rooms/main").json()["level"], of_main);
        for level in Level::ALL {
            let made =
                post(address, "/v1/rooms", &format!(r#"{{"game":"pretend","level":"{level}"}}"#));
            assert_eq!((made.status, &made.json()["level"]), (201, &json!(level.name())));
        }
        let error = post(address, "/v1/rooms", r#"{"game":"pretend","level":"zip"}"#);
        let text = error.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(text.contains("`zip`") && text.contains("packed, ranged, ranged-max"), "{text}");
        server.stop().unwrap();
    }
}

#[test]
fn one_address_reserves_a_few_seats_until_they_are_taken() {
    let server = start(|config| {
        config.limits.per_ip_exempt = Vec::new();
        config.limits.per_ip_reservations = 2;
    });
    let address = server.addr();
    let join = || post(address, "/v1/rooms/main/join", r#"{"name":"Ada"}"#);
    assert_eq!([join().status, join().status], [200, 200]);
    let refused = join();
    assert_eq!((refused.status, refused.error().as_str()), (429, "too_many_reservations"));
    assert_eq!(refused.header("retry-after"), Some("15"));
    let _taken = Socket::enter(address, "main");
    assert_eq!([join().status, join().status], [200, 429]);
    server.stop().unwrap();

    let server = start(|config| config.limits.per_ip_reservations = 1);
    let join = || post(server.addr(), "/v1/rooms/main/join", r#"{"name":"Ada"}"#).status;
    assert_eq!([join(), join(), join()], [200; 3], "loopback is exempt by default");
    server.stop().unwrap();
}

#[test]
fn a_game_without_a_sound_prior_is_not_served() {
    let config = Config { listen: ([127, 0, 0, 1], 0).into(), ..Config::default() };
    let started = Server::new(config).kind(Arc::new(Spoilt(Default::default()))).start();
    let error = started.err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("the prior of the game `spoilt`: no good"));
}

#[test]
fn a_panic_ends_its_room_and_no_other() {
    let server = start(|_| ());
    let address = server.addr();
    let mut good = Socket::enter(address, "main");
    for (id, message) in [("now", PANIC_NOW), ("tick", PANIC_IN_TICK)] {
        let body = format!(r#"{{"game":"pretend","id":"{id}"}}"#);
        assert_eq!(post(address, "/v1/rooms", &body).status, 201);
        let mut victim = Socket::enter(address, id);
        let mut culprit = Socket::enter(address, id);
        culprit.say(message);
        assert_eq!(culprit.close(), (1011, "the room failed".into()));
        assert_eq!(victim.close(), (1011, "the room failed".into()));
        assert_eq!(get(address, &format!("/v1/rooms/{id}")).status, 404);
    }
    let body = r#"{"game":"pretend","id":"reserve"}"#;
    assert_eq!(post(address, "/v1/rooms", body).status, 201);
    let answer = post(address, "/v1/rooms/reserve/join", r#"{"name":"panic"}"#);
    assert_eq!((answer.status, answer.error().as_str()), (404, "room_not_found"));
    // The answer may be out a moment before the room is.
    eventually("all three are counted", || metric(address, "tickwire_room_panics_total") == 3.0);
    let before = good.tick();
    good.tick_after(before);
    server.stop().unwrap();
}

#[test]
fn rooms_without_clients_are_closed_and_the_first_one_stays() {
    let server = start(|config| config.rooms.idle_close_ms = 200);
    let address = server.addr();
    assert_eq!(post(address, "/v1/rooms", r#"{"game":"pretend","id":"short"}"#).status, 201);
    let mut inside = Socket::enter(address, "short");
    let end = std::time::Instant::now() + std::time::Duration::from_millis(600);
    while std::time::Instant::now() < end {
        inside.tick();
    }
    assert_eq!(get(address, "/v1/rooms/short").status, 200, "somebody is in it");
    drop(inside);
    eventually("the empty room is closed", || get(address, "/v1/rooms/short").status == 404);
    assert_eq!(get(address, "/v1/rooms/main").status, 200);
    server.stop().unwrap();
}
