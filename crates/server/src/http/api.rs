//! The HTTP API: games, schemas, rooms, seats.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tickwire_game::{Level, Profile, Team};
use tickwire_room::ReserveError;
use tickwire_room::limits::RESERVATION_US;
use tickwire_wire::prior::Prior;
use tokio::sync::oneshot;

use super::{ApiError, Peer};
use crate::app::App;
use crate::directory::RoomEntry;
use crate::limits::{NO_CAPACITY_RETRY_MS, SHARD_REPLY_MS};
use crate::lobby::{OpenError, RoomSpec};
use crate::per_ip::PerIpError;
use crate::shard::{Mail, SeatError};

/// `GET /v1/games`.
pub(super) async fn games(State(app): State<Arc<App>>) -> impl IntoResponse {
    let games: Vec<_> = app
        .kinds
        .values()
        .map(|kind| {
            let prior = kind.prior().ok().flatten();
            serde_json::json!({
                "name": kind.name(),
                "schema_hash": kind.schema().1,
                "prior_hash": prior.map(Prior::hash).unwrap_or_default(),
            })
        })
        .collect();
    axum::Json(serde_json::json!({ "games": games }))
}

/// `GET /v1/schemas/{hash}`.
pub(super) async fn schema(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(hash) = path?;
    let kind = app.kinds.values().find(|kind| kind.schema().1 == hash).ok_or_else(|| {
        let text = format!("no schema `{hash}`; GET /v1/games lists them");
        ApiError::new(StatusCode::NOT_FOUND, "schema_not_found", text)
    })?;
    Ok(immutable("application/json", kind.schema().0.clone()))
}

/// `GET /v1/priors/{hash}`.
pub(super) async fn prior(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(hash) = path?;
    let mut priors = app.kinds.values().filter_map(|kind| kind.prior().ok().flatten());
    let prior = priors.find(|prior| prior.hash() == hash).ok_or_else(|| {
        let text = format!("no prior `{hash}`; GET /v1/games lists them");
        ApiError::new(StatusCode::NOT_FOUND, "prior_not_found", text)
    })?;
    Ok(immutable("application/octet-stream", prior.bytes().to_vec()))
}

/// An answer under the hash of its content, which therefore never changes.
fn immutable(content_type: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
    ];
    (headers, body).into_response()
}

/// A room as the API shows it.
#[derive(Serialize)]
struct RoomView<'a> {
    id: &'a str,
    game: &'a str,
    seats: u16,
    players: u16,
    bots: u16,
    clients: u16,
    tick: u32,
    tick_hz: u16,
    level: Level,
    /// Share of its tick period that it needs.
    load: f64,
    finished: bool,
    schema_hash: &'a str,
    prior_hash: &'a str,
}

impl<'a> RoomView<'a> {
    fn of(entry: &'a RoomEntry) -> Self {
        let live = entry.live.read();
        Self {
            id: &entry.id,
            game: entry.game,
            seats: live.seats,
            players: live.players,
            bots: live.bots,
            clients: live.clients,
            tick: live.tick,
            tick_hz: entry.tick_hz,
            level: entry.level,
            load: live.load,
            finished: live.finished,
            schema_hash: &entry.schema_hash,
            prior_hash: &entry.prior_hash,
        }
    }
}

/// Which rooms to list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoomsQuery {
    game: Option<String>,
}

/// `GET /v1/rooms[?game=]`.
pub(super) async fn rooms(
    State(app): State<Arc<App>>,
    query: Result<Query<RoomsQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(RoomsQuery { game }) = query?;
    let rooms = app.directory.list();
    let views: Vec<RoomView<'_>> = rooms
        .iter()
        .filter(|entry| game.as_deref().is_none_or(|game| game == entry.game))
        .map(|entry| RoomView::of(entry))
        .collect();
    Ok(axum::Json(serde_json::json!({ "rooms": views })).into_response())
}

/// `GET /v1/rooms/{id}`.
pub(super) async fn room(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(id) = path?;
    let entry = app.directory.get(&id).ok_or_else(|| room_not_found(&id))?;
    Ok(axum::Json(RoomView::of(&entry)).into_response())
}

