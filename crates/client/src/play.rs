//! A seat in a room, ready to play: session, connection, reconnects, typed state, prediction.
//!
//! [`Play`] runs inside the caller's task. [`Play::next`] waits for the next thing to do or to know;
//! nothing happens between calls, so call it again soon.

mod link;

use std::sync::Arc;

use tickwire_game::{Game, PlayerId};
use tickwire_wire::close::{self, Close};
use tickwire_wire::columns::Extract;
use tickwire_wire::prior::Prior;
use tickwire_wire::schema::Schema;

use crate::backoff::{Advice, Backoff};
use crate::clock::Clock;
use crate::interpolator::Interpolator;
use crate::net::{ConnectError, Ended};
use crate::predictor::Predictor;
use crate::rest::{Api, ApiError};
use crate::session::{
    ClientEvent, Options as SessionOptions, SendError, Session, SessionError, SnapshotInfo,
};
use crate::stats::Stats;
use crate::time::Time;
use crate::typed::{self, FetchedAssets, TypedError};
use link::Link;

/// What a player chooses.
#[derive(Clone)]
pub struct Options<G: Game> {
    /// Input mode, hash checks, a name for logs.
    pub session: SessionOptions,
    /// Keeps a [`Predictor`] and an [`Interpolator`] up to date. Bots need neither.
    pub smooth: bool,
    /// Fixed data and schema of the room when they are known already, as of another seat in it.
    pub known: Option<(Arc<G::Fixed>, Arc<Schema>)>,
}

impl<G: Game> Default for Options<G> {
    fn default() -> Self {
        Self { session: SessionOptions::default(), smooth: true, known: None }
    }
}

/// What [`Play::next`] returns.
pub enum Update<G: Game> {
    /// An input is due: call [`Play::input`] with this number.
    Input(u32),
    /// Let in. Player id, fixed data and schema are known from now on; again after each reconnect.
    Welcome {
        /// Whether this continues the seat after a cut.
        resumed: bool,
    },
    /// A snapshot was applied: see [`Play::state`] and [`Play::predictor`].
    Snapshot(SnapshotInfo),
    /// Something happened in the game, in this tick.
    Event(u32, G::Event),
    /// A command was not applied: what [`Play::command`] returned for it, and why.
    Refused(u32, String),
    /// A player's chat line.
    Chat(PlayerId, String),
    /// A line from the server.
    Notice(String),
    /// The decoded state differs from the server's: a bug. The line is dropped and resumed, so that
    /// the state is sent afresh.
    Desync {
        /// Tick of the snapshot.
        tick: u32,
        /// Number of the stream.
        stream: u32,
    },
    /// The line is down; another try follows.
    Reconnecting {
        /// How the last one ended.
        because: Close,
        /// Time until the next try, in µs.
        wait_us: u64,
    },
}

