//! The round's clock, its end and restart; coming, going and colours.

use tickwire_game::{From, LeaveReason, PlayerId};
use tickwire_skirmish::balance::{RAIL_COOLDOWN, RESPAWN_TICKS, SCOREBOARD_S};
use tickwire_skirmish::messages::{Command, Event, Input};
use tickwire_skirmish::options::Options;
use tickwire_skirmish::state::Phase;

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

/// Player 1 shoots at player 2 whenever it can.
fn one_sided(options: &Options) -> Match {
    let mut game = Match::drawn(&HALL, options);
    game.enter(2);
    let aim = game.bearing(PlayerId(1), PlayerId(2));
    game.held.insert(PlayerId(1), Input { aim, rail: true, ..Input::default() });
    game
}

#[test]
fn time_ends_a_round_and_a_new_one_starts() {
    let mut game = one_sided(&Options { round_s: 20, ..Options::default() });
    assert_eq!(game.world.state().round.ends_in_s, 20);
    game.play(10 * 30);
    assert_eq!(game.world.state().round.ends_in_s, 10);
    assert!(game.play_until(11 * 30, |game| game.world.state().round.phase == Phase::Over));
    let round = &game.world.state().round;
    assert_eq!((round.winner, round.number, round.ends_in_s), (PlayerId(1), 1, SCOREBOARD_S));
    assert!(game.events.contains(&(true, Event::RoundEnded { winner: PlayerId(1) })));
    let score = game.avatar(PlayerId(1)).score;
    assert!(score > 0);

    let weapons = |event: &Event| matches!(event, Event::Rail { .. } | Event::Hit { .. });
    let fired = game.count(weapons);
    game.play(u32::from(SCOREBOARD_S) * 30 - 1);
    assert_eq!(game.count(weapons), fired, "no weapon works while the scoreboard shows");
    assert_eq!(game.avatar(PlayerId(1)).score, score, "scores stay to be read");
    game.play(1);
    let round = &game.world.state().round;
    assert_eq!((round.phase, round.number, round.winner), (Phase::Playing, 2, PlayerId::NONE));
    assert_eq!(round.ends_in_s, 20);
    assert!(game.events.contains(&(true, Event::RoundStarted { number: 2 })));
    for player in [PlayerId(1), PlayerId(2)] {
        let avatar = game.avatar(player);
        assert!(avatar.alive && avatar.score == 0 && avatar.deaths == 0);
    }
}

#[test]
fn the_score_limit_ends_a_round() {
    let mut game = one_sided(&Options { score_limit: 2, ..Options::default() });
    let kill_ticks = u32::from(RAIL_COOLDOWN) * 2 + u32::from(RESPAWN_TICKS);
    assert!(
        game.play_until(3 * kill_ticks, |game| { game.world.state().round.phase == Phase::Over })
    );
    assert_eq!(game.avatar(PlayerId(1)).score, 2);
    assert_eq!(game.world.state().round.winner, PlayerId(1));
}

#[test]
fn a_round_without_kills_has_no_winner() {
    let mut game = Match::drawn(&HALL, &Options { round_s: 20, ..Options::default() });
    game.enter(2);
    game.play(20 * 30);
    let round = &game.world.state().round;
    assert_eq!((round.phase, round.winner), (Phase::Over, PlayerId::NONE));
}

#[test]
fn who_leaves_takes_avatar_and_shots_along() {
    let mut game = Match::drawn(&HALL, &Options::default());
    game.enter(2);
    game.held.insert(PlayerId(1), Input { blast: true, ..Input::default() });
    game.play(1);
    assert_eq!(game.world.state().shots.len(), 1);
    let mut entry = game.world.next_entry();
    entry.leaves.push((PlayerId(1), LeaveReason::Left));
    game.world.advance(&entry);
    assert!(game.world.state().avatar(PlayerId(1)).is_none());
    assert!(game.world.state().avatar(PlayerId(2)).is_some());
    assert!(game.world.state().shots.is_empty());
}

#[test]
fn everyone_gets_a_colour_and_may_choose_another() {
    let mut game = Match::depot(&Options::default(), 3);
    game.enter(16);
    let mut hues: Vec<u8> = game.world.state().avatars.values().map(|a| a.hue).collect();
    hues.sort_unstable();
    assert_eq!(hues, (0..16).collect::<Vec<u8>>());
    let mut entry = game.world.next_entry();
    entry.commands.push((From::Player(PlayerId(3)), 1, Command::Colour { hue: 9 }));
    entry.commands.push((From::Player(PlayerId(99)), 1, Command::Colour { hue: 9 }));
    entry.commands.push((From::Backend, 1, Command::Colour { hue: 9 }));
    let happenings = game.world.advance(&entry);
    assert_eq!(game.avatar(PlayerId(3)).hue, 9);
    assert_eq!(happenings.refused_commands.len(), 2);
}
