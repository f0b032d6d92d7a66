//! The files that are served and that games load: inside the binary, or in a folder for development.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest, Sha256};

/// `web/…` and `maps/…` as they were when the binary was built.
static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Where the files come from. Names look like `web/sdk/tickwire.js` and `maps/depot.json`.
#[derive(Debug)]
pub(crate) enum AssetStore {
    Embedded(BTreeMap<&'static str, Asset>),
    Folder(PathBuf),
}

/// One file, ready to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub(crate) body: Bytes,
    /// Quoted, as it stands in the header.
    pub(crate) etag: String,
    pub(crate) content_type: &'static str,
}

impl AssetStore {
    /// The files of the folder `path`, or those in the binary when it is empty.
    ///
    /// # Errors
    /// When there is no such folder; the text names it.
    pub(crate) fn open(path: &str) -> Result<Self, String> {
        if path.is_empty() {
            let assets = EMBEDDED
                .iter()
                .map(|(name, bytes)| (*name, Asset::new(name, Bytes::from_static(bytes))));
            return Ok(Self::Embedded(assets.collect()));
        }
        let folder = PathBuf::from(path);
        if !folder.join("web").is_dir() {
            return Err(format!("no assets in `{path}`: it has no folder `web`"));
        }
        Ok(Self::Folder(folder))
    }

    /// The file of that name.
    pub(crate) fn get(&self, name: &str) -> Option<Asset> {
        match self {
            Self::Embedded(assets) => assets.get(name).cloned(),
            Self::Folder(folder) => {
                let bytes = std::fs::read(inside(folder, name)?).ok()?;
                Some(Asset::new(name, Bytes::from(bytes)))
            }
        }
    }
}

impl tickwire_game::Assets for AssetStore {
    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        self.get(path).map(|asset| Cow::Owned(asset.body.to_vec()))
    }
}

/// The path of `name` below `folder`, unless it would lead out of it or to a hidden file.
fn inside(folder: &Path, name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    let plain = relative.components().all(|part| match part {
        Component::Normal(part) => !part.to_string_lossy().starts_with('.'),
        _ => false,
    });
    plain.then(|| folder.join(relative))
}

impl Asset {
    fn new(name: &str, body: Bytes) -> Self {
        let hash = Sha256::digest(&body);
        let tag: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { body, etag: format!("\"{tag}\""), content_type: content_type(name) }
    }
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "ogg" => "audio/ogg",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let folder = Path::new("assets");
        for name in ["../Cargo.toml", "web/../../x", "/etc/passwd", "web/.git/config", ".", ""] {
            let path = inside(folder, name);
            assert!(path.is_none() || path.as_deref() == Some(&folder.join("")), "{name}");
        }
        assert_eq!(inside(folder, "web/a/b.js"), Some(folder.join("web/a/b.js")));
    }

    #[test]
    fn a_changed_file_has_another_etag() {
        let one = Asset::new("a.js", Bytes::from_static(b"1"));
        let two = Asset::new("a.js", Bytes::from_static(b"2"));
        assert_ne!(one.etag, two.etag);
        assert!(one.content_type.starts_with("text/javascript"));
    }

    #[test]
    fn a_folder_without_pages_is_refused_by_name() {
        assert!(AssetStore::open("no-such-folder").unwrap_err().contains("no-such-folder"));
    }
}
