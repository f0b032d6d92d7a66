//! Which core a shard keeps to.

use serde_json::Value as Json;
use toml::de::DeValue;

use super::setting::Setting;

/// Largest number of a core in a list; more than any machine has.
const MAX_CORE: u16 = 1023;

/// Whether shards keep to cores of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pin {
    /// The system moves them about.
    No,
    /// The n-th shard keeps to the n-th core that the process may use.
    Own,
    /// The n-th shard keeps to the n-th of these, from the start again where there are more shards.
    Cores(Vec<u16>),
}

impl Setting for Pin {
    const KIND: &'static str = "true, false or a list of cores such as [0, 2]";

    fn from_toml(value: &DeValue<'_>) -> Option<Self> {
        if let Some(own) = value.as_bool() {
            return Some(if own { Self::Own } else { Self::No });
        }
        let cores = value.as_array()?.iter().map(|core| u16::from_toml(core.get_ref()));
        Self::of(cores.collect::<Option<_>>()?)
    }

    fn from_text(text: &str) -> Option<Self> {
        match text.trim() {
            "true" => Some(Self::Own),
            "false" => Some(Self::No),
            list => {
                let list = list.trim_start_matches('[').trim_end_matches(']');
                Self::of(list.split(',').map(u16::from_text).collect::<Option<_>>()?)
            }
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::No => Json::from(false),
            Self::Own => Json::from(true),
            Self::Cores(cores) => Json::from(cores.as_slice()),
        }
    }
}

impl Pin {
    fn of(cores: Vec<u16>) -> Option<Self> {
        let is_list = !cores.is_empty() && cores.iter().all(|core| *core <= MAX_CORE);
        is_list.then_some(Self::Cores(cores))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_yes_no_or_a_list() {
        assert_eq!(Pin::from_text("true"), Some(Pin::Own));
        assert_eq!(Pin::from_text(" false "), Some(Pin::No));
        for text in ["0,2", "[0, 2]"] {
            assert_eq!(Pin::from_text(text), Some(Pin::Cores(vec![0, 2])));
        }
        for text in ["", "[]", "yes", "-1", "1,,2", "1024"] {
            assert_eq!(Pin::from_text(text), None, "{text}");
        }
        let in_file = |text| Pin::from_toml(DeValue::parse(text).unwrap().get_ref());
        assert_eq!(in_file("true"), Some(Pin::Own));
        assert_eq!(in_file("[0, 2]"), Some(Pin::Cores(vec![0, 2])));
        for text in ["[]", "1", "\"true\"", "[true]"] {
            assert_eq!(in_file(text), None, "{text}");
        }
    }
}
