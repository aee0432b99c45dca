//! Decides on requests that name another host than their connection leads to: serves, tunnels, or refuses and records.
//!
//! Nothing is ever forwarded: no code here opens a connection. A call to a host that is not served is an escaped call.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use bytes::Bytes;
use hyper::body::Body;
use hyper::ext::ReasonPhrase;

use super::front::Front;
use super::proxy::ProxyTarget;
use super::sending::{AnswerBody, whole};
use super::tls::{Certificates, MayShow};
use crate::domain::ApiError;
use crate::emulator::ESCAPED_CALL;
use crate::origin;
use crate::peer::Peer;
use crate::protocol::claims::claimed_key;

const NOT_A_PROXY: &str = "NotAProxy";
const BAD_HOST: &str = "InvalidHost";
const BAD_TUNNEL: &str = "InvalidConnect";

/// What becomes of a request that names another host than its connection leads to.
pub(super) enum Admission {
    /// It is answered like any other.
    Serve,
    /// The connection becomes a tunnel to this host, which the emulator plays.
    Tunnel(ProxyTarget),
    Refuse(Box<Response<AnswerBody>>),
}

/// How a request has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Through<'t> {
    Port,
    /// The same over TLS: tunnels are not made there.
    SecurePort,
    Tunnel(&'t ProxyTarget),
}

