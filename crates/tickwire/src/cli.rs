//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tickwire::config::{Flag, Sources};

/// Tickwire: multiplayer game state synchronisation.
///
/// Without a command it serves: open the printed address in a browser and play.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

const AFTER_HELP: &str = "\
Settings come from, each going before the ones before it: defaults, the file (--config, or \
./tickwire.toml), the environment (TICKWIRE_LIMITS_HELLO_MS=2000), flags. \
`tickwire config` prints all of them.

Examples:
  tickwire                              serve on http://127.0.0.1:7777
  tickwire --listen 0.0.0.0:80 --bots 0 serve everyone, without bots
  tickwire --set shard.cohorts=10       any setting by its name
  tickwire config --template            the documented default file";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve games and pages (the default).
    Serve,
    /// Print the settings in force, and where each comes from.
    Config {
        /// As JSON.
        #[arg(long, conflicts_with = "template")]
        json: bool,
        /// The documented default file instead.
        #[arg(long)]
        template: bool,
    },
}

/// Settings by flag.
#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Address and port to listen on; port 0 takes any free one.
    #[arg(long, short, global = true, value_name = "ADDR:PORT")]
    listen: Option<String>,
    /// Settings file [default: ./tickwire.toml if there is one].
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Players up to which bots fill the first room.
    #[arg(long, global = true, value_name = "N")]
    bots: Option<String>,
    /// Game of the first room.
    #[arg(long, global = true, value_name = "NAME")]
    game: Option<String>,
    /// Folder with `web/` and `maps/` to serve instead of the built-in copies.
    #[arg(long, global = true, value_name = "DIR")]
    assets: Option<String>,
    /// How match sockets are served: auto, epoll, uring, poll.
    #[arg(long, global = true, value_name = "HOW")]
    io: Option<String>,
    /// What to log: error, warn, info, debug, or per module.
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// Any setting by its name; may be given several times.
    #[arg(long, short, global = true, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

impl Settings {
    /// These flags beside the environment of this process.
    pub(crate) fn sources(self) -> Sources {
        let named = [
            ("--listen", "listen", self.listen),
            ("--bots", "room.bots", self.bots),
            ("--game", "room.game", self.game),
            ("--assets", "assets", self.assets),
            ("--io", "shard.io", self.io),
            ("--log", "log", self.log),
        ];
        let named = named.into_iter().filter_map(|(shown, key, value)| {
            Some(Flag { shown: shown.to_owned(), key: key.to_owned(), value: value? })
        });
        let set = self.set.into_iter().map(|(key, value)| Flag {
            shown: format!("--set {key}"),
            key,
            value,
        });
        Sources::of_process(self.config, named.chain(set).collect())
    }
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_on_either_side_of_the_command() {
        for line in ["tickwire --bots 3 serve", "tickwire serve --bots 3", "tickwire --bots 3"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            let flags = cli.settings.sources().flags;
            assert_eq!((flags[0].key.as_str(), flags[0].value.as_str()), ("room.bots", "3"));
        }
    }

    #[test]
    fn a_set_without_a_value_says_how_it_is_written() {
        let error = Cli::try_parse_from(["tickwire", "--set", "listen"]).unwrap_err().to_string();
        assert!(error.contains("KEY=VALUE"), "{error}");
    }
}
