//! The configuration as text: in force with its sources, as JSON, and the documented default file.

use serde_json::{Map, Value as Json};

use super::Config;
use super::keys::KEYS;
use super::layers::{Effective, Source};

/// One line per key: `name = value  # source`, with the sources aligned.
pub fn to_text(effective: &Effective) -> String {
    let lines: Vec<String> =
        KEYS.iter().map(|key| format!("{} = {}", key.name, key.get(&effective.config))).collect();
    let width = lines.iter().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (line, source) in lines.iter().zip(&effective.sources) {
        text.push_str(&format!("{line:width$}  # {source}\n"));
    }
    text
}

/// `{"limits.hello_ms": {"value": 5000, "source": "default"}, …}`.
pub fn to_json(effective: &Effective) -> Json {
    let entries = KEYS.iter().zip(&effective.sources).map(|(key, source)| {
        let value = key.get(&effective.config);
        (key.name.to_owned(), serde_json::json!({ "value": value, "source": source.to_string() }))
    });
    Json::Object(entries.collect::<Map<_, _>>())
}

/// The documented default file: every key with its meaning and its default.
pub fn template() -> String {
    let config = Config::default();
    let mut text = String::from(
        "# Tickwire's settings, all at their defaults. Copy what you change to ./tickwire.toml, or name\n\
         # a file with --config or TICKWIRE_CONFIG. The environment goes before the file\n\
         # (TICKWIRE_LIMITS_HELLO_MS=2000), flags before both (--set limits.hello_ms=2000).\n\
         # `tickwire config` prints what is in force, and where it comes from.\n",
    );
    let mut section = "";
    for key in KEYS.iter() {
        let (its_section, name) = key.name.rsplit_once('.').unwrap_or(("", key.name));
        text.push('\n');
        if its_section != section {
            section = its_section;
            text.push_str(&format!("[{section}]\n"));
        }
        for line in key.doc {
            text.push_str(&format!("#{line}\n"));
        }
        text.push_str(&format!("{name} = {}\n", key.get(&config)));
    }
    text
}

impl Effective {
    /// Where the value of the key `name` came from; `None` when there is no such key.
    pub fn source(&self, name: &str) -> Option<&Source> {
        super::keys::find(name).and_then(|(index, _)| self.sources.get(index))
    }
}
