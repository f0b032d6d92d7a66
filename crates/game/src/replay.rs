//! [`Recording`]: a match as the entries that made it.

use crate::assets::Assets;
use crate::bytes::{ByteReader, LoadError, put_bytes, put_varint};
use crate::entry::TickEntry;
use crate::game::Game;
use crate::refusal::Refusal;
use crate::world::World;

/// The layout of a recording, in its first byte.
const FORMAT: u8 = 1;

/// Bytes of a recording's options as JSON.
const MAX_OPTIONS_BYTES: usize = 64 * 1024;

/// Bytes of one entry.
const MAX_ENTRY_BYTES: usize = 16 * 1024 * 1024;

/// A match from its first tick on: options, seed, and every [`TickEntry`]. Played again it gives
/// the same hash after every tick.
pub struct Recording<G: Game> {
    options: G::Options,
    seed: u64,
    /// Entries back to back, each with its length: a fraction of the memory that they take as
    /// values.
    entries: Vec<u8>,
    /// How many.
    len: usize,
}

impl<G: Game> Clone for Recording<G> {
    fn clone(&self) -> Self {
        let (options, entries) = (self.options.clone(), self.entries.clone());
        Self { options, seed: self.seed, entries, len: self.len }
    }
}

/// Why a recording could not be played again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReplayError {
    /// The game refused the recorded options, or an asset is missing.
    #[error("the room could not be opened: {0}")]
    Refused(#[from] Refusal),
    /// An entry could not be read.
    #[error("entry {index} is damaged: {error}")]
    Damaged {
        /// Which, from 0.
        index: usize,
        /// Why.
        error: LoadError,
    },
    /// An entry is not for the tick that comes next.
    #[error("entry {index} is for tick {tick}")]
    Gap {
        /// Which, from 0.
        index: usize,
        /// Its tick.
        tick: u32,
    },
}

impl<G: Game> Recording<G> {
    /// A recording of a room just opened with these.
    pub fn new(options: G::Options, seed: u64) -> Self {
        Self { options, seed, entries: Vec::new(), len: 0 }
    }

    /// Adds the entry of the next tick.
    pub fn push(&mut self, entry: &TickEntry<G>) {
        let mut bytes = Vec::new();
        entry.save(&mut bytes);
        put_bytes(&bytes, &mut self.entries);
        self.len += 1;
    }

    /// How many ticks are recorded.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is recorded yet.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes that the entries take.
    pub fn size_bytes(&self) -> usize {
        self.entries.len()
    }

    /// The room's options.
    pub fn options(&self) -> &G::Options {
        &self.options
    }

    /// The room's secret.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The entries in order.
    pub fn entries(&self) -> impl Iterator<Item = Result<TickEntry<G>, LoadError>> + '_ {
        let mut bytes = ByteReader::new(&self.entries);
        (0..self.len).map(move |_| {
            let mut entry = ByteReader::new(bytes.bytes(MAX_ENTRY_BYTES)?);
            let read = TickEntry::load(&mut entry)?;
            entry.finish()?;
            Ok(read)
        })
    }

    /// Plays the match again, from a room opened with `assets`; `each` sees the world after every
    /// tick.
    ///
    /// # Errors
    /// When the room cannot be opened or an entry is damaged or missing.
    pub fn replay(
        &self,
        assets: &dyn Assets,
        mut each: impl FnMut(&World<G>),
    ) -> Result<World<G>, ReplayError> {
        let mut world = World::create(self.options.clone(), assets, self.seed)?;
        for (index, entry) in self.entries().enumerate() {
            let entry = entry.map_err(|error| ReplayError::Damaged { index, error })?;
            if entry.tick != world.tick().wrapping_add(1) {
                return Err(ReplayError::Gap { index, tick: entry.tick });
            }
            world.advance(&entry);
            each(&world);
        }
        Ok(world)
    }

    /// The recording as bytes.
    pub fn save(&self) -> Vec<u8> {
        let mut out = vec![FORMAT];
        put_bytes(G::NAME.as_bytes(), &mut out);
        // Options came from JSON, so they go to JSON; those that do not are refused by `load`.
        put_bytes(&serde_json::to_vec(&self.options).unwrap_or_default(), &mut out);
        put_varint(self.seed, &mut out);
        put_varint(self.len as u64, &mut out);
        out.extend_from_slice(&self.entries);
        out
    }

    /// Reads back what [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// When the bytes are damaged or record another game; never panics.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let mut reader = ByteReader::new(bytes);
        let format = reader.u8()?;
        if format != FORMAT {
            return Err(LoadError::Format(format));
        }
        if reader.text(MAX_OPTIONS_BYTES)? != G::NAME {
            return Err(LoadError::Malformed);
        }
        let options = serde_json::from_slice(reader.bytes(MAX_OPTIONS_BYTES)?)
            .map_err(|_| LoadError::Malformed)?;
        let seed = reader.varint()?;
        let len = reader.count(bytes.len())?;
        let entries = reader.take_rest().to_vec();
        let recording = Self { options, seed, entries, len };
        recording.check_entries()?;
        Ok(recording)
    }

    /// Every entry can be read, and nothing follows the last.
    fn check_entries(&self) -> Result<(), LoadError> {
        let mut bytes = ByteReader::new(&self.entries);
        for _ in 0..self.len {
            let mut entry = ByteReader::new(bytes.bytes(MAX_ENTRY_BYTES)?);
            TickEntry::<G>::load(&mut entry)?;
            entry.finish()?;
        }
        bytes.finish()
    }
}
