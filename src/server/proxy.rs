//! The emulator as an HTTP proxy: the hosts that it serves as if it were they, and what a client may ask for.

use super::tls::{ByName, Certificates};
use crate::domain::{HostPattern, Product};
use crate::emulator::Config;
use crate::origin;

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
pub(super) struct ProxyTarget {
    pub(super) host: String,
    pub(super) port: u16,
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
    pub(super) fn certificates<'c>(&'c self, target: &'c ProxyTarget) -> Certificates<'c> {
        let tunnel = |proxy: &'c Intercepting| Certificates::Tunnel(&proxy.certificates, &target.host);
        self.0.as_ref().map_or(Certificates::None, tunnel)
    }

    /// The certificates that the port makes for itself, if it does.
    pub(super) fn certificates_of_port(&self) -> Option<&ByName> {
        self.0.as_ref().filter(|proxy| proxy.secures_port).map(|proxy| &proxy.certificates)
    }

    pub(super) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether calls to a host are served because of its name.
    pub(super) fn intercepts(&self, host: &str) -> bool {
        self.0.as_ref().is_some_and(|proxy| {
            Product::of_host(host).is_some() || proxy.hosts.iter().any(|pattern| pattern.matches(host))
        })
    }
}

/// Of a DNS name (RFC 1035, 3.1), as text.
const LONGEST_HOST: usize = 253;

impl ProxyTarget {
    /// Of the host and perhaps the port in a target or in a header; nothing if it is not well formed.
    pub(super) fn read(authority: &str, usual_port: Option<u16>) -> Option<Self> {
        let name = origin::host_name(authority);
        let port = authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map(|(_, port)| port);
        let port = match port {
            None | Some("") => usual_port?,
            Some(port) => port.parse().ok().filter(|port| *port != 0)?,
        };
        let host = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:".contains(&byte);
        ((1..=LONGEST_HOST).contains(&host.len()) && host.bytes().all(is_usual))
            .then_some(Self { host, port })
    }

    /// `oss-cn-hangzhou.aliyuncs.com:443`, as in messages and records.
    pub(super) fn shown(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let shown = |text: &str, usual| ProxyTarget::read(text, usual).map(|target| target.shown());
        assert_eq!(shown("SAS.aliyuncs.com.:443", None).as_deref(), Some("sas.aliyuncs.com:443"));
        assert_eq!(shown("[::1]:443", None).as_deref(), Some("[::1]:443"));
        assert_eq!(shown("[::1]", Some(80)).as_deref(), Some("[::1]:80"));
        assert_eq!(shown("a", Some(80)).as_deref(), Some("a:80"));
        for bad in ["", "a", "a:", ":443", "a:0", "a:65536", "a:x", "user@a:443", "a b:1", "[::1:443", "."] {
            assert_eq!(shown(bad, None), None, "{bad}");
        }
    }
}
