//! The REST API: rooms, seats, assets.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tickwire_wire::level::Level;

use crate::address::{Address, AddressError};
use crate::limits::{CONNECT_TIMEOUT_MS, MAX_BODY_BYTES, REQUEST_TIMEOUT_MS};
use crate::line::Line;
#[cfg(feature = "tls")]
use crate::trust::{Trust, TrustError};

/// A server's REST API. Cheap to clone; each request uses a connection of its own.
#[derive(Debug, Clone)]
pub struct Api {
    address: Address,
}

/// A room as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RoomInfo {
    /// Id, for [`Api::join`].
    pub id: String,
    /// Name of its game.
    pub game: String,
    /// Seats in total.
    pub seats: u16,
    /// People (clients with a seat, also while they are away).
    pub players: u16,
    /// Server-side bots, which yield to clients.
    pub bots: u16,
    /// Clients connected now.
    pub clients: u16,
    /// Its tick now.
    pub tick: u32,
    /// Ticks per second.
    pub tick_hz: u16,
    /// How its streams are coded.
    pub level: Level,
    /// Hash of its schema.
    pub schema_hash: String,
    /// Hash of the prior from which its streams are coded; empty: the protocol's own.
    pub prior_hash: String,
}

/// What [`Api::create_room`] asks for. `None` leaves a choice to the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct NewRoom {
    /// Name of the game.
    pub game: String,
    /// The game's options as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<serde_json::Value>,
    /// Server-side bots fill the room up to this many players.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bots: Option<u16>,
    /// How hard snapshots are compressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Id of the room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A reserved seat. The ticket inside is good for one connection within 15 s.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Seat {
    /// Id of the room.
    pub room: String,
    /// Player id of the seat.
    pub player: u16,
    /// Proves the seat in Hello.
    pub ticket: String,
    /// When the ticket expires, in ms since the Unix epoch.
    pub expires_ms: u64,
    /// Path of the room's WebSocket.
    pub socket: String,
    /// Hash of the room's schema.
    pub schema_hash: String,
    /// Hash of the prior from which its streams are coded; empty: the protocol's own.
    pub prior_hash: String,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The certificate authority cannot be used.
    #[cfg(feature = "tls")]
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// No connection to the server.
    #[error("server not reachable at {address}: {problem}")]
    Unreachable {
        /// The server's address.
        address: String,
        /// Why.
        problem: String,
    },
    /// The server said no.
    #[error("{status}: {message} ({code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Machine-readable reason, such as `room_full`.
        code: String,
        /// For people.
        message: String,
    },
    /// The server's answer makes no sense.
    #[error("unexpected answer to {request}: {problem}")]
    Answer {
        /// Method and path.
        request: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ApiError {
    /// The machine-readable reason of a refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct Rooms {
    rooms: Vec<RoomInfo>,
}

#[derive(Serialize)]
struct Join<'a> {
    name: &'a str,
}

#[derive(Deserialize)]
struct Failure {
    error: FailureBody,
}

#[derive(Deserialize)]
struct FailureBody {
    code: String,
    message: String,
}

impl Api {
    /// The API of the server at `base_url`, such as `http://127.0.0.1:7777`. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ApiError::Address`] when the URL is no plain `http[s]://host[:port]`.
    pub fn new(base_url: &str) -> Result<Self, ApiError> {
        Ok(Self { address: Address::parse(base_url)? })
    }

    /// The same, where the certificate authorities in `pem` are believed beside the public ones. The match
    /// sockets of its seats do so too.
    ///
    /// # Errors
    /// [`ApiError::Trust`] when there is no usable certificate in `pem`.
    #[cfg(feature = "tls")]
    pub fn with_ca(base_url: &str, pem: &[u8]) -> Result<Self, ApiError> {
        let trust = Trust::with_ca(pem)?;
        Ok(Self { address: Address::parse(base_url)?.trusting(&trust) })
    }

    /// Where the server is.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// All rooms, or those of one game.
    ///
    /// # Errors
    /// See [`ApiError`]; the same holds for every request below.
    pub async fn rooms(&self, game: Option<&str>) -> Result<Vec<RoomInfo>, ApiError> {
        let path = match game {
            Some(game) => format!("/v1/rooms?game={}", escaped(game)),
            None => "/v1/rooms".to_owned(),
        };
        Ok(self.json::<Rooms>(Method::GET, &path, None).await?.rooms)
    }

