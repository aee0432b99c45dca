//! The emulator as an HTTP proxy: what it serves as if it were the host that was asked for, and how it refuses all else.
//!
//! Nothing is ever forwarded: no code here opens a connection. A call to any other host is refused and recorded, as an
//! escaped call.

use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use bytes::Bytes;
use hyper::body::Body;
use hyper::ext::ReasonPhrase;

use super::front::Front;
use super::sending::{AnswerBody, whole};
use super::tls::{ByName, Certificates};
use crate::domain::{ApiError, HostPattern, Product};
use crate::emulator::Config;
use crate::origin;
use crate::peer::Peer;
use crate::protocol::claims::claimed_key;

const ESCAPED: &str = "EscapedCall";
const NOT_A_PROXY: &str = "NotAProxy";
const BAD_TUNNEL: &str = "InvalidConnect";

/// What the proxy serves; nothing, if it is switched off.
#[derive(Debug)]
pub(super) struct Proxy(Option<Intercepting>);

#[derive(Debug)]
struct Intercepting {
    hosts: Vec<HostPattern>,
    secures_port: bool,
    certificates: ByName,
}

/// The host that a client wants to reach through the proxy: in lower case, without brackets, and its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    port: u16,
}

/// What becomes of a request that names another host than its connection leads to.
pub(super) enum Admission {
    /// It is answered like any other.
    Serve,
    /// The connection becomes a tunnel to this host, which the emulator plays.
    Tunnel(Target),
    Refuse(Response<AnswerBody>),
}

/// How a request has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Through<'t> {
    Port,
    /// The same over TLS: tunnels are not made there.
    SecurePort,
    Tunnel(&'t Target),
}

impl Proxy {
    pub(super) fn new(config: &Config) -> Self {
        let both = config.interception.clone().zip(config.authority.clone());
        Self(both.map(|(interception, authority)| Intercepting {
            hosts: interception.hosts,
            secures_port: interception.secures_port,
            certificates: ByName::new(authority),
        }))
    }

    /// The certificates of a tunnel to this host.
    pub(super) fn certificates<'c>(&'c self, target: &'c Target) -> Certificates<'c> {
        let tunnel = |proxy: &'c Intercepting| Certificates::Tunnel(&proxy.certificates, &target.host);
        self.0.as_ref().map_or(Certificates::None, tunnel)
    }

    /// The certificates of the port itself, for a client that has reached this address of it.
    pub(super) fn certificates_of_port<'c>(&'c self, front: &'c Front, address: &'c str) -> Certificates<'c> {
        match (front.tls(), &self.0) {
            (Some(tls), _) => Certificates::Port(tls),
            (None, Some(proxy)) if proxy.secures_port => {
                Certificates::Asked(front, &proxy.certificates, address)
            }
            (None, _) => Certificates::None,
        }
    }

    fn intercepts(&self, host: &str) -> bool {
        self.0.as_ref().is_some_and(|proxy| {
            Product::of_host(host).is_some() || proxy.hosts.iter().any(|pattern| pattern.matches(host))
        })
    }
}

impl Target {
    /// Of the host and perhaps the port in a target or in a header; nothing if it is not well formed.
    fn read(authority: &str, usual_port: Option<u16>) -> Option<Self> {
        let name = origin::host_name(authority);
        let port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map(|(_, port)| port);
        let port = match port {
            None | Some("") => usual_port?,
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        };
        let host = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        (!host.is_empty() && host.bytes().all(is_usual)).then_some(Self { host, port })
    }

