//! Errors as every client sees them: a status and `{"error": {"code", "message"}}`.

use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// An answer that says why not.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    /// For programs.
    pub(crate) code: &'static str,
    /// For people: what is wrong and what to do.
    pub(crate) message: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new() }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says when to try again.
    pub(crate) fn retry_after_ms(self, after_ms: u64) -> Self {
        self.with_header(header::RETRY_AFTER, HeaderValue::from(after_ms.div_ceil(1_000).max(1)))
    }

    pub(crate) fn draining(retry_after_ms: u64) -> Self {
        let text = "the server is ending; try again shortly";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "draining", text).retry_after_ms(retry_after_ms)
    }

    pub(crate) fn too_many_requests(wait_s: f64) -> Self {
        let text = "too many requests from your address";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", text)
            .retry_after_ms((wait_s * 1_000.0) as u64)
    }

    /// The body.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": { "code": self.code, "message": self.message } })
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.to_json())).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "body_too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
            StatusCode::UNPROCESSABLE_ENTITY => "bad_body",
            _ => "bad_json",
        };
        Self::new(rejection.status(), code, rejection.body_text())
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "bad_path", rejection.body_text())
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "bad_query", rejection.body_text())
    }
}
