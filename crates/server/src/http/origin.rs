//! Which pages may use the server: its own and those of the sites in `origins`.
//!
//! Native clients send no `Origin` and are not concerned. Browsers always send it with a WebSocket and
//! with every request that changes something, and a page cannot forge it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::ApiError;
use crate::app::App;

/// The sites that may use the server beside its own pages.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    sites: Vec<String>,
    /// Whether the server's own pages come over TLS for certain, because there is nothing else here.
    secure: bool,
}

impl Origins {
    pub(crate) fn new(sites: &[String], secure: bool) -> Self {
        let normal = |site: &String| site.trim_end_matches('/').to_ascii_lowercase();
        Self { sites: sites.iter().map(normal).collect(), secure }
    }

    /// Whether a request with these headers may do more than look.
    ///
    /// # Errors
    /// 403 for a page of another site, 400 for one of several.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(origin) = origin_of(headers)? else { return Ok(()) };
        if self.is_same_host(&origin, headers) || self.sites.contains(&origin) {
            return Ok(());
        }
        let text =
            format!("pages of `{origin}` may not play here; the setting `origins` allows them");
        Err(ApiError::new(StatusCode::FORBIDDEN, "origin_not_allowed", text))
    }

    /// Whether a page's request may use what only the server's own machine may: a foreign name that
    /// was made to point at loopback is not this machine's.
    ///
    /// # Errors
    /// 403 for a page under another name, 400 for one of several.
    pub(crate) fn check_local(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(origin) = origin_of(headers)? else { return Ok(()) };
        if self.sites.contains(&origin) || is_loopback(&origin) {
            return Ok(());
        }
        let text = format!("pages of `{origin}` may not do this; those of `localhost` may");
        Err(ApiError::new(StatusCode::FORBIDDEN, "origin_not_allowed", text))
    }

    /// Whether the page came from the host that the request goes to. Without TLS the scheme does not count:
    /// behind a proxy that ends TLS, the page's is `https` and ours is not. With TLS, a page that came
    /// without may have been changed on its way.
    fn is_same_host(&self, origin: &str, headers: &HeaderMap) -> bool {
        let Some((scheme, authority)) = origin.split_once("://") else { return false };
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let is_same = |host: &str| {
            // Browsers leave a scheme's own port out, other clients need not.
            let short = self.secure.then(|| host.strip_suffix(":443")).flatten();
            short.unwrap_or(host).eq_ignore_ascii_case(authority)
        };
        (!self.secure || scheme == "https") && host.is_some_and(is_same)
    }

    /// The value for `Access-Control-Allow-Origin`, when the request's site is on the list.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(header::ORIGIN)?;
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        self.sites.contains(&text).then(|| origin.clone())
    }
}

/// The site of the page that sends a request, if it is a page's.
fn origin_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let first = origins.next();
    if origins.next().is_some() {
        let text = "`origin` came more than once";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "repeated_header", text));
    }
    Ok(first.map(|origin| origin.to_str().unwrap_or_default().to_ascii_lowercase()))
}

/// Whether an origin is a page of this machine: `localhost`, or a loopback address.
fn is_loopback(origin: &str) -> bool {
    let Some((_, authority)) = origin.split_once("://") else { return false };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Lets pages of allowed sites read the answers (CORS). Nobody honest comes from two.
pub(super) async fn cross_origin(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    if let Err(error) = origin_of(request.headers()) {
        return error.into_response();
    }
    let Some(allowed) = app.origins.allowed(request.headers()) else {
        return next.run(request).await;
    };
    let mut response = if request.method() == Method::OPTIONS {
        let headers = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, headers).into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for origin in ["http://localhost:7777", "http://127.0.0.1", "http://[::1]:80"] {
            assert!(is_loopback(origin), "{origin}");
        }
        for origin in
            ["http://evil.example", "http://localhost.evil.example:1", "null", "http://10.0.0.1"]
        {
            assert!(!is_loopback(origin), "{origin}");
        }
    }

    fn headers(origin: &str, host: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, HeaderValue::from_str(origin).unwrap());
        headers.insert(header::HOST, HeaderValue::from_str(host).unwrap());
        headers
    }

    #[test]
    fn with_tls_a_page_that_came_without_is_another_sites() {
        let origins = Origins::new(&["http://studio.example".into()], true);
        let allowed = |origin, host| origins.check(&headers(origin, host)).is_ok();
        assert!(allowed("https://play.example", "play.example"));
        assert!(allowed("https://play.example", "Play.example:443"));
        assert!(allowed("https://127.0.0.1:7777", "127.0.0.1:7777"));
        assert!(allowed("http://studio.example", "play.example"), "on the list");
        assert!(!allowed("http://play.example", "play.example"));
        assert!(!allowed("https://play.example:8443", "play.example:443"));
        assert!(!allowed("https://evil.example", "play.example"));
    }

    #[test]
    fn own_pages_and_listed_sites_only() {
        let origins = Origins::new(&["https://Game.example/".into()], false);
        let allowed = |origin, host| origins.check(&headers(origin, host)).is_ok();
        assert!(allowed("http://127.0.0.1:7777", "127.0.0.1:7777"));
        assert!(allowed("https://play.example", "play.example"), "TLS ended by a proxy");
        assert!(allowed("https://game.example", "play.example"));
        assert!(!allowed("https://evil.example", "play.example"));
        assert!(!allowed("https://play.example.evil.example", "play.example"));
        assert!(!allowed("http://127.0.0.1:8000", "127.0.0.1:7777"), "another port");
        assert!(!allowed("null", "play.example"), "a sandboxed frame");
        assert!(origins.check(&HeaderMap::new()).is_ok(), "no browser");
        let mut two = headers("https://game.example", "play.example");
        two.append(header::ORIGIN, HeaderValue::from_static("https://game.example"));
        for refused in [origins.check(&two), origins.check_local(&two)] {
            assert_eq!(refused.unwrap_err().code, "repeated_header");
        }
    }
}
