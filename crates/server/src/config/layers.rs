//! Lays file, environment and flags over the defaults.

use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Config;
use super::keys::{self, KEYS, VARIABLE_PREFIX};
use super::nearest::nearest;

/// The file that is read when it is in the working directory and no other was named.
pub const DEFAULT_FILE: &str = "tickwire.toml";

/// The variable that names the file, as `--config` does.
const FILE_VARIABLE: &str = "TICKWIRE_CONFIG";

/// Where values come from, apart from the defaults.
#[derive(Debug, Default, Clone)]
pub struct Sources {
    /// The file of `--config`. Without it, [`DEFAULT_FILE`] is read when it exists.
    pub file: Option<PathBuf>,
    /// The environment; only names that start with `TICKWIRE_` are looked at.
    pub environment: Vec<(String, String)>,
    /// Flags, in the order given: of two with the same key the later one wins.
    pub flags: Vec<Flag>,
}

impl Sources {
    /// The environment of this process.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<Flag>) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
            .collect();
        Self { file, environment, flags }
    }
}

/// A value given on the command line.
#[derive(Debug, Clone)]
pub struct Flag {
    /// How it was written, for messages: `--listen`, `--set limits.hello_ms`.
    pub shown: String,
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

/// The configuration in force, and where each value of it came from.
#[derive(Debug, Clone)]
pub struct Effective {
    /// The values.
    pub config: Config,
    /// For each key, in the order of the key table.
    pub(super) sources: Vec<Source>,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File(PathBuf, usize),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(shown) => f.write_str(shown),
        }
    }
}

/// Why a configuration was refused. The text names the place and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{}:{line}: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A key, variable or section of that name does not exist.
    #[error("{place}: unknown {what} `{name}`{}", hint(name, meant))]
    Unknown {
        /// File and line, "environment", or "command line".
        place: String,
        /// "key" or "variable".
        what: &'static str,
        /// The name given.
        name: String,
        /// The nearest known name.
        meant: Option<String>,
    },
    /// A value of the wrong type or out of range.
    #[error("{place}: {message}, not `{value}`")]
    Value {
        /// Where it was set.
        place: String,
        /// What it must be.
        message: String,
        /// What it was.
        value: String,
    },
}

fn hint(name: &str, meant: &Option<String>) -> String {
    match meant {
        Some(section) if section == name => format!("; `[{section}]` is a section"),
        Some(meant) => format!("; did you mean `{meant}`?"),
        None => "; `tickwire config` lists what there is".to_owned(),
    }
}

/// Lays `sources` over the defaults.
///
/// # Errors
/// The first thing that is unknown, unreadable, or of a wrong type or range.
pub fn load(sources: &Sources) -> Result<Effective, ConfigError> {
    let mut effective =
        Effective { config: Config::default(), sources: vec![Source::Default; KEYS.len()] };
    let named = sources.file.clone().or_else(|| {
        let variable = sources.environment.iter().find(|(name, _)| name == FILE_VARIABLE);
        variable.map(|(_, value)| PathBuf::from(value))
    });
    match named {
        Some(path) => effective.read_file(&path)?,
        None if Path::new(DEFAULT_FILE).is_file() => {
            effective.read_file(Path::new(DEFAULT_FILE))?
        }
        None => {}
    }
    for (name, value) in &sources.environment {
        if name.starts_with(VARIABLE_PREFIX) && name != FILE_VARIABLE {
            effective.read_variable(name, value)?;
        }
    }
    for flag in &sources.flags {
        effective.read_flag(flag)?;
    }
    Ok(effective)
}

impl Effective {
    fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::Unreadable { path: path.to_owned(), error })?;
        let file = File { path, text: &text };
        let table = DeTable::parse(&text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            line: file.line(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        })?;
        self.read_table(&file, "", table.get_ref())
    }

    fn read_table(
        &mut self,
        file: &File<'_>,
        prefix: &str,
        table: &DeTable<'_>,
    ) -> Result<(), ConfigError> {
        for (key, value) in table.iter() {
            let name = format!("{prefix}{}", key.get_ref());
            let line = file.line(key.span().start);
            if let DeValue::Table(inner) = value.get_ref()
                && KEYS.iter().any(|key| key.name.starts_with(&format!("{name}.")))
            {
                self.read_table(file, &format!("{name}."), inner)?;
            } else {
                self.read_entry(file, line, &name, value)?;
            }
        }
        Ok(())
    }

    fn read_entry(
        &mut self,
        file: &File<'_>,
        line: usize,
        name: &str,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<(), ConfigError> {
        let place = format!("{}:{line}", file.path.display());
        let Some((index, key)) = keys::find(name) else {
            return Err(unknown(place, "key", name, keys::names()));
        };
        key.set_toml(&mut self.config, value.get_ref()).map_err(|message| {
            let value = file.text.get(value.span()).unwrap_or_default().to_owned();
            ConfigError::Value { place, message, value }
        })?;
        self.sources[index] = Source::File(file.path.to_owned(), line);
        Ok(())
    }

    fn read_variable(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let found = KEYS.iter().enumerate().find(|(_, key)| key.variable() == name);
        let Some((index, key)) = found else {
            let known: Vec<String> = KEYS.iter().map(keys::Key::variable).collect();
            let known = known.iter().map(String::as_str);
            return Err(unknown("environment".into(), "variable", name, known));
        };
        key.set_text(&mut self.config, value).map_err(|message| ConfigError::Value {
            place: format!("environment variable {name}"),
            message,
            value: value.to_owned(),
        })?;
        self.sources[index] = Source::Environment(name.to_owned());
        Ok(())
    }

    fn read_flag(&mut self, flag: &Flag) -> Result<(), ConfigError> {
        let Some((index, key)) = keys::find(&flag.key) else {
            return Err(unknown("command line".into(), "key", &flag.key, keys::names()));
        };
        key.set_text(&mut self.config, &flag.value).map_err(|message| ConfigError::Value {
            place: flag.shown.clone(),
            message,
            value: flag.value.clone(),
        })?;
        self.sources[index] = Source::Flag(flag.shown.clone());
        Ok(())
    }
}

fn unknown<'a>(
    place: String,
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> ConfigError {
    let meant = nearest(name, known).map(str::to_owned);
    ConfigError::Unknown { place, what, name: name.to_owned(), meant }
}

/// A file being read.
struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    /// The line, from 1, that holds the byte at `offset`.
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}
