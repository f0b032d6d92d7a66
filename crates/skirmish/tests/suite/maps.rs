//! The map that ships, and what is said of maps that are wrong.

use serde_json::{Value, json};
use tickwire_skirmish::limits::SEATS;
use tickwire_skirmish::map::Map;
use tickwire_skirmish::state::PickupKind;
use tickwire_skirmish::tiled::parse;

use crate::harness::{DEPOT, tiled};

const SMALL: [&str; 8] = [
    "##########",
    "#S.......#",
    "#........#",
    "#...##...#",
    "#...##...#",
    "#........#",
    "#.......S#",
    "##########",
];

/// The refusal of a map.
fn refusal(map: &Value) -> String {
    parse(map.to_string().as_bytes()).err().map(|refusal| refusal.reason).unwrap_or_default()
}

/// The layer of that name.
fn layer<'a>(map: &'a mut Value, name: &str) -> &'a mut Value {
    let layers = map["layers"].as_array_mut().expect("layers are a list");
    layers.iter_mut().find(|layer| layer["name"] == name).expect("the layer exists")
}

#[test]
fn depot_is_sound_and_symmetric() {
    let (map, nav) = parse(DEPOT).expect("the map that ships is valid");
    assert_eq!((map.width(), map.height()), (48, 32));
    assert!(map.spawns.len() >= usize::from(*SEATS.end()), "a spawn point for every seat");
    for kind in [PickupKind::Health, PickupKind::Shield, PickupKind::Ammo] {
        assert!(map.pickups.iter().filter(|(what, _)| *what == kind).count() >= 2, "{kind:?}");
    }
    for y in 0..32 {
        for x in 0..48 {
            assert_eq!(map.solid(x, y), map.solid(47 - x, 31 - y), "not symmetric at {x},{y}");
        }
    }
    for y in 0..32 {
        for x in (0..48).filter(|&x| !map.solid(x, y)) {
            assert!(nav.reaches(map.spawns[0], Map::centre(x, y)), "{x},{y} is closed in");
        }
    }
}

#[test]
fn lines_of_sight_are_not_too_long() {
    let (map, _) = parse(DEPOT).expect("the map that ships is valid");
    let longest = |line: &dyn Fn(i32) -> bool, length: i32| {
        let mut run = 0;
        (0..length)
            .map(|at| {
                run = if line(at) { 0 } else { run + 1 };
                run
            })
            .max()
            .unwrap_or(0)
    };
    let rows = (0..32).map(|y| longest(&|x| map.solid(x, y), 48)).max().unwrap_or(0);
    let columns = (0..48).map(|x| longest(&|y| map.solid(x, y), 32)).max().unwrap_or(0);
    assert!(rows <= 30 && columns <= 24, "rows {rows} m, columns {columns} m");
}

#[test]
fn a_small_map_passes() {
    assert_eq!(refusal(&tiled(&SMALL)), "");
}

#[test]
fn wrong_maps_are_refused_with_the_place() {
    type Spoil = fn(&mut Value);
    let cases: [(&str, Spoil); 14] = [
        ("no layer `walls`", |map| layer(map, "walls")["name"] = json!("Walls")),
        ("no layer `spawns`", |map| layer(map, "spawns")["name"] = json!("x")),
        ("type `objectgroup`, wanted `tilelayer`", |map| {
            layer(map, "walls")["type"] = json!("objectgroup");
        }),
        ("compressed", |map| layer(map, "walls")["data"] = json!("H4sIAAAAAAAA")),
        ("layer `walls` has 3 tiles", |map| layer(map, "walls")["data"] = json!([1, 1, 1])),
        ("no tile number", |map| layer(map, "walls")["data"][0] = json!(-1)),
        ("has 0 points, wanted 2 to 64", |map| layer(map, "spawns")["objects"] = json!([])),
        ("70 x 8 tiles", |map| map["width"] = json!(70)),
        ("fixed size", |map| map["infinite"] = json!(true)),
        ("orthogonal", |map| map["orientation"] = json!("isometric")),
        ("above 0", |map| map["tilewidth"] = json!(0)),
        ("object 101 of layer `spawns`", |map| {
            layer(map, "spawns")["objects"][0]["x"] = json!(0);
        }),
        ("type `sword`, wanted `health`", |map| {
            layer(map, "pickups")["objects"] =
                json!([{"id": 5, "type": "sword", "x": 24, "y": 24}]);
        }),
        ("not a Tiled map", |map| *map = json!([])),
    ];
    for (wanted, spoil) in cases {
        let mut map = tiled(&SMALL);
        spoil(&mut map);
        let said = refusal(&map);
        assert!(said.contains(wanted), "wanted `{wanted}`, was `{said}`");
    }
}

#[test]
fn closed_in_spawns_are_refused() {
    let mut rows = SMALL;
    rows[5] = "##########";
    assert!(refusal(&tiled(&rows)).contains("no way leads"));
}

#[test]
fn tiled_1_9_says_class() {
    let mut map = tiled(&SMALL);
    layer(&mut map, "pickups")["objects"] =
        json!([{"id": 5, "class": "health", "x": 24, "y": 40, "point": true}]);
    assert_eq!(refusal(&map), "");
}
