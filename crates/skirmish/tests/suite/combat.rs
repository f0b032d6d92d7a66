//! Weapons, damage, death, pick-ups.

use tickwire_game::PlayerId;
use tickwire_skirmish::balance::{
    BLAST_COOLDOWN, MAX_HEALTH, MAX_SHIELD, PICKUP_TICKS, RAIL_COOLDOWN, RAIL_DAMAGE,
    RESPAWN_TICKS, START_AMMO,
};
use tickwire_skirmish::messages::{Event, Input, Weapon};
use tickwire_skirmish::options::Options;
use tickwire_skirmish::state::PickupKind;

use crate::harness::Match;

const HALL: [&str; 8] = [
    "################",
    "#..............#",
    "#..............#",
    "#..S........S..#",
    "#..............#",
    "#..............#",
    "#..............#",
    "################",
];

const DIVIDED: [&str; 8] = [
    "################",
    "#......##......#",
    "#......##......#",
    "#..S...##...S..#",
    "#......##......#",
    "#..............#",
    "#..............#",
    "################",
];

/// Two players face to face; the first holds its aim on the second.
fn duel(rows: &[&str]) -> (Match, PlayerId, PlayerId) {
    let mut game = Match::drawn(rows, &Options::default());
    let players = game.enter(2);
    let aim = game.bearing(players[0], players[1]);
    game.held.insert(players[0], Input { aim, ..Input::default() });
    (game, players[0], players[1])
}

fn trigger(game: &mut Match, player: PlayerId, rail: bool, blast: bool) {
    let held = game.held.entry(player).or_default();
    held.rail = rail;
    held.blast = blast;
}

#[test]
fn the_two_stand_on_different_spawn_points() {
    let (game, one, other) = duel(&HALL);
    assert_eq!((game.pos(one) - game.pos(other)).length(), 9.0);
}

#[test]
fn a_rail_hits_at_once_and_then_cools_down() {
    let (mut game, one, other) = duel(&HALL);
    trigger(&mut game, one, true, false);
    game.play(1);
    assert_eq!(game.avatar(other).health, MAX_HEALTH - RAIL_DAMAGE);
    assert_eq!(game.avatar(one).rail_ready, RAIL_COOLDOWN);
    let Some((false, Event::Rail { shooter, victim, start, end })) =
        game.events.iter().find(|(_, event)| matches!(event, Event::Rail { .. }))
    else {
        panic!("no rail event in {:?}", game.events);
    };
    assert_eq!((*shooter, *victim), (one, other));
    let length = (*end - *start).length();
    assert!((8.3..8.7).contains(&length), "the beam is {length} m long");
    game.play(u32::from(RAIL_COOLDOWN) - 1);
    assert_eq!(game.count(|event| matches!(event, Event::Rail { .. })), 1);
    game.play(1);
    assert_eq!(game.count(|event| matches!(event, Event::Rail { .. })), 2);
}

#[test]
fn two_rails_kill_and_the_killer_scores() {
    let (mut game, one, other) = duel(&HALL);
    trigger(&mut game, one, true, false);
    game.play(u32::from(RAIL_COOLDOWN) + 1);
    let fallen = game.avatar(other);
    assert!(!fallen.alive);
    assert_eq!((fallen.health, fallen.deaths, fallen.respawn_in), (0, 1, RESPAWN_TICKS));
    assert_eq!((game.avatar(one).score, game.avatar(one).deaths), (1, 0));
    let kill = Event::Kill { killer: one, victim: other, weapon: Weapon::Rail };
    assert!(game.events.contains(&(true, kill)), "the kill is told reliably");
}

#[test]
fn the_dead_neither_move_nor_fire_and_come_back_fresh() {
    let (mut game, one, other) = duel(&HALL);
    trigger(&mut game, one, true, false);
    game.play(u32::from(RAIL_COOLDOWN) + 1);
    trigger(&mut game, one, false, false);
    let place = game.pos(other);
    let eager = Input { move_x: 1, move_y: 1, rail: true, blast: true, ..Input::default() };
    game.held.insert(other, eager);
    game.events.clear();
    game.play(u32::from(RESPAWN_TICKS) - 1);
    assert_eq!(game.pos(other), place);
    assert!(game.events.is_empty(), "{:?}", game.events);
    game.held.insert(other, Input::default());
    game.play(1);
    let back = game.avatar(other);
    assert!(back.alive && back.health == MAX_HEALTH && back.ammo == START_AMMO);
    assert!((game.pos(other) - game.pos(one)).length() > 8.0, "not on top of the enemy");
    assert_eq!(game.count(|event| matches!(event, Event::Spawned { .. })), 1);
}

