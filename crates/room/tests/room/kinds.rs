//! Rooms opened with the game's types erased, as the server does.

use serde_json::json;
use tickwire_game::World;
use tickwire_room::{RoomConfig, kind};

use crate::harness::{START_US, config};
use crate::yard::Yard;

#[test]
fn a_kind_opens_rooms_from_json() {
    let kind = kind::<Yard>();
    assert_eq!(kind.name(), "yard");
    let (json, hash) = kind.schema();
    assert_eq!(*hash, tickwire_wire::schema::schema_hash(json));
    assert_eq!(*hash, World::<Yard>::schema().hash());
    let open = |options| kind.open(&options, &(), config(), START_US);
    let room = open(json!({ "seats": 3, "tick_hz": 20 })).unwrap();
    assert_eq!((room.info().seats, room.info().tick_hz), (3, 20));
    assert_eq!(open(json!(null)).unwrap().info().seats, 8);
    assert_eq!(room.info().schema_hash, *hash);
}

#[test]
fn what_a_game_or_its_options_refuse_is_not_opened() {
    let kind = kind::<Yard>();
    let refusal = |options, config| match kind.open(&options, &(), config, START_US) {
        Ok(_) => panic!("opened"),
        Err(refusal) => refusal.reason,
    };
    assert!(refusal(json!({ "sets": 3 }), config()).starts_with("options: unknown field `sets`"));
    assert!(refusal(json!({ "seats": "many" }), config()).starts_with("options: invalid type"));
    assert_eq!(refusal(json!({ "crumbs": 666 }), config()), "too many crumbs");
    let seats = refusal(json!({ "seats": 0 }), config());
    assert_eq!(seats, "seats is 0, allowed are 1 to 4096");
    for id in [String::new(), "x".repeat(65)] {
        let config = RoomConfig { id, ..config() };
        assert_eq!(refusal(json!(null), config), "a room id has 1 to 64 bytes");
    }
}
