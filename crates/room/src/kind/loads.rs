//! Fixed data shared between the rooms of a game.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tickwire_game::loaded::{Loaded, LoadedWeak};
use tickwire_game::{Assets, Game, Refusal};

/// The fixed data of a game's open rooms, by their options as JSON. A map and what is worked out from
/// it exist once, however many rooms play on it.
pub(super) struct Loads<G: Game>(Mutex<BTreeMap<String, LoadedWeak<G>>>);

impl<G: Game> Loads<G> {
    pub(super) fn new() -> Self {
        Self(Mutex::default())
    }

    /// The fixed data for these options: another room's, else loaded now.
    ///
    /// # Errors
    /// When the game refuses the options or an asset.
    pub(super) fn get(
        &self,
        options: &G::Options,
        assets: &dyn Assets,
    ) -> Result<Loaded<G>, Refusal> {
        // Options that are no JSON are refused later, with a reason.
        let Ok(key) = serde_json::to_string(options) else { return Loaded::load(options, assets) };
        let held = self.lock().get(&key).and_then(|held| held.upgrade(assets));
        if let Some(loaded) = held {
            return Ok(loaded);
        }
        // Without the lock: loading takes its time and may panic. Two rooms opened at the same moment
        // load twice, and the later is kept.
        let loaded = Loaded::load(options, assets)?;
        let mut held = self.lock();
        held.retain(|_, held| held.is_used());
        if let Some(weak) = loaded.downgrade() {
            held.insert(key, weak);
        }
        Ok(loaded)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, LoadedWeak<G>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
