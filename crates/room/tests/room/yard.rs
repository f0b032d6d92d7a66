//! The game of these tests: pawns that walk a yard, and rows for every kind of audience.

use serde::{Deserialize, Serialize};
use tickwire_game::{
    AssetReader, Cx, Dice, From, Game, Id, Inputs, LeaveReason, PlayerId, Profile, Refusal,
    Replicate, Row, Settings, Single, Table, Team, To, Vec2, View, Viewer, Wire,
};
use tickwire_wire::prior::{MAGIC, Prior};

pub(crate) struct Yard;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    pub(crate) tick_hz: u16,
    pub(crate) send_every: u16,
    pub(crate) seats: u16,
    /// Side of an interest cell.
    pub(crate) cell_size: Option<f32>,
    /// How far a viewer sees.
    pub(crate) radius: f32,
    /// Crumbs that wander about.
    pub(crate) crumbs: u16,
    /// Whether pawns and crumbs move by themselves.
    pub(crate) wander: bool,
    /// Added to what only team 2 and player 60000 may read.
    pub(crate) hidden: u32,
    /// Whether bots and humans get a row for their team and one for themselves.
    pub(crate) notes: bool,
    /// Whether there are crumbs in the far east; beyond 0 they move about, come and go, and how
    /// depends on the number. Players from 12 on then also follow the friends of the first two.
    pub(crate) far: Option<u32>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tick_hz: 30,
            send_every: 1,
            seats: 8,
            cell_size: None,
            radius: 20.0,
            crumbs: 0,
            wander: false,
            hidden: 0,
            notes: false,
            far: None,
        }
    }
}

/// Where the far east begins.
pub(crate) const EAST: f32 = 176.0;
/// The friend of the crumbs there: nobody.
const STRANGER: PlayerId = PlayerId(50_000);
const FAR_CRUMBS: u32 = 24;

#[derive(Clone, Row)]
pub(crate) struct Pawn {
    #[net(owner)]
    pub(crate) player: PlayerId,
    #[net(range = 0.0..256.0, step = 1.0 / 4.0, lerp)]
    pub(crate) pos: Vec2,
    /// Ticks in which the pawn jumped.
    pub(crate) jumps: u16,
    #[net(to = owner)]
    pub(crate) ammo: u16,
}

#[derive(Clone, Row)]
pub(crate) struct Crumb {
    #[net(range = 0.0..256.0, step = 1.0 / 4.0)]
    pub(crate) pos: Vec2,
    /// Given out as an extra row of the view of the player with this id.
    pub(crate) friend: PlayerId,
}

#[derive(Clone, Row)]
pub(crate) struct Order {
    pub(crate) team: Team,
    pub(crate) word: u32,
}

#[derive(Clone, Row)]
pub(crate) struct Secret {
    pub(crate) player: PlayerId,
    pub(crate) word: u32,
}

#[derive(Clone, Default, Row)]
pub(crate) struct Bell {
    pub(crate) rung: u32,
}

#[derive(Clone, Replicate)]
pub(crate) struct State {
    #[net(at = pos)]
    pub(crate) pawns: Table<Pawn>,
    #[net(at = pos)]
    pub(crate) crumbs: Table<Crumb>,
    #[net(audience = team)]
    pub(crate) orders: Table<Order>,
    #[net(audience = player)]
    pub(crate) secrets: Table<Secret>,
    pub(crate) bell: Single<Bell>,
    #[net(skip)]
    pub(crate) options: Options,
    /// Ticks with an input, as (player, x, jump), newest last.
    #[net(skip)]
    pub(crate) used: Vec<(u16, i8, bool)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Wire)]
pub(crate) struct Input {
    #[net(range = -4..=4)]
    pub(crate) x: i8,
    #[net(range = -4..=4)]
    pub(crate) y: i8,
    #[net(sticky)]
    pub(crate) jump: bool,
}

/// Makes a command of consequence one.
pub(crate) const SURE: u32 = 0xC0FF_EE11;

