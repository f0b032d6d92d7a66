//! The control plane's HTTP side: connections, routes, errors, pages, the way to a match socket.

mod accept;
mod api;
mod error;
mod line;
mod origin;
mod pages;
mod play;
mod upgrade_check;

pub(crate) use accept::{ACCEPT_RETRY, bind, serve, serve_requests};
pub(crate) use error::ApiError;
pub(crate) use line::Line;
pub(crate) use origin::Origins;
pub(crate) use play::{switch, take_socket};
pub(crate) use upgrade_check::check;

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get};

use crate::app::App;
use crate::per_ip::Permit;

/// Who is at the other end of the connection that a request came on.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) permit: Arc<Permit>,
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let body_bytes = app.config.limits.http_body_bytes as usize;
    Router::new()
        .route("/v1/games", get(api::games))
        .route("/v1/schemas/{hash}", get(api::schema))
        .route("/v1/priors/{hash}", get(api::prior))
        .route("/v1/rooms", get(api::rooms).post(api::create_room))
        .route("/v1/rooms/{id}", get(api::room))
        .route("/v1/rooms/{id}/join", axum::routing::post(api::join))
        .route("/v1/play/{id}", any(play::play))
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .route("/", get(pages::index))
        .route("/skirmish", get(async || Redirect::to("/")))
        .route("/skirmish/", get(async || Redirect::to("/")))
        .route("/viewer", get(pages::viewer))
        .route("/favicon.ico", get(pages::favicon))
        .route("/skirmish/{*path}", get(pages::file))
        .route("/dashboard/{*path}", get(pages::file))
        .route("/sdk/{*path}", get(pages::file))
        .route("/assets/maps/{*path}", get(pages::map))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(axum::middleware::from_fn_with_state(Arc::clone(&app), origin::cross_origin))
        .layer(DefaultBodyLimit::max(body_bytes))
        .with_state(app)
}

/// Whether new players are welcome here.
async fn readyz(State(app): State<Arc<App>>) -> Result<&'static str, ApiError> {
    match app.is_draining() {
        false => Ok("ready\n"),
        true => Err(ApiError::draining(app.config.shutdown.retry_after_ms)),
    }
}

async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.to_text(&app.directory.list()),
    )
}

async fn not_found(uri: Uri) -> ApiError {
    let text = format!("nothing at `{}`; the API is below /v1", uri.path());
    ApiError::new(StatusCode::NOT_FOUND, "not_found", text)
}

async fn method_not_allowed(method: Method, uri: Uri) -> ApiError {
    let text = format!("`{}` does not take {method}", uri.path());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
}
