//! The front door: the outermost service, with the panic guard. The tests call it without a socket.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Version, header};
use bytes::Bytes;
use futures_util::FutureExt;
use tower::{Service, ServiceExt};

use super::endpoint::Endpoint;
use crate::control::{self, Control};
use crate::domain::Code;
use crate::gateway::{Gateway, Ids};
use crate::protocol::{self, Envelope, Format};

/// Everything behind one address: the control API and the endpoint.
#[derive(Debug, Clone)]
pub struct Front {
    router: Router,
    gateway: Arc<Gateway>,
}

impl Front {
    /// The ordered whole: guard, ids, then control by its prefix, then the endpoint for all the rest.
    pub fn new(endpoint: Endpoint, control: Arc<Control>) -> Self {
        let gateway = Arc::clone(&endpoint.gateway);
        let calls = tower::service_fn(move |request: Request<Body>| {
            let endpoint = endpoint.clone();
            async move {
                let ids =
                    request.extensions().get::<Ids>().copied().unwrap_or_else(|| endpoint.gateway.ids());
                Ok::<_, Infallible>(endpoint.answer(request, ids).await)
            }
        });
        let router = control::router(control).fallback_service(calls);
        Self { router, gateway }
    }
}

impl Service<Request<Body>> for Front {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let keeps_alive = keeps_alive(&request);
        let is_control = control::owns(request.uri().path());
        let ids = (!is_control).then(|| self.gateway.ids());
        if let Some(ids) = ids {
            request.extensions_mut().insert(ids);
        }
        let router = self.router.clone();
        Box::pin(async move {
            let answer = AssertUnwindSafe(router.oneshot(request)).catch_unwind().await;
            let mut response = match answer {
                Ok(Ok(response)) => response,
                Err(_) => after_panic(ids),
            };
            if keeps_alive && !is_control {
                // As real answers have it (spec/protocol.md §3.1). hyper adds neither by itself.
                let headers = response.headers_mut();
                headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
                headers.insert("keep-alive", HeaderValue::from_static("timeout=25"));
            }
            Ok(response)
        })
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
fn after_panic(ids: Option<Ids>) -> Response<Body> {
    let Some(ids) = ids else {
        return axum::response::IntoResponse::into_response(control::Refusal::new(
            500,
            "panic",
            "this is a bug",
        ));
    };
    tracing::error!("a bug: the call {} panicked; please report it", ids.request);
    let envelope =
        Envelope { request_id: ids.request, trace_id: ids.trace, action: "", host: "", format: Format::Json };
    let response: Response<Bytes> = protocol::encode(&envelope, &Err(Code::INTERNAL.into()));
    response.map(Body::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::{ClockStart, GatewayClock};
    use crate::domain::{Limits, World};
    use crate::gateway::{Setup, SignatureMode};

    #[tokio::test]
    async fn a_panic_is_answered_with_its_request_id() {
        let setup = Setup {
            world: World::default(),
            seed: 1,
            clock: ClockStart::default(),
            gateway_clock: GatewayClock::default(),
            signatures: SignatureMode::Verify,
            limits: Limits::default(),
        };
        let gateway = Arc::new(Gateway::new(setup).unwrap());
        let bug = axum::routing::get(|| async { panic!("boom") as &str });
        let mut front = Front { router: Router::new().route("/", bug), gateway };
        let answer = front.call(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), 500);
        let id = answer.headers()["x-acs-request-id"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (body["Code"].as_str(), body["RequestId"].as_str()),
            (Some("InternalError"), Some(id.as_str()))
        );
    }
}