impl Front {
    /// The certificates of the port for a client that has reached this address of it; `may_show` says which others it may ask for.
    pub(super) fn certificates_of_port<'c>(
        &'c self,
        may_show: &'c MayShow<'c>,
        address: &'c str,
    ) -> Certificates<'c> {
        match (self.tls(), self.proxy().certificates_of_port()) {
            (Some(tls), _) => Certificates::Port(tls),
            (None, Some(by_name)) => Certificates::Asked { by_name, may_show, otherwise: address },
            (None, None) => Certificates::None,
        }
    }

    /// Decides on a request whose target names a host, or that came through a tunnel.
    pub(super) fn admit<B: Body>(
        &self,
        request: &Request<B>,
        peer: &Peer,
        through: Through<'_>,
    ) -> Admission {
        if request.method() == Method::CONNECT {
            return match self.tunnel(request, peer, through) {
                Ok(target) => Admission::Tunnel(target),
                Err(answer) => Admission::Refuse(Box::new(closing(*answer))),
            };
        }
        let named = origin::host(request.uri(), request.headers());
        let target = match through {
            _ if request.uri().authority().is_some() => {
                let usual_port = if request.uri().scheme_str() == Some("https") { 443 } else { 80 };
                ProxyTarget::read(named, Some(usual_port))
            }
            Through::Tunnel(tunnel) => ProxyTarget::read(named, Some(tunnel.port)),
            Through::Port | Through::SecurePort => None,
        };
        match target {
            Some(target) if self.serves(&target, peer, through) => Admission::Serve,
            Some(target) => Admission::Refuse(Box::new(self.refuse_foreign(request, &target))),
            // It names none, or several: that is judged as on any connection.
            None if named.is_empty() => Admission::Serve,
            None => {
                let error = ApiError::custom(400, BAD_HOST, "The request names no host that could be one.");
                Admission::Refuse(Box::new(self.refuse(request, error)))
            }
        }
    }

    /// The host to which a tunnel is made, or the refusal.
    fn tunnel<B: Body>(
        &self,
        request: &Request<B>,
        peer: &Peer,
        through: Through<'_>,
    ) -> Result<ProxyTarget, Box<Response<AnswerBody>>> {
        let bad = |status, message| {
            Err(Box::new(self.refuse(request, ApiError::custom(status, BAD_TUNNEL, message))))
        };
        match through {
            Through::Port => {}
            Through::SecurePort => {
                return bad(
                    400,
                    "CONNECT is taken over plain HTTP only: begin the proxy's address with http://.",
                );
            }
            Through::Tunnel(_) => return bad(400, "There is no tunnel within a tunnel."),
        }
        if !request.body().is_end_stream() || request.headers().contains_key(header::TRANSFER_ENCODING) {
            return bad(400, "CONNECT has no body.");
        }
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        let Some(target) = ProxyTarget::read(authority, None) else {
            return bad(400, "CONNECT wants a host and a port, such as sas.cn-shanghai.aliyuncs.com:443.");
        };
        if self.serves(&target, peer, through) && self.proxy().is_on() {
            tracing::debug!("a tunnel to {}", target.shown());
            return Ok(target);
        }
        Err(Box::new(self.refuse_foreign(request, &target)))
    }

    /// Whether calls to a host are answered here: those of known products and of patterns, and the emulator itself.
    fn serves(&self, target: &ProxyTarget, peer: &Peer, through: Through<'_>) -> bool {
        let is_tunnels = matches!(through, Through::Tunnel(tunnel) if tunnel.host == target.host);
        is_tunnels || self.proxy().intercepts(&target.host) || self.is_itself(target, peer)
    }

    /// Whether a client that connects to the port may see a certificate for this name.
    pub(super) fn may_show(&self, name: &str) -> bool {
        self.proxy().intercepts(name) || origin::is_own_name(name, self.own_names())
    }

    /// Whether a target is this emulator: an address or a name of this machine with its port, or a name that was given.
    fn is_itself(&self, ProxyTarget { host, port }: &ProxyTarget, peer: &Peer) -> bool {
        let is_given = self.own_names().iter().any(|own| own.eq_ignore_ascii_case(host));
        let is_here = |own: SocketAddr| {
            let is_address_here =
                |address: IpAddr| address.is_loopback() || address == own.ip().to_canonical();
            own.port() == *port && host.parse().map_or(true, is_address_here)
        };
        is_given || origin::is_own_name(host, &[]) && peer.local_address().is_none_or(is_here)
    }

    fn refuse_foreign<B>(&self, request: &Request<B>, target: &ProxyTarget) -> Response<AnswerBody> {
        if !self.proxy().is_on() {
            let message = "This emulator intercepts no calls to other hosts: serve without --no-intercept does, and run --intercept.";
            return self.refuse(request, ApiError::custom(405, NOT_A_PROXY, message));
        }
        let shown = target.shown();
        let message = format!(
            "This call is for {shown}. The emulator does not serve that host, and it forwards nothing; \
             --intercept-host {} serves it.",
            target.host
        );
        let bare = bare(request);
        let account = claimed_key(&bare);
        let error = ApiError::custom(403, ESCAPED_CALL, message);
        let mut response = self.endpoint().refuse_escaped(&bare, &shown, account.as_deref(), error);
        // Many clients show nothing else of an answer to CONNECT.
        let reason = format!("Forbidden: sas-emulator forwards nothing to {shown}");
        if let Ok(reason) = ReasonPhrase::try_from(reason.into_bytes()) {
            response.extensions_mut().insert(reason);
        }
        response.map(whole)
    }

    fn refuse<B>(&self, request: &Request<B>, error: ApiError) -> Response<AnswerBody> {
        self.endpoint().refuse(&bare(request), error).map(whole)
    }
}

/// The head of a request whose body is not read.
fn bare<B>(request: &Request<B>) -> Request<Bytes> {
    let mut bare = Request::new(Bytes::new());
    *bare.method_mut() = request.method().clone();
    *bare.uri_mut() = request.uri().clone();
    *bare.headers_mut() = HeaderMap::clone(request.headers());
    bare
}

/// A client that got no tunnel may have sent the first bytes for it already, which are no request.
fn closing(mut response: Response<AnswerBody>) -> Response<AnswerBody> {
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// The answer that makes a tunnel.
pub(super) fn connected() -> Response<AnswerBody> {
    Response::new(whole(Bytes::new()))
}