#[test]
fn walls_stop_rails_and_blasts() {
    let (mut game, one, other) = duel(&DIVIDED);
    trigger(&mut game, one, true, true);
    game.play(90);
    assert_eq!(game.avatar(other).health, MAX_HEALTH);
    assert!(game.count(|event| matches!(event, Event::Burst { .. })) >= 5);
    let through = |event: &Event| matches!(event, Event::Rail { victim, .. } if !victim.is_none());
    assert_eq!(game.count(through), 0);
    let wall = |event: &Event| match event {
        Event::Rail { end, .. } => (6.9..9.1).contains(&end.x),
        Event::Burst { at } => (6.9..9.1).contains(&at.x),
        _ => true,
    };
    assert_eq!(game.count(wall), game.events.len(), "everything ends at the wall");
}

#[test]
fn a_blast_flies_and_hits() {
    let (mut game, one, other) = duel(&HALL);
    trigger(&mut game, one, false, true);
    game.play(1);
    trigger(&mut game, one, false, false);
    assert_eq!(game.world.state().shots.len(), 1);
    assert_eq!(game.avatar(one).ammo, START_AMMO - 1);
    game.play(15);
    assert_eq!(game.avatar(other).health, MAX_HEALTH, "9 m take most of a second");
    game.play(15);
    assert_eq!(game.avatar(other).health, MAX_HEALTH - 20);
    assert!(game.world.state().shots.is_empty());
}

#[test]
fn the_blaster_fires_five_a_second_until_empty() {
    let (mut game, one, other) = duel(&DIVIDED);
    trigger(&mut game, one, false, true);
    let bursts = |game: &Match| game.count(|event| matches!(event, Event::Burst { .. }));
    game.play(30);
    let used = START_AMMO - game.avatar(one).ammo;
    assert!((4..=5).contains(&used), "{used} cells in a second");
    assert!(game.play_until(200, |game| game.avatar(one).ammo == 0));
    game.play(60);
    let fired = bursts(&game);
    game.play(u32::from(BLAST_COOLDOWN) * 10);
    let more = bursts(&game) - fired;
    assert!((1..=3).contains(&more), "{more} shots in 2 s from recharging alone");
    assert_eq!(game.avatar(other).health, MAX_HEALTH);
}

#[test]
fn splash_hurts_those_beside_the_burst() {
    let rows = [
        "###########",
        "#.........#",
        "#.........#",
        "#.S.......#",
        "#.........#",
        "#......S..#",
        "#.......#.#",
        "#.........#",
        "###########",
    ];
    let mut game = Match::drawn(&rows, &Options::default());
    let players = game.enter(2);
    let left = *players.iter().min_by_key(|&&p| game.pos(p).x as i32).expect("two players");
    let right = *players.iter().find(|&&player| player != left).expect("two players");
    // Past the other, at the wall behind: near enough for the splash, not a hit.
    let aim = game.bearing(left, right) + 0.12;
    game.held.insert(left, Input { aim, ..Input::default() });
    trigger(&mut game, left, false, true);
    game.play(1);
    trigger(&mut game, left, false, false);
    game.play(40);
    assert_eq!(game.count(|event| matches!(event, Event::Burst { .. })), 1);
    let lost = MAX_HEALTH - game.avatar(right).health;
    assert!((1..=10).contains(&lost), "the splash took {lost}");
    assert_eq!(game.avatar(left).health, MAX_HEALTH, "it spares who fired");
}

#[test]
fn pickups_help_who_needs_them_and_come_back() {
    let rows = [
        "##########",
        "#........#",
        "#S.H.D.A.#",
        "#........#",
        "#........#",
        "#........#",
        "#S.......#",
        "##########",
    ];
    let mut game = Match::drawn(&rows, &Options::default());
    let players = game.enter(2);
    let upper = if game.pos(players[0]).y < 4.0 { players[0] } else { players[1] };
    let lower = if upper == players[0] { players[1] } else { players[0] };
    // Hurt the upper one first: health is left lying by those who have all of it.
    let aim = game.bearing(lower, upper);
    game.held.insert(lower, Input { aim, rail: true, ..Input::default() });
    game.play(1);
    game.held.insert(lower, Input::default());
    assert_eq!(game.avatar(upper).health, MAX_HEALTH - RAIL_DAMAGE);
    game.held.insert(upper, Input { move_x: 1, ..Input::default() });
    game.play(60);
    game.held.insert(upper, Input::default());
    assert_eq!(game.avatar(upper).health, MAX_HEALTH - RAIL_DAMAGE + 40);
    assert_eq!(game.avatar(upper).shield, MAX_SHIELD);
    assert_eq!(game.avatar(upper).ammo, START_AMMO + 10);
    for kind in [PickupKind::Health, PickupKind::Shield, PickupKind::Ammo] {
        let taken =
            |event: &Event| matches!(event, Event::Picked { kind: what, .. } if *what == kind);
        assert_eq!(game.count(taken), 1, "{kind:?}");
    }
    let ready = |game: &Match| game.world.state().pickups.values().filter(|p| p.ready).count();
    assert_eq!(ready(&game), 0);
    game.play(u32::from(PICKUP_TICKS));
    assert!(ready(&game) >= 2, "they are back after 12 s");
}
