//! A game as the server knows it: something that opens rooms.

mod loads;

use std::sync::Arc;

use tickwire_game::{Assets, Game, Refusal, World};
use tickwire_wire::prior::Prior;

use crate::any::AnyRoom;
use crate::config::RoomConfig;
use crate::room::Room;
use loads::Loads;

/// One of the games in a binary, with its types erased.
pub trait GameKind: Send + Sync {
    /// [`Game::NAME`].
    fn name(&self) -> &'static str;

    /// The schema as JSON, and its hash.
    fn schema(&self) -> &(String, String);

    /// What the game knows of its snapshots beforehand, if anything.
    ///
    /// # Errors
    /// When [`Game::PRIOR`] is no prior; the game's rooms cannot be opened.
    fn prior(&self) -> Result<Option<&Prior>, Refusal> {
        Ok(None)
    }

    /// Opens a room. `options` is the game's own JSON; `null` means its defaults.
    ///
    /// # Errors
    /// Options or assets that the game refuses; the text is for whoever asked for the room.
    fn open(
        &self,
        options: &serde_json::Value,
        assets: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal>;
}

/// The game `G`, with its types erased.
pub fn kind<G: Game>() -> Arc<dyn GameKind> {
    let schema = World::<G>::schema();
    let prior = prior_of::<G>();
    Arc::new(Kind::<G> { schema: (schema.to_json(), schema.hash()), prior, loads: Loads::new() })
}

/// A game's prior, held against what a prior is.
pub(crate) fn prior_of<G: Game>() -> Result<Option<Prior>, Refusal> {
    let read = G::PRIOR.map(Prior::from_bytes).transpose();
    read.map_err(|error| Refusal::new(format!("the prior of the game `{}`: {error}", G::NAME)))
}

struct Kind<G: Game> {
    schema: (String, String),
    prior: Result<Option<Prior>, Refusal>,
    loads: Loads<G>,
}

impl<G: Game> GameKind for Kind<G> {
    fn name(&self) -> &'static str {
        G::NAME
    }

    fn schema(&self) -> &(String, String) {
        &self.schema
    }

    fn prior(&self) -> Result<Option<&Prior>, Refusal> {
        self.prior.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }

    fn open(
        &self,
        options: &serde_json::Value,
        assets: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal> {
        let options: G::Options = if options.is_null() {
            G::Options::default()
        } else {
            serde_json::from_value(options.clone())
                .map_err(|error| Refusal::new(format!("options: {error}")))?
        };
        let prior = self.prior()?;
        World::<G>::check_settings(&options)?;
        let loaded = self.loads.get(&options, assets)?;
        Ok(Box::new(Room::<G>::open_with(options, loaded, config, now_us, prior)?))
    }
}
