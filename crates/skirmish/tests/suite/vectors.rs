//! Movement in numbers, for clients in other languages: `assets/web/skirmish/test/predict-vectors.json`.
//!
//! The file is compared with what the game computes now; with `TICKWIRE_UPDATE_VECTORS=1` it is
//! rewritten instead.

use std::fmt::Write;
use std::path::Path;

use tickwire_game::{ColumnReader, Dice, Guess, PlayerId, Row, Single, Table, Vec2, Wire, World};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::balance;
use tickwire_skirmish::map::Map;
use tickwire_skirmish::messages::Input;
use tickwire_skirmish::options::Options;
use tickwire_skirmish::state::{Arena, Avatar, Phase, Round};

use crate::harness::depot;

const RUNS: u32 = 64;
const TICKS: u32 = 40;
const ME: PlayerId = PlayerId(1);

/// The file, line by line. Its layout:
///
/// ```text
/// {
///   "tick_hz": 30,
///   "dt": f32 seconds per tick, as the f64 of the same value,
///   "constants": { "radius", "pos_step", "vel_step", "top_speed", "acceleration", "friction", "diagonal" }: f32 values (m, s),
///   "map": { "name", "width", "height", "rows": one string per row, "#" solid, "." floor; outside everything is solid },
///   "input_columns": names of an input's columns, in order,
///   "state_columns": names of a state's columns, in order,
///   "runs": [ { "start": raw state columns,
///               "inputs": [ raw input columns, one list per tick ],
///               "states": [ raw state columns after each tick, snapped ] } ]
/// }
/// ```
///
/// Raw columns are the unsigned integers that travel: move = raw - 1; input aim = raw × 2π / 1024;
/// pos = raw / 128 m; vel = -15 + raw × 15 / 64 m/s; state aim = raw × 2π / 256. The avatar is alive.
fn vectors() -> String {
    let world = World::<Skirmish>::create(Options::default(), &depot(), 1).expect("a valid map");
    let map = &world.fixed().map;
    let mut text = String::from("{\n");
    head(&mut text, map);
    text.push_str("  \"runs\": [\n");
    for run in 0..RUNS {
        let mut dice = Dice::new(2026, run, 0);
        let end = if run + 1 < RUNS { ",\n" } else { "\n" };
        let _ = write!(text, "    {}{end}", one_run(&world, &mut dice));
    }
    text.push_str("  ]\n}\n");
    text
}

/// Everything above the runs.
fn head(text: &mut String, map: &Map) {
    let rows: Vec<String> = (0..map.height()).map(|y| map.row_text(y)).collect();
    let value = serde_json::json!({
        "dt": f64::from(1.0_f32 / f32::from(balance::TICK_HZ)),
        "constants": {
            "radius": f64::from(balance::RADIUS),
            "pos_step": balance::POS_STEP,
            "vel_step": f64::from(balance::VEL_STEP),
            "top_speed": f64::from(balance::TOP_SPEED),
            "acceleration": f64::from(balance::ACCELERATION),
            "friction": f64::from(balance::FRICTION),
            "diagonal": f64::from(balance::DIAGONAL),
        },
        "input_columns": ["move_x", "move_y", "aim", "rail", "blast"],
        "state_columns": ["pos_x", "pos_y", "vel_x", "vel_y", "aim"],
    });
    let _ = writeln!(text, "  \"tick_hz\": {},", balance::TICK_HZ);
    for key in ["dt", "constants", "input_columns", "state_columns"] {
        let _ = writeln!(text, "  \"{key}\": {},", value[key]);
    }
    let _ = writeln!(
        text,
        "  \"map\": {{\"name\": \"depot\", \"width\": {}, \"height\": {}, \"rows\": [",
        map.width(),
        map.height()
    );
    for (index, row) in rows.iter().enumerate() {
        let end = if index + 1 < rows.len() { "," } else { "" };
        let _ = writeln!(text, "    \"{row}\"{end}");
    }
    text.push_str("  ]},\n");
}

