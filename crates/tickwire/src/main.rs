//! The `tickwire` binary: serves the games that ship with it, and shows its settings.

mod cli;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use tickwire::config::{ConfigError, Effective, LogFilter, Source};
use tickwire::echo::EchoServer;
use tickwire::tag::Tag;
use tickwire::{Server, ServerError, config};
use tickwire_skirmish::Skirmish;
use tracing_subscriber::EnvFilter;

use cli::{Cli, Command, ECHO_LISTEN, EchoLimits};

/// Why the program ends with status 1.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("log: `{filter}` is no log filter: {error}")]
    Log { filter: LogFilter, error: tracing_subscriber::filter::ParseError },
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error("cannot print: {0}")]
    Print(#[from] std::io::Error),
}

fn main() -> ExitCode {
    match run(Cli::of_process()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nothing is left to tell it to when standard error is gone.
            let _ = writeln!(std::io::stderr(), "tickwire: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let effective = config::load(&cli.settings.sources())?;
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(effective),
        Command::Echo(limits) => echo(effective, &limits),
        Command::Config { json: true, .. } => {
            let json = config::to_json(&effective);
            Ok(writeln!(std::io::stdout(), "{json:#}")?)
        }
        Command::Config { template: true, .. } => {
            Ok(std::io::stdout().write_all(config::template().as_bytes())?)
        }
        Command::Config { .. } => {
            Ok(std::io::stdout().write_all(config::to_text(&effective).as_bytes())?)
        }
    }
}

fn serve(effective: Effective) -> Result<(), Failure> {
    start_log(&effective.config.log)?;
    Ok(Server::new(effective.config).game::<Skirmish>().game::<Tag>().run()?)
}

fn echo(effective: Effective, flags: &EchoLimits) -> Result<(), Failure> {
    start_log(&effective.config.log)?;
    // The address of a configured server is not the echo's: only the flag counts.
    let listen = match effective.source("listen") {
        Some(Source::Flag(_)) => effective.config.listen,
        _ => ECHO_LISTEN,
    };
    let mut limits = effective.config.limits;
    limits.message_bytes = flags.max_message.unwrap_or(limits.message_bytes);
    limits.fragments = flags.max_fragments.unwrap_or(limits.fragments);
    Ok(EchoServer::new(listen, limits).run()?)
}

fn start_log(filter: &LogFilter) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter.as_str())
        .map_err(|error| Failure::Log { filter: filter.clone(), error })?;
    // Standard output is for the address line, which programs read.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok(())
}
