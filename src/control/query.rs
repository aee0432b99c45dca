//! Queries and bodies of the control API, with refusals in its own words.

use axum::extract::{FromRequestParts, Query as AxumQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Refusal;
use crate::scenario::{LoadError, load};

/// What a body says, with errors as scenarios have them: `body:1:10: …`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    load::body(text(body)?).map_err(|error| error.to_string())
}

/// What the members of a query say, with errors as scenarios have them, but for the place.
pub(super) fn read_members<T: DeserializeOwned>(members: &Value) -> Result<T, String> {
    load::body(&members.to_string()).map_err(|error| match error {
        LoadError::Wrong { message, .. } | LoadError::Unreadable { message, .. } => message,
    })
}

/// A body as text.
pub(super) fn text(body: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(body)
        .map_err(|error| format!("body: not UTF-8 text from byte {} on", error.valid_up_to() + 1))
}

/// No query: what takes none must not pass over what somebody meant by one.
pub(super) struct Plain;

impl<S: Sync> FromRequestParts<S> for Plain {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match parts.uri.query().unwrap_or_default() {
            "" => Ok(Self),
            query => Err(Refusal::new(
                400,
                "bad_query",
                format!("{} {} takes no ?{query}", parts.method, parts.uri.path()),
            )
            .hint("GET /_emulator/ lists the endpoints and what they take")),
        }
    }
}

/// The query string as `T`; an unknown or malformed member is a refusal.
pub(super) struct Query<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        match AxumQuery::try_from_uri(&parts.uri) {
            Ok(AxumQuery(query)) => Ok(Self(query)),
            Err(error) => Err(Refusal::new(400, "bad_query", error.body_text())
                .hint("GET /_emulator/ lists the endpoints and what they take")),
        }
    }
}
