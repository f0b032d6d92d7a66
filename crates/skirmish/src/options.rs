//! What whoever opens a room may choose.

use serde::{Deserialize, Serialize};
use tickwire_game::Refusal;

use crate::limits::{MAX_MAP_NAME, ROUND_S, SCORE_LIMIT, SEATS};

/// A room's options; what is left out takes its default, what is unknown is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Name of the map: the file `maps/NAME.json`.
    pub map: String,
    /// Length of a round, seconds (20..=3600).
    pub round_s: u16,
    /// Kills that end a round at once (1..=500).
    pub score_limit: u16,
    /// Seats of the room (2..=16).
    pub seats: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self { map: "depot".to_owned(), round_s: 180, score_limit: 25, seats: *SEATS.end() }
    }
}

impl Options {
    /// Refuses values out of range, naming the option and what it takes.
    pub fn check(&self) -> Result<(), Refusal> {
        let ranges = [
            ("round_s", self.round_s, ROUND_S),
            ("score_limit", self.score_limit, SCORE_LIMIT),
            ("seats", self.seats, SEATS),
        ];
        for (name, value, range) in ranges {
            if !range.contains(&value) {
                let (least, most) = (range.start(), range.end());
                return Err(Refusal::new(format!(
                    "option `{name}` is {value}, wanted {least} to {most}"
                )));
            }
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let fits = (1..=MAX_MAP_NAME).contains(&self.map.len());
        if !fits || !self.map.chars().all(plain) {
            return Err(Refusal::new(format!(
                "option `map` takes a name of 1 to {MAX_MAP_NAME} of a-z, 0-9 and `-`"
            )));
        }
        Ok(())
    }

    /// The asset that holds the map.
    pub fn map_path(&self) -> String {
        format!("maps/{}.json", self.map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_out_of_range_and_paths() {
        assert!(Options::default().check().is_ok());
        assert!(Options { seats: 1, ..Options::default() }.check().is_err());
        assert!(Options { seats: 17, ..Options::default() }.check().is_err());
        assert!(Options { round_s: 0, ..Options::default() }.check().is_err());
        assert!(Options { score_limit: 0, ..Options::default() }.check().is_err());
        for map in ["", "../depot", "a/b", "DEPOT", &"x".repeat(40)] {
            let options = Options { map: map.to_owned(), ..Options::default() };
            assert!(options.check().is_err(), "map name {map:?} was taken");
        }
    }

    #[test]
    fn unknown_options_are_refused() {
        let wrong = serde_json::from_str::<Options>(r#"{"mpa": "depot"}"#);
        assert!(wrong.is_err());
        let some: Options = serde_json::from_str(r#"{"round_s": 60}"#).expect("a valid option");
        assert_eq!(some, Options { round_s: 60, ..Options::default() });
    }
}
