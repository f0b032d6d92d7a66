//! A field of walkers: 200 m square, some of them clients.

use serde::{Deserialize, Serialize};
use tickwire_client::session::{Options as ClientOptions, Session};
use tickwire_game::{
    AssetReader, Cx, Dice, Game, Inputs, LeaveReason, PlayerId, Profile, Refusal, Replicate, Row,
    Settings, Table, Vec2, View, Viewer, Wire, math,
};
use tickwire_room::{AnyRoom, ConnId, Delivery, Outgoing, Room, RoomConfig, TicketKey};

/// Side of the field, in metres.
pub(crate) const SIDE_M: f32 = 200.0;
/// How far a viewer sees, in metres.
pub(crate) const RADIUS_M: f32 = 50.0;
/// Side of an interest cell, in metres.
pub(crate) const CELL_M: f32 = 25.0;
/// Ticks after which walkers on circles are where they were.
pub(crate) const CIRCLE_TICKS: u32 = 128;

const START_US: u64 = 1_800_000_000_000_000;
const STEP_S: f32 = 1.0 / 30.0;
const SPEED_M_S: f32 = 5.0;

pub(crate) struct Field;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Options {
    /// Walkers; the first of them are the clients'.
    pub(crate) walkers: u16,
    pub(crate) seats: u16,
    pub(crate) cells: bool,
    /// On circles instead of legs: every [`CIRCLE_TICKS`] everything is as it was.
    pub(crate) circles: bool,
}

#[derive(Clone, Row)]
pub(crate) struct Walker {
    #[net(owner)]
    pub(crate) player: PlayerId,
    #[net(range = 0.0..200.0, step = 1.0 / 100.0, lerp, velocity = vel)]
    pub(crate) pos: Vec2,
    #[net(range = -8.0..8.0, step = 1.0 / 100.0)]
    pub(crate) vel: Vec2,
    #[net(angle, bits = 8)]
    pub(crate) aim: f32,
    #[net(to = owner)]
    pub(crate) steps: u16,
    /// Middle of its circle, or what is left of its leg (in ticks) in `x`.
    #[net(skip)]
    middle: Vec2,
}

#[derive(Clone, Replicate)]
pub(crate) struct State {
    #[net(at = pos)]
    pub(crate) walkers: Table<Walker>,
    #[net(skip)]
    options: Options,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Wire)]
pub(crate) struct Input {
    fire: bool,
}

impl Game for Field {
    const NAME: &'static str = "field";
    type Options = Options;
    type Fixed = ();
    type State = State;
    type Input = Input;
    type Command = ();
    type Event = ();
    type Effect = ();

    fn settings(options: &Options) -> Settings {
        let cell_size = options.cells.then_some(CELL_M);
        Settings { seats: options.seats, cell_size, ..Settings::default() }
    }

