//! The command line of `bots`.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use tickwire_client::session::InputMode;
use tickwire_game::Level;

/// Plays rooms full of bots against a running server and reports what the clients saw.
///
/// The bots are ordinary clients: they create their rooms (without server-side bots) and join
/// through the REST API, play over WebSocket through the public client crate, decode every snapshot
/// and verify its hash. All traffic goes to --url. The exit status is 1 when any client saw a
/// desync, an error or an unexpected disconnect.
#[derive(Debug, Clone, Parser)]
#[command(name = "bots", version)]
pub struct Args {
    /// Base address of the server.
    #[arg(long, default_value = "http://127.0.0.1:7777")]
    pub url: String,
    /// File with certificate authorities (PEM) to believe beside the public ones, for an https:// address
    /// whose certificate nobody public signed.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Game to play.
    #[arg(long, default_value = "skirmish")]
    pub game: String,
    /// Rooms to create.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub rooms: u16,
    /// Bots in each room; the game's rooms must have that many seats.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub per_room: u16,
    /// Seconds of play after the last bot has joined. Latencies leave the first second out.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=86_400))]
    pub seconds: u32,
    /// Seed of all chance in the bots; the server's own chance is its own.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Writes the report as JSON to this file, or to standard output for `-` (the table then goes to
    /// standard error).
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<String>,
    /// How the server uses inputs: `scheduled` applies each in exactly the tick it was made for,
    /// `latest` applies the newest in the next tick.
    #[arg(long, value_enum, default_value_t = Mode::Scheduled)]
    pub input_mode: Mode,
    /// How hard the rooms compress snapshots: packed, ranged, ranged-max; left out = as the server
    /// and the game choose.
    #[arg(long)]
    pub level: Option<Level>,
}

/// [`InputMode`] as a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Each input in the tick it names.
    Scheduled,
    /// The newest input in the next tick.
    Latest,
}

impl From<Mode> for InputMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Scheduled => Self::Scheduled,
            Mode::Latest => Self::Latest,
        }
    }
}

impl Args {
    /// Clients in total.
    pub fn clients(&self) -> u32 {
        u32::from(self.rooms) * u32::from(self.per_room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_the_documented_load() {
        let args = Args::try_parse_from(["bots"]).unwrap();
        assert_eq!((args.rooms, args.per_room, args.seconds), (8, 16, 20));
        assert_eq!(args.input_mode, Mode::Scheduled);
        assert_eq!(args.clients(), 128);
        assert_eq!((args.json, args.level), (None, None));
    }

    #[test]
    fn the_documented_command_line_parses() {
        let line = "bots --url http://127.0.0.1:7777 --game skirmish --rooms 2 --per-room 4 \
                    --seconds 5 --seed 9 --json - --input-mode latest --level ranged-max";
        let args = Args::try_parse_from(line.split_whitespace()).unwrap();
        assert_eq!((args.rooms, args.per_room, args.seconds, args.seed), (2, 4, 5, 9));
        assert_eq!(args.json.as_deref(), Some("-"));
        assert_eq!(InputMode::from(args.input_mode), InputMode::Latest);
        assert_eq!(args.level, Some(Level::RangedMax));
    }

    #[test]
    fn absurd_loads_are_refused() {
        for bad in
            ["--rooms=0", "--per-room=0", "--seconds=1", "--input-mode=psychic", "--level=zip"]
        {
            assert!(Args::try_parse_from(["bots", bad]).is_err(), "{bad}");
        }
    }
}
