//! A game as the server knows it: something that opens rooms.

use std::sync::Arc;

use tickwire_game::{Assets, Game, Refusal};

use crate::any::AnyRoom;
use crate::config::RoomConfig;

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