/// Why a player cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// A REST request failed.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The first connection could not be opened.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The server ended it for good.
    #[error("the server closed the connection: {0}")]
    Closed(Close),
    /// The server broke the protocol.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The room does not play this version of the game.
    #[error(transparent)]
    Typed(#[from] TypedError),
    /// A message could not be queued.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// A seat in a room of game `G`.
pub struct Play<G: Game> {
    api: Api,
    room_id: String,
    name: String,
    /// Path of the room's socket.
    socket: String,
    options: Options<G>,
    session: Session,
    link: Link,
    time: Time,
    backoff: Backoff,
    /// What needs the room's fixed data; `None` until it is fetched.
    ready: Option<Ready<G>>,
}

/// What is there once the room is known.
struct Ready<G: Game> {
    /// The schema that was found to be that of `G`.
    schema: Arc<Schema>,
    fixed: Arc<G::Fixed>,
    smooth: Option<(Predictor<G>, Interpolator)>,
}

impl<G: Game> Play<G> {
    /// Takes a seat called `name` in the room, and connects. The room says Welcome in the first
    /// calls of [`Play::next`].
    ///
    /// # Errors
    /// When the server is not there, the room is full or unknown, or the WebSocket is refused.
    pub async fn join(
        api: &Api,
        room_id: &str,
        name: &str,
        options: Options<G>,
    ) -> Result<Self, PlayError> {
        let seat = api.join(room_id, name).await?;
        let mut session = Session::new(seat.ticket, options.session.clone());
        if let Some((_, schema)) = &options.known {
            session.know_schema(Arc::clone(schema));
        }
        // One that is none is the server's to complain of.
        if let Some(Ok(prior)) = G::PRIOR.map(Prior::from_bytes) {
            session.know_prior(prior);
        }
        let time = Time::new();
        let mut play = Self {
            api: api.clone(),
            room_id: room_id.to_owned(),
            name: name.to_owned(),
            socket: seat.socket,
            options,
            session,
            link: Link::new(time),
            time,
            backoff: Backoff::new(),
            ready: None,
        };
        play.link.connect(play.api.address(), &play.socket, &mut play.session).await?;
        Ok(play)
    }

    /// Waits for the next thing to do or to know. May be cancelled at any point without loss.
    ///
    /// # Errors
    /// When the seat is lost for good; every later call would give an error again.
    pub async fn next(&mut self) -> Result<Update<G>, PlayError> {
        loop {
            if self.session.is_welcome() && !self.is_prepared() {
                self.prepare().await?;
            }
            if let Some(event) = self.session.poll_event() {
                match self.update(event) {
                    Some(update) => return Ok(update),
                    None => continue,
                }
            }
            match self.advance().await {
                Ok(Some(number)) => return Ok(Update::Input(number)),
                Ok(None) => {}
                Err(Trouble::Ended(Ended(because))) => return self.lose(because).await,
                Err(Trouble::Session(error)) => {
                    self.link.close(&error.close()).await;
                    return Err(error.into());
                }
            }
        }
    }

    /// Sends the input of this number (from [`Update::Input`]), and predicts with it. Returns the
    /// time at which it was written to the socket, in µs.
    ///
    /// # Errors
    /// Only before the first Welcome.
    pub fn input(&mut self, number: u32, input: &G::Input) -> Result<u64, PlayError> {
        self.session.queue_input(number, &typed::columns(input))?;
        if let Some(Ready { smooth: Some((predictor, _)), .. }) = &mut self.ready {
            predictor.input(number, input);
        }
        let now_us = self.time.now_us();
        self.link.flush(now_us, &mut self.session);
        Ok(now_us)
    }

    /// Sends a command: exactly once, in order, also across a cut. Returns its number, by which
    /// [`Update::Refused`] names it.
    ///
    /// # Errors
    /// Before the first Welcome, or when 64 wait already.
    pub fn command(&mut self, command: &G::Command) -> Result<u32, PlayError> {
        let number = self.session.command(&typed::columns(command))?;
        self.link.flush(self.time.now_us(), &mut self.session);
        Ok(number)
    }

    /// Says something to everyone in the room.
    ///
    /// # Errors
    /// When 64 messages wait already.
    pub fn chat(&mut self, text: &str) -> Result<(), PlayError> {
        self.session.chat(text)?;
        self.link.flush(self.time.now_us(), &mut self.session);
        Ok(())
    }

    /// Gives the seat up and waits, at most a second, until the server has confirmed it.
    pub async fn leave(mut self) {
        // A full queue means that the server has not listened for long: closing must do.
        let _queued = self.session.leave();
        self.link.flush(self.time.now_us(), &mut self.session);
        self.link.close(&Close::new(close::NORMAL, "left")).await;
    }

    /// Cuts the line without a goodbye, as a lost network would; the next call of
    /// [`Play::next`] reconnects. For tests and debug menus.
    pub fn cut(&mut self) {
        self.session.disconnected();
        self.link.drop_line();
    }

    /// The newest state as the game's own type; decoded anew by every call. `None` before the first
    /// snapshot.
    pub fn state(&self) -> Option<G::State> {
        self.session.tick()?;
        self.session.state().map(typed::state::<G>)
    }

    /// The newest state as columns, the built-in `players` first.
    pub fn columns(&self) -> Option<&Extract> {
        self.session.state()
    }

    /// Own player id; nobody before Welcome.
    pub fn me(&self) -> PlayerId {
        self.session.welcome().map_or(PlayerId::NONE, |welcome| PlayerId(welcome.player))
    }

    /// The room's fixed data, from Welcome on.
    pub fn fixed(&self) -> Option<&Arc<G::Fixed>> {
        self.ready.as_ref().map(|ready| &ready.fixed)
    }

    /// Own rows as predicted, when [`Options::smooth`] is set.
    pub fn predictor(&self) -> Option<&Predictor<G>> {
        self.smooth().map(|(predictor, _)| predictor)
    }

    /// Other rows between snapshots, when [`Options::smooth`] is set.
    pub fn interpolator(&self) -> Option<&Interpolator> {
        self.smooth().map(|(_, interpolator)| interpolator)
    }

    /// The clocks for inputs and drawing, from Welcome on.
    pub fn clock(&self) -> Option<&Clock> {
        self.session.clock()
    }

    /// Now, as the clocks count it, in µs.
    pub fn now_us(&self) -> u64 {
        self.time.now_us()
    }

    /// When the bytes of the newest message were read from the socket, in µs.
    pub fn arrived_us(&self) -> u64 {
        self.link.arrived_us()
    }

    /// The session underneath: schema, Welcome, acknowledgements.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Totals so far.
    pub fn stats(&self) -> &Stats {
        self.session.stats()
    }

    /// Whether the room is known. Not so after a resume at a server that runs another version.
    fn is_prepared(&self) -> bool {
        match (&self.ready, self.session.schema()) {
            (Some(ready), Some(schema)) => Arc::ptr_eq(&ready.schema, schema),
            _ => false,
        }
    }

    fn smooth(&self) -> Option<&(Predictor<G>, Interpolator)> {
        self.ready.as_ref().and_then(|ready| ready.smooth.as_ref())
    }

    /// One step of the connection: a number when an input is due, else something has moved.
    async fn advance(&mut self) -> Result<Option<u32>, Trouble> {
        if !self.link.is_up() {
            self.link.wait_for_retry().await;
            let address = self.link.address(&self.api, &self.session, self.backoff.tries());
            let tried = self.link.connect(&address, &self.socket, &mut self.session).await;
            return tried.map(|()| None).map_err(|_| Trouble::Ended(Ended(Close::cut())));
        }
        if self.link.deliver(&mut self.session)? {
            return Ok(None);
        }
        let now_us = self.time.now_us();
        if let Some(number) = self.session.due_input(now_us) {
            return Ok(Some(number));
        }
        self.link.flush(now_us, &mut self.session);
        self.link.wait(&mut self.session).await?;
        Ok(None)
    }

    /// Fetches what the game needs and builds what needs that. Begins anew when it is cancelled.
    async fn prepare(&mut self) -> Result<(), PlayError> {
        let (Some(welcome), Some(schema)) = (self.session.welcome(), self.session.schema()) else {
            return Ok(());
        };
        typed::check::<G>(welcome)?;
        let fixed = match &self.options.known {
            Some((fixed, _)) => Arc::clone(fixed),
            None => {
                let mut assets = FetchedAssets::default();
                for (path, _) in &welcome.assets {
                    assets.insert(path, self.api.asset(path).await?);
                }
                Arc::new(typed::fixed::<G>(welcome, &assets)?)
            }
        };
        let smooth = self.options.smooth.then(|| {
            let interpolator = Interpolator::new(schema, welcome.tick_hz, welcome.send_every);
            (Predictor::new(welcome, schema, Arc::clone(&fixed)), interpolator)
        });
        let schema = Arc::clone(schema);
        self.options.known = Some((Arc::clone(&fixed), Arc::clone(&schema)));
        self.ready = Some(Ready { schema, fixed, smooth });
        Ok(())
    }

    /// What to tell the caller of a session's event.
    fn update(&mut self, event: ClientEvent) -> Option<Update<G>> {
        match event {
            ClientEvent::Welcome { resumed, .. } => {
                self.backoff.reset();
                Some(Update::Welcome { resumed })
            }
            ClientEvent::Snapshot(info) => {
                self.take_snapshot(&info);
                Some(Update::Snapshot(info))
            }
            ClientEvent::Event { tick, columns, .. } => {
                Some(Update::Event(tick, typed::event::<G>(&columns)))
            }
            ClientEvent::Refused { number, reason } => Some(Update::Refused(number, reason)),
            ClientEvent::Chat { from, text } => Some(Update::Chat(PlayerId(from), text)),
            ClientEvent::Notice(text) => Some(Update::Notice(text)),
            ClientEvent::Desync { tick, stream } => {
                self.cut();
                Some(Update::Desync { tick, stream })
            }
            ClientEvent::Pong { .. } => None,
        }
    }

    fn take_snapshot(&mut self, info: &SnapshotInfo) {
        let Some(Ready { smooth: Some((predictor, interpolator)), .. }) = &mut self.ready else {
            return;
        };
        if let Some(state) = self.session.state() {
            predictor.confirm(self.time.now_us(), info.tick, info.acked_input, state);
            interpolator.push(info.tick, &state.public);
        }
    }

    /// The line is down: plans another try, or gives up.
    async fn lose(&mut self, because: Close) -> Result<Update<G>, PlayError> {
        self.session.disconnected();
        self.link.drop_line();
        let now_us = self.time.now_us();
        let drawn_us = self.backoff.wait_us(now_us, rand::random());
        let wait_us = match Advice::of(&because) {
            Advice::Retry => drawn_us,
            Advice::RetryAfter { us } => us,
            Advice::NewTicket => {
                let seat = self.api.join(&self.room_id, &self.name).await?;
                self.socket = seat.socket;
                self.session.rejoin(seat.ticket);
                self.ready = None;
                drawn_us
            }
            Advice::Final => return Err(PlayError::Closed(because)),
        };
        self.link.retry_at(now_us + wait_us);
        Ok(Update::Reconnecting { because, wait_us })
    }
}

/// What stops a connection.
enum Trouble {
    Ended(Ended),
    Session(SessionError),
}
