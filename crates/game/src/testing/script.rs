//! What comes from outside while a game is checked.

use tickwire_wire::shape::ColumnSpec;

use crate::coding::{ColumnReader, Wire};
use crate::dice::Dice;
use crate::entry::{Reply, TickEntry};
use crate::game::Game;
use crate::ids::{From, PlayerId, Team};
use crate::player::{Connection, LeaveReason, Profile};
use crate::world::World;

/// How those outside behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Manners {
    /// Bots that play; now and then a command, someone who leaves, someone who enters.
    Good,
    /// Everything that the wire lets through, from everyone, in any order.
    None,
}

/// Most players of a well-mannered match: enough for every interaction, few enough to be quick.
const PLAYERS: usize = 8;

/// Names that have broken something somewhere.
const NAMES: [&str; 6] = [
    "Ada",
    "",
    "x\u{0}\u{7f}\n",
    "ÄÖÜäöüßÄÖÜäöüß",
    "👩‍👩‍👧‍👦👩‍👩‍👧‍👦",
    "a name that is longer than any table will ever keep",
];

const REASONS: [LeaveReason; 4] =
    [LeaveReason::Left, LeaveReason::Lost, LeaveReason::Kicked, LeaveReason::Yielded];

/// Writes the entries of one trial.
pub(super) struct Script {
    manners: Manners,
    pub(super) dice: Dice,
    /// Highest player id given by a well-mannered room.
    last_player: u16,
}

impl Script {
    pub(super) fn new(manners: Manners, seed: u64) -> Self {
        Self { manners, dice: Dice::new(seed, 0, manners as u64), last_player: 0 }
    }

    /// The entry of the tick that comes next.
    pub(super) fn entry<G: Game>(&mut self, world: &World<G>) -> TickEntry<G> {
        let mut entry = world.next_entry();
        match self.manners {
            Manners::Good => self.play(world, &mut entry),
            Manners::None => self.attack(world, &mut entry),
        }
        entry
    }

    fn play<G: Game>(&mut self, world: &World<G>, entry: &mut TickEntry<G>) {
        let players = seated(world);
        let wanted = PLAYERS.min(usize::from(world.settings().seats));
        if self.dice.chance(0.02) && !players.is_empty() {
            entry.leaves.push((self.one_of(&players), LeaveReason::Left));
        }
        if players.len() < wanted && (entry.tick <= wanted as u32 || self.dice.chance(0.1)) {
            self.last_player += 1;
            let profile =
                Profile { name: format!("Bot {}", self.last_player), bot: true, team: Team::NONE };
            entry.joins.push((PlayerId(self.last_player), profile));
        }
        if !players.is_empty() {
            if self.dice.chance(0.05) {
                entry.connections.push((self.one_of(&players), self.connection()));
            }
            if self.dice.chance(0.1) {
                let player = self.one_of(&players);
                entry.pings.push((player, self.dice.below(300) as u16));
            }
            if self.dice.chance(0.15) {
                let player = self.one_of(&players);
                entry.commands.push((From::Player(player), entry.tick, random(&mut self.dice)));
            }
        }
        entry.inputs = players.into_iter().map(|me| (me, world.bot_input(me))).collect();
    }

    fn attack<G: Game>(&mut self, world: &World<G>, entry: &mut TickEntry<G>) {
        let is_storm = entry.tick.is_multiple_of(25);
        if is_storm {
            let everyone = seated(world);
            entry.leaves.extend(everyone.into_iter().map(|player| (player, LeaveReason::Lost)));
        }
        for _ in 0..self.several(if is_storm { 40 } else { 2 }) {
            entry.joins.push((self.anyone(), self.profile()));
        }
        for _ in 0..self.several(2) {
            entry.leaves.push((self.anyone(), self.reason()));
        }
        for _ in 0..self.several(3) {
            entry.connections.push((self.anyone(), self.connection()));
            entry.pings.push((self.anyone(), self.dice.bits32() as u16));
        }
        for _ in 0..self.several(2) {
            let (tick, n) = (self.dice.bits32(), self.dice.bits32());
            entry.replies.push(Reply { tick, n, command: random(&mut self.dice) });
        }
        for _ in 0..self.several(6) {
            let from =
                if self.dice.chance(0.1) { From::Backend } else { From::Player(self.anyone()) };
            entry.commands.push((from, self.dice.bits32(), random(&mut self.dice)));
        }
        for _ in 0..self.several(12) {
            entry.inputs.push((self.anyone(), random(&mut self.dice)));
        }
    }

    /// A player id: mostly one that may have a seat, at times one that never has.
    pub(super) fn anyone(&mut self) -> PlayerId {
        match self.dice.below(20) {
            0 => PlayerId::NONE,
            1 => PlayerId(u16::MAX),
            _ => PlayerId(self.dice.below(12) as u16),
        }
    }

    pub(super) fn profile(&mut self) -> Profile {
        let name = NAMES[self.dice.below(NAMES.len() as u32) as usize].to_owned();
        Profile { name, bot: self.dice.chance(0.5), team: Team(self.dice.bits32() as u8) }
    }

    fn several(&mut self, most: u32) -> u32 {
        self.dice.below(most + 1)
    }

    fn one_of(&mut self, players: &[PlayerId]) -> PlayerId {
        self.dice.pick(players).copied().unwrap_or(PlayerId::NONE)
    }

    fn connection(&mut self) -> Connection {
        if self.dice.chance(0.5) { Connection::Away } else { Connection::Online }
    }

    fn reason(&mut self) -> LeaveReason {
        REASONS[self.dice.below(REASONS.len() as u32) as usize]
    }
}

/// The players with a seat.
pub(super) fn seated<G: Game>(world: &World<G>) -> Vec<PlayerId> {
    world.players().iter().map(|(id, _)| PlayerId(id.raw() as u16)).collect()
}

/// A value as a client could send it: valid columns, with a liking for both ends.
pub(super) fn random<T: Wire>(dice: &mut Dice) -> T {
    let mut specs = Vec::new();
    T::shape().push_specs(&mut specs);
    let columns: Vec<u32> = specs.iter().map(|spec| random_column(dice, *spec)).collect();
    T::get(&mut ColumnReader::new(&columns))
}

fn random_column(dice: &mut Dice, spec: ColumnSpec) -> u32 {
    match dice.below(8) {
        0 => 0,
        1 => spec.max,
        2 => spec.max.min(1),
        _ => match spec.max.checked_add(1) {
            Some(values) => dice.below(values),
            None => dice.bits32(),
        },
    }
}
