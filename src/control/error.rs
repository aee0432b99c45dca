//! Responses of the control API: JSON with a line end, for people with `curl`, and errors as `{error, message, hint}`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use crate::text::outside;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct ControlError {
    #[serde(skip)]
    status: u16,
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    hint: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) endpoints: Vec<String>,
}

impl ControlError {
    pub(super) fn new(status: u16, error: &'static str, message: impl Into<String>) -> Self {
        let message = outside::line(&message.into(), LONGEST).into_owned();
        Self { status, error, message, hint: String::new(), endpoints: Vec::new() }
    }

    #[must_use]
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

/// Messages repeat what was sent; longer ones are cut.
const LONGEST: usize = 1000;

/// Refuses what a request says: 400, with an error code and a hint for all its mistakes.
pub(super) fn bad(error: &'static str, hint: &'static str) -> impl Fn(String) -> ControlError + Copy {
    move |message| ControlError::new(400, error, message).hint(hint)
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let passes = status == StatusCode::SERVICE_UNAVAILABLE;
        let mut response = (status, Json(self)).into_response();
        if passes {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

pub(super) struct Json<T>(pub(super) T);

pub(super) type Handled<T = Json<Value>> = Result<T, ControlError>;

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut body = serde_json::to_string(&self.0).unwrap_or_default();
        body.push('\n');
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}
