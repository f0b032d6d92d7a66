//! A game as the server knows it: something that opens rooms.

use std::marker::PhantomData;
use std::sync::Arc;

use tickwire_game::{Assets, Game, Refusal, World};

use crate::any::AnyRoom;
use crate::config::RoomConfig;
use crate::room::Room;

/// One of the games in a binary, with its types erased.
pub trait GameKind: Send + Sync {
    /// [`Game::NAME`].
    fn name(&self) -> &'static str;

    /// The schema as JSON, and its hash.
    fn schema(&self) -> &(String, String);

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
    Arc::new(Kind::<G> { schema: (schema.to_json(), schema.hash()), game: PhantomData })
}

struct Kind<G> {
    schema: (String, String),
    game: PhantomData<fn() -> G>,
}

impl<G: Game> GameKind for Kind<G> {
    fn name(&self) -> &'static str {
        G::NAME
    }

    fn schema(&self) -> &(String, String) {
        &self.schema
    }

    fn open(
        &self,
        options: &serde_json::Value,
        assets: &dyn Assets,
        config: RoomConfig,
        now_us: u64,
    ) -> Result<Box<dyn AnyRoom>, Refusal> {
        let options = if options.is_null() {
            G::Options::default()
        } else {
            serde_json::from_value(options.clone())
                .map_err(|error| Refusal::new(format!("options: {error}")))?
        };
        Ok(Box::new(Room::<G>::open(options, assets, config, now_us)?))
    }
}
