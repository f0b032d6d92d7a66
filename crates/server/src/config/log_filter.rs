//! What to log, by level and module.

use std::fmt;

use serde_json::Value as Json;
use toml::de::DeValue;

use super::setting::Setting;

/// The levels there are, loudest last.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// A log filter: levels, alone or per module, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Reads `info`, or `info,tickwire_server=debug`. A word that is no level is none: the logging
    /// library would take it for the name of a module, and then log nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_sound = |part: &str| match part.trim().rsplit_once('=') {
            // A span may hold anything; the library looks at it.
            _ if part.contains('[') => true,
            Some((module, level)) => !module.trim().is_empty() && is_level(level.trim()),
            None => is_level(part.trim()),
        };
        text.split(',').all(is_sound).then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for LogFilter {
    const KIND: &'static str = "off, error, warn, info, debug or trace, alone or per module as in \"info,tickwire_server=debug\"";
    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        value.as_str().and_then(Self::parse)
    }
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
    fn to_json(&self) -> Json {
        Json::from(self.as_str())
    }
}

fn is_level(word: &str) -> bool {
    LEVELS.iter().any(|level| word.eq_ignore_ascii_case(level))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_levels_that_there_are() {
        for text in [
            "info",
            "WARN",
            "off",
            "info,tickwire_server=debug",
            "tickwire=debug",
            "warn, tickwire_room::clients=trace",
            "info,tickwire_server[join{name=x}]=debug",
        ] {
            assert!(LogFilter::parse(text).is_some(), "{text}");
        }
        for text in ["zork", "", "info,", "info,zork", "tickwire=zork", "=info", "tickwire_server"]
        {
            assert_eq!(LogFilter::parse(text), None, "{text}");
        }
    }
}
