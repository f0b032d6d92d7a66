//! The tests every game should pass. One line in a game's tests finds most ways to be wrong:
//!
//! ```no_run
//! # use tickwire_game::*;
//! # fn test<MyGame: Game>() {
//! tickwire_game::testing::check::<MyGame>();
//! # }
//! ```
//!
//! Bots play, and hostile clients send all that the wire lets through, while the rules of [`Rule`]
//! are held against the game. Games with assets or options use [`Check`].

mod forms;
mod looks;
mod predictions;
mod script;
mod trial;

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::assets::Assets;
use crate::game::Game;
use script::Manners;
use trial::Trial;

/// Puts a game without assets through every rule, with its default options.
///
/// # Panics
/// When the game breaks a rule: says which, with which seed, in which tick.
pub fn check<G: Game>() {
    Check::<G>::new().run();
}

/// As [`check`], for those who want to look at the failure.
///
/// # Errors
/// The first rule that the game breaks.
pub fn try_check<G: Game>() -> Result<(), Failure> {
    Check::<G>::new().try_run()
}

/// Puts a game through every rule.
pub struct Check<'a, G: Game> {
    options: G::Options,
    assets: &'a dyn Assets,
    ticks: u32,
    seeds: Range<u64>,
}

impl<'a, G: Game> Check<'a, G> {
    /// A check with default options, no assets, 240 ticks, 2 seeds.
    pub fn new() -> Self {
        Self { options: G::Options::default(), assets: &(), ticks: 240, seeds: 1..3 }
    }

    /// Opens rooms with these options.
    #[must_use]
    pub fn options(mut self, options: G::Options) -> Self {
        self.options = options;
        self
    }

    /// Opens rooms with these assets.
    #[must_use]
    pub fn assets(mut self, assets: &'a dyn Assets) -> Self {
        self.assets = assets;
        self
    }

    /// Plays this many ticks per seed.
    #[must_use]
    pub fn ticks(mut self, ticks: u32) -> Self {
        self.ticks = ticks;
        self
    }

    /// Plays once with each of these seeds; a failure's seed alone finds it again.
    #[must_use]
    pub fn seeds(mut self, seeds: Range<u64>) -> Self {
        self.seeds = seeds;
        self
    }

    /// Checks.
    ///
    /// # Panics
    /// When the game breaks a rule: says which, with which seed, in which tick.
    pub fn run(self) {
        if let Err(failure) = self.try_run() {
            panic!("{failure}");
        }
    }

    /// Checks.
    ///
    /// # Errors
    /// The first rule that the game breaks.
    pub fn try_run(self) -> Result<(), Failure> {
        self.guarded(0, |_| forms::check::<G>())?;
        for seed in self.seeds.clone() {
            for manners in [Manners::Good, Manners::None] {
                self.guarded(seed, |tick| Trial::open(&self, seed, manners, tick)?.run())?;
            }
        }
        Ok(())
    }

    /// Runs a part of the check; a panic of the game is a failure in the tick where it happened.
    fn guarded(
        &self,
        seed: u64,
        part: impl FnOnce(&Cell<u32>) -> Result<(), Broken>,
    ) -> Result<(), Failure> {
        let tick = Cell::new(0);
        // After a panic nothing of the trial is looked at again.
        let result = catch_unwind(AssertUnwindSafe(|| part(&tick)));
        let broken = match result {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(broken)) => broken,
            Err(payload) => Broken { rule: Rule::NeverPanics, detail: panic_text(&*payload) },
        };
        let (game, tick) = (G::NAME, tick.get());
        Err(Failure { game, rule: broken.rule, seed, tick, detail: broken.detail })
    }
}

impl<G: Game> Default for Check<'_, G> {
    fn default() -> Self {
        Self::new()
    }
}

fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a text")
        .to_owned()
}

/// What a game must keep to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// A room opens with the options and assets of the check.
    Opens,
    /// The schema is valid and comes back from its JSON; values take the columns their shapes say.
    Schema,
    /// No input, command, join or leave makes the game panic.
    NeverPanics,
    /// A world that is saved and loaded goes on exactly like the one it was saved from.
    SavesEverything,
    /// The same entries give the same hashes: nothing but state, inputs and `cx` decides.
    Replays,
    /// What is extracted, received and extracted again is the same, and within its ranges.
    Columns,
    /// Looking (`view`, `bot`, extracting, predicting on a copy) changes nothing, and shows the
    /// same twice.
    LooksChangeNothing,
    /// `view` does not depend on private fields of others.
    ViewsKeepSecrets,
    /// `predict` writes only rows that the player owns, and comes to the same on what a client has
    /// received.
    Predicts,
    /// Clamping and rounding an input twice is the same as once.
    ClampsOnce,
    /// A refused command or join leaves the state as it was.
    RefusalsChangeNothing,
    /// No table runs full, no tick floods its events.
    Bounded,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "a room opens",
            Self::Schema => "schema and values agree",
            Self::NeverPanics => "nothing from outside makes it panic",
            Self::SavesEverything => "a saved world goes on like the original",
            Self::Replays => "the same entries give the same hashes",
            Self::Columns => "columns come back as they went",
            Self::LooksChangeNothing => "looking changes nothing",
            Self::ViewsKeepSecrets => "views do not depend on others' private fields",
            Self::Predicts => "predict moves own rows only, by what a client knows",
            Self::ClampsOnce => "clamping twice is clamping once",
            Self::RefusalsChangeNothing => "a refusal changes nothing",
            Self::Bounded => "tables and events stay within their limits",
        })
    }
}

/// A rule that a game broke.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{game} breaks the rule \"{rule}\" (seed {seed}, tick {tick}): {detail}")]
pub struct Failure {
    /// [`Game::NAME`].
    pub game: &'static str,
    /// Which rule.
    pub rule: Rule,
    /// Seed of the world in which it showed.
    pub seed: u64,
    /// Tick in which it showed; 0 = before the first.
    pub tick: u32,
    /// What was seen, and what usually causes it.
    pub detail: String,
}

/// A broken rule, before seed and tick are added.
#[derive(Debug)]
pub(crate) struct Broken {
    rule: Rule,
    detail: String,
}

impl Rule {
    /// This rule is broken, as `detail` shows.
    fn broken(self, detail: impl Into<String>) -> Broken {
        Broken { rule: self, detail: detail.into() }
    }

    /// Fails unless `kept`.
    fn hold(self, kept: bool, detail: impl FnOnce() -> String) -> Result<(), Broken> {
        if kept { Ok(()) } else { Err(self.broken(detail())) }
    }
}
