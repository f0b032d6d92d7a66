//! [`World`]: the deterministic state of one room.

mod advance;
mod saved;
mod schema;

use std::ops::RangeInclusive;
use std::sync::Arc;

use tickwire_wire::columns::Extract;

use crate::assets::{Assets, LoadedAsset};
use crate::cx::{Cx, CxEnv};
use crate::dice::Dice;
use crate::entry::TickEntry;
use crate::game::{Game, Settings};
use crate::happenings::Outbox;
use crate::hash::hash_bytes;
use crate::ids::{PlayerId, Viewer};
use crate::inputs::settle;
use crate::limits::{SEATS, SEND_EVERY, TICK_HZ};
use crate::loaded::Loaded;
use crate::player::Player;
use crate::refusal::Refusal;
use crate::replicate::Replicate;
use crate::table::Table;
use crate::table::columns::TableField;
use crate::view::View;

/// Salt of the dice that [`Game::bot`] gets, apart from those of the game (its low half is the
/// player).
const BOT_SALT: u64 = 0xb07 << 32;

/// The deterministic state of one room: tick, seed, players, the game's state. It changes only
/// through [`advance`](World::advance), and ends each advance rounded to wire precision, so that
/// hash, save, delta and the clients' picture speak of the same bits.
pub struct World<G: Game> {
    /// Newest tick computed.
    tick: u32,
    /// The room's secret: decides the dice.
    seed: u64,
    options: G::Options,
    settings: Settings,
    fixed: Arc<G::Fixed>,
    assets: Vec<LoadedAsset>,
    players: Table<Player>,
    state: G::State,
    /// The outcome, once the match is over.
    finished: Option<String>,
    /// Guards saves against other versions of the game.
    schema_hash: String,
}

impl<G: Game> World<G> {
    /// Opens a room: loads its assets and creates the state of tick 0.
    ///
    /// # Errors
    /// When the game refuses the options or an asset, or asks for rates or seats beyond the limits.
    pub fn create(options: G::Options, assets: &dyn Assets, seed: u64) -> Result<Self, Refusal> {
        // Rates and sizes first: a game need not load anything for options that are refused anyway.
        Self::check_settings(&options)?;
        let loaded = Loaded::load(&options, assets)?;
        Self::create_from(options, loaded, seed)
    }

    /// Opens a room whose fixed data is there already, loaded for equal options.
    ///
    /// # Errors
    /// As [`create`](World::create), but for assets.
    pub fn create_from(options: G::Options, loaded: Loaded<G>, seed: u64) -> Result<Self, Refusal> {
        let settings = checked_settings::<G>(&options)?;
        let schema = Self::schema();
        schema.validate().map_err(|error| Refusal::new(error.to_string()))?;
        let Loaded { fixed, assets, .. } = loaded;
        let players = Table::new();
        let mut outbox = Outbox::default();
        let env =
            CxEnv { tick: 0, tick_hz: settings.tick_hz, seed, fixed: &*fixed, players: &players };
        let mut state = G::create(&options, &mut Cx { env, outbox: Some(&mut outbox) })?;
        state.snap();
        Ok(Self {
            tick: 0,
            seed,
            options,
            settings,
            fixed,
            assets,
            players,
            state,
            finished: outbox.happenings.finished,
            schema_hash: schema.hash(),
        })
    }

    /// Whether the engine can keep the game's settings for these options; nothing is loaded.
    ///
    /// # Errors
    /// When they ask for rates or seats beyond the limits.
    pub fn check_settings(options: &G::Options) -> Result<(), Refusal> {
        checked_settings::<G>(options).map(|_| ())
    }

    /// Newest tick computed: the state is the state of this tick.
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// The game's state.
    pub fn state(&self) -> &G::State {
        &self.state
    }

    /// The players with a seat; row ids are player ids.
    pub fn players(&self) -> &Table<Player> {
        &self.players
    }

    /// What was loaded when the room was opened.
    pub fn fixed(&self) -> &Arc<G::Fixed> {
        &self.fixed
    }

    /// The assets that were loaded when the room was opened.
    pub fn assets(&self) -> &[LoadedAsset] {
        &self.assets
    }

    /// What the room was opened with.
    pub fn options(&self) -> &G::Options {
        &self.options
    }

    /// Rates and sizes of the room.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The room's secret.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The outcome, once the match is over.
    pub fn finished(&self) -> Option<&str> {
        self.finished.as_deref()
    }

    /// Rows that the game's tables refused because they were full.
    pub fn refused_rows(&self) -> u64 {
        self.state.refused_rows()
    }

    /// An empty entry for the tick that comes next.
    pub fn next_entry(&self) -> TickEntry<G> {
        TickEntry::new(self.tick.wrapping_add(1))
    }

    /// The input of a bot in this seat for the tick that comes next, as a tick will use it. Changes
    /// nothing.
    pub fn bot_input(&self, me: PlayerId) -> G::Input {
        let mut dice = Dice::new(self.seed, self.tick, BOT_SALT | u64::from(me.0));
        let mut input = G::bot(&self.state, me, &self.fixed, &mut dice);
        settle::<G>(&mut input);
        input
    }

    /// The rows a viewer wants.
    pub fn view(&self, viewer: Viewer) -> View {
        let mut view = View::new();
        self.look(viewer, &mut view);
        view
    }

    /// Adds the rows that a viewer is sent to a view.
    pub fn look(&self, viewer: Viewer, view: &mut View) {
        G::view(&self.state, viewer, view);
    }

    /// All rows as columns, the players table first. `out` is cleared before.
    pub fn extract(&self, out: &mut Extract) {
        out.clear();
        self.players.extract(out);
        self.state.extract(out);
    }

    /// A hash over every field, skipped ones included.
    pub fn hash(&self) -> u64 {
        hash_bytes(&self.save())
    }
}

impl<G: Game> Clone for World<G> {
    fn clone(&self) -> Self {
        Self {
            tick: self.tick,
            seed: self.seed,
            options: self.options.clone(),
            settings: self.settings,
            fixed: Arc::clone(&self.fixed),
            assets: self.assets.clone(),
            players: self.players.clone(),
            state: self.state.clone(),
            finished: self.finished.clone(),
            schema_hash: self.schema_hash.clone(),
        }
    }
}

/// The game's settings, when the engine can keep them.
fn checked_settings<G: Game>(options: &G::Options) -> Result<Settings, Refusal> {
    let settings = G::settings(options);
    within("tick_hz", settings.tick_hz, TICK_HZ)?;
    within("send_every", settings.send_every, SEND_EVERY)?;
    within("seats", settings.seats, SEATS)?;
    Ok(settings)
}

fn within(name: &str, value: u16, allowed: RangeInclusive<u16>) -> Result<(), Refusal> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let (low, high) = (allowed.start(), allowed.end());
    Err(Refusal::new(format!("{name} is {value}, allowed are {low} to {high}")))
}
