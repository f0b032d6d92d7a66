//! The `--level` argument of every bench.

use std::str::FromStr;

use tickwire_wire::level::Level;

/// One level, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Vec<Level>);

/// What `--level` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such level; there are: packed, ranged, ranged-max, and all for the three of them")]
pub struct NoSuchLevels;

impl Levels {
    /// In the order in which they are to be measured.
    pub fn as_slice(&self) -> &[Level] {
        &self.0
    }
}

impl FromStr for Levels {
    type Err = NoSuchLevels;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self(Level::ALL.to_vec())),
            _ => text.parse().map(|level| Self(vec![level])).map_err(|_| NoSuchLevels),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_or_all() {
        assert_eq!("all".parse::<Levels>().unwrap().as_slice(), Level::ALL);
        assert_eq!("ranged".parse::<Levels>().unwrap().as_slice(), [Level::Ranged]);
        let error = "fast".parse::<Levels>().unwrap_err();
        assert!(Level::ALL.iter().all(|level| error.to_string().contains(level.name())));
    }
}