    /// One room.
    ///
    /// # Errors
    /// Code `room_not_found` when there is none of that id.
    pub async fn room(&self, id: &str) -> Result<RoomInfo, ApiError> {
        self.json(Method::GET, &format!("/v1/rooms/{}", escaped(id)), None).await
    }

    /// Opens a room.
    ///
    /// # Errors
    /// Refused for callers that may not open rooms, unknown games, bad options and taken ids.
    pub async fn create_room(&self, room: &NewRoom) -> Result<RoomInfo, ApiError> {
        self.json(Method::POST, "/v1/rooms", Some(body_of(room))).await
    }

    /// Reserves a seat for a player called `name`.
    ///
    /// # Errors
    /// Codes `room_not_found` and `room_full`.
    pub async fn join(&self, room: &str, name: &str) -> Result<Seat, ApiError> {
        let path = format!("/v1/rooms/{}/join", escaped(room));
        self.json(Method::POST, &path, Some(body_of(&Join { name }))).await
    }

    /// A file that a room's game loaded, by its path in Welcome.
    ///
    /// # Errors
    /// Refused with 404 when the server has no such file.
    pub async fn asset(&self, path: &str) -> Result<Bytes, ApiError> {
        let escaped: Vec<String> = path.split('/').map(escaped).collect();
        self.send(Method::GET, &format!("/assets/{}", escaped.join("/")), None).await
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<T, ApiError> {
        let request = format!("{method} {path}");
        let bytes = self.send(method, path, body).await?;
        serde_json::from_slice(&bytes)
            .map_err(|error| ApiError::Answer { request, problem: error.to_string() })
    }

    /// One request from connect to last byte, within its time.
    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Bytes, ApiError> {
        let stream = self.connect().await?;
        let request = format!("{method} {path}");
        let answer = |problem: String| ApiError::Answer { request: request.clone(), problem };
        let limit = Duration::from_millis(REQUEST_TIMEOUT_MS);
        let exchange = self.exchange(stream, method, path, body.unwrap_or_default());
        let (status, bytes) = match tokio::time::timeout(limit, exchange).await {
            Ok(done) => done.map_err(answer)?,
            Err(_) => return Err(answer(format!("none within {REQUEST_TIMEOUT_MS} ms"))),
        };
        if status.is_success() {
            return Ok(bytes);
        }
        Err(match serde_json::from_slice::<Failure>(&bytes) {
            Ok(Failure { error: FailureBody { code, message } }) => {
                ApiError::Refused { status: status.as_u16(), code, message }
            }
            Err(_) => answer(format!("status {status}")),
        })
    }

    async fn connect(&self) -> Result<Line, ApiError> {
        self.address.connect(Duration::from_millis(CONNECT_TIMEOUT_MS)).await.map_err(|problem| {
            ApiError::Unreachable {
                address: self.address.to_string(),
                problem: problem.to_string(),
            }
        })
    }

    /// Drives hyper's connection beside the request, without a task of its own.
    async fn exchange(
        &self,
        stream: Line,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), String> {
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(text)?;
        let request = Request::builder()
            .method(method)
            .uri(self.address.path(path))
            .header(HOST, self.address.authority())
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(text)?;
        let answer = async {
            let response = sender.send_request(request).await.map_err(text)?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
            Ok((status, body.map_err(text)?.to_bytes()))
        };
        tokio::pin!(answer, connection);
        tokio::select! {
            biased;
            done = &mut answer => done,
            // The connection may end first, having handed the whole answer over.
            _ = &mut connection => answer.await,
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn body_of(value: &impl Serialize) -> Bytes {
    let json = serde_json::to_vec(value).expect("plain structs with string keys become JSON");
    Bytes::from(json)
}

/// Percent-encodes one segment of a path or one value of a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte as char);
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_segments_are_escaped() {
        assert_eq!(escaped("room-1_a.b~"), "room-1_a.b~");
        assert_eq!(escaped("a/b?c d"), "a%2Fb%3Fc%20d");
        assert_eq!(escaped("ä"), "%C3%A4");
    }

    #[test]
    fn a_new_room_leaves_out_what_the_server_may_choose() {
        let room = NewRoom { game: "skirmish".into(), ..NewRoom::default() };
        assert_eq!(&body_of(&room)[..], br#"{"game":"skirmish"}"#);
        let room = NewRoom { bots: Some(0), ..room };
        assert_eq!(&body_of(&room)[..], br#"{"game":"skirmish","bots":0}"#);
    }
}