/// `POST /v1/rooms`.
pub(super) async fn create_room(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    ApiJson(spec): ApiJson<RoomSpec>,
) -> Result<Response, ApiError> {
    app.origins.check(&headers)?;
    if !peer.address.to_canonical().is_loopback() {
        let text = "rooms are made from the server's own machine (loopback) only";
        return Err(ApiError::new(StatusCode::FORBIDDEN, "loopback_only", text));
    }
    app.origins.check_local(&headers)?;
    app.per_ip.call(peer.address).map_err(ApiError::too_many_requests)?;
    let entry = app.open_room(spec).await?;
    let location = HeaderValue::from_str(&format!("/v1/rooms/{}", entry.id));
    let mut response = (StatusCode::CREATED, axum::Json(RoomView::of(&entry))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The body of a join.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinBody {
    name: String,
}

/// `POST /v1/rooms/{id}/join`.
pub(super) async fn join(
    State(app): State<Arc<App>>,
    path: Result<Path<String>, PathRejection>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    ApiJson(body): ApiJson<JoinBody>,
) -> Result<Response, ApiError> {
    let Path(id) = path?;
    app.origins.check(&headers)?;
    app.per_ip.call(peer.address).map_err(ApiError::too_many_requests)?;
    if app.is_draining() {
        return Err(ApiError::draining(app.config.shutdown.retry_after_ms));
    }
    let entry = app.directory.get(&id).ok_or_else(|| room_not_found(&id))?;
    let profile = Profile { name: shown_name(&body.name)?, bot: false, team: Team::NONE };
    let place = app.per_ip.reserve(peer.address).map_err(too_many_reservations)?;
    let (reply, answer) = oneshot::channel();
    let letter = Mail::Reserve { room: Arc::clone(&entry), profile, place, reply };
    entry.mailbox.send(letter).map_err(|_| ended(&app))?;
    let limit = Duration::from_millis(SHARD_REPLY_MS);
    let seat = match tokio::time::timeout(limit, answer).await {
        Ok(Ok(Ok(seat))) => seat,
        Ok(Ok(Err(SeatError::Room(ReserveError::Full)))) => {
            let text = format!("every seat of room `{id}` is taken");
            return Err(ApiError::new(StatusCode::CONFLICT, "room_full", text));
        }
        Ok(Ok(Err(SeatError::Room(error @ ReserveError::Finished)))) => {
            return Err(ApiError::new(StatusCode::CONFLICT, "room_finished", error.to_string()));
        }
        Ok(Ok(Err(SeatError::Gone))) => return Err(room_not_found(&id)),
        Ok(Ok(Err(SeatError::Ending)) | Err(_)) | Err(_) => return Err(ended(&app)),
    };
    Ok(axum::Json(serde_json::json!({
        "room": id,
        "player": seat.player,
        "ticket": seat.ticket,
        "expires_ms": seat.expires_us / 1_000,
        "socket": format!("/v1/play/{id}"),
        "schema_hash": entry.schema_hash,
        "prior_hash": entry.prior_hash,
    }))
    .into_response())
}

fn room_not_found(id: &str) -> ApiError {
    let text = format!("no room `{id}`; GET /v1/rooms lists them");
    ApiError::new(StatusCode::NOT_FOUND, "room_not_found", text)
}

fn too_many_reservations(error: PerIpError) -> ApiError {
    let status = StatusCode::TOO_MANY_REQUESTS;
    ApiError::new(status, "too_many_reservations", error.to_string())
        .retry_after_ms(RESERVATION_US / 1_000)
}

fn ended(app: &App) -> ApiError {
    ApiError::draining(app.config.shutdown.retry_after_ms)
}

/// A name without what cannot be seen, or bends the text around it.
fn shown_name(name: &str) -> Result<String, ApiError> {
    let shown: String = name.chars().filter(|&char| is_visible(char)).collect();
    match shown.trim() {
        "" => {
            let text = "`name` must have a visible character";
            Err(ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, "bad_name", text))
        }
        shown => Ok(shown.to_owned()),
    }
}

/// Whether a character of a name shows: neither a control character, nor of no width, nor one that
/// turns the direction of writing.
fn is_visible(char: char) -> bool {
    let hides = matches!(
        char,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    );
    !hides && !char.is_control()
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        let (status, code) = match &error {
            OpenError::UnknownGame { .. } => (StatusCode::NOT_FOUND, "game_not_found"),
            OpenError::Taken(_) => (StatusCode::CONFLICT, "room_exists"),
            OpenError::BadId => (StatusCode::UNPROCESSABLE_ENTITY, "bad_id"),
            OpenError::TooManyBots { .. } => (StatusCode::BAD_REQUEST, "too_many_bots"),
            OpenError::BadLevel { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "bad_level"),
            OpenError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_options"),
            OpenError::Full => (StatusCode::SERVICE_UNAVAILABLE, "server_full"),
            OpenError::NoCapacity(_) => (StatusCode::SERVICE_UNAVAILABLE, "no_capacity"),
            OpenError::Ending => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
            OpenError::Panicked => (StatusCode::INTERNAL_SERVER_ERROR, "game_failed"),
        };
        let answer = Self::new(status, code, error.to_string());
        match error {
            OpenError::NoCapacity(_) => answer.retry_after_ms(NO_CAPACITY_RETRY_MS),
            _ => answer,
        }
    }
}

/// A JSON body within the limits of size and time, whose faults are answered in JSON too.
pub(super) struct ApiJson<T>(T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, ApiError> {
        let limit = Duration::from_millis(app.config.limits.http_body_ms);
        let body = axum::Json::<T>::from_request(request, app);
        let Ok(body) = tokio::time::timeout(limit, body).await else {
            let text = "the body did not come in time";
            return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "body_timeout", text));
        };
        Ok(Self(body?.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_without_what_cannot_be_seen() {
        assert_eq!(shown_name(" Ada\u{7}\n").unwrap(), "Ada");
        assert_eq!(shown_name("\u{0}\t ").unwrap_err().code, "bad_name");
        assert_eq!(shown_name("\u{202e}adA\u{202c} \u{200b}B").unwrap(), "adA B");
        assert_eq!(shown_name("Zoë 日本 🎈").unwrap(), "Zoë 日本 🎈");
        for hidden in ['\u{200b}', '\u{200f}', '\u{2066}', '\u{feff}', '\u{9f}'] {
            assert_eq!(shown_name(&hidden.to_string()).unwrap_err().code, "bad_name");
        }
    }
}
