//! The front door: the outermost service, with the panic guard. The tests call it without a socket.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, StatusCode, Version, header};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::{Service, ServiceExt};

use super::endpoint::Endpoint;
use super::limits::Limits;
use super::receive::receive;
use super::sending;
use super::tls::Tls;
use crate::control::{self, Control};
use crate::domain::ApiError;
use crate::fault::{Break, Decision, Sending};

/// Everything behind one address: the control API by its prefix, the endpoint for all the rest.
#[derive(Debug, Clone)]
pub struct Front(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    control: Arc<Control>,
    router: Router,
    limits: Limits,
    tls: Option<Tls>,
}

impl Front {
    /// A front door that takes in no more than `limits` say, and speaks TLS too if there is a certificate to show.
    pub fn new(endpoint: Endpoint, control: Arc<Control>, limits: Limits, tls: Option<Tls>) -> Self {
        let router = control::router(Arc::clone(&control));
        Self(Arc::new(Inner { endpoint, control, router, limits, tls }))
    }

    /// What clients are shown that speak TLS.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.0.tls.as_ref()
    }

    /// What goes wrong with a handshake.
    pub(super) fn judge_handshake(&self) -> Decision {
        self.0.endpoint.judge_handshake()
    }
}

/// Instead of an answer: the connection breaks. Whoever owns it does so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fault breaks the connection: {}", .0.as_str())]
pub struct Broken(pub Break);

impl Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Broken>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move { inner.answer(request).await })
    }
}

impl Inner {
    /// In order: the body, then whoever the path belongs to, then what the connection needs to know.
    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Broken> {
        let keeps_alive = keeps_alive(&request);
        let (head, body) = request.into_parts();
        let (body, received) = match receive(body, &self.limits, self.control.takes_snapshot(&head)).await {
            Ok(body) => (body, Ok(())),
            Err(error) => (Bytes::new(), Err(error)),
        };
        let request = Request::from_parts(head, body);
        if self.control.answers(request.uri().path()) {
            return Ok(self.control(request, received).await);
        }
        let ids = self.endpoint.gateway.ids();
        let answer = self.endpoint.answer(&request, received, ids);
        let (mut response, sending) = guarded(answer, || self.endpoint.bug(&request, ids)).await?;
        if keeps_alive && self.will_keep_alive(response.status()) {
            self.announce_keep_alive(&mut response);
        }
        Ok(sending::body(response, sending, &self.endpoint.stop))
    }

    async fn control(&self, request: Request<Bytes>, received: Result<(), ApiError>) -> Response<Body> {
        use axum::response::IntoResponse;
        if let Err(error) = received {
            return control::Refusal::new(error.status, "body", error.message).into_response();
        }
        let answer =
            AssertUnwindSafe(self.router.clone().oneshot(request.map(Body::from))).catch_unwind().await;
        match answer {
            Ok(Ok(response)) => response,
            Err(_) => control::Refusal::new(500, "panic", "this is a bug; please report it").into_response(),
        }
    }

    /// Whether the connection outlives this answer: not if the body was left unread, nor while stopping.
    fn will_keep_alive(&self, status: StatusCode) -> bool {
        let was_read = !matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT);
        was_read && !self.control.stop.is_ordered()
    }

    /// As real answers have it (spec/protocol.md §3.1); hyper adds neither header by itself.
    fn announce_keep_alive(&self, response: &mut Response<Bytes>) {
        const USUAL: Duration = Duration::from_secs(25);
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
        // An idle connection is closed when no request arrives in time: do not promise more.
        if self.limits.receive > USUAL {
            headers.insert("keep-alive", HeaderValue::from_static("timeout=25"));
        }
    }
}

/// Whether the connection stays open after the answer.
fn keeps_alive(request: &Request<Body>) -> bool {
    let closes = request
        .headers()
        .get(header::CONNECTION)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().contains("close"));
    request.version() == Version::HTTP_11 && !closes
}

/// A bug must not cost a client more than one call: it is answered, with the id to look for in the log.
async fn guarded(
    answer: impl Future<Output = Result<(Response<Bytes>, Sending), Broken>>,
    bug: impl FnOnce() -> Response<Bytes>,
) -> Result<(Response<Bytes>, Sending), Broken> {
    AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(|_| Ok((bug(), Sending::Whole)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assembly::{Assembly, Blueprint};
    use crate::scenario::load;

    #[tokio::test]
    async fn a_panic_is_answered_with_an_id_to_look_for() {
        let emulator = Assembly::new(Blueprint::new(load::find("default").unwrap())).unwrap();
        let (endpoint, ids) = (&emulator.front.0.endpoint, emulator.gateway.ids());
        let bug = || endpoint.bug(&Request::new(Bytes::new()), ids);
        let (answer, _) = guarded(async { panic!("boom") }, bug).await.unwrap();
        assert_eq!(answer.status(), 500);
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(body["Code"], "InternalError");
        assert_eq!(body["RequestId"], ids.request.to_string());
        assert_eq!(emulator.journal.find(ids.request).unwrap().code(), "InternalError");
    }
}
