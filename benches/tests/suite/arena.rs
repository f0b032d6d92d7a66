//! The arena workload keeps to the laws that it is compared by.

use tickwire_benches::arena::config::{A, B, B50, C};
use tickwire_benches::arena::crowd::{Crowd, states};
use tickwire_benches::arena::leg::Leg;
use tickwire_benches::arena::{Arena, Input, NPC_SPEED, Options, PLAYER_SPEED, WORLD_M};
use tickwire_game::testing::Check;
use tickwire_game::wire::columns::Extract;
use tickwire_game::{Assets, Dice, PlayerId, Profile, Vec2, World, testing};

#[test]
fn the_arena_is_a_good_game() {
    testing::check::<Arena>();
    let options = Options { tick_hz: 60, seats: 8, npcs: 20, view_radius: Some(30.0) };
    Check::<Arena>::new().options(options).ticks(120).run();
}

#[test]
fn senseless_options_are_refused() {
    let refused = |options| World::<Arena>::create(options, &() as &dyn Assets, 1).err();
    assert!(refused(Options::default()).is_none());
    let error = refused(Options { npcs: 60_000, ..Options::default() }).unwrap();
    assert!(error.reason.contains("npcs"), "{error}");
    for radius in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        let error = refused(Options { view_radius: Some(radius), ..Options::default() }).unwrap();
        assert!(error.reason.contains("view_radius"), "{error}");
    }
    assert!(refused(Options { tick_hz: 0, ..Options::default() }).is_some());
}

/// A world with players 1..=`players` in it.
fn world(options: Options, players: u16) -> World<Arena> {
    let mut world = World::<Arena>::create(options, &(), 5).unwrap();
    let mut entry = world.next_entry();
    entry.joins.extend((1..=players).map(|id| (PlayerId(id), Profile::default())));
    assert!(world.advance(&entry).refused_joins.is_empty());
    world
}

/// One tick in which player 1 sends `input`.
fn step(world: &mut World<Arena>, input: &Input) {
    let mut entry = world.next_entry();
    entry.inputs.push((PlayerId(1), input.clone()));
    world.advance(&entry);
}

#[test]
fn a_player_walks_at_five_metres_a_second_up_to_the_edge() {
    let mut world = world(Options::default(), 1);
    let start = world.state().entities.values().next().unwrap().exact;
    let input = Input { direction: Vec2::new(0.6, 0.8), aim: 1.0, fire: false };
    for tick in 1..=60_u16 {
        step(&mut world, &input);
        let entity = world.state().entities.values().next().unwrap();
        let way = Vec2::new(0.6, 0.8) * PLAYER_SPEED * f32::from(tick) / 30.0;
        let expected = (start + way).clamp(Vec2::ZERO, Vec2::splat(WORLD_M));
        assert!((entity.exact - expected).length() < 0.01, "{} {expected}", entity.exact);
        assert!(
            (entity.pos - entity.exact).abs().max_element() <= 0.00501,
            "rounded, not drifting"
        );
        assert!((entity.vel - Vec2::new(3.0, 4.0)).abs().max_element() < 0.005);
        assert!((entity.angle - 1.0).abs() <= std::f32::consts::TAU / 512.0 + 1e-4);
    }
    (0..60 * 30).for_each(|_| step(&mut world, &input));
    let entity = world.state().entities.values().next().unwrap();
    assert_eq!(entity.pos, Vec2::splat(WORLD_M), "two seconds a row, then at the edge");
    assert!(entity.vel.length() > 4.9, "the velocity is what was asked for, also at the edge");
}

#[test]
fn nobody_is_faster_than_the_law() {
    let mut world = world(Options::default(), 1);
    let input = Input { direction: Vec2::new(-1.0, 1.0), ..Input::default() };
    step(&mut world, &input);
    let entity = world.state().entities.values().next().unwrap();
    assert!((entity.vel.length() - PLAYER_SPEED).abs() < 0.01, "{}", entity.vel);
}

#[test]
fn a_shot_scores_and_takes_one_health() {
    let mut world = world(Options { npcs: 9, ..Options::default() }, 1);
    let input = Input { fire: true, ..Input::default() };
    let (mut shots, mut lost) = (0, 0);
    let sum = |world: &World<Arena>| -> i32 {
        world.state().entities.values().map(|entity| i32::from(entity.health)).sum()
    };
    for _ in 0..2_000 {
        let before = sum(&world);
        step(&mut world, &input);
        shots += 1;
        match before - sum(&world) {
            1 => lost += 1,
            // One that was at 0 is full again.
            change => assert_eq!(change, -100),
        }
    }
    let shooter = world.state().entities.owned_by(PlayerId(1)).unwrap().1;
    assert_eq!(shooter.score, shots);
    assert!(lost > 1_900 && lost < 2_000, "2000 shots at ten entities of 100 health: {lost}");
}