    fn load(_: &Options, _: &mut AssetReader<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    fn create(options: &Options, cx: &mut Cx<'_, Self>) -> Result<State, Refusal> {
        let mut state = State { walkers: Table::new(), options: options.clone() };
        let mut dice = cx.dice(1);
        for _ in 0..options.walkers {
            let edge = if options.circles { 12.0 } else { 0.0 };
            let pos = Vec2::new(dice.range(edge..SIDE_M - edge), dice.range(edge..SIDE_M - edge));
            state.walkers.insert(Walker {
                player: PlayerId::NONE,
                pos,
                vel: Vec2::ZERO,
                aim: 0.0,
                steps: 0,
                middle: if options.circles { pos } else { Vec2::ZERO },
            });
        }
        Ok(state)
    }

    fn enter(
        state: &mut State,
        player: PlayerId,
        _: &Profile,
        _: &mut Cx<'_, Self>,
    ) -> Result<(), Refusal> {
        let free = state.walkers.values_mut().find(|walker| walker.player == PlayerId::NONE);
        free.ok_or_else(|| Refusal::new("no walker is free"))?.player = player;
        Ok(())
    }

    fn leave(state: &mut State, player: PlayerId, _: LeaveReason, _: &mut Cx<'_, Self>) {
        if let Some((_, walker)) = state.walkers.owned_by_mut(player) {
            walker.player = PlayerId::NONE;
        }
    }

    fn tick(state: &mut State, _: &Inputs<'_, Self>, cx: &mut Cx<'_, Self>) {
        let mut dice = cx.dice(2);
        let circles = state.options.circles;
        for (index, walker) in (0_u32..).zip(state.walkers.values_mut()) {
            walker.steps = (walker.steps + 1) % CIRCLE_TICKS as u16;
            if circles {
                circle(walker, cx.tick() + index * 37);
            } else {
                leg(walker, &mut dice);
            }
        }
    }

    fn view(state: &State, viewer: Viewer, view: &mut View) {
        let Viewer::Player(player) = viewer else { return view.everything() };
        if let Some((_, walker)) = state.walkers.owned_by(player) {
            view.near(walker.pos, RADIUS_M);
        }
    }
}

/// Where a walker is on its circle: a function of the tick, so that everything comes again.
fn circle(walker: &mut Walker, tick: u32) {
    let turn = (tick % CIRCLE_TICKS) as f32 / CIRCLE_TICKS as f32 * std::f32::consts::TAU;
    let toward = math::direction(turn);
    let radius = 4.0 + walker.middle.x / SIDE_M * 6.0;
    walker.pos = walker.middle + toward * radius;
    walker.vel = Vec2::new(-toward.y, toward.x) * SPEED_M_S;
    walker.aim = turn;
}

/// Legs of 0.5 to 2 s, one in five of them a stand.
fn leg(walker: &mut Walker, dice: &mut Dice) {
    walker.middle.x -= 1.0;
    if walker.middle.x <= 0.0 {
        walker.middle.x = dice.range(15.0..60.0);
        walker.aim = dice.range(0.0..std::f32::consts::TAU);
        let speed = if dice.chance(0.2) { 0.0 } else { SPEED_M_S };
        walker.vel = math::direction(walker.aim) * speed;
    }
    let to = walker.pos + walker.vel * STEP_S;
    walker.pos = to.clamp(Vec2::ZERO, Vec2::splat(SIDE_M));
}

/// A room of the field and its clients, all at the end of perfect lines.
pub(crate) struct Arena {
    pub(crate) room: Room<Field>,
    pub(crate) clients: Vec<Session>,
    /// Connections of the clients that take no snapshots for now.
    pub(crate) busy: Vec<ConnId>,
    pub(crate) now_us: u64,
}

impl Arena {
    /// With so many clients, all of whom have entered.
    pub(crate) fn new(options: Options, clients: u16) -> Self {
        let config = RoomConfig::new("field", 11, TicketKey::from_bytes([7; 32]));
        let mut arena = Self {
            room: Room::open(options, &(), config, START_US).unwrap(),
            clients: Vec::new(),
            busy: Vec::new(),
            now_us: START_US,
        };
        for index in 0..clients {
            let seat = arena.room.reserve(START_US, Profile::default()).unwrap();
            let mut session = Session::new(seat.ticket, ClientOptions::default());
            let conn = ConnId(u64::from(index));
            arena.room.connect(START_US, conn);
            arena.room.receive(START_US, conn, &session.hello(START_US));
            arena.clients.push(session);
        }
        arena.release();
        arena.tick();
        arena
    }

    /// Computes the next tick; nothing is encoded.
    pub(crate) fn step(&mut self) {
        self.now_us = self.room.next_tick_us();
        self.room.tick(self.now_us);
    }

    /// A tick, and its snapshots to the clients.
    pub(crate) fn tick(&mut self) {
        self.step();
        self.room.encode(self.now_us);
        self.release();
    }

    fn release(&mut self) {
        let Self { room, clients, busy, now_us, .. } = self;
        room.release(&mut |conn, outgoing| {
            let client = &mut clients[conn.0 as usize];
            match outgoing {
                Outgoing::Snapshot { .. } if busy.contains(&conn) => return Delivery::Skipped,
                Outgoing::Snapshot { own, shared } => {
                    client.receive(*now_us, &[own, shared].concat()).unwrap();
                }
                Outgoing::Message(bytes) => client.receive(*now_us, bytes).unwrap(),
                Outgoing::Close(close) => panic!("{close:?}"),
            }
            while client.poll_event().is_some() {}
            Delivery::Queued
        });
    }
}
