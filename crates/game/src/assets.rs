//! Files a game is made with: maps, balance tables.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::limits::MAX_ASSETS;
use crate::refusal::Refusal;

/// Where assets come from. Paths are relative and use `/`: `maps/depot.json`.
pub trait Assets {
    /// The bytes of an asset; `None` when there is none at this path.
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>>;
}

/// No assets at all.
impl Assets for () {
    fn read(&self, _: &str) -> Option<Cow<'_, [u8]>> {
        None
    }
}

/// A list of (path, bytes), for tests.
impl Assets for &[(&str, &[u8])] {
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        find(self, path)
    }
}

impl<const N: usize> Assets for [(&str, &[u8]); N] {
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        find(self, path)
    }
}

fn find<'a>(list: &[(&str, &'a [u8])], path: &str) -> Option<Cow<'a, [u8]>> {
    list.iter().find(|(name, _)| *name == path).map(|(_, bytes)| Cow::Borrowed(*bytes))
}

/// An asset that a game has loaded; clients fetch it by path and know it by its hash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadedAsset {
    /// Path as the game asked for it.
    pub path: String,
    /// SHA-256 in 64 lower-case hex digits.
    pub sha256: String,
}

/// Reads assets for [`Game::load`](crate::Game::load) and notes which.
pub struct AssetReader<'a> {
    assets: &'a dyn Assets,
    loaded: Vec<LoadedAsset>,
    has_missed: bool,
}

impl<'a> AssetReader<'a> {
    /// Reads from `assets`.
    pub fn new(assets: &'a dyn Assets) -> Self {
        Self { assets, loaded: Vec::new(), has_missed: false }
    }

    /// The bytes of an asset.
    ///
    /// # Errors
    /// When there is none, the path leaves the assets (`..`, a leading `/`), or the game loads too many.
    pub fn read(&mut self, path: &str) -> Result<Cow<'a, [u8]>, Refusal> {
        let is_inside = path.split(['/', '\\']).all(|part| !matches!(part, "" | "." | ".."));
        if !is_inside || path.contains(':') {
            return Err(Refusal::new(format!("`{path}` is not the path of an asset")));
        }
        let Some(bytes) = self.assets.read(path) else {
            self.has_missed = true;
            return Err(Refusal::new(format!("there is no asset `{path}`")));
        };
        if self.loaded.iter().all(|asset| asset.path != path) {
            if self.loaded.len() >= MAX_ASSETS {
                return Err(Refusal::new(format!("a game loads at most {MAX_ASSETS} assets")));
            }
            let digest = Sha256::digest(&bytes);
            let sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            self.loaded.push(LoadedAsset { path: path.to_owned(), sha256 });
        }
        Ok(bytes)
    }

    /// Whether an asset was asked for that is not there.
    pub fn has_missed(&self) -> bool {
        self.has_missed
    }

    /// What has been read, in order, each once.
    pub fn into_loaded(self) -> Vec<LoadedAsset> {
        self.loaded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_notes() {
        let assets: [(&str, &[u8]); 1] = [("maps/a.json", b"{}")];
        let mut reader = AssetReader::new(&assets);
        assert_eq!(reader.read("maps/a.json").as_deref(), Ok(&b"{}"[..]));
        assert_eq!(reader.read("maps/a.json").as_deref(), Ok(&b"{}"[..]));
        assert!(reader.read("maps/b.json").is_err());
        assert!(reader.read("../secret").is_err());
        assert!(reader.read("/etc/passwd").is_err());
        let loaded = reader.into_loaded();
        assert_eq!(loaded.len(), 1);
        assert_eq!(
            loaded[0].sha256,
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