    /// `oss-cn-hangzhou.aliyuncs.com:443`, as in messages and records.
    fn shown(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl Front {
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
                Err(answer) => Admission::Refuse(closing(*answer)),
            };
        }
        let target = match through {
            _ if request.uri().authority().is_some() => of_target(request.uri()),
            Through::Tunnel(tunnel) => {
                Target::read(origin::host(request.uri(), request.headers()), Some(tunnel.port))
            }
            Through::Port | Through::SecurePort => None,
        };
        match target {
            Some(target) if !self.serves(&target, peer, through) => {
                Admission::Refuse(self.refuse_foreign(request, &target))
            }
            // One that names no host, or no clear one, is refused for that.
            _ => Admission::Serve,
        }
    }

    /// The host to which a tunnel is made, or the refusal.
    fn tunnel<B: Body>(
        &self,
        request: &Request<B>,
        peer: &Peer,
        through: Through<'_>,
    ) -> Result<Target, Box<Response<AnswerBody>>> {
        let bad = |status, message| {
            Err(Box::new(self.refuse(request, ApiError::custom(status, BAD_TUNNEL, message))))
        };
        match through {
            Through::Port => {}
            Through::SecurePort => {
                return bad(
                    501,
                    "CONNECT is taken over plain HTTP only: begin the proxy's address with http://.",
                );
            }
            Through::Tunnel(_) => return bad(400, "There is no tunnel within a tunnel."),
        }
        if !request.body().is_end_stream() || request.headers().contains_key(header::TRANSFER_ENCODING) {
            return bad(400, "CONNECT has no body.");
        }
        let authority = request.uri().authority().map_or("", |authority| authority.as_str());
        let Some(target) = Target::read(authority, None) else {
            return bad(400, "CONNECT wants a host and a port, such as sas.cn-shanghai.aliyuncs.com:443.");
        };
        if self.serves(&target, peer, through) && self.proxy().0.is_some() {
            tracing::debug!("a tunnel to {}", target.shown());
            return Ok(target);
        }
        Err(Box::new(self.refuse_foreign(request, &target)))
    }

    /// Whether calls to a host are answered here: those of known products and of patterns, and the emulator itself.
    fn serves(&self, target: &Target, peer: &Peer, through: Through<'_>) -> bool {
        let is_tunnels = matches!(through, Through::Tunnel(tunnel) if tunnel.host == target.host);
        is_tunnels || self.proxy().intercepts(&target.host) || self.is_itself(target, peer)
    }

    /// Whether a client that connects to the port may see a certificate for this name.
    pub(super) fn may_show(&self, name: &str) -> bool {
        self.proxy().intercepts(name) || origin::is_own_name(name, self.own_names())
    }

    /// Whether a target is this emulator: an address or a name of this machine with its port, or a name that was given.
    fn is_itself(&self, Target { host, port }: &Target, peer: &Peer) -> bool {
        let is_given = self.own_names().iter().any(|own| own.eq_ignore_ascii_case(host));
        is_given || origin::is_own_name(host, &[]) && peer.local_port().is_none_or(|own| own == *port)
    }

    fn refuse_foreign<B>(&self, request: &Request<B>, target: &Target) -> Response<AnswerBody> {
        if self.proxy().0.is_none() {
            let message =
                "This emulator is no proxy: it intercepts no calls to other hosts (--no-intercept).";
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
        let error = ApiError::custom(403, ESCAPED, message);
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

/// The host of a target in absolute form.
fn of_target(uri: &Uri) -> Option<Target> {
    let authority = uri.authority()?.as_str();
    // Never a password.
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Target::read(authority, Some(if uri.scheme_str() == Some("https") { 443 } else { 80 }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let shown = |text: &str, usual| Target::read(text, usual).map(|target| target.shown());
        assert_eq!(shown("SAS.aliyuncs.com.:443", None).as_deref(), Some("sas.aliyuncs.com:443"));
        assert_eq!(shown("[::1]:443", None).as_deref(), Some("[::1]:443"));
        assert_eq!(shown("[::1]", Some(80)).as_deref(), Some("[::1]:80"));
        assert_eq!(shown("a", Some(80)).as_deref(), Some("a:80"));
        for bad in ["", "a", "a:", ":443", "a:0", "a:65536", "a:x", "user@a:443", "a b:1", "[::1:443", "."] {
            assert_eq!(shown(bad, None), None, "{bad}");
        }
    }

    #[test]
    fn passwords_in_targets_are_left_out() {
        let uri: Uri = "http://user:hunter2@oss.example/x".parse().unwrap();
        assert_eq!(of_target(&uri).unwrap().shown(), "oss.example:80");
    }
}
