//! The outermost service: routes a request to the control API or to the endpoint. Tests call it without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Request, Response, Version, header};
use bytes::Bytes;

use super::endpoint::Endpoint;
use super::sending;
use super::tls::Tls;
use crate::body::{self, BodyError};
use crate::control::{AccessPolicy, Control};
use crate::domain::{ApiError, Code};
use crate::emulator::{Emulator, Limits};
use crate::fault::Break;
use crate::protocol::claims;

/// Everything behind one address: the control API by its prefix, the endpoint for all the rest.
#[derive(Debug, Clone)]
pub struct Front(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    control: Control,
    tls: Option<Tls>,
}

impl Front {
    /// The services of an emulator. Without a `policy`, only the probes of the control API are there; without `tls`, only
    /// plain HTTP is spoken.
    pub fn new(emulator: Arc<Emulator>, policy: Option<AccessPolicy>, tls: Option<Tls>) -> Self {
        let control = Control::new(Arc::clone(&emulator), policy);
        let endpoint = Endpoint(emulator, control.links().clone());
        Self(Arc::new(Inner { endpoint, control, tls }))
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        self.0.tls.as_ref()
    }

    pub(super) fn emulator(&self) -> &Emulator {
        &self.0.endpoint.0
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.emulator().config().limits
    }

    /// Answers a request, or returns how its connection breaks: the owner of the socket breaks it.
    pub async fn answer(&self, request: Request<Body>) -> Result<Response<Body>, Break> {
        let Inner { endpoint, control, .. } = &*self.0;
        if control.answers(request.uri().path()) {
            return Ok(control.answer(request).await);
        }
        if let Some(answer) = endpoint.answer_page(&request, control.own_names()) {
            return Ok(answer.map(Body::from));
        }
        let closes = claims::text(request.headers(), "connection")
            .is_some_and(|value| value.to_ascii_lowercase().contains("close"));
        let keeps_alive = request.version() == Version::HTTP_11 && !closes;
        let (head, body) = request.into_parts();
        let limits = self.limits();
        let (body, received) = match body::read(body, limits.body_bytes, limits.receive).await {
            Ok(body) => (body, Ok(())),
            Err(error) => (Bytes::new(), Err(refused(error, limits))),
        };
        let request = Request::from_parts(head, body);
        let (mut response, sending) = endpoint.answer(&request, received).await?;
        if keeps_alive {
            self.announce_keep_alive(&mut response);
        }
        Ok(sending::body(response, sending, self.emulator().shutdown()))
    }

    /// Adds the headers of real responses (spec/protocol.md §3.1), which hyper does not, unless the connection ends with
    /// this response: because the request's body was left unread, or during shutdown.
    fn announce_keep_alive(&self, response: &mut Response<Bytes>) {
        const DEFAULT: Duration = Duration::from_secs(25);
        let unread = matches!(response.status().as_u16(), 408 | 413);
        if unread || self.emulator().shutdown().is_cancelled() {
            return;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
        // An idle connection is closed when no request arrives in time: do not promise more.
        if self.limits().receive > DEFAULT {
            headers.insert("keep-alive", HeaderValue::from_static("timeout=25"));
        }
    }
}

fn refused(error: BodyError, limits: &Limits) -> ApiError {
    match error {
        BodyError::TooLarge => ApiError::with_message(
            Code::TOO_LARGE,
            format!("The body is larger than {} bytes; --max-body raises the limit.", limits.body_bytes),
        ),
        BodyError::Malformed => Code::MALFORMED.into(),
        BodyError::Timeout => Code::REQUEST_TIMEOUT.into(),
    }
}
