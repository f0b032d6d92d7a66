//! A match under the test's control: maps drawn as text, inputs by player, events kept.

use std::collections::BTreeMap;

use tickwire_game::{PlayerId, Profile, Vec2, World};
use tickwire_skirmish::Skirmish;
use tickwire_skirmish::messages::{Event, Input};
use tickwire_skirmish::options::Options;
use tickwire_skirmish::state::Avatar;

/// The map that ships.
pub(crate) const DEPOT: &[u8] = include_bytes!("../../../../assets/maps/depot.json");

/// The assets that ship.
pub(crate) fn depot() -> [(&'static str, &'static [u8]); 1] {
    [("maps/depot.json", DEPOT)]
}

/// A Tiled map of a drawing: `#` wall, `S` spawn, `H` health, `A` ammo, `D` shield, else floor.
pub(crate) fn tiled(rows: &[&str]) -> serde_json::Value {
    let mut walls = Vec::new();
    let mut spawns = Vec::new();
    let mut pickups = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, tile) in row.chars().enumerate() {
            walls.push(u32::from(tile == '#'));
            let kind = match tile {
                'S' => "spawn",
                'H' => "health",
                'D' => "shield",
                'A' => "ammo",
                _ => continue,
            };
            let id = y * 100 + x;
            let (x, y) = (x as f32 * 16.0 + 8.0, y as f32 * 16.0 + 8.0);
            let object = serde_json::json!({"id": id, "type": kind, "x": x, "y": y, "point": true});
            if tile == 'S' { &mut spawns } else { &mut pickups }.push(object);
        }
    }
    let (width, height) = (rows[0].len(), rows.len());
    serde_json::json!({
        "width": width, "height": height, "tilewidth": 16, "tileheight": 16,
        "infinite": false, "orientation": "orthogonal",
        "layers": [
            {"name": "walls", "type": "tilelayer", "width": width, "height": height, "data": walls},
            {"name": "spawns", "type": "objectgroup", "objects": spawns},
            {"name": "pickups", "type": "objectgroup", "objects": pickups},
        ],
    })
}

/// A running match.
pub(crate) struct Match {
    pub(crate) world: World<Skirmish>,
    /// What each player holds, until changed.
    pub(crate) held: BTreeMap<PlayerId, Input>,
    /// All events so far, with whether they are reliable.
    pub(crate) events: Vec<(bool, Event)>,
}

impl Match {
    /// A match on a drawn map.
    pub(crate) fn drawn(rows: &[&str], options: &Options) -> Self {
        let map = tiled(rows).to_string();
        let assets: [(&str, &[u8]); 1] = [("maps/depot.json", map.as_bytes())];
        Self::open(World::create(options.clone(), &assets, 7).expect("the map is valid"))
    }

    /// A match on the map that ships.
    pub(crate) fn depot(options: &Options, seed: u64) -> Self {
        Self::open(World::create(options.clone(), &depot(), seed).expect("the map is valid"))
    }

    fn open(world: World<Skirmish>) -> Self {
        Self { world, held: BTreeMap::new(), events: Vec::new() }
    }

    /// Lets players 1..=`count` enter, in one tick.
    pub(crate) fn enter(&mut self, count: u16) -> Vec<PlayerId> {
        let players: Vec<PlayerId> = (1..=count).map(PlayerId).collect();
        let mut entry = self.world.next_entry();
        for &player in &players {
            let profile = Profile { name: format!("p{}", player.0), ..Profile::default() };
            entry.joins.push((player, profile));
        }
        let happenings = self.world.advance(&entry);
        assert!(happenings.refused_joins.is_empty());
        self.keep(happenings.events);
        players
    }

    /// Plays on for some ticks with what the players hold.
    pub(crate) fn play(&mut self, ticks: u32) {
        for _ in 0..ticks {
            let mut entry = self.world.next_entry();
            entry.inputs =
                self.held.iter().map(|(&player, input)| (player, input.clone())).collect();
            let happenings = self.world.advance(&entry);
            self.keep(happenings.events);
        }
    }

    /// Plays on until `done`, at most `ticks`; whether it came to that.
    pub(crate) fn play_until(&mut self, ticks: u32, done: impl Fn(&Self) -> bool) -> bool {
        for _ in 0..ticks {
            if done(self) {
                return true;
            }
            self.play(1);
        }
        done(self)
    }

    fn keep(&mut self, events: Vec<tickwire_game::Emitted<Event>>) {
        self.events.extend(events.into_iter().map(|emitted| (emitted.reliable, emitted.event)));
    }

    pub(crate) fn avatar(&self, player: PlayerId) -> &Avatar {
        self.world.state().avatar(player).expect("the player has an avatar")
    }

    pub(crate) fn pos(&self, player: PlayerId) -> Vec2 {
        self.avatar(player).pos
    }

    /// The angle from one player to another.
    pub(crate) fn bearing(&self, from: PlayerId, to: PlayerId) -> f32 {
        let way = self.pos(to) - self.pos(from);
        tickwire_game::math::atan2(way.y, way.x)
    }

    /// How many events `wanted` accepts.
    pub(crate) fn count(&self, wanted: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| wanted(event)).count()
    }
}

/// Prints a figure of a test; shown with `--nocapture`.
#[allow(clippy::print_stdout)] // the figures are what the test is run by hand for
pub(crate) fn tell(report: &str) {
    println!("{report}");
}
