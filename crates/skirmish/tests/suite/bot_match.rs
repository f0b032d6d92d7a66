//! Two minutes of sixteen bots: a match that looks alive, and that replays.

use std::collections::BTreeMap;

use tickwire_game::wire::columns::Extract;
use tickwire_game::{Dice, Game, PlayerId, Recording, Replicate, Vec2};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::balance::BLAST_DAMAGE;
use tickwire_skirmish::messages::{Event, Weapon};
use tickwire_skirmish::options::Options;

use crate::harness::{Match, depot};

const SEED: u64 = 2026;
const TICKS: u32 = 2 * 60 * 30;
const SEATS: u16 = 16;

/// What the acceptance asks for, per player and minute, times two.
const LEAST_SHOTS: f32 = 2.0 * 20.0;
const LEAST_KILLS: f32 = 2.0 * 1.0;

/// Lets the bots decide the next tick.
fn think(game: &mut Match, players: &[PlayerId]) {
    for &player in players {
        game.held.insert(player, game.world.bot_input(player));
    }
}

#[test]
fn bots_play_a_lively_match() {
    let mut game = Match::depot(&Options::default(), SEED);
    let players = game.enter(SEATS);
    let mut windows: BTreeMap<PlayerId, Vec<f32>> = BTreeMap::new();
    let mut places: BTreeMap<PlayerId, Vec2> = BTreeMap::new();
    let mut apart = 0.0;
    for tick in 0..TICKS {
        think(&mut game, &players);
        game.play(1);
        for &player in &players {
            let pos = game.pos(player);
            let metres = places.insert(player, pos).map_or(0.0, |before| (pos - before).length());
            let moved = windows.entry(player).or_default();
            if tick % 300 == 0 {
                moved.push(0.0);
            }
            if let (true, Some(window)) = (metres < 1.0, moved.last_mut()) {
                *window += metres;
            }
        }
        apart += nearest_mean(&game, &players) / TICKS as f32;
    }

    let minutes = f32::from(SEATS) * TICKS as f32 / 30.0 / 60.0;
    let rate = |count: usize| count as f32 / minutes;
    let rails = game.count(|event| matches!(event, Event::Rail { .. }));
    let rail_hits =
        game.count(|event| matches!(event, Event::Rail { victim, .. } if !victim.is_none()));
    let bursts = game.count(|event| matches!(event, Event::Burst { .. }));
    let kills = |weapon: Weapon| {
        game.count(|event| matches!(event, Event::Kill { weapon: by, .. } if *by == weapon))
    };
    let (by_rail, by_blast) = (kills(Weapon::Rail), kills(Weapon::Blast));
    let blast_hits =
        game.count(|event| matches!(event, Event::Hit { damage, .. } if *damage == BLAST_DAMAGE));
    let picked = game.count(|event| matches!(event, Event::Picked { .. }));
    let walked: f32 = windows.values().flatten().sum();
    let report = format!(
        "per player and minute: {:.1} rails ({:.0} % hit), {:.1} blasts ({:.0} % hit), {:.2} kills ({by_rail} by rail, {by_blast} by blast), \
         {:.1} pick-ups, {:.0} m walked; nearest other {apart:.1} m away",
        rate(rails),
        100.0 * rail_hits as f32 / rails as f32,
        rate(bursts),
        100.0 * blast_hits as f32 / bursts as f32,
        rate(by_rail + by_blast),
        rate(picked),
        walked / minutes,
    );
    crate::harness::tell(&report);
    assert!(rate(rails + bursts) >= LEAST_SHOTS, "{report}");
    assert!(rate(by_rail + by_blast) >= LEAST_KILLS, "{report}");
    assert!(rate(picked) >= 1.0, "{report}");
    assert!(apart > 3.0, "they stand in a heap: {report}");
    for (player, moved) in &windows {
        assert!(moved.iter().all(|metres| *metres > 8.0), "{player:?} hangs: {moved:?}");
    }
    for &player in &players {
        let avatar = game.avatar(player);
        assert!(avatar.score + avatar.deaths > 0, "{player:?} has not taken part");
    }
}

/// Mean distance from a player to the nearest other, metres.
fn nearest_mean(game: &Match, players: &[PlayerId]) -> f32 {
    let nearest = |&player: &PlayerId| {
        let others = players.iter().filter(|&&other| other != player);
        others.map(|&o| (game.pos(o) - game.pos(player)).length()).fold(f32::INFINITY, f32::min)
    };
    players.iter().map(nearest).sum::<f32>() / players.len() as f32
}

#[test]
fn a_recorded_match_replays_to_the_same_hash() {
    let options = Options { round_s: 20, ..Options::default() };
    let mut game = Match::depot(&options, SEED);
    let mut recording = Recording::<Skirmish>::new(options, SEED);
    let mut hashes = Vec::new();
    for tick in 0..1200_u32 {
        let mut entry = game.world.next_entry();
        if tick < 8 {
            entry.joins.push((PlayerId(tick as u16 + 1), tickwire_game::Profile::default()));
        }
        for (id, _) in game.world.players().iter() {
            let player = PlayerId(id.raw() as u16);
            entry.inputs.push((player, game.world.bot_input(player)));
        }
        recording.push(&entry);
        game.world.advance(&entry);
        hashes.push(game.world.hash());
    }
    let assets = depot();
    let mut again = Vec::new();
    let world = recording.replay(&assets, |world| again.push(world.hash())).expect("replays");
    assert_eq!(again, hashes);
    assert_eq!(world.hash(), game.world.hash());
}

#[test]
fn bots_decide_alike_from_what_a_client_receives() {
    let mut game = Match::depot(&Options::default(), SEED);
    let players = game.enter(SEATS);
    let mut extract = Extract::default();
    for tick in 0..900 {
        think(&mut game, &players);
        game.play(1);
        game.world.extract(&mut extract);
        let ground = std::sync::Arc::clone(game.world.fixed());
        for &player in &players {
            let mut received = <Skirmish as Game>::State::from_columns(&extract, 1);
            received.clear_private(player);
            let dice = || Dice::new(9, tick, u64::from(player.0));
            let here = Skirmish::bot(game.world.state(), player, &ground, &mut dice());
            let there = Skirmish::bot(&received, player, &ground, &mut dice());
            assert_eq!(here, there, "tick {tick}, {player:?}");
        }
    }
}
