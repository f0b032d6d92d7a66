//! From columns to the game's own types and back.

use std::borrow::Cow;
use std::collections::BTreeMap;

use tickwire_game::{
    AssetReader, Assets, ColumnReader, Game, LoadedAsset, Player, Refusal, Replicate, Table, Wire,
    World,
};
use tickwire_wire::columns::Extract;
use tickwire_wire::message::Welcome;

/// Table 0 of every schema is the built-in `players`; a game's own come after it.
pub(crate) const GAME_TABLES: usize = 1;

/// Why a room cannot be read as game `G`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TypedError {
    /// The server runs another version of the game, or another game.
    #[error("the room's schema is {room}, this client's {game} has {own}")]
    Schema {
        /// Name of the client's game.
        game: &'static str,
        /// Hash of its schema.
        own: String,
        /// Hash of the room's schema.
        room: String,
    },
    /// The room's options are not those of the game.
    #[error("the room's options: {0}")]
    Options(String),
    /// The game could not load its fixed data.
    #[error("the game's data: {0}")]
    Load(String),
    /// An asset is not the one that the server loaded.
    #[error("asset `{0}` differs from the server's")]
    Asset(String),
}

/// Files by path: what a client has fetched for [`fixed`].
#[derive(Debug, Clone, Default)]
pub struct FetchedAssets {
    files: BTreeMap<String, Vec<u8>>,
}

impl FetchedAssets {
    /// Adds a file.
    pub fn insert(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.insert(path.into(), bytes.into());
    }
}

impl Assets for FetchedAssets {
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        self.files.get(path).map(|bytes| Cow::Borrowed(&bytes[..]))
    }
}

/// Checks that the room of `welcome` plays exactly this version of `G`.
///
/// # Errors
/// [`TypedError::Schema`] when not.
pub fn check<G: Game>(welcome: &Welcome) -> Result<(), TypedError> {
    let own = World::<G>::schema().hash();
    if own == welcome.schema_hash {
        return Ok(());
    }
    Err(TypedError::Schema { game: G::NAME, own, room: welcome.schema_hash.clone() })
}

/// Loads the fixed data of the room of `welcome` from the files it names.
///
/// # Errors
/// When the options are not the game's, a file is missing or differs, or the game refuses it.
pub fn fixed<G: Game>(welcome: &Welcome, assets: &dyn Assets) -> Result<G::Fixed, TypedError> {
    let options: G::Options = serde_json::from_str(&welcome.options)
        .map_err(|error| TypedError::Options(error.to_string()))?;
    let mut reader = AssetReader::new(assets);
    let fixed = G::load(&options, &mut reader)
        .map_err(|refusal: Refusal| TypedError::Load(refusal.to_string()))?;
    let known = |loaded: &LoadedAsset| {
        welcome.assets.iter().any(|(path, hash)| *path == loaded.path && *hash == loaded.sha256)
    };
    match reader.into_loaded().into_iter().find(|loaded| !known(loaded)) {
        Some(other) => Err(TypedError::Asset(other.path)),
        None => Ok(fixed),
    }
}

/// The state that this client sees, as the game's own type. Fields that only the server has are
/// `Default`, private fields of others' rows 0.
pub fn state<G: Game>(columns: &Extract) -> G::State {
    G::State::from_columns(columns, GAME_TABLES)
}

/// The players in the room.
pub fn players(columns: &Extract) -> Table<Player> {
    Lobby::from_columns(columns, 0).seated
}

/// An event of [`ClientEvent::Event`](crate::session::ClientEvent::Event) as the game's own type.
pub fn event<G: Game>(columns: &[u32]) -> G::Event {
    G::Event::get(&mut ColumnReader::new(columns))
}

/// An input or command as columns, for [`Session`](crate::session::Session).
pub fn columns(value: &impl Wire) -> Vec<u32> {
    let mut columns = Vec::new();
    value.put(&mut columns);
    columns
}

/// The built-in part of every state.
#[derive(Clone, Replicate)]
struct Lobby {
    seated: Table<Player>,
}
