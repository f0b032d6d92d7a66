//! The arena workload: a fixed load by which servers of this kind are compared, as a game.
//!
//! Players and NPCs walk a square of 200 m in legs: U(0.5, 2) s each, one in five a stand; while
//! moving, the heading turns by U(-0.2, 0.2) rad a tick and the aim by U(-0.15, 0.15). Each tick a
//! player fires with probability 0.02: its score rises, a random entity's health falls.
//!
//! | what | where |
//! |---|---|
//! | what travels | [`state`] |
//! | the law of legs, for players, bots and NPCs | [`leg`] |
//! | the players' inputs, and states without a room | [`crowd`] |
//! | a room with its clients in memory, everything checked | [`play`] |
//! | the configurations and what a peer needs for them | [`config`] |
//!
//! Motion is kept exactly in a skipped field and rounded for sending only, as the peer's server
//! does: the wire sees the positions that the peer's wire saw. So there is nothing to predict with,
//! and the game has no `predict`.

pub mod config;
pub mod crowd;
pub mod leg;
pub mod options;
pub mod play;
pub mod state;

use tickwire_game::{
    AssetReader, Cx, Dice, Game, Id, Inputs, LeaveReason, PlayerId, Profile, Refusal, Settings,
    Table, Vec2, View, Viewer,
};

pub use crate::arena::options::Options;
pub use crate::arena::state::{Entity, Input, State};

use crate::arena::leg::Leg;

/// Side of the world, metres.
pub const WORLD_M: f32 = 200.0;
/// How fast players walk, m/s.
pub const PLAYER_SPEED: f32 = 5.0;
/// How fast NPCs walk, m/s.
pub const NPC_SPEED: f32 = 2.0;
/// Probability of firing in a tick.
pub const FIRE_CHANCE: f32 = 0.02;
/// What everyone begins with, and gets back after falling below 0.
pub const FULL_HEALTH: u8 = 100;
/// Side of an interest cell, metres. Smaller ones fit the view better and cost more heads.
pub const CELL_SIZE_M: f32 = 25.0;

/// Salts of the tick's dice: the low half is a row or player id.
const ENTER_SALT: u64 = 1 << 32;
const HIT_SALT: u64 = 2 << 32;
const NPC_SALT: u64 = 3 << 32;
const LEG_SALT: u64 = 4 << 32;

/// The game.
pub struct Arena;

impl Game for Arena {
    const NAME: &'static str = "arena";
    type Options = Options;
    type Fixed = ();
    type State = State;
    type Input = Input;
    type Command = ();
    type Event = ();
    type Effect = ();

    fn settings(options: &Options) -> Settings {
        Settings {
            tick_hz: options.tick_hz,
            seats: options.seats,
            cell_size: options.view_radius.map(|_| CELL_SIZE_M),
            ..Settings::default()
        }
    }

    fn load(options: &Options, _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        options.check()
    }

    fn create(options: &Options, cx: &mut Cx<'_, Self>) -> Result<State, Refusal> {
        let mut entities = Table::new();
        for npc in 0..options.npcs {
            let mut dice = cx.dice(NPC_SALT | u64::from(npc));
            entities.insert(Entity::somewhere(PlayerId::NONE, &mut dice));
        }
        Ok(State { entities, view_radius: options.view_radius })
    }

    fn enter(
        state: &mut State,
        player: PlayerId,
        _: &Profile,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let mut dice = cx.dice(ENTER_SALT | u64::from(player.0));
        state.entities.insert(Entity::somewhere(player, &mut dice));
        Ok(())
    }

    fn leave(state: &mut State, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        state.entities.retain(|_, entity| entity.player != player);
    }

    fn tick(state: &mut State, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        let ids = state.entities.ids();
        for &id in &ids {
            let entity = &mut state.entities[id];
            if entity.player.is_none() {
                walk_npc(entity, id, cx);
                continue;
            }
            let input = inputs.get(entity.player);
            entity.walk(input.direction * PLAYER_SPEED, cx.dt());
            entity.angle = input.aim;
            if cx.player(entity.player).is_some_and(|player| player.bot) {
                entity.leg.step(cx.dt(), &mut cx.dice(LEG_SALT | u64::from(id.raw())));
            }
            if input.fire {
                entity.score = entity.score.wrapping_add(1);
                hit_someone(
                    &mut state.entities,
                    &ids,
                    &mut cx.dice(HIT_SALT | u64::from(id.raw())),
                );
            }
        }
    }

    fn view(state: &State, viewer: Viewer, view: &mut View) {
        match (state.view_radius, viewer) {
            (Some(radius), Viewer::Player(player)) => {
                if let Some((_, entity)) = state.entities.owned_by(player) {
                    view.near(entity.pos, radius);
                }
            }
            _ => view.everything(),
        }
    }

    /// No faster than the law allows: a longer direction is cut to length 1.
    fn clamp(input: &mut Input) {
        let length = input.direction.length();
        // Rounding to the input's steps may lengthen a unit vector a little; cutting that again
        // would make clamping twice differ from clamping once.
        if length > 1.0 + 2.0 * state::DIRECTION_STEP as f32 {
            input.direction /= length;
        }
    }

    /// The law of [`leg`]: a bot's leg is part of its row, so that it is as long as a client's.
    fn bot(state: &State, me: PlayerId, (): &(), dice: &mut Dice) -> Input {
        let leg = state.entities.owned_by(me).map_or(Leg::default(), |(_, entity)| entity.leg);
        leg.input(dice)
    }
}

impl Entity {
    /// One that stands anywhere in the world.
    fn somewhere(player: PlayerId, dice: &mut Dice) -> Self {
        let at = Vec2::new(dice.range(0.0..WORLD_M), dice.range(0.0..WORLD_M));
        let leg = Leg::new(dice);
        Self {
            player,
            pos: at,
            vel: Vec2::ZERO,
            angle: leg.aim,
            health: FULL_HEALTH,
            score: 0,
            exact: at,
            leg,
        }
    }

    /// Moves for `dt` seconds, as far as the world goes; returns whether it went on along x and y.
    fn walk(&mut self, vel: Vec2, dt: f32) -> (bool, bool) {
        let wanted = self.exact + vel * dt;
        self.exact = wanted.clamp(Vec2::ZERO, Vec2::splat(WORLD_M));
        self.pos = self.exact;
        self.vel = vel;
        (wanted.x == self.exact.x, wanted.y == self.exact.y)
    }
}

/// The next tick of an NPC's leg; it bounces off the world's edges.
fn walk_npc(entity: &mut Entity, id: Id<Entity>, cx: &Cx<'_, Arena>) {
    entity.leg.step(cx.dt(), &mut cx.dice(LEG_SALT | u64::from(id.raw())));
    let vel = entity.leg.direction() * NPC_SPEED;
    let (free_x, free_y) = entity.walk(vel, cx.dt());
    if !free_x {
        entity.leg.turn_back_x();
        entity.vel.x = -vel.x;
    }
    if !free_y {
        entity.leg.turn_back_y();
        entity.vel.y = -vel.y;
    }
    entity.angle = entity.leg.aim;
}

/// Takes one health from a random entity, the shooter perhaps; below 0 it becomes full.
fn hit_someone(entities: &mut Table<Entity>, ids: &[Id<Entity>], dice: &mut Dice) {
    if let Some(&id) = dice.pick(ids) {
        let entity = &mut entities[id];
        entity.health = entity.health.checked_sub(1).unwrap_or(FULL_HEALTH);
    }
}