#[derive(Clone, Debug, PartialEq, Wire)]
pub(crate) enum Command {
    /// Rings the bell, which everyone sees and is told of.
    Ring {
        n: u32,
    },
    /// Tells one's team something, droppably.
    Whisper {
        n: u32,
    },
    /// Rings so often, reliably. With another code than [`SURE`] nothing happens, so that no bent
    /// message turns into it; likewise below.
    Flood {
        code: u32,
        count: u16,
    },
    /// Fires: ammo goes down by one.
    Fire,
    JoinTeam {
        team: Team,
    },
    /// Is refused.
    Nonsense,
    /// Ends the match.
    Finish {
        code: u32,
    },
    /// Panics.
    Crash {
        code: u32,
    },
}

#[derive(Clone, Debug, PartialEq, Wire)]
pub(crate) enum Event {
    Rung { n: u32 },
    Whispered { from: PlayerId, n: u32 },
}

/// A prior of zeros: not the protocol's own.
pub(crate) const PRIOR: &[u8] = &{
    let mut bytes = [0; Prior::BYTES];
    bytes.split_at_mut(MAGIC.len()).0.copy_from_slice(MAGIC);
    bytes
};

impl Game for Yard {
    const NAME: &'static str = "yard";
    const PRIOR: Option<&'static [u8]> = Some(PRIOR);
    type Options = Options;
    type Fixed = ();
    type State = State;
    type Input = Input;
    type Command = Command;
    type Event = Event;
    type Effect = ();

    fn settings(options: &Options) -> Settings {
        Settings {
            tick_hz: options.tick_hz,
            send_every: options.send_every,
            seats: options.seats,
            teams: 2,
            cell_size: options.cell_size,
            ..Settings::default()
        }
    }

