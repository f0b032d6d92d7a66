//! A world as bytes.

use std::sync::Arc;

use super::{World, checked_settings};
use crate::assets::LoadedAsset;
use crate::bytes::{ByteReader, LoadError, put_bytes, put_varint};
use crate::game::Game;
use crate::limits::{MAX_ASSETS, MAX_ENTRY_TEXT_BYTES, MAX_OUTCOME_BYTES};
use crate::replicate::Replicate;
use crate::table::columns::TableField;

/// The layout of a save, in its first byte.
const FORMAT: u8 = 1;

/// Bytes of a schema hash or an asset hash as text.
const MAX_HASH_BYTES: usize = 64;

impl<G: Game> World<G> {
    /// Everything that changes, as bytes: enough, with the options and the fixed data, to go on
    /// with the same hash in every tick to come.
    pub fn save(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        put_bytes(self.schema_hash.as_bytes(), &mut out);
        put_varint(u64::from(self.tick), &mut out);
        put_varint(self.seed, &mut out);
        out.push(u8::from(self.finished.is_some()));
        put_bytes(self.finished.as_deref().unwrap_or_default().as_bytes(), &mut out);
        put_varint(self.assets.len() as u64, &mut out);
        for asset in &self.assets {
            put_bytes(asset.path.as_bytes(), &mut out);
            put_bytes(asset.sha256.as_bytes(), &mut out);
        }
        self.players.save(&mut out);
        self.state.save(&mut out);
        out
    }

    /// Reads back what [`save`](World::save) wrote. `options` and `fixed` must be those of the
    /// saved room.
    ///
    /// # Errors
    /// When the bytes are damaged, or saved by another game or version; never panics.
    pub fn load(
        bytes: &[u8],
        options: G::Options,
        fixed: Arc<G::Fixed>,
    ) -> Result<Self, LoadError> {
        let mut bytes = ByteReader::new(bytes);
        let format = bytes.u8()?;
        if format != FORMAT {
            return Err(LoadError::Format(format));
        }
        let here = Self::schema().hash();
        let saved = bytes.text(MAX_HASH_BYTES)?;
        if saved != here {
            return Err(LoadError::Schema { saved: saved.to_owned(), here });
        }
        let settings = checked_settings::<G>(&options).map_err(|_| LoadError::Malformed)?;
        let world = Self {
            tick: bytes.u32()?,
            seed: bytes.varint()?,
            options,
            settings,
            fixed,
            finished: finished(&mut bytes)?,
            assets: assets(&mut bytes)?,
            players: TableField::load(&mut bytes)?,
            state: G::State::load(&mut bytes)?,
            schema_hash: here,
        };
        bytes.finish()?;
        Ok(world)
    }
}

fn finished(bytes: &mut ByteReader<'_>) -> Result<Option<String>, LoadError> {
    let is_finished = bytes.u8()?;
    let outcome = bytes.text(MAX_OUTCOME_BYTES)?;
    match is_finished {
        0 if outcome.is_empty() => Ok(None),
        1 => Ok(Some(outcome.to_owned())),
        _ => Err(LoadError::Malformed),
    }
}

fn assets(bytes: &mut ByteReader<'_>) -> Result<Vec<LoadedAsset>, LoadError> {
    let count = bytes.count(MAX_ASSETS)?;
    (0..count)
        .map(|_| {
            let path = bytes.text(MAX_ENTRY_TEXT_BYTES)?.to_owned();
            let sha256 = bytes.text(MAX_HASH_BYTES)?.to_owned();
            Ok(LoadedAsset { path, sha256 })
        })
        .collect()
}
