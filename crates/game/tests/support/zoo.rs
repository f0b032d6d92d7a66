//! A small game that uses every kind of field, attribute and function there is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tickwire_game::{
    AssetReader, Connection, Cx, Dice, From, Game, Id, Inputs, LeaveReason, List, PlayerId,
    Profile, Quat, Refusal, Replicate, Row, Settings, Single, Table, Team, Text, To, Vec2, Vec3,
    View, Viewer, Wire, math,
};

/// Half the side of the zoo, metres.
pub(crate) const HALF: f64 = 64.0;

#[derive(Clone, Copy, PartialEq, Debug, Default, Wire)]
pub(crate) enum Mood {
    #[default]
    Calm,
    Hungry {
        #[net(max = 600)]
        for_s: u16,
        #[net(range = 0.0..1.0, step = 0.125)]
        how: f32,
    },
    Chasing(Id<Animal>, PlayerId),
}

#[derive(Clone, Copy, PartialEq, Debug, Default, Wire)]
pub(crate) struct Collar {
    pub(crate) colour: [u8; 3],
    pub(crate) owner_team: Team,
    #[net(angle, bits = 6)]
    pub(crate) tilt: f32,
}

#[derive(Clone, Copy, PartialEq, Debug, Default, Wire)]
pub(crate) struct Tag(pub(crate) u8, pub(crate) bool);

#[derive(Clone, PartialEq, Debug, Default, Row)]
pub(crate) struct Animal {
    #[net(owner)]
    pub(crate) keeper: PlayerId,
    #[net(range = -HALF..HALF, step = 1.0 / 32.0, lerp, velocity = vel)]
    pub(crate) pos: Vec2,
    #[net(range = -16.0..=16.0, step = 1.0 / 16.0, keeps_length, usual = 0.2)]
    pub(crate) vel: Vec2,
    #[net(range = 0.0..8.0, step = 0.25, lerp)]
    pub(crate) height: f32,
    #[net(angle, bits = 10, lerp, follows = vel, usual = 0.1)]
    pub(crate) heading: f32,
    #[net(bits = 11, lerp)]
    pub(crate) pose: Quat,
    #[net(range = -4..4, step = 0.5)]
    pub(crate) scent: Vec3,
    pub(crate) byte: u8,
    pub(crate) short: u16,
    pub(crate) word: u32,
    pub(crate) long: u64,
    pub(crate) signed_byte: i8,
    pub(crate) signed_short: i16,
    pub(crate) signed_word: i32,
    pub(crate) signed_long: i64,
    #[net(range = -5..=5)]
    pub(crate) level: i64,
    #[net(range = 10..20)]
    pub(crate) age: u8,
    #[net(max = 100)]
    pub(crate) hull: u8,
    pub(crate) tame: bool,
    pub(crate) mood: Mood,
    pub(crate) collar: Collar,
    pub(crate) tag: Tag,
    pub(crate) friend: Option<PlayerId>,
    #[net(range = 0.0..100.0, step = 0.5)]
    pub(crate) weight: Option<f32>,
    #[net(range = -HALF..HALF, step = 0.5)]
    pub(crate) path: [Vec2; 3],
    #[net(range = -1..=1)]
    pub(crate) paws: List<i8, 4>,
    pub(crate) herd: List<Id<Animal>, 3>,
    pub(crate) name: Text<13>,
    pub(crate) team: Team,
    #[net(to = owner)]
    pub(crate) ammo: u16,
    #[net(to = owner, range = 0.0..1.0, step = 0.01)]
    pub(crate) hope: Option<f32>,
    #[net(skip)]
    pub(crate) memory: Vec<u32>,
    #[net(skip)]
    pub(crate) plan: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Row)]
pub(crate) struct Order {
    pub(crate) team: Team,
    pub(crate) text: Text<20>,
    pub(crate) target: Id<Animal>,
    #[net(range = -HALF..HALF, step = 1.0)]
    pub(crate) at: Vec3,
}

#[derive(Clone, Debug, PartialEq, Default, Row)]
pub(crate) struct Weather {
    #[net(range = -30..=45)]
    pub(crate) celsius: i8,
    pub(crate) rain: bool,
    pub(crate) strikes: u64,
}