/// A start and what random inputs make of it.
fn one_run(world: &World<Skirmish>, dice: &mut Dice) -> String {
    let table = Table::new();
    let mut arena = start(&world.fixed().map, dice);
    let begin = raw_state(&arena);
    let mut inputs = Vec::new();
    let mut states = Vec::new();
    let mut input = Input::default();
    for tick in 1..=TICKS {
        if tick == 1 || dice.chance(0.15) {
            input = Input {
                move_x: dice.below(3) as i8 - 1,
                move_y: dice.below(3) as i8 - 1,
                aim: dice.range(0.0..std::f32::consts::TAU),
                rail: dice.chance(0.2),
                blast: dice.chance(0.2),
            };
        }
        let mut columns = Vec::new();
        input.put(&mut columns);
        let received = Input::get(&mut ColumnReader::new(&columns));
        let guess = Guess::<Skirmish> {
            tick,
            tick_hz: balance::TICK_HZ,
            fixed: world.fixed(),
            players: &table,
        };
        guess.step(&mut arena, ME, &received);
        inputs.push(columns);
        states.push(raw_state(&arena));
    }
    serde_json::json!({"start": begin, "inputs": inputs, "states": states}).to_string()
}

/// A lone avatar somewhere on the floor, next to a wall as often as not, standing or running.
fn start(map: &Map, dice: &mut Dice) -> Arena {
    let near_wall = dice.chance(0.5);
    let pos = loop {
        let x = dice.range(0.0..map.width() as f32);
        let y = dice.range(0.0..map.height() as f32);
        let pos = Vec2::new(x, y);
        let feeler = [Vec2::X, Vec2::Y, -Vec2::X, -Vec2::Y].map(|way| pos + way * 0.8);
        if map.fits(pos) && (!near_wall || feeler.iter().any(|&point| map.solid_at(point))) {
            break pos;
        }
    };
    let vel = if dice.chance(0.5) {
        Vec2::new(dice.range(-7.0..7.0), dice.range(-7.0..7.0)) * 0.7
    } else {
        Vec2::ZERO
    };
    let mut avatars = Table::new();
    avatars.insert(Avatar {
        player: ME,
        pos,
        vel,
        aim: 0.0,
        alive: true,
        health: 100,
        shield: 0,
        hue: 0,
        score: 0,
        deaths: 0,
        rail_ready: 0,
        ammo: 0,
        respawn_in: 0,
        blast_ready: 0,
        recharge_in: 0,
    });
    let round = Round {
        phase: Phase::Playing,
        number: 1,
        ends_in_s: 60,
        winner: PlayerId::NONE,
        ticks_left: 1800,
    };
    let mut arena =
        Arena { avatars, shots: Table::new(), pickups: Table::new(), round: Single::new(round) };
    tickwire_game::Replicate::snap(&mut arena);
    arena
}

/// The columns of `pos`, `vel` and `aim`.
fn raw_state(arena: &Arena) -> Vec<u32> {
    let mut columns = Vec::new();
    let avatar = arena.avatar(ME).expect("the avatar is there");
    avatar.put_public(&mut columns);
    // Column 0 is the owner.
    columns[1..6].to_vec()
}

#[test]
fn predict_vectors_are_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../assets/web/skirmish/test/predict-vectors.json");
    let now = vectors();
    assert!(now.len() < 200_000, "{} bytes are too many", now.len());
    assert!(serde_json::from_str::<serde_json::Value>(&now).is_ok(), "not JSON");
    if std::env::var_os("TICKWIRE_UPDATE_VECTORS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().expect("the file has a folder")).expect("writable");
        std::fs::write(&path, now).expect("writable");
        return;
    }
    let then = std::fs::read_to_string(&path).expect("the vectors exist");
    assert!(
        then == now,
        "movement has changed: change assets/web/skirmish/predict.js alike, then run this test with TICKWIRE_UPDATE_VECTORS=1"
    );
}