#[test]
fn npcs_walk_at_two_metres_a_second_and_bounce() {
    let mut world = world(Options { npcs: 200, ..Options::default() }, 0);
    let (mut moving, mut standing, mut at_edge) = (0, 0, 0);
    let mut corner_ticks = [0_u32; 200];
    for _ in 0..3_000 {
        world.advance(&world.next_entry());
        for (index, entity) in world.state().entities.values().enumerate() {
            let speed = entity.vel.length();
            match speed > 0.0 {
                true => moving += 1,
                false => standing += 1,
            }
            assert!(speed < 0.01 || (speed - NPC_SPEED).abs() < 0.01, "{speed}");
            let edge = entity.pos.min_element() <= 0.0 || entity.pos.max_element() >= WORLD_M;
            at_edge += u32::from(edge);
            corner_ticks[index] = if edge && speed > 0.0 { corner_ticks[index] + 1 } else { 0 };
            assert!(corner_ticks[index] < 20, "an NPC walks along the edge instead of bouncing");
        }
    }
    let stands = f64::from(standing) / f64::from(moving + standing);
    assert!((0.18..0.22).contains(&stands), "one leg in five is a stand: {stands}");
    assert!(at_edge > 0);
}

#[test]
fn legs_follow_their_law() {
    let (mut lengths, mut stands, mut turns) = (Vec::new(), 0, Vec::new());
    let mut dice = Dice::new(3, 0, 0);
    let mut leg = Leg::new(&mut dice);
    let dt = 1.0 / 30.0;
    for _ in 0..200_000 {
        let before = leg;
        leg.step(dt, &mut dice);
        if before.left_s <= 0.0 {
            lengths.push(leg.left_s + dt);
            stands += usize::from(leg.stands);
        }
        if leg.stands {
            assert_eq!((leg.heading, leg.aim), (before.heading, before.aim));
            assert_eq!(leg.direction(), Vec2::ZERO);
        } else {
            turns.push(tickwire_game::math::wrap_angle(leg.heading - before.heading));
            let aim = tickwire_game::math::wrap_angle(leg.aim - before.aim);
            assert!(aim.abs() <= 0.1501);
            assert!((leg.direction().length() - 1.0).abs() < 1e-5);
        }
    }
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    assert!(lengths.iter().all(|length| (0.499..2.001).contains(length)));
    assert!((1.23..1.27).contains(&mean(&lengths)), "{}", mean(&lengths));
    let share = stands as f64 / lengths.len() as f64;
    assert!((0.18..0.22).contains(&share), "{share}");
    assert!(turns.iter().all(|turn| turn.abs() <= 0.2001) && mean(&turns).abs() < 0.002);
    let squares = turns.iter().map(|turn| turn * turn).sum::<f32>() / turns.len() as f32;
    assert!((0.0129..0.0138).contains(&squares), "a third of 0.04: {squares}");
}

#[test]
fn players_fire_one_tick_in_fifty() {
    let mut crowd = Crowd::new(4, 30, 9);
    let shots = (0..100_000).filter(|tick| crowd.input(tick % 4).fire).count();
    assert!((1_850..2_150).contains(&shots), "{shots}");
    assert_eq!((crowd.len(), crowd.is_empty()), (4, false));
}

#[test]
fn states_are_those_of_the_configuration_and_of_the_seed() {
    let rows = |states: &[Extract]| states.last().unwrap().public.tables[1].len();
    for (config, entities) in [(A, 16), (B, 200), (B50, 200), (C, 20)] {
        let played = states(&config, 1, 20);
        assert_eq!((played.len(), rows(&played)), (20, entities));
        assert_eq!(played, states(&config, 1, 20));
        assert_ne!(played, states(&config, 2, 20));
    }
    // The raw position is in centimetres, as the peer's.
    let state = &states(&A, 1, 40)[39].public.tables[1];
    let widest = state.iter().map(|(_, row)| row[1].max(row[2])).max().unwrap();
    assert!(widest > 10_000 && widest <= 20_000, "{widest}");
}

#[test]
fn bots_walk_by_the_same_law() {
    let mut world = World::<Arena>::create(Options::default(), &(), 5).unwrap();
    let mut entry = world.next_entry();
    entry.joins.push((PlayerId(1), Profile { bot: true, ..Profile::default() }));
    world.advance(&entry);
    let (mut stands, mut ticks) = (0, 0);
    for _ in 0..20_000 {
        let mut entry = world.next_entry();
        entry.inputs.push((PlayerId(1), world.bot_input(PlayerId(1))));
        world.advance(&entry);
        let speed = world.state().entities.values().next().unwrap().vel.length();
        assert!(speed < 0.01 || (speed - PLAYER_SPEED).abs() < 0.01);
        ticks += 1;
        stands += u32::from(speed < 0.01);
    }
    let share = f64::from(stands) / f64::from(ticks);
    assert!((0.15..0.25).contains(&share), "{share}");
}
