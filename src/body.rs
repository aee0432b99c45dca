//! Reads the body of a request with limits on its size and on the time it takes.

use std::error::Error;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    TooLarge,
    /// It is not what its framing says, or the client closed the connection.
    Malformed,
    Timeout,
}

pub(crate) async fn read(body: Body, limit: usize, timeout: Duration) -> Result<Bytes, BodyError> {
    // Most calls carry everything in their query: they need no timer.
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // A declared length beyond the limit is refused before anything is read.
    if usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX) > limit {
        return Err(BodyError::TooLarge);
    }
    match tokio::time::timeout(timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_too_long(error.as_ref()) => Err(BodyError::TooLarge),
        Ok(Err(_)) => Err(BodyError::Malformed),
        Err(_) => Err(BodyError::Timeout),
    }
}

fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}
