//! Movement on the map that ships: whatever is held, nobody gets into a wall.

use tickwire_game::{ColumnReader, Dice, Guess, PlayerId, Table, Vec2, Wire, World};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::balance::RADIUS;
use tickwire_skirmish::map::Map;
use tickwire_skirmish::messages::Input;
use tickwire_skirmish::options::Options;

use crate::harness::{Match, depot};

/// How far a snapped position may reach into a corner, metres: half a position step each way.
const ROUNDING: f32 = 0.01;

/// How deep a circle at `pos` reaches into walls, metres.
fn depth(map: &Map, pos: Vec2) -> f32 {
    let (tx, ty) = Map::tile(pos);
    let mut deepest = 0.0_f32;
    for y in ty - 1..=ty + 1 {
        for x in (tx - 1..=tx + 1).filter(|&x| map.solid(x, y)) {
            let low = Vec2::new(x as f32, y as f32);
            let nearest = pos.clamp(low, low + Vec2::ONE);
            deepest = deepest.max(RADIUS - (pos - nearest).length());
        }
    }
    deepest
}

#[test]
fn nobody_gets_into_a_wall() {
    let mut game = Match::depot(&Options::default(), 11);
    let players = game.enter(16);
    let ground = std::sync::Arc::clone(game.world.fixed());
    let mut dice = Dice::new(5, 0, 0);
    let mut travelled = [0.0_f32; 16];
    for _ in 0..3000 {
        for &player in &players {
            if dice.chance(0.08) {
                let turn = |dice: &mut Dice| dice.below(3) as i8 - 1;
                let (move_x, move_y) = (turn(&mut dice), turn(&mut dice));
                game.held.insert(player, Input { move_x, move_y, ..Input::default() });
            }
        }
        let before: Vec<Vec2> = players.iter().map(|&player| game.pos(player)).collect();
        game.play(1);
        for (index, &player) in players.iter().enumerate() {
            let pos = game.pos(player);
            let deep = depth(&ground.map, pos);
            assert!(deep <= ROUNDING, "{player:?} is {deep} m inside a wall at {pos}");
            let step = (pos - before[index]).length();
            assert!(step < 0.3, "{player:?} jumped {step} m to {pos}");
            travelled[index] += step;
        }
    }
    assert!(travelled.iter().all(|metres| *metres > 50.0), "{travelled:?}");
}

#[test]
fn a_client_predicts_what_the_server_computes() {
    let mut game = Match::depot(&Options::default(), 12);
    let players = game.enter(3);
    let me = players[1];
    let world = World::<Skirmish>::create(Options::default(), &depot(), 0).expect("a valid map");
    let table = Table::new();
    let mut guessed = game.world.state().clone();
    let mut dice = Dice::new(6, 0, 0);
    for _ in 0..600 {
        if dice.chance(0.15) {
            let input = Input {
                move_x: dice.below(3) as i8 - 1,
                move_y: dice.below(3) as i8 - 1,
                aim: dice.range(0.0..6.0),
                ..Input::default()
            };
            game.held.insert(me, input);
        }
        let tick = game.world.tick() + 1;
        let guess = Guess::<Skirmish> { tick, tick_hz: 30, fixed: world.fixed(), players: &table };
        // What the server computes with is what has travelled.
        let mut columns = Vec::new();
        game.held.get(&me).cloned().unwrap_or_default().put(&mut columns);
        let input = Input::get(&mut ColumnReader::new(&columns));
        guess.step(&mut guessed, me, &input);
        game.play(1);
        let (ours, theirs) = (guessed.avatar(me).expect("mine"), game.avatar(me));
        assert_eq!((ours.pos, ours.vel, ours.aim), (theirs.pos, theirs.vel, theirs.aim));
    }
    assert_ne!(game.pos(me), game.pos(PlayerId(1)));
}
