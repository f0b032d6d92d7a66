//! The server as a program starts and ends it.

mod banner;
pub(crate) mod signals;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tickwire_game::Game;
use tickwire_room::{GameKind, TicketKey};
use tickwire_wire::close::Close;
use tokio::runtime::Runtime;
use tracing::{debug, info};

use crate::app::App;
use crate::assets::AssetStore;
use crate::clock::Clock;
use crate::config::{Config, FirstRoom};
use crate::directory::Directory;
use crate::driver::{Io, IoError};
use crate::host;
use crate::http::{self, Origins};
use crate::lobby::RoomSpec;
use crate::metrics::Metrics;
use crate::per_ip::PerIp;
use crate::shards::{self, Crew};
use crate::tls::{Tls, TlsError};

/// How long requests that are being answered may take once the matches have ended.
const LAST_REQUESTS: Duration = Duration::from_millis(500);

/// A server that has not been started.
///
/// ```no_run
/// # use tickwire_game::Game;
/// # fn example<MyGame: Game>() -> Result<(), tickwire_server::ServerError> {
/// use tickwire_server::{Config, Server};
///
/// Server::new(Config::default()).game::<MyGame>().run()
/// # }
/// ```
pub struct Server {
    config: Config,
    kinds: Vec<Arc<dyn GameKind>>,
}

/// Why a server could not start, or ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// [`Server::game`] was never called.
    #[error("the server has no game: call `Server::game` at least once")]
    NoGame,
    /// Two games have the same name.
    #[error("two games are called `{0}`")]
    SameName(&'static str),
    /// A game's prior is none.
    #[error("{0}")]
    Prior(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}{}", listen_hint(error))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// There is no TLS with the files given.
    #[error("TLS: {0}")]
    Tls(#[from] TlsError),
    /// The asset folder is not one.
    #[error("{0}")]
    Assets(String),
    /// The first room was not opened.
    #[error("cannot open the room `{id}`: {reason}")]
    FirstRoom {
        /// Its id.
        id: String,
        /// Why.
        reason: String,
    },
    /// The configured way to serve sockets does not work here.
    #[error("{0}")]
    Io(String),
    /// The system refused a thread, a descriptor or a signal handler.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
    /// A thread that runs matches panicked: a bug in the server itself.
    #[error("a shard thread has failed; the log says how")]
    ShardFailed,
}

impl From<IoError> for ServerError {
    fn from(error: IoError) -> Self {
        Self::Io(error.to_string())
    }
}

fn listen_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; end the program that has it, or take another with --listen 127.0.0.1:0"
        }
        io::ErrorKind::PermissionDenied => "; ports below 1024 need rights: take another",
        io::ErrorKind::AddrNotAvailable => "; this machine has no such address",
        _ => "",
    }
}

impl Server {
    /// A server without games.
    pub fn new(config: Config) -> Self {
        Self { config, kinds: Vec::new() }
    }

    /// Adds a game.
    #[must_use]
    pub fn game<G: Game>(self) -> Self {
        self.kind(tickwire_room::kind::<G>())
    }

    /// Adds a game whose type is erased already.
    #[must_use]
    pub fn kind(mut self, kind: Arc<dyn GameKind>) -> Self {
        self.kinds.push(kind);
        self
    }

    /// Starts, prints where to play, and serves until SIGINT or SIGTERM. Clients are told to come back
    /// (1012) before it returns; a second signal ends the process at once.
    ///
    /// # Errors
    /// When it cannot start, or a shard fails.
    pub fn run(self) -> Result<(), ServerError> {
        let running = self.start()?;
        let signals = running.runtime.block_on(async { signals::Signals::install() })?;
        if running.app.tls.is_some() {
            let app = Arc::clone(&running.app);
            running.runtime.block_on(async { signals::on_hangup(move || app.reload_tls()) })?;
        }
        banner::print(&running.app, running.address);
        running.until_signal(signals)
    }

    /// Starts, and returns once it listens.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn start(self) -> Result<Running, ServerError> {
        let Self { mut config, kinds } = self;
        let kinds = by_name(kinds)?;
        let room = first_room(&config.room, &kinds)?;
        let io = Io::choose(config.shard.io)?;
        if config.shard.cohorts == 0 {
            config.shard.cohorts = io.cohorts();
        }
        host::raise_descriptor_limit();
        let tls = Tls::open(&config.tls)?;
        let assets = AssetStore::open(&config.assets).map_err(ServerError::Assets)?;
        let listener = http::bind(config.listen)
            .map_err(|error| ServerError::Listen { address: config.listen, error })?;
        let address = listener.local_addr()?;
        let runtime = control_runtime(&config)?;
        let clock = Clock::start();
        let directory = Directory::new(config.rooms.max);
        let metrics = Arc::new(Metrics::new(io.name(), shards::count(&config)));
        let (shards, crew) = shards::start(io, &config, clock, &directory, &metrics)?;
        let app = Arc::new(App {
            clock,
            kinds,
            assets: Arc::new(assets),
            directory,
            metrics,
            per_ip: PerIp::new(&config.limits),
            origins: Origins::new(&config.origins, tls.is_some()),
            tls,
            shards,
            ticket_key: TicketKey::from_bytes(rand::random()),
            draining: AtomicBool::new(false),
            config,
        });
        let id = room.id.clone().unwrap_or_default();
        app.open_room_now(room)
            .map_err(|error| ServerError::FirstRoom { id, reason: error.to_string() })?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(http::serve(Arc::clone(&app), listener));
        debug!(%address, "listening");
        Ok(Running { address, app, runtime, crew })
    }
}

