//! Rounds: their clock, end and restart.

use tickwire_game::{Cx, PlayerId, To};

use crate::Skirmish;
use crate::balance::{SCOREBOARD_S, TICK_HZ};
use crate::messages::Event;
use crate::spawn::appear;
use crate::state::{Arena, Phase, Round};

/// The first round, at its start.
pub(crate) fn first(round_s: u16) -> Round {
    let ticks_left = ticks(round_s);
    Round {
        phase: Phase::Playing,
        number: 1,
        ends_in_s: round_s,
        winner: PlayerId::NONE,
        ticks_left,
    }
}

/// Advances the clock by one tick; ends and starts rounds.
pub(crate) fn advance(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    arena.round.ticks_left = arena.round.ticks_left.saturating_sub(1);
    let limit = cx.fixed().score_limit;
    let decided = || arena.avatars.values().any(|avatar| avatar.score >= limit);
    match arena.round.phase {
        Phase::Playing if arena.round.ticks_left == 0 || decided() => end(arena, cx),
        Phase::Over if arena.round.ticks_left == 0 => restart(arena, cx),
        Phase::Playing | Phase::Over => {}
    }
    arena.round.ends_in_s = arena.round.ticks_left.div_ceil(u32::from(TICK_HZ)) as u16;
}

/// Names the winner and shows the scoreboard.
fn end(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    let winner = leader(arena);
    arena.round.phase = Phase::Over;
    arena.round.winner = winner;
    arena.round.ticks_left = ticks(SCOREBOARD_S);
    arena.shots.clear();
    cx.emit_reliable(To::Everyone, Event::RoundEnded { winner });
}

/// Everything back to the start, everyone on a fresh spawn point.
fn restart(arena: &mut Arena, cx: &mut Cx<'_, Skirmish>) {
    let number = arena.round.number.saturating_add(1);
    *arena.round = Round { number, ..first(cx.fixed().round_s) };
    for pickup in arena.pickups.values_mut() {
        pickup.ready = true;
        pickup.back_in = 0;
    }
    for avatar in arena.avatars.values_mut() {
        avatar.alive = false;
        avatar.score = 0;
        avatar.deaths = 0;
    }
    for id in arena.avatars.ids() {
        appear(arena, id, cx);
    }
    cx.emit_reliable(To::Everyone, Event::RoundStarted { number });
}

/// Most kills, then fewest deaths, then who came first; nobody without a kill.
fn leader(arena: &Arena) -> PlayerId {
    let scorers = arena.avatars.iter().filter(|(_, avatar)| avatar.score > 0);
    let best = scorers.max_by_key(|(id, avatar)| {
        (avatar.score, std::cmp::Reverse(avatar.deaths), std::cmp::Reverse(id.raw()))
    });
    best.map_or(PlayerId::NONE, |(_, avatar)| avatar.player)
}

fn ticks(seconds: u16) -> u32 {
    u32::from(seconds) * u32::from(TICK_HZ)
}
