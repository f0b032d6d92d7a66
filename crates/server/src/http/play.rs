//! `GET /v1/play/{room}`: from an HTTP request to a socket in the hands of the room's shard.

use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use fastwebsockets::upgrade::UpgradeFut;
use hyper_util::rt::TokioIo;
use socket2::{SockRef, TcpKeepalive};
use tickwire_wire::message::SUBPROTOCOL;
use tracing::debug;

use super::line::Line;
use super::upgrade_check::{self, Accepted};
use super::{ApiError, Peer};
use crate::app::App;
use crate::limits;
use crate::shard::{HandOver, Mail};

/// Checks the request, answers 101, and hands the socket over once the answer is out.
///
/// A room that is not there gets its socket too, and close code 4004 on it: a browser shows a page
/// nothing of a refused handshake.
pub(super) async fn play(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    Extension(peer): Extension<Peer>,
    request: Request<Body>,
) -> Result<Response, ApiError> {
    let Path(room) = path?;
    let (parts, body) = request.into_parts();
    let accepted = upgrade_check::check(&parts, &app.origins)?;
    if app.is_draining() {
        return Err(ApiError::draining(app.config.shutdown.retry_after_ms));
    }
    peer.permit.await_hello().map_err(|error| {
        ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_sockets", error.to_string())
    })?;
    let (response, upgraded) = switch(Request::from_parts(parts, body), &accepted)?;
    app.metrics.http.upgrades.add(1);
    tokio::spawn(hand_over(app, room, peer, upgraded));
    Ok(response)
}

/// The 101 to a checked request, and the socket once that is out.
///
/// # Errors
/// 400, if the request is no handshake to the library that answers it.
pub(crate) fn switch<B>(
    mut request: Request<B>,
    accepted: &Accepted,
) -> Result<(Response, UpgradeFut), ApiError> {
    let (response, upgraded) = fastwebsockets::upgrade::upgrade(&mut request)
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "handshake", error.to_string()))?;
    let mut response = response.map(Body::new);
    if accepted.subprotocol {
        let ours = HeaderValue::from_static(SUBPROTOCOL);
        response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, ours);
    }
    Ok((response, upgraded))
}

/// Waits until the 101 is out and passes the socket on, with what the client has sent behind its
/// request.
async fn hand_over(app: Arc<App>, room: String, peer: Peer, upgraded: UpgradeFut) {
    let limit = Duration::from_millis(app.config.limits.http_head_ms);
    let socket = match tokio::time::timeout(limit, take_socket(upgraded)).await {
        Ok(Some(socket)) => socket,
        _ => return debug!(room, "the connection ended during the upgrade"),
    };
    let entry = app.directory.get(&room);
    let mailbox = entry.as_ref().map_or_else(|| app.shards.any(), |entry| &entry.mailbox).clone();
    // A shard that has ended drops the socket: the client sees it and comes back elsewhere.
    let _ = mailbox.send(Mail::Adopt { room: entry, socket, permit: peer.permit });
}

/// The socket with its options set, and what the client has sent behind its request.
pub(crate) async fn take_socket(upgraded: UpgradeFut) -> Option<HandOver> {
    let upgraded = upgraded.await.ok()?.into_inner().into_inner();
    let parts = upgraded.downcast::<TokioIo<Line>>().ok()?;
    let socket = parts.io.into_inner().hand_over(parts.read_buf).ok()?;
    set_options(&socket.stream);
    Some(socket)
}

/// Options of a match socket. A system that lacks one of them serves it all the same.
fn set_options(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_keepalive(
        &TcpKeepalive::new().with_time(Duration::from_secs(limits::KEEPALIVE_S)),
    );
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_notsent_lowat(limits::NOTSENT_LOWAT_BYTES);
}
