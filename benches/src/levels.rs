//! The `--level` and `--prior` arguments of the benches.

use std::fs;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use serde_json::{Value, json};
use tickwire_wire::layout::Layout;
use tickwire_wire::level::Level;
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::Schema;

/// One level, or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels(Vec<Level>);

/// What `--level` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such level; there are: packed, ranged, ranged-max, and all for the three of them")]
pub struct NoSuchLevels;

/// One way to code: a level, from the protocol's own priors or from a game's.
#[derive(Clone, Debug, PartialEq)]
pub struct Coder {
    /// The level.
    pub level: Level,
    /// The game's prior; `None` = the protocol's.
    pub prior: Option<Prior>,
}

impl Levels {
    /// In the order in which they are to be measured.
    pub fn as_slice(&self) -> &[Level] {
        &self.0
    }

    /// Each level, and after it the same from a game's own prior, which is another figure. Packed
    /// streams start from nothing.
    pub fn coders(&self, prior: Option<&Prior>) -> Vec<Coder> {
        let mut coders = Vec::new();
        for &level in &self.0 {
            coders.push(Coder { level, prior: None });
            if let Some(prior) = prior.filter(|_| level != Level::Packed) {
                coders.push(Coder { level, prior: Some(prior.clone()) });
            }
        }
        coders
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

impl Coder {
    /// The cheapest.
    pub const PACKED: Self = Self { level: Level::Packed, prior: None };

    /// For reports in text.
    pub fn name(&self) -> String {
        match &self.prior {
            None => self.level.to_string(),
            Some(_) => format!("{}, own prior", self.level),
        }
    }

    /// The schema compiled for it.
    pub fn layout(&self, schema: &Schema) -> Arc<Layout> {
        Arc::new(match &self.prior {
            None => Layout::coded(schema, self.level),
            Some(prior) => Layout::with_prior(schema, self.level, prior),
        })
    }

    /// Says in a report's object how its figures were coded: `prior` is the hash of the game's own,
    /// or null.
    pub fn label(&self, report: &mut Value) {
        report["level"] = self.level.name().into();
        report["prior"] = json!(self.prior.as_ref().map(Prior::hash));
    }
}

/// Reads the file that `--prior` names.
///
/// # Errors
/// When there is none, or it holds no prior.
pub fn read_prior(path: Option<&Path>) -> Result<Option<Prior>, String> {
    let Some(path) = path else { return Ok(None) };
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = fs::read(path).map_err(|error| told(&error))?;
    Prior::from_bytes(&bytes).map(Some).map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tickwire_wire::prior::{MAGIC, PriorError};

    /// The shortest prior that this version takes.
    fn empty() -> Prior {
        let mut bytes = MAGIC.to_vec();
        if let Err(PriorError::Length { expected, .. }) = Prior::from_bytes(&bytes) {
            bytes.resize(expected, 0);
        }
        Prior::from_bytes(&bytes).unwrap()
    }

    #[test]
    fn one_level_or_all() {
        assert_eq!("all".parse::<Levels>().unwrap().as_slice(), Level::ALL);
        assert_eq!("ranged".parse::<Levels>().unwrap().as_slice(), [Level::Ranged]);
        let error = "fast".parse::<Levels>().unwrap_err();
        assert!(Level::ALL.iter().all(|level| error.to_string().contains(level.name())));
    }

    #[test]
    fn a_prior_makes_a_second_row_of_each_level_that_has_one() {
        let all: Levels = "all".parse().unwrap();
        let prior = empty();
        let names = |prior| all.coders(prior).iter().map(Coder::name).collect::<Vec<_>>();
        assert_eq!(names(None), ["packed", "ranged", "ranged-max"]);
        let both = ["packed", "ranged", "ranged, own prior", "ranged-max", "ranged-max, own prior"];
        assert_eq!(names(Some(&prior)), both);
    }

    #[test]
    fn a_file_that_holds_no_prior_is_named() {
        assert_eq!(read_prior(None), Ok(None));
        assert!(read_prior(Some(Path::new("no/such"))).unwrap_err().starts_with("no/such: "));
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        assert!(read_prior(Some(&manifest)).unwrap_err().contains("a prior starts with"));
    }
}
