//! Queries of the control API, with refusals in its own words.

use axum::extract::{FromRequestParts, Query as AxumQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::Refusal;

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
