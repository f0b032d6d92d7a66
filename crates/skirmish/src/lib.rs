//! Skirmish: a small top-down arena shooter on Tickwire.
//!
//! Everyone against everyone on a map of one-metre tiles, with a hitscan rail and a slow blaster. It
//! uses the [`Game`] trait alone; a tick runs in this order:
//!
//! | step | where |
//! |---|---|
//! | the dead reappear | `spawn` |
//! | every player moves (the part that clients predict) | [`movement`] |
//! | shots fly | `shots` |
//! | players fire | `weapons`, `damage` |
//! | pick-ups are taken and come back | `pickups` |
//! | the round's clock | `round` |
//!
//! [`state`] and [`messages`] are what travels, [`balance`] holds every number, [`tiled`] reads maps
//! into [`map`], and [`bots`] play, finding their way by [`nav`] and looking along [`ray`]s.

pub mod balance;
pub mod bots;
pub mod limits;
pub mod map;
pub mod messages;
pub mod movement;
pub mod nav;
pub mod options;
pub mod ray;
pub mod state;
pub mod tiled;

mod damage;
mod pickups;
mod round;
mod shots;
mod spawn;
mod weapons;

use tickwire_game::{
    AssetReader, Cx, Dice, From, Game, Inputs, LeaveReason, PlayerId, Profile, Refusal, Settings,
    Single, Table,
};

use crate::balance::TICK_HZ;
use crate::limits::{HUES, SEATS};
use crate::map::Map;
use crate::messages::{Command, Event, Input};
use crate::movement::Body;
use crate::nav::Nav;
use crate::options::Options;
use crate::state::{Arena, Phase};

/// The game.
pub struct Skirmish;

/// What does not change while a room lives.
#[derive(Clone, Debug)]
pub struct Ground {
    /// Walls, spawn points, pick-ups.
    pub map: Map,
    /// Ways through the map, for bots.
    pub nav: Nav,
    /// Length of a round, seconds.
    pub round_s: u16,
    /// Kills that end a round.
    pub score_limit: u16,
}

impl Game for Skirmish {
    const NAME: &'static str = "skirmish";
    /// Trained by `cargo xtask train-priors` on matches of bots.
    const PRIOR: Option<&'static [u8]> = Some(include_bytes!("../prior.bin"));
    type Options = Options;
    type Fixed = Ground;
    type State = Arena;
    type Input = Input;
    type Command = Command;
    type Event = Event;
    type Effect = ();

    fn settings(options: &Options) -> Settings {
        Settings {
            tick_hz: TICK_HZ,
            // `load` refuses other values; settings may be asked for first.
            seats: options.seats.clamp(*SEATS.start(), *SEATS.end()),
            ..Settings::default()
        }
    }

    fn load(options: &Options, assets: &mut AssetReader<'_>) -> Result<Ground, Refusal> {
        options.check()?;
        let (map, nav) = tiled::parse(&assets.read(&options.map_path())?)?;
        Ok(Ground { map, nav, round_s: options.round_s, score_limit: options.score_limit })
    }

    fn create(_: &Options, cx: &mut Cx<'_, Self>) -> Result<Arena, Refusal> {
        let mut arena = Arena {
            avatars: Table::new(),
            shots: Table::new(),
            pickups: Table::new(),
            round: Single::new(round::first(cx.fixed().round_s)),
        };
        pickups::lay_out(&mut arena, &cx.fixed().map);
        Ok(arena)
    }

    fn enter(
        arena: &mut Arena,
        player: PlayerId,
        _: &Profile,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        spawn::enter(arena, player, cx);
        Ok(())
    }

    fn leave(arena: &mut Arena, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        arena.avatars.retain(|_, avatar| avatar.player != player);
        arena.shots.retain(|_, shot| shot.owner != player);
    }

    fn command(
        arena: &mut Arena,
        from: From,
        command: &Command,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let Command::Colour { hue } = command;
        let From::Player(player) = from else {
            return Err(Refusal::new("a colour is worn by a player"));
        };
        let avatar = arena.avatar_mut(player);
        let avatar = avatar.ok_or_else(|| Refusal::new("you are not in this match"))?;
        avatar.hue = (*hue).min(HUES - 1);
        Ok(())
    }

    fn tick(arena: &mut Arena, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        spawn::respawn(arena, cx);
        for id in arena.avatars.ids() {
            let player = arena.avatars[id].player;
            Self::predict(arena, player, inputs.get(player), cx);
        }
        for avatar in arena.avatars.values_mut().filter(|avatar| avatar.alive) {
            weapons::cool(avatar);
        }
        if arena.round.phase == Phase::Playing {
            shots::fly(arena, cx);
            weapons::fire(arena, inputs, cx);
            pickups::collect(arena, cx);
        }
        round::advance(arena, cx);
    }

    /// Moves one avatar: the whole of what clients predict. Changes `pos`, `vel` and `aim` only.
    ///
    /// 1. An avatar that is not `alive` stays as it is.
    /// 2. aim = `input.aim`.
    /// 3. `pos` and `vel` take one [`movement::step`] with `input.move_x`, `input.move_y` and dt = f32(1 / 30);
    ///    each of its steps is written down there.
    /// 4. As after every tick, the row is then snapped to wire precision: `pos` to 1/128 m, `vel` to
    ///    15/64 m/s, `aim` to 1/256 of a turn.
    fn predict(arena: &mut Arena, me: PlayerId, input: &Input, cx: &mut Cx<'_, Self>) {
        let Some(avatar) = arena.avatar_mut(me).filter(|avatar| avatar.alive) else {
            return;
        };
        avatar.aim = input.aim;
        let body = Body { pos: avatar.pos, vel: avatar.vel };
        let moved = movement::step(&cx.fixed().map, body, input.move_x, input.move_y, cx.dt());
        avatar.pos = moved.pos;
        avatar.vel = moved.vel;
    }

    fn bot(arena: &Arena, me: PlayerId, ground: &Ground, dice: &mut Dice) -> Input {
        bots::decide(arena, me, ground, dice)
    }
}
