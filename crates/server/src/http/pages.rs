//! The pages and their files.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::ApiError;
use crate::app::App;

/// No inline script or style, nothing from elsewhere; sockets go to any host, because a match may move
/// to another server.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'none'";

/// Browsers ask each time and mostly hear 304: a page never runs with another version's modules.
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");

/// `/`: Skirmish.
pub(super) async fn index(
    state: State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(&state, "web/skirmish/index.html", &headers)
}

/// `/viewer`: any game, drawn from its schema.
pub(super) async fn viewer(
    state: State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(&state, "web/dashboard/viewer.html", &headers)
}

/// `/favicon.ico`, which browsers ask for unasked: an icon when there is one, and no error when not.
pub(super) async fn favicon(state: State<Arc<App>>, headers: HeaderMap) -> Response {
    send(&state, "web/favicon.svg", &headers)
        .unwrap_or_else(|_| StatusCode::NO_CONTENT.into_response())
}

/// Files of pages and SDK: their paths are those below `assets/web`.
pub(super) async fn file(
    state: State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path();
    let index = if path.ends_with('/') { "index.html" } else { "" };
    send(&state, &format!("web{path}{index}"), &headers)
}

/// Maps, by the path that `Welcome` names.
pub(super) async fn map(
    state: State<Arc<App>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    send(&state, uri.path().trim_start_matches("/assets/"), &headers)
}

fn send(app: &App, name: &str, headers: &HeaderMap) -> Result<Response, ApiError> {
    let Some(asset) = app.assets.get(name) else {
        let text = format!("no file `{name}`");
        return Err(ApiError::new(StatusCode::NOT_FOUND, "file_not_found", text));
    };
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let is_known = known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == asset.etag || tag.trim() == "*");
    let body = if is_known { axum::body::Body::empty() } else { asset.body.into() };
    let mut response = Response::new(body);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, REVALIDATE);
    if let Ok(etag) = HeaderValue::from_str(&asset.etag) {
        headers.insert(header::ETAG, etag);
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    if asset.content_type.starts_with("text/html") {
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}
