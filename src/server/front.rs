//! The outermost service: routes a request to the control API or to the endpoint. Tests call it without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Version, header};
use bytes::Bytes;
use http_body_util::Either;

use super::endpoint::Endpoint;
use super::proxy::Proxy;
use super::sending::{self, AnswerBody, whole};
use super::tls::Tls;
use crate::body::{self, BodyError, Buffers, Received, RequestBody};
use crate::control::{AccessPolicy, Control};
use crate::domain::{ApiError, Code};
use crate::emulator::{Emulator, Limits};
use crate::fault::Break;
use crate::peer::{Peer, Work};
use crate::protocol::claims;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// Everything behind one address: the control API by its prefix, the endpoint for all the rest.
#[derive(Debug, Clone)]
pub struct Front(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    endpoint: Endpoint,
    control: Control,
    tls: Option<Tls>,
    proxy: Proxy,
    buffers: Buffers,
}

impl Front {
    /// The services of an emulator. Without a `policy`, only the probes of the control API are there; without `tls`, only
    /// plain HTTP is spoken.
    pub fn new(emulator: Arc<Emulator>, policy: Option<AccessPolicy>, tls: Option<Tls>) -> Self {
        let buffers = Buffers::new(emulator.config().limits.buffered_bytes);
        let proxy = Proxy::new(emulator.config());
        let control = Control::new(Arc::clone(&emulator), policy, buffers.clone());
        let endpoint = Endpoint(emulator, control.links().clone());
        Self(Arc::new(Inner { endpoint, control, tls, proxy, buffers }))
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        self.0.tls.as_ref()
    }

    pub(super) fn proxy(&self) -> &Proxy {
        &self.0.proxy
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.0.endpoint
    }

    /// Further names of this emulator.
    pub(super) fn own_names(&self) -> &[String] {
        self.0.control.own_names()
    }

    pub(super) fn emulator(&self) -> &Emulator {
        &self.0.endpoint.0
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.emulator().config().limits
    }

    /// Answers a request, or returns how its connection breaks: the owner of the socket breaks it.
    pub async fn answer<B: RequestBody>(
        &self,
        request: Request<B>,
        peer: &Peer,
    ) -> Result<Response<AnswerBody>, Break> {
        let Inner { endpoint, control, .. } = &*self.0;
        let named = check_host(&request);
        if control.answers(request.uri().path()) {
            // On the heap, here and below, so that all other calls have a small future.
            let answer = match named {
                Ok(()) => Box::pin(control.answer(request.map(Body::new), peer)).await,
                Err(message) => Control::refuse(message),
            };
            return Ok(answer.map(Either::Right));
        }
        if let Some(answer) = endpoint.answer_page(&request, control.own_names()) {
            return Ok(answer.map(whole));
        }
        if let Some(page) = control.home(&request) {
            return Ok(page.map(whole));
        }
        let keeps_alive = request.version() == Version::HTTP_11 && !says_close(request.headers());
        let (head, body) = request.into_parts();
        let read = match named {
            // Most calls carry everything in their query.
            Ok(()) if body.is_end_stream() => Ok(Received::default()),
            Ok(()) => Box::pin(self.receive(body)).await,
            Err(message) => Err(ApiError::with_message(Code::MALFORMED, message)),
        };
        let (Received { bytes, taken: _taken }, read) = match read {
            Ok(received) => (received, Ok(())),
            Err(error) => (Received::default(), Err(error)),
        };
        let was_read = read.is_ok();
        let busy = peer.begin(Work::Long).ok();
        let ready = match &busy {
            Some(_) => read,
            None => read.and(Err(unavailable("--max-connections calls are being handled"))),
        };
        let is_unavailable =
            busy.is_none() || ready.as_ref().is_err_and(|error| error.code == Code::UNAVAILABLE.name);
        let request = Request::from_parts(head, bytes);
        let (mut response, sending) = endpoint.answer(&request, ready, peer).await?;
        if keeps_alive && was_read {
            self.announce_keep_alive(&mut response);
        }
        if is_unavailable {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Ok(sending::body(response, sending, self.emulator().shutdown(), busy))
    }

    async fn receive<B: RequestBody>(&self, body: B) -> Result<Received, ApiError> {
        let limits = self.limits();
        let received = body::read(body, limits.body_bytes, limits.receive, &self.0.buffers).await;
        received.map_err(|error| match error {
            BodyError::TooLarge => ApiError::with_message(
                Code::TOO_LARGE,
                format!("The body is larger than {} bytes; --max-body raises the limit.", limits.body_bytes),
            ),
            BodyError::NoMemory => unavailable("bodies take as much memory as --max-buffered allows"),
            BodyError::Malformed => Code::MALFORMED.into(),
            BodyError::Timeout => Code::REQUEST_TIMEOUT.into(),
        })
    }

    /// Adds the headers of real responses (spec/protocol.md §3.1), which hyper does not, unless the connection ends with
    /// this response: because the request's body was left unread, or during shutdown.
    fn announce_keep_alive(&self, response: &mut Response<Bytes>) {
        const DEFAULT: Duration = Duration::from_secs(25);
        if self.emulator().shutdown().is_cancelled() {
            return;
        }
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
        // An idle connection is closed when no request arrives in time: do not promise more.
        if self.limits().receive > DEFAULT {
            headers.insert(KEEP_ALIVE, HeaderValue::from_static("timeout=25"));
        }
    }
}

/// Whether the client closes the connection after the response.
fn says_close(headers: &HeaderMap) -> bool {
    let value = claims::text(headers, header::CONNECTION).unwrap_or_default();
    value.as_bytes().windows(5).any(|word| word.eq_ignore_ascii_case(b"close"))
}

/// Refuses requests whose host is not clear (RFC 9112 §3.2): one server must not understand them otherwise than the next.
fn check_host<B>(request: &Request<B>) -> Result<(), &'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => Ok(()),
        (None, _) if request.version() != Version::HTTP_11 => Ok(()),
        (None, _) => Err("The request has no Host header; HTTP/1.1 wants one."),
        (Some(_), Some(_)) => Err("The request has more than one Host header."),
    }
}

fn unavailable(why: &str) -> ApiError {
    ApiError::with_message(Code::UNAVAILABLE, format!("{} ({why})", Code::UNAVAILABLE.message))
}