fn by_name(
    kinds: Vec<Arc<dyn GameKind>>,
) -> Result<BTreeMap<&'static str, Arc<dyn GameKind>>, ServerError> {
    let mut named = BTreeMap::new();
    for kind in kinds {
        let name = kind.name();
        kind.prior().map_err(|refusal| ServerError::Prior(refusal.reason))?;
        if named.insert(name, kind).is_some() {
            return Err(ServerError::SameName(name));
        }
    }
    Ok(named)
}

/// The room that is open from the start. Where nobody chose one and Skirmish is not in the binary, it
/// is the first game's.
fn first_room(
    wanted: &FirstRoom,
    kinds: &BTreeMap<&'static str, Arc<dyn GameKind>>,
) -> Result<RoomSpec, ServerError> {
    let first = kinds.keys().next().ok_or(ServerError::NoGame)?;
    let standard = Config::default().room;
    let is_chosen = wanted.game != standard.game || kinds.contains_key(standard.game.as_str());
    let (id, game) = match is_chosen {
        true => (wanted.id.as_str(), wanted.game.as_str()),
        false if wanted.id == standard.id => (*first, *first),
        false => (wanted.id.as_str(), *first),
    };
    let options = match wanted.options.trim() {
        "" => serde_json::Value::Null,
        text => serde_json::from_str(text).map_err(|error| ServerError::FirstRoom {
            id: id.to_owned(),
            reason: format!("`room.options` is no JSON: {error}"),
        })?,
    };
    Ok(RoomSpec {
        game: game.to_owned(),
        options,
        bots: wanted.bots,
        level: None,
        id: Some(id.to_owned()),
        keep: true,
    })
}

fn control_runtime(config: &Config) -> io::Result<Runtime> {
    let nice = config.control.nice;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::from(config.control.threads))
        .thread_name("tickwire-control")
        .on_thread_start(move || host::be_nice(nice))
        .enable_all()
        .build()
}

/// A server that listens. Dropping it without [`Running::stop`] cuts everyone off without a word.
pub struct Running {
    address: SocketAddr,
    app: Arc<App>,
    runtime: Runtime,
    crew: Crew,
}

impl Running {
    /// The address it listens on, with the port that the system chose where 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Ends it: `/readyz` says 503, then every client is closed with 1012 and a hint when to return.
    ///
    /// # Errors
    /// When a shard had failed.
    pub fn stop(self) -> Result<(), ServerError> {
        let Self { app, runtime, crew, .. } = self;
        app.draining.store(true, Ordering::Relaxed);
        let settings = &app.config.shutdown;
        std::thread::sleep(Duration::from_millis(settings.linger_ms));
        let retry_after_ms = u32::try_from(settings.retry_after_ms).unwrap_or(u32::MAX);
        app.shards.end(&Close::restart(retry_after_ms));
        let is_well = crew.join();
        runtime.shutdown_timeout(LAST_REQUESTS);
        info!("ended");
        if is_well { Ok(()) } else { Err(ServerError::ShardFailed) }
    }

    /// Serves until a signal comes or a shard fails, then stops.
    fn until_signal(self, mut signals: signals::Signals) -> Result<(), ServerError> {
        let name = self.runtime.block_on(async {
            tokio::select! {
                name = signals.next() => name,
                () = self.crew.first_end() => "failure of a shard",
            }
        });
        info!(
            clients = self.app.metrics.sum(|shard| shard.sockets_playing.get()),
            "{name}: ending"
        );
        self.runtime.spawn(async move {
            let first = Instant::now();
            let mut name = signals.next().await;
            while first.elapsed() < signals::ONE_SIGNAL {
                name = signals.next().await;
            }
            tracing::warn!("{name} again: ending at once");
            #[expect(clippy::disallowed_methods, reason = "who asks twice wants no clean-up")]
            std::process::exit(signals::SECOND_SIGNAL_STATUS);
        });
        self.stop()
    }
}
