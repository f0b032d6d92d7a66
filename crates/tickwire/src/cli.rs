//! The command line.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, value_parser};
use tickwire::config::{Flag, Sources};
use tickwire::limits::{ECHO_FRAGMENTS, ECHO_MESSAGE_BYTES};

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
  tickwire config --template            the documented default file
  tickwire echo --max-message 16777216  a WebSocket echo on ws://127.0.0.1:9001/";

/// Where the echo listens unless `--listen` says otherwise: the port that suites try first.
pub(crate) const ECHO_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9001);

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
    /// Echo WebSocket messages through the request check and frame decoder of a match, for
    /// conformance suites [default --listen: 127.0.0.1:9001].
    Echo(EchoLimits),
}

/// What the echo takes.
#[derive(Debug, Args)]
pub(crate) struct EchoLimits {
    /// Longest message, to 67108864 [default: as in a match, `limits.message_bytes`, 4096].
    #[arg(long, value_name = "BYTES", value_parser = value_parser!(u32).range(1..=ECHO_MESSAGE_BYTES as i64))]
    pub(crate) max_message: Option<u32>,
    /// Most fragments of one message [default: as in a match, `limits.fragments`, 16].
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=ECHO_FRAGMENTS as i64))]
    pub(crate) max_fragments: Option<u32>,
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
    /// File with the TLS certificate (and the chain to its authority), PEM; needs --tls-key.
    #[arg(long, global = true, value_name = "FILE")]
    tls_cert: Option<String>,
    /// File with the certificate's private key, PEM; needs --tls-cert.
    #[arg(long, global = true, value_name = "FILE")]
    tls_key: Option<String>,
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

impl Cli {
    /// The command line of this process. Ends the process with a message when it makes no sense.
    pub(crate) fn of_process() -> Self {
        let cli = Self::parse();
        if let Err(error) = cli.check() {
            error.exit();
        }
        cli
    }

    /// The flags of a game server would do nothing for an echo; somebody meant something else.
    fn check(&self) -> Result<(), clap::Error> {
        let Settings { bots, game, assets, .. } = &self.settings;
        let of_games = [("--bots", bots), ("--game", game), ("--assets", assets)];
        match (&self.command, of_games.iter().find(|(_, value)| value.is_some())) {
            (Some(Command::Echo(_)), Some((flag, _))) => {
                let text = format!("`{flag}` is for games; `echo` has none");
                Err(Self::command().error(ErrorKind::ArgumentConflict, text))
            }
            _ => Ok(()),
        }
    }
}

impl Settings {
    /// These flags beside the environment of this process.
    pub(crate) fn sources(self) -> Sources {
        let named = [
            ("--listen", "listen", self.listen),
            ("--bots", "room.bots", self.bots),
            ("--game", "room.game", self.game),
            ("--assets", "assets", self.assets),
            ("--tls-cert", "tls.cert", self.tls_cert),
            ("--tls-key", "tls.key", self.tls_key),
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
    fn the_echo_has_its_own_flags_and_none_of_games() {
        let line =
            "tickwire --listen 127.0.0.1:0 echo --max-message 16777216 --max-fragments 300000";
        for line in [line, "tickwire echo --max-message=16777216 --max-fragments=300000"] {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert!(cli.check().is_ok());
            let Some(Command::Echo(limits)) = cli.command else { panic!("{line}") };
            assert_eq!((limits.max_message, limits.max_fragments), (Some(1 << 24), Some(300_000)));
        }
        let cli = Cli::try_parse_from(["tickwire", "echo", "--bots", "3"]).unwrap();
        assert!(cli.check().unwrap_err().to_string().contains("`--bots` is for games"));
        for (wrong, expected) in [
            ("--max-message=67108865", "1..=67108864"),
            ("--max-message=0", "1..=67108864"),
            ("--max-fragments=x", "invalid digit"),
        ] {
            let error = Cli::try_parse_from(["tickwire", "echo", wrong]).unwrap_err().to_string();
            assert!(error.contains(wrong.split('=').next().unwrap()), "{error}");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_set_without_a_value_says_how_it_is_written() {
        let error = Cli::try_parse_from(["tickwire", "--set", "listen"]).unwrap_err().to_string();
        assert!(error.contains("KEY=VALUE"), "{error}");
    }
}
