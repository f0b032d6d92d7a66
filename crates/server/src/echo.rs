//! `tickwire echo`: a WebSocket echo behind the request check and the frame decoder of the match path,
//! so that conformance suites of others can judge both.
//!
//! It has no games, no seats and no pages: any path upgrades, and whatever comes is sent back. Foreign
//! suites count every frame, so that nothing is sent unasked.

mod session;

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, header};
use axum::response::IntoResponse as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use crate::config::Limits;
use crate::http::{self, ApiError, Line, Origins};
use crate::limits::ECHO_SOCKETS;
use crate::server::{ServerError, signals::Signals};

/// Threads: an echo that suites of others drive with a few sockets needs no more.
const THREADS: usize = 2;

/// An echo server that has not been started.
///
/// Of its limits, `message_bytes` and `fragments` bound what it echoes, to the byte: there is no game
/// that could want to read a larger message to its end. The others mean what they mean in a match.
#[derive(Debug)]
pub struct EchoServer {
    listen: SocketAddr,
    limits: Limits,
}

impl EchoServer {
    /// An echo server for this address.
    pub fn new(listen: SocketAddr, limits: Limits) -> Self {
        Self { listen, limits }
    }

    /// Starts, prints its address, and echoes until SIGINT or SIGTERM, which cuts every socket.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn run(self) -> Result<(), ServerError> {
        let running = self.start()?;
        let mut signals = running.runtime.block_on(async { Signals::install() })?;
        // Nobody may be reading; that is no reason not to serve.
        let _ = writeln!(io::stdout(), "listening on ws://{}/", running.address);
        let _ = io::stdout().flush();
        let name = running.runtime.block_on(signals.next());
        info!("{name}: ending");
        running.stop();
        Ok(())
    }

    /// Starts, and returns once it listens.
    ///
    /// # Errors
    /// When it cannot start.
    pub fn start(self) -> Result<RunningEcho, ServerError> {
        let listener = http::bind(self.listen)
            .map_err(|error| ServerError::Listen { address: self.listen, error })?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("tickwire-echo")
            .enable_all()
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let context = Context { limits: self.limits, origins: Origins::default() };
        runtime.spawn(accept(Arc::new(context), listener));
        Ok(RunningEcho { address, runtime })
    }
}

/// An echo server that listens.
#[derive(Debug)]
pub struct RunningEcho {
    address: SocketAddr,
    runtime: Runtime,
}

impl RunningEcho {
    /// The address it listens on, with the port that the system chose where 0 was asked for.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every socket.
    pub fn stop(self) {
        self.runtime.shutdown_background();
    }
}

/// What all connections share.
struct Context {
    limits: Limits,
    origins: Origins,
}

/// Accepts connections until the task is dropped, as many at a time as there are places.
async fn accept(context: Arc<Context>, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(ECHO_SOCKETS));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(Arc::clone(&context), stream, Arc::new(place)));
            }
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                sleep(http::ACCEPT_RETRY).await;
            }
        }
    }
}

/// Serves a connection until it ends or has turned into a WebSocket, which takes the place along.
async fn connection(context: Arc<Context>, stream: TcpStream, place: Arc<OwnedSemaphorePermit>) {
    let answer = service_fn(|request: Request<Incoming>| {
        let answer = upgrade(&context, request.map(Body::new), &place);
        async { Ok::<_, Infallible>(answer.unwrap_or_else(|error| error.into_response())) }
    });
    // An echo is for suites, which judge frames: it has no TLS.
    let _ = stream.set_nodelay(true);
    let line = Line::Plain(stream);
    if let Err(error) = http::serve_requests(&context.limits, line, answer).await {
        debug!(%error, "connection ended");
    }
}

/// Checks a request as the match path does, answers 101, and starts the echo once that is out.
fn upgrade(
    context: &Arc<Context>,
    request: Request<Body>,
    place: &Arc<OwnedSemaphorePermit>,
) -> Result<Response<Body>, ApiError> {
    let (mut parts, body) = request.into_parts();
    // A match refuses subprotocols that it does not speak, and most clients a server that chooses none
    // of theirs. An echo speaks all alike: it takes the first.
    let offer = parts.headers.remove(header::SEC_WEBSOCKET_PROTOCOL);
    let accepted = http::check(&parts, &context.origins)?;
    let (mut response, upgraded) = http::switch(Request::from_parts(parts, body), &accepted)?;
    if let Some(first) = offer.as_ref().and_then(first_subprotocol) {
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, first);
    }
    let (context, place) = (Arc::clone(context), Arc::clone(place));
    tokio::spawn(async move {
        let limit = Duration::from_millis(context.limits.http_head_ms);
        match timeout(limit, http::take_socket(upgraded)).await {
            Ok(Some(socket)) => session::run(&context.limits, socket.stream, &socket.read).await,
            _ => debug!("the connection ended during the upgrade"),
        }
        drop(place);
    });
    Ok(response)
}

fn first_subprotocol(offer: &HeaderValue) -> Option<HeaderValue> {
    let first = offer.to_str().ok()?.split(',').next()?.trim();
    HeaderValue::from_str(first).ok().filter(|first| !first.is_empty())
}