    fn load(_: &Options, _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn create(options: &Options, cx: &mut Cx<'_, Self>) -> Result<State, Refusal> {
        if options.crumbs == 666 {
            return Err(Refusal::new("too many crumbs"));
        }
        let mut state = State {
            pawns: Table::new(),
            crumbs: Table::new(),
            orders: Table::new(),
            secrets: Table::new(),
            bell: Single::new(Bell::default()),
            options: options.clone(),
            used: Vec::new(),
        };
        let mut dice = cx.dice(1);
        for n in 0..options.crumbs {
            let pos = Vec2::new(dice.range(0.0..256.0), dice.range(0.0..256.0));
            state.crumbs.insert(Crumb { pos, friend: PlayerId(n % 40) });
        }
        if options.far.is_some() {
            for _ in 0..FAR_CRUMBS {
                state.crumbs.insert(far_crumb(&mut dice));
            }
        }
        if options.notes {
            for n in 0..3 {
                let hidden = options.hidden.wrapping_mul(n + 1);
                state.orders.insert(Order { team: Team(1), word: n });
                state.orders.insert(Order { team: Team(2), word: hidden });
                state.secrets.insert(Secret { player: PlayerId(60_000), word: hidden });
            }
        }
        Ok(state)
    }

    fn enter(
        state: &mut State,
        player: PlayerId,
        profile: &Profile,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        if profile.name == "nobody" {
            return Err(Refusal::new("nobody may not enter"));
        }
        let at = f32::from(player.0 % 16) * 16.0;
        let pawn = Pawn { player, pos: Vec2::new(at, at), jumps: 0, ammo: 100 + player.0 };
        state.pawns.insert(pawn);
        if state.options.notes {
            let word = 1_000 + u32::from(player.0);
            state.secrets.insert(Secret { player, word });
            cx.set_team(player, profile.team);
        }
        Ok(())
    }

    fn leave(state: &mut State, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        state.pawns.retain(|_, pawn| pawn.player != player);
        state.secrets.retain(|_, secret| secret.player != player);
    }

    fn command(
        state: &mut State,
        from: From,
        command: &Command,
        cx: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let From::Player(player) = from else { return Ok(()) };
        match command {
            Command::Ring { n } => {
                state.bell.rung += n;
                cx.emit_reliable(To::Everyone, Event::Rung { n: *n });
            }
            Command::Whisper { n } => {
                let team = cx.team_of(player);
                let to = if team.is_none() { To::Player(player) } else { To::Team(team) };
                cx.emit(to, Event::Whispered { from: player, n: *n });
            }
            Command::Flood { code: SURE, count } => {
                for n in 0..*count {
                    cx.emit_reliable(To::Everyone, Event::Rung { n: n.into() });
                }
            }
            Command::Fire => {
                if let Some((_, pawn)) = state.pawns.owned_by_mut(player) {
                    pawn.ammo = pawn.ammo.saturating_sub(1);
                }
            }
            Command::JoinTeam { team } => cx.set_team(player, *team),
            Command::Nonsense => return Err(Refusal::new("nonsense")),
            Command::Crash { code: SURE } => panic!("the yard has crashed"),
            Command::Finish { code: SURE } => cx.finish("the yard is closed"),
            Command::Flood { .. } | Command::Finish { .. } | Command::Crash { .. } => {}
        }
        Ok(())
    }

    fn tick(state: &mut State, inputs: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        for (player, input) in inputs.iter() {
            if let Some((_, pawn)) = state.pawns.owned_by_mut(player) {
                pawn.pos += Vec2::new(input.x.into(), input.y.into());
                pawn.jumps += u16::from(input.jump);
            }
            if state.used.len() < 4_096 {
                state.used.push((player.0, input.x, input.jump));
            }
        }
        if let Some(far @ 1..) = state.options.far {
            stir_far_crumbs(&mut state.crumbs, &mut cx.dice(2 + u64::from(far)));
        }
        if state.options.wander {
            let mut dice = cx.dice(2);
            for crumb in state.crumbs.values_mut().filter(|crumb| crumb.friend != STRANGER) {
                crumb.pos += Vec2::new(dice.range(-3.0..3.0), dice.range(-3.0..3.0));
            }
            // Rows that nobody but their audience may know of come, go and change.
            if cx.tick().is_multiple_of(3) && state.options.notes {
                let word = cx.tick().wrapping_mul(state.options.hidden);
                for order in state.orders.values_mut().filter(|order| order.team == Team(2)) {
                    order.word = word;
                }
                if state.options.hidden > 0 {
                    let oldest = state.orders.find(|order| order.team == Team(2));
                    let oldest = oldest.map_or(Id::NONE, |(id, _)| id);
                    state.orders.remove(oldest);
                    state.orders.insert(Order { team: Team(2), word });
                }
            }
        }
    }

    fn view(state: &State, viewer: Viewer, view: &mut View) {
        let Viewer::Player(player) = viewer else { return view.everything() };
        if let Some((_, pawn)) = state.pawns.owned_by(player) {
            view.near(pawn.pos, state.options.radius);
        }
        for (id, crumb) in state.crumbs.iter() {
            if crumb.friend == player || state.spies(player) && crumb.friend.0 < 3 {
                view.also(id);
            }
        }
    }

    fn bot(_: &State, _: PlayerId, _: &(), dice: &mut Dice) -> Input {
        Input { x: dice.below(9) as i8 - 4, y: dice.below(9) as i8 - 4, jump: dice.chance(0.1) }
    }
}

impl State {
    /// Whether a player follows others' friends.
    fn spies(&self, player: PlayerId) -> bool {
        self.options.far.is_some_and(|far| far > 0) && player.0 >= 12
    }
}

fn far_crumb(dice: &mut Dice) -> Crumb {
    let pos = Vec2::new(dice.range(EAST..256.0), dice.range(0.0..256.0));
    Crumb { pos, friend: STRANGER }
}

fn stir_far_crumbs(crumbs: &mut Table<Crumb>, dice: &mut Dice) {
    for crumb in crumbs.values_mut().filter(|crumb| crumb.friend == STRANGER) {
        crumb.pos += Vec2::new(dice.range(-5.0..5.0), dice.range(-5.0..5.0));
        crumb.pos.x = crumb.pos.x.max(EAST);
    }
    if dice.chance(0.2) {
        let gone = crumbs.find(|crumb| crumb.friend == STRANGER).map_or(Id::NONE, |(id, _)| id);
        crumbs.remove(gone);
    }
    if dice.chance(0.2) {
        crumbs.insert(far_crumb(dice));
    }
}