#[derive(Clone, Debug, Replicate)]
pub(crate) struct State {
    #[net(at = pos, rewind)]
    pub(crate) animals: Table<Animal>,
    #[net(audience = team, at = at)]
    pub(crate) orders: Table<Order>,
    pub(crate) weather: Single<Weather>,
    #[net(skip)]
    pub(crate) visits: BTreeMap<u16, u32>,
}

#[derive(Clone, PartialEq, Debug, Default, Wire)]
pub(crate) struct Input {
    #[net(range = -1.0..=1.0, step = 1.0 / 64.0)]
    pub(crate) walk: Vec2,
    #[net(sticky)]
    pub(crate) jump: bool,
    pub(crate) hold: bool,
    pub(crate) more: MoreInput,
}

#[derive(Clone, PartialEq, Debug, Default, Wire)]
pub(crate) struct MoreInput {
    #[net(angle, bits = 8)]
    pub(crate) look: f32,
    #[net(sticky)]
    pub(crate) bark: bool,
}

#[derive(Clone, PartialEq, Debug, Wire)]
pub(crate) enum Command {
    Rename(Text<13>),
    Order { text: Text<20>, target: Id<Animal> },
    Feed,
}

#[derive(Clone, PartialEq, Debug, Wire)]
pub(crate) enum Event {
    Barked {
        by: PlayerId,
        #[net(range = -HALF..HALF, step = 0.25)]
        at: Vec2,
    },
    Thunder,
}

#[derive(Clone, PartialEq, Debug, Wire)]
pub(crate) struct Report {
    pub(crate) player: PlayerId,
    pub(crate) visits: u32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    pub(crate) storms: bool,
}

pub(crate) struct Ground {
    pub(crate) friction: f32,
}

pub(crate) struct Zoo;

impl Game for Zoo {
    const NAME: &'static str = "zoo";
    type Options = Options;
    type Fixed = Ground;
    type State = State;
    type Input = Input;
    type Command = Command;
    type Event = Event;
    type Effect = Report;

    fn settings(_: &Options) -> Settings {
        Settings { seats: 6, teams: 2, cell_size: Some(16.0), ..Settings::default() }
    }

    fn load(_: &Options, assets: &mut AssetReader<'_>) -> Result<Ground, Refusal> {
        let text = assets.read("ground.txt")?;
        let friction = std::str::from_utf8(&text).ok().and_then(|text| text.trim().parse().ok());
        Ok(Ground { friction: friction.ok_or("ground.txt is not a number")? })
    }

    fn create(options: &Options, cx: &mut Cx<'_, Self>) -> Result<State, Refusal> {
        let mut state = State {
            animals: Table::new(),
            orders: Table::new(),
            weather: Single::new(Weather { celsius: 20, rain: options.storms, strikes: 0 }),
            visits: BTreeMap::new(),
        };
        let mut dice = cx.dice(1);
        for wild in 0..5 {
            let pos = Vec2::new(dice.range(-60.0..60.0), dice.range(-60.0..60.0));
            state.animals.insert(Animal { pos, word: wild, age: 12, ..Animal::default() });
        }
        Ok(state)
    }

    fn enter(
        state: &mut State,
        player: PlayerId,
        profile: &Profile,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        if profile.name == "wolf" {
            return Err("no wolves".into());
        }
        let team = Team((cx.players().len() % 2) as u8 + 1);
        cx.set_team(player, team);
        let name = profile.name.as_str().into();
        let animal = Animal { keeper: player, name, team, age: 10, ammo: 9, ..Animal::default() };
        state.animals.insert(animal);
        *state.visits.entry(player.0).or_default() += 1;
        let visits = state.visits[&player.0];
        cx.effect(Report { player, visits });
        Ok(())
    }

    fn connection(
        state: &mut State,
        player: PlayerId,
        connection: Connection,
        _: &mut Cx<'_, Self>,
    ) {
        if let Some((_, animal)) = state.animals.owned_by_mut(player) {
            animal.tame = connection == Connection::Away;
        }
    }

