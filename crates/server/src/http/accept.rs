//! The listener and its connections.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;
use tracing::{debug, warn};

use super::line::Line;
use super::{ApiError, Peer};
use crate::app::App;
use crate::config::Limits;
use crate::limits;
use crate::per_ip::{PerIpError, Permit};

/// Pause after a failed accept: when descriptors have run out, trying at once would only spin.
pub(crate) const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How long a connection past its time may take to finish the answer at hand.
const LAST_ANSWER: Duration = Duration::from_secs(5);

/// Opens the listening socket.
///
/// # Errors
/// What the system says: the port is taken, the address is not ours, the port needs rights.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // A restarted server takes its port over from connections that are still fading out.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(limits::BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Accepts connections until the task is dropped.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener) {
    let router = super::router(Arc::clone(&app));
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_RETRY).await;
                continue;
            }
        };
        app.metrics.http.connections.add(1);
        match app.per_ip.admit(peer.ip()) {
            Ok(permit) => {
                let connection =
                    connection(Arc::clone(&app), router.clone(), stream, peer.ip(), permit);
                tokio::spawn(connection);
            }
            Err(error) => {
                app.metrics.http.refused_connections.add(1);
                debug!(%peer, %error, "connection refused");
                // Behind TLS nobody could read why, and a handshake is what this is to spare.
                if app.tls.is_none() {
                    tokio::spawn(refuse(stream, error));
                }
            }
        }
    }
}

/// Serves the requests of one connection until it ends, turns into a match socket, or is too old.
async fn connection(
    app: Arc<App>,
    router: Router,
    stream: TcpStream,
    address: IpAddr,
    permit: Permit,
) {
    // Answers are small and whole; waiting to fill packets would only delay them.
    let _ = stream.set_nodelay(true);
    let limits = &app.config.limits;
    let head_limit = Duration::from_millis(limits.http_head_ms);
    let accepted = tokio::time::timeout(head_limit, Line::accept(stream, app.tls.as_ref())).await;
    let line = match accepted {
        Ok(Ok(line)) => line,
        Ok(Err(error)) => {
            app.metrics.http.failed_handshakes.add(1);
            return debug!(%address, %error, "no TLS handshake");
        }
        Err(_) => {
            app.metrics.http.failed_handshakes.add(1);
            return debug!(%address, "no TLS handshake in time");
        }
    };
    let permit = Arc::new(permit);
    let peer = Peer { address, permit: Arc::clone(&permit) };
    let answer = service_fn(|request: Request<Incoming>| {
        // A whole, valid head: no longer a socket that only takes up room.
        peer.permit.authenticated();
        respond(Arc::clone(&app), router.clone(), peer.clone(), request)
    });
    if let Err(error) = serve_requests(limits, line, answer).await {
        debug!(%address, %error, "connection ended");
    }
}

/// Serves requests with `answer`, within the limits of every HTTP connection, until the connection
/// ends, turns into a WebSocket, or is too old.
///
/// # Errors
/// What the other side got wrong in its HTTP, or why the socket broke.
pub(crate) async fn serve_requests<S>(limits: &Limits, line: Line, answer: S) -> hyper::Result<()>
where
    S: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(limits.http_head_ms))
            .max_header_size(limits.http_head_bytes as usize)
            .max_headers(limits::HTTP_HEADERS)
            .serve_connection(TokioIo::new(line), answer)
            .with_upgrades()
    );
    let age = tokio::time::sleep(Duration::from_millis(limits.http_connection_ms));
    tokio::select! {
        result = serving.as_mut() => result,
        () = age => {
            serving.as_mut().graceful_shutdown();
            tokio::time::timeout(LAST_ANSWER, serving).await.unwrap_or(Ok(()))
        }
    }
}

async fn respond(
    app: Arc<App>,
    mut router: Router,
    peer: Peer,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(peer);
    let mut response = router.call(request).await?;
    let class = usize::from(response.status().as_u16() / 100).clamp(1, 5);
    app.metrics.http.responses[class - 1].add(1);
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let headers = response.headers_mut();
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    Ok(response)
}

/// Tells a client that has too many sockets, without reading anything of it.
async fn refuse(mut stream: TcpStream, error: PerIpError) {
    let error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sockets", error.to_string());
    let body = error.to_json().to_string();
    let answer = format!(
        "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nretry-after: 5\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    // The client may be gone already.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}
