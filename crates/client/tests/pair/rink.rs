//! A tiny game for the tests: pucks that glide, and a wind that only the server knows of.

use serde::{Deserialize, Serialize};
use tickwire_game::{
    AssetReader, Cx, From, Game, Inputs, LeaveReason, PlayerId, Profile, Refusal, Replicate, Row,
    Settings, Single, Table, To, Vec2, Wire,
};

#[derive(Clone, Debug, PartialEq, Row)]
pub(crate) struct Puck {
    #[net(owner)]
    pub(crate) player: PlayerId,
    #[net(range = 0.0..64.0, step = 1.0 / 64.0, lerp, velocity = vel)]
    pub(crate) pos: Vec2,
    #[net(range = -16.0..16.0, step = 1.0 / 32.0)]
    pub(crate) vel: Vec2,
    pub(crate) hits: u8,
    #[net(to = owner, max = 100)]
    pub(crate) breath: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Row)]
pub(crate) struct Clock {
    pub(crate) seconds: u16,
}

#[derive(Clone, Debug, Replicate)]
pub(crate) struct State {
    pub(crate) pucks: Table<Puck>,
    pub(crate) clock: Single<Clock>,
}

#[derive(Clone, Debug, Default, PartialEq, Wire)]
pub(crate) struct Input {
    #[net(range = -1..=1)]
    pub(crate) x: i8,
    #[net(range = -1..=1)]
    pub(crate) y: i8,
    #[net(sticky)]
    pub(crate) jump: bool,
}

#[derive(Clone, Debug, PartialEq, Wire)]
pub(crate) enum Event {
    Second { number: u16 },
    Jumped { player: PlayerId },
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    /// Ticks from one gust to the next; 0 = no wind.
    pub(crate) gust_every: u32,
}

pub(crate) struct Rink;

/// Top speed in metres per second.
pub(crate) const PUSH: f32 = 0.5;

impl Game for Rink {
    const NAME: &'static str = "rink";
    type Options = Options;
    type Fixed = Options;
    type State = State;
    type Input = Input;
    type Command = u8;
    type Event = Event;
    type Effect = ();

    fn settings(_: &Options) -> Settings {
        Settings::default()
    }

    fn load(options: &Options, assets: &mut AssetReader<'_>) -> Result<Options, Refusal> {
        assets.read("maps/ice.json")?;
        Ok(options.clone())
    }

    fn create(_: &Options, _: &mut Cx<'_, Self>) -> Result<State, Refusal> {
        Ok(State { pucks: Table::new(), clock: Single::new(Clock::default()) })
    }

    fn enter(
        state: &mut State,
        player: PlayerId,
        _: &Profile,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let pos = Vec2::new(10.0 + f32::from(player.0), 30.0);
        state.pucks.insert(Puck { player, pos, vel: Vec2::ZERO, hits: 0, breath: 100 });
        Ok(())
    }

    fn leave(state: &mut State, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        state.pucks.retain(|_, puck| puck.player != player);
    }

    fn command(
        state: &mut State,
        from: From,
        command: &u8,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let From::Player(player) = from else { return Ok(()) };
        if *command == 0 {
            return Err(Refusal::new("nothing to add"));
        }
        if let Some((_, puck)) = state.pucks.owned_by_mut(player) {
            puck.hits = puck.hits.wrapping_add(*command);
        }
        Ok(())
    }

    fn tick(state: &mut State, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        for (player, input) in inputs.iter() {
            Self::predict(state, player, input, cx);
            if input.jump {
                cx.emit(To::Everyone, Event::Jumped { player });
            }
        }
        let gust_every = cx.fixed().gust_every;
        if gust_every > 0 && cx.tick().is_multiple_of(gust_every) {
            state.pucks.values_mut().for_each(|puck| puck.vel.y += 2.0);
        }
        if cx.tick().is_multiple_of(u32::from(cx.tick_hz())) {
            state.clock.seconds += 1;
            // Changed by the server alone: no misprediction.
            state.pucks.values_mut().for_each(|puck| puck.hits = puck.hits.wrapping_add(1));
            cx.emit_reliable(To::Everyone, Event::Second { number: state.clock.seconds });
        }
    }

    fn predict(state: &mut State, me: PlayerId, input: &Input, cx: &mut Cx<'_, Self>) {
        let dt = cx.dt();
        let Some((_, puck)) = state.pucks.owned_by_mut(me) else { return };
        puck.vel = puck.vel * 0.9 + Vec2::new(f32::from(input.x), f32::from(input.y)) * PUSH;
        if input.jump && puck.breath >= 10 {
            puck.breath -= 10;
            puck.vel.x += 3.0;
        }
        puck.breath = puck.breath.saturating_add(1).min(100);
        puck.pos = (puck.pos + puck.vel * dt).clamp(Vec2::ZERO, Vec2::splat(63.0));
    }
}
