//! Our own check of a WebSocket request, before any 101: the library that answers it would also upgrade
//! a POST, an HTTP/1.0 request, or one without `Upgrade` and `Connection`.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tickwire_wire::message::SUBPROTOCOL;

use super::{ApiError, Origins};

/// Bytes of the client's nonce.
const KEY_BYTES: usize = 16;

/// What the answer has to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// Whether the client offered our subprotocol, which is then echoed.
    pub(crate) subprotocol: bool,
}

/// Holds a request against RFC 6455 section 4.2.1 and our origin list.
///
/// # Errors
/// The 4xx that says what is wrong with it.
pub(crate) fn check(parts: &Parts, origins: &Origins) -> Result<Accepted, ApiError> {
    if parts.method != Method::GET {
        let text = "a WebSocket is opened with GET";
        return Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", text)
            .with_header(header::ALLOW, HeaderValue::from_static("GET")));
    }
    if parts.version != Version::HTTP_11 {
        return Err(bad("http_version", "a WebSocket is opened with HTTP/1.1"));
    }
    let headers = &parts.headers;
    if single(headers, header::HOST)?.is_none() {
        return Err(bad("host_missing", "the request has no Host"));
    }
    if has_body(headers) {
        return Err(bad("unexpected_body", "a WebSocket request has no body"));
    }
    if !has_token(headers, header::UPGRADE, "websocket") {
        let text = "this address speaks WebSocket: send `Upgrade: websocket`";
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, "upgrade_required", text)
            .with_header(header::UPGRADE, HeaderValue::from_static("websocket"))
            .with_header(header::CONNECTION, HeaderValue::from_static("upgrade")));
    }
    if !has_token(headers, header::CONNECTION, "upgrade") {
        return Err(bad("connection_header", "send `Connection: Upgrade`"));
    }
    if single(headers, header::SEC_WEBSOCKET_VERSION)? != Some("13") {
        let text = "WebSocket version 13 is spoken here";
        return Err(ApiError::new(StatusCode::UPGRADE_REQUIRED, "websocket_version", text)
            .with_header(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13")));
    }
    let key = single(headers, header::SEC_WEBSOCKET_KEY)?;
    let nonce = key.and_then(|key| STANDARD.decode(key).ok());
    if nonce.is_none_or(|nonce| nonce.len() != KEY_BYTES) {
        return Err(bad("websocket_key", "Sec-WebSocket-Key must be 16 bytes in base64"));
    }
    origins.check(headers)?;
    Ok(Accepted { subprotocol: check_subprotocol(headers)? })
}

/// Whether our subprotocol was offered; none at all is fine too.
fn check_subprotocol(headers: &HeaderMap) -> Result<bool, ApiError> {
    if !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL) {
        return Ok(false);
    }
    if tokens(headers, header::SEC_WEBSOCKET_PROTOCOL).any(|token| token == SUBPROTOCOL) {
        return Ok(true);
    }
    let text = format!("the subprotocol here is `{SUBPROTOCOL}`");
    Err(ApiError::new(StatusCode::BAD_REQUEST, "subprotocol", text))
}

fn bad(code: &'static str, text: &str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, text)
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length != "0") || headers.contains_key(header::TRANSFER_ENCODING)
}

/// The value of a header that may come only once.
fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, ApiError> {
    let mut values = headers.get_all(&name).iter();
    let first = values.next();
    if values.next().is_some() {
        let text = format!("`{name}` came more than once");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "repeated_header", text));
    }
    Ok(first.and_then(|value| value.to_str().ok()).map(str::trim))
}

fn has_token(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|one| one.eq_ignore_ascii_case(token))
}

/// The items of a header that is a comma-separated list.
fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn request(change: impl FnOnce(&mut Parts)) -> Result<Accepted, (u16, &'static str)> {
        let request = Request::builder()
            .uri("/v1/play/x")
            .header("host", "play.example")
            .header("upgrade", "h2c, WebSocket")
            .header("connection", "keep-alive, Upgrade")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())
            .unwrap();
        let (mut parts, ()) = request.into_parts();
        change(&mut parts);
        check(&parts, &Origins::default()).map_err(|error| (error.status.as_u16(), error.code))
    }

    fn with(name: &'static str, value: &'static str) -> Result<Accepted, (u16, &'static str)> {
        request(|parts| {
            parts.headers.insert(name, HeaderValue::from_static(value));
        })
    }

    fn without(name: &'static str) -> Result<Accepted, (u16, &'static str)> {
        request(|parts| {
            parts.headers.remove(name);
        })
    }

    #[test]
    fn a_right_request_passes_with_or_without_our_subprotocol() {
        assert_eq!(request(|_| ()), Ok(Accepted { subprotocol: false }));
        let ours = with("sec-websocket-protocol", "other, tickwire.1");
        assert_eq!(ours, Ok(Accepted { subprotocol: true }));
        assert!(with("origin", "https://play.example").is_ok());
        assert!(with("content-length", "0").is_ok());
    }

    #[test]
    fn each_fault_has_its_own_answer() {
        let cases = [
            (request(|parts| parts.method = Method::POST), 405, "method_not_allowed"),
            (request(|parts| parts.method = Method::HEAD), 405, "method_not_allowed"),
            (request(|parts| parts.version = Version::HTTP_10), 400, "http_version"),
            (without("host"), 400, "host_missing"),
            (with("content-length", "5"), 400, "unexpected_body"),
            (with("transfer-encoding", "chunked"), 400, "unexpected_body"),
            (without("upgrade"), 426, "upgrade_required"),
            (with("upgrade", "h2c"), 426, "upgrade_required"),
            (without("connection"), 400, "connection_header"),
            (with("connection", "close"), 400, "connection_header"),
            (without("sec-websocket-version"), 426, "websocket_version"),
            (with("sec-websocket-version", "8"), 426, "websocket_version"),
            (without("sec-websocket-key"), 400, "websocket_key"),
            (with("sec-websocket-key", "c2hvcnQ="), 400, "websocket_key"),
            (with("sec-websocket-key", "not base64 at all!!!!!!!"), 400, "websocket_key"),
            (with("origin", "https://evil.example"), 403, "origin_not_allowed"),
            (with("sec-websocket-protocol", "tickwire.2"), 400, "subprotocol"),
        ];
        for (result, status, code) in cases {
            assert_eq!(result, Err((status, code)));
        }
        let twice = request(|parts| {
            let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
            parts.headers.append("sec-websocket-key", key);
        });
        assert_eq!(twice, Err((400, "repeated_header")));
        let hosts = request(|parts| {
            parts.headers.append("host", HeaderValue::from_static("other.example"));
        });
        assert_eq!(hosts, Err((400, "repeated_header")));
    }
}
