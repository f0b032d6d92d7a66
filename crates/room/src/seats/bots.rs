//! The bots of a room.

use std::collections::BTreeMap;

use tickwire_game::{PlayerId, Profile, Team};

/// Names for bots: short, easy to tell apart, nobody's.
const NAMES: [&str; 24] = [
    "Altair",
    "Bellatrix",
    "Capella",
    "Deneb",
    "Electra",
    "Fornax",
    "Gemma",
    "Hadar",
    "Izar",
    "Juno",
    "Kochab",
    "Lyra",
    "Mira",
    "Norma",
    "Orion",
    "Pollux",
    "Quasar",
    "Rigel",
    "Sirius",
    "Tania",
    "Umbra",
    "Vega",
    "Wezen",
    "Zaurak",
];

/// The bots of a room.
#[derive(Debug)]
pub(super) struct Bots {
    /// Humans and bots together that make the room full enough.
    fill: usize,
    /// Index of each bot's name.
    names: BTreeMap<PlayerId, usize>,
    /// In order of arrival: the newest yields first.
    order: Vec<PlayerId>,
    /// Where to look for the next name.
    next_name: usize,
    /// No new bots before this tick: the game has refused one.
    pause_until_tick: u32,
}

impl Bots {
    pub(super) fn new(fill: usize, seed: u64) -> Self {
        Self {
            fill,
            names: BTreeMap::new(),
            order: Vec::new(),
            next_name: (seed % NAMES.len() as u64) as usize,
            pause_until_tick: 0,
        }
    }

    /// How many there should be beside so many humans.
    pub(super) fn wanted(&self, humans: usize, tick: u32) -> usize {
        let wanted = self.fill.saturating_sub(humans);
        if tick < self.pause_until_tick { wanted.min(self.len()) } else { wanted }
    }

    /// Adds a bot under this id; returns who it is.
    pub(super) fn add(&mut self, bot: PlayerId) -> Profile {
        let taken = |name: &usize| self.names.values().any(|taken| taken == name);
        let names = (0..NAMES.len()).map(|step| (self.next_name + step) % NAMES.len());
        let name = names.into_iter().find(|name| !taken(name)).unwrap_or(self.next_name);
        self.next_name = (name + 1) % NAMES.len();
        self.names.insert(bot, name);
        self.order.push(bot);
        Profile { name: NAMES[name].to_owned(), bot: true, team: Team::NONE }
    }

    pub(super) fn remove_newest(&mut self) -> Option<PlayerId> {
        let bot = self.order.pop()?;
        self.names.remove(&bot);
        Some(bot)
    }

    /// The game has not let `player` in: if it is a bot, no more come until `retry_tick`.
    pub(super) fn refused(&mut self, player: PlayerId, retry_tick: u32) {
        if self.names.remove(&player).is_some() {
            self.order.retain(|&bot| bot != player);
            self.pause_until_tick = retry_tick;
        }
    }

    pub(super) fn contains(&self, player: PlayerId) -> bool {
        self.names.contains_key(&player)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = PlayerId> {
        self.names.keys().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}
