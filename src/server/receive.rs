//! Takes the body of a request in, within its bounds, before anybody looks at it.

use std::error::Error;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::limits::Limits;
use crate::domain::{ApiError, Code};

/// The whole body, or why not; a snapshot may be larger than the body of a call.
pub(super) async fn receive(body: Body, limits: &Limits, is_snapshot: bool) -> Result<Bytes, ApiError> {
    // Most calls carry everything in their query: they need no timer.
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let (most, flag) = limits.body(is_snapshot);
    let whole = Limited::new(body, most).collect();
    match tokio::time::timeout(limits.receive, whole).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if is_too_long(error.as_ref()) => Err(ApiError::with_message(
            Code::TOO_LARGE,
            format!("The body is larger than {most} bytes; {flag} raises the limit."),
        )),
        // The client went away or sent a body that is none; nobody will read this.
        Ok(Err(_)) => Err(Code::MALFORMED.into()),
        Err(_) => Err(Code::REQUEST_TIMEOUT.into()),
    }
}

fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}
