//! How hard the codec of a room works for its bytes (section 7.3 of `PROTOCOL.md`).

use std::fmt;
use std::str::FromStr;

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A level of the snapshot codec: the same columns in and out, fewer bytes for more time.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Packed bits, no entropy coder: the cheapest to encode and to decode.
    #[default]
    Packed,
    /// An adaptive binary range coder, one context a decision.
    Ranged,
    /// The same with several contexts mixed for each decision: the fewest bytes.
    RangedMax,
}

/// A text names no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such level; there are: packed, ranged, ranged-max")]
pub struct NoSuchLevel;

impl Level {
    /// All levels, cheapest first.
    pub const ALL: [Self; 3] = [Self::Packed, Self::Ranged, Self::RangedMax];

    /// Its name in settings, REST bodies and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Packed => "packed",
            Self::Ranged => "ranged",
            Self::RangedMax => "ranged-max",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Level {
    type Err = NoSuchLevel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.name() == text).ok_or(NoSuchLevel)
    }
}
