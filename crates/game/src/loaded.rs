//! [`Loaded`]: a room's fixed data and the assets it was made of.

use std::sync::{Arc, Weak};

use crate::assets::{AssetReader, Assets, LoadedAsset};
use crate::game::Game;
use crate::refusal::Refusal;

/// What [`Game::load`] made for some options. Rooms with equal options may share it.
pub struct Loaded<G: Game> {
    pub(crate) fixed: Arc<G::Fixed>,
    pub(crate) assets: Vec<LoadedAsset>,
    /// Whether every asset that was asked for was there.
    is_complete: bool,
}

/// A [`Loaded`] that lasts only as long as a room uses it.
pub struct LoadedWeak<G: Game> {
    fixed: Weak<G::Fixed>,
    assets: Vec<LoadedAsset>,
}

impl<G: Game> Loaded<G> {
    /// Loads the fixed data for these options.
    ///
    /// # Errors
    /// When the game refuses the options or an asset.
    pub fn load(options: &G::Options, assets: &dyn Assets) -> Result<Self, Refusal> {
        let mut reader = AssetReader::new(assets);
        let fixed = Arc::new(G::load(options, &mut reader)?);
        let is_complete = !reader.has_missed();
        Ok(Self { fixed, assets: reader.into_loaded(), is_complete })
    }

    /// For a later room. `None` when the game looked for an asset in vain: it may be there by then.
    pub fn downgrade(&self) -> Option<LoadedWeak<G>> {
        let fixed = Arc::downgrade(&self.fixed);
        self.is_complete.then(|| LoadedWeak { fixed, assets: self.assets.clone() })
    }
}

impl<G: Game> LoadedWeak<G> {
    /// The same again, when a room still uses it and no asset has changed since.
    pub fn upgrade(&self, assets: &dyn Assets) -> Option<Loaded<G>> {
        let fixed = self.fixed.upgrade()?;
        let mut reader = AssetReader::new(assets);
        for asset in &self.assets {
            reader.read(&asset.path).ok()?;
        }
        let now = reader.into_loaded();
        (now == self.assets).then_some(Loaded { fixed, assets: now, is_complete: true })
    }

    /// Whether a room still uses it.
    pub fn is_used(&self) -> bool {
        self.fixed.strong_count() > 0
    }
}
