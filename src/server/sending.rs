//! How a response leaves: whole, cut off or slowly. The only place that sets `Content-Length`.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Response, header};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use http_body_util::{Either, Full};
use tokio_util::sync::CancellationToken;

use crate::body::keeping;
use crate::fault::Sending;
use crate::peer::Busy;

/// The body of an answer: most are whole, and need no stream.
pub(super) type AnswerBody = Either<Full<Bytes>, Body>;

/// The answer to a call, ready to be sent. What is sent slowly keeps `busy`.
pub(super) fn body(
    response: Response<Bytes>,
    sending: Sending,
    shutdown: &CancellationToken,
    busy: Option<Busy>,
) -> Response<AnswerBody> {
    let (mut head, bytes) = response.into_parts();
    let length = bytes.len();
    let body = match sending {
        Sending::Whole => return Response::from_parts(head, whole(bytes)),
        Sending::Truncated(count) => Body::from_stream(truncated(bytes, count)),
        Sending::Dripping(rate) => Body::from_stream(dripping(bytes, rate, shutdown.clone())),
    };
    // A stream does not say how long it is; the head must promise what the service would have sent.
    head.headers.insert(header::CONTENT_LENGTH, length.into());
    Response::from_parts(head, Either::Right(keeping(body, busy)))
}

pub(super) fn whole(bytes: Bytes) -> AnswerBody {
    Either::Left(Full::new(bytes))
}

/// The first bytes, then an error, on which the connection is closed. Between the two the server must get a turn, or it
/// would drop what it has not yet written, head included.
fn truncated(mut bytes: Bytes, count: usize) -> impl Stream<Item = io::Result<Bytes>> {
    bytes.truncate(count);
    let pause = async {
        tokio::task::yield_now().await;
        Ok(Bytes::new())
    };
    let error = async { Err(io::Error::other("broken off by a fault")) };
    stream::once(async { Ok(bytes) }).chain(stream::once(pause)).chain(stream::once(error))
}

/// Byte by byte, or in larger pieces, so that there are at most twenty a second. At shutdown the rest is sent at once.
fn dripping(
    bytes: Bytes,
    per_second: u32,
    shutdown: CancellationToken,
) -> impl Stream<Item = io::Result<Bytes>> {
    let piece = (per_second as usize).div_ceil(20);
    let pause = Duration::from_secs(1) * u32::try_from(piece).unwrap_or(u32::MAX) / per_second;
    stream::unfold((bytes, shutdown), move |(mut rest, shutdown)| async move {
        if rest.is_empty() {
            return None;
        }
        let paused = shutdown.run_until_cancelled(tokio::time::sleep(pause)).await;
        let piece = paused.map_or(rest.len(), |()| piece.min(rest.len()));
        let next = rest.split_to(piece);
        Some((Ok(next), (rest, shutdown)))
    })
}