    fn leave(state: &mut State, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        state.animals.retain(|_, animal| animal.keeper != player);
    }

    fn command(
        state: &mut State,
        from: From,
        command: &Command,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let From::Player(player) = from else {
            state.weather.celsius = 30;
            return Ok(());
        };
        match command {
            Command::Rename(name) if name.is_empty() => return Err("a name is needed".into()),
            Command::Rename(name) => {
                if let Some((_, animal)) = state.animals.owned_by_mut(player) {
                    animal.name = *name;
                }
            }
            Command::Order { text, target } => {
                if !state.animals.contains(*target) {
                    return Err("no such animal".into());
                }
                if state.orders.len() >= 8 {
                    let oldest = state.orders.ids()[0];
                    state.orders.remove(oldest);
                }
                let (team, at) = (cx.team_of(player), Vec3::new(1.0, 2.0, 3.0));
                state.orders.insert(Order { team, text: *text, target: *target, at });
            }
            Command::Feed => state.weather.strikes += 1 << 33,
        }
        Ok(())
    }

    fn tick(state: &mut State, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        for (player, input) in inputs.iter() {
            Self::predict(state, player, input, cx);
            let Some((id, animal)) = state.animals.owned_by_mut(player) else { continue };
            let mut dice = cx.dice(u64::from(player.0));
            animal.memory.push(dice.bits32());
            animal.memory.truncate(3);
            animal.herd = List::from_iter([id]);
            animal.friend = dice.chance(0.3).then_some(player);
            animal.weight = Some(dice.range(0.0..99.0));
            animal.ammo = animal.ammo.wrapping_add(u16::from(input.hold));
            animal.hope = Some(dice.unit());
            animal.signed_long -= i64::from(animal.ammo);
            animal.long = animal.long.wrapping_mul(7).wrapping_add(1);
            animal.pose = Quat::from_rotation_z(animal.heading);
            animal.mood = match dice.below(3) {
                0 => Mood::Calm,
                1 => Mood::Hungry { for_s: animal.ammo.min(600), how: dice.unit() },
                _ => Mood::Chasing(id, player),
            };
            if input.more.bark {
                let at = animal.pos;
                cx.emit(To::Everyone, Event::Barked { by: player, at });
            }
        }
        if cx.tick().is_multiple_of(50) {
            state.weather.strikes += 1;
            cx.emit_reliable(To::Team(Team(1)), Event::Thunder);
        }
    }

    fn predict(state: &mut State, me: PlayerId, input: &Input, cx: &mut Cx<'_, Self>) {
        let friction = cx.fixed().friction;
        let dt = cx.dt();
        let Some((_, animal)) = state.animals.owned_by_mut(me) else { return };
        animal.vel = (animal.vel + input.walk * 40.0 * dt) * friction;
        animal.pos += animal.vel * dt;
        animal.heading = input.more.look;
        if input.jump {
            animal.height = 2.0 + cx.shared_dice(u64::from(me.0)).unit();
        }
        animal.height = (animal.height - dt).max(0.0);
    }

    fn view(state: &State, viewer: Viewer, view: &mut View) {
        let Viewer::Player(player) = viewer else { return view.everything() };
        if let Some((id, animal)) = state.animals.owned_by(player) {
            view.near(animal.pos, 20.0);
            view.also(id);
        }
    }

    fn clamp(input: &mut Input) {
        if input.walk.length_squared() > 1.0 {
            input.walk = input.walk.normalize();
        }
    }

    fn bot(_: &State, me: PlayerId, _: &Ground, dice: &mut Dice) -> Input {
        let angle = dice.range(0.0..math::TAU);
        Input {
            walk: math::direction(angle),
            jump: dice.chance(0.1),
            hold: me.0.is_multiple_of(2),
            more: MoreInput { look: angle, bark: dice.chance(0.05) },
        }
    }
}

/// The zoo's assets.
#[allow(dead_code, reason = "not every test that includes this file opens a world")]
pub(crate) const ASSETS: [(&str, &[u8]); 1] = [("ground.txt", b"0.9")];
