//! Where a request comes from: the host name it was sent to, and the web page that sent it, if one did.
//!
//! A page on any site can make a browser send requests to this machine. Such a request shows in the `Origin` header, in
//! `Sec-Fetch-Site`, or, after DNS rebinding, in a host name that belongs to the page's owner. Programs send neither
//! header; `Sec-Fetch-Mode` alone comes from Node.js and says nothing.
//!
//! One kind shows nowhere. Browsers send `Sec-Fetch-Site` over https and to loopback addresses only, and no `Origin` with a
//! GET or HEAD whose answer the page cannot read: that of an image, a link, a form. So over plain http to another address of
//! this machine, such a request looks like that of a program. `Referer` would not help: a page can leave it out, and
//! programs that follow a redirect send it.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use http::{HeaderMap, HeaderName, Uri, header};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Marks a request that came over TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OverTls;

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A program, a page of this emulator, or someone who typed the address.
    Own,
    /// A page of another site: its origin, unless the browser left that out.
    Page(Option<String>),
}

/// Says who sent a request, by what a browser adds and no page can change. See above for what it cannot tell.
pub(crate) fn sender(uri: &Uri, headers: &HeaderMap, own_names: &[String]) -> Sender {
    let host = host(uri, headers);
    let is_own_name = || is_own_name(host_name(host), own_names);
    if headers.contains_key(header::ORIGIN) {
        let origin = only(headers, &header::ORIGIN).unwrap_or_default();
        let is_own = origin.split_once("://").is_some_and(|(_, site)| site.eq_ignore_ascii_case(host));
        return match only(headers, &SITE) {
            Some("" | "same-origin") if is_own && is_own_name() => Sender::Own,
            _ => Sender::Page(Some(origin.to_owned())),
        };
    }
    match only(headers, &SITE) {
        Some("" | "none") => Sender::Own,
        Some("same-origin") if is_own_name() => Sender::Own,
        // Also of another port of this machine: to browsers that is the same site.
        _ => Sender::Page(None),
    }
}

/// The one value of a header, empty if there is none; nothing if there are several or it is no text.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map_or(Some(""), |value| value.to_str().ok())?;
    values.next().is_none().then_some(first)
}

/// The host, and perhaps the port, that a request was sent to: that of its target, if it has one (RFC 9112, 3.2.2). Empty if
/// there is none, or if it is no text.
pub(crate) fn host<'h>(uri: &'h Uri, headers: &'h HeaderMap) -> &'h str {
    match uri.authority() {
        // Never a password.
        Some(authority) => authority.as_str().rsplit('@').next().unwrap_or_default(),
        None => only(headers, &header::HOST).unwrap_or_default(),
    }
}

/// The host without its port; empty if it is not well formed.
pub(crate) fn host_name(host: &str) -> &str {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port.strip_prefix(':').or(port.is_empty().then_some(""))),
        None => host.split_once(':').map_or((host, Some("")), |(name, port)| (name, Some(port))),
    };
    let is_port = port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    if is_port { name } else { "" }
}

/// Names that a web page cannot point at this machine, and those that were given as its own.
pub(crate) fn is_own_name(name: &str, own_names: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    let is_literal = name.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok();
    let is_local = name.ends_with(".localhost") || name == "host.docker.internal";
    // A compose or Kubernetes service; public names have dots.
    let is_single_label = !name.is_empty() && name.bytes().all(is_label);
    is_literal || is_local || is_single_label || own_names.iter().any(|own| own.eq_ignore_ascii_case(&name))
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Checks a host name that is given as one of this machine's: one that no request can have would do nothing, silently.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the command line takes such names"))]
pub(crate) fn own_name(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let is_host =
        name.trim_end_matches('.').split('.').all(|label| !label.is_empty() && label.bytes().all(is_label));
    if name.len() <= 253 && (is_host || name.parse::<Ipv6Addr>().is_ok()) {
        return Ok(name.to_owned());
    }
    Err("expected a host name such as sas.example, without scheme, port, path or wildcard".to_owned())
}

/// A site whose pages may call the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowedOrigin {
    /// Every site, and pages whose origin the browser leaves out.
    Any,
    /// `scheme://host` or `scheme://host:port`, in lower case; or `null`, as pages from files have.
    One(String),
}

impl AllowedOrigin {
    pub(crate) fn allows(&self, origin: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::One(allowed) => origin.is_some_and(|origin| origin.eq_ignore_ascii_case(allowed)),
        }
    }
}

impl FromStr for AllowedOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
        let is_origin = text.split_once("://").is_some_and(|(scheme, site)| {
            let host = host_name(site);
            let is_host =
                host.bytes().all(|byte| is_label(byte) || byte == b'.') || host.parse::<Ipv6Addr>().is_ok();
            !scheme.is_empty() && scheme.bytes().all(is_scheme) && !host.is_empty() && is_host
        });
        match text {
            "*" => Ok(Self::Any),
            _ if is_origin || text == "null" => {
                let text = text.to_ascii_lowercase();
                // Browsers leave the usual port out.
                let usual =
                    [("http://", ":80"), ("https://", ":443")].into_iter().find_map(|(scheme, port)| {
                        text.strip_suffix(port).filter(|_| text.starts_with(scheme)).map(str::to_owned)
                    });
                Ok(Self::One(usual.unwrap_or(text)))
            }
            _ => {
                Err("expected an origin such as http://localhost:3000, without a path; null; or *".to_owned())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn request(target: &str, pairs: &[(&str, &str)]) -> Request<()> {
        let request = Request::builder().uri(target);
        let request = pairs.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(()).unwrap()
    }

    fn is_page(pairs: &[(&str, &str)]) -> bool {
        let request = request("/", pairs);
        sender(request.uri(), request.headers(), &["emu.example".to_owned()]) != Sender::Own
    }

    fn host_of(target: &str, pairs: &[(&str, &str)]) -> String {
        let request = request(target, pairs);
        host_name(host(request.uri(), request.headers())).to_owned()
    }

    #[test]
    fn what_browsers_say() {
        let with = |pairs: &[(&str, &str)]| is_page(&[&[("host", "localhost:7270")], pairs].concat());
        assert!(!with(&[]));
        // Node.js and others that are no browsers.
        assert!(!with(&[("sec-fetch-mode", "cors")]));
        // Typed, or followed by hand.
        assert!(!with(&[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
        assert!(!with(&[("sec-fetch-site", "same-origin")]));
        assert!(!with(&[("origin", "http://localhost:7270")]));
        assert!(!with(&[("origin", "http://LOCALHOST:7270"), ("sec-fetch-site", "same-origin")]));
        for origin in
            ["http://localhost:3000", "http://evil.example", "null", "", "localhost:7270", "http://é"]
        {
            assert!(with(&[("origin", origin)]), "{origin}");
        }
        assert!(with(&[("origin", "http://localhost:7270"), ("origin", "http://evil.example")]));
        assert!(with(&[("origin", "http://localhost:7270"), ("sec-fetch-site", "cross-site")]));
        for site in ["cross-site", "same-site", "something-new"] {
            assert!(with(&[("sec-fetch-site", site)]), "{site}");
            assert!(with(&[("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]), "{site}");
        }
    }

    #[test]
    fn a_page_that_has_pointed_its_name_here() {
        let rebound = [("host", "evil.example:7270"), ("origin", "http://evil.example:7270")];
        assert!(is_page(&rebound));
        assert!(is_page(&[("host", "evil.example:7270"), ("sec-fetch-site", "same-origin")]));
        assert!(!is_page(&[("host", "emu.example:7270"), ("origin", "http://emu.example:7270")]));
        // A program whose resolver directs the service's name here.
        assert!(!is_page(&[("host", "tds.aliyuncs.com")]));
    }

    #[test]
    fn the_target_says_the_host() {
        assert_eq!(host_of("http://evil.example/x", &[("host", "localhost")]), "evil.example");
        assert_eq!(host_of("http://user:secret@evil.example/x", &[]), "evil.example");
        assert_eq!(host_of("http://localhost:1/x", &[("host", "evil.example")]), "localhost");
        assert_eq!(host_of("/x", &[("host", "a"), ("host", "b")]), "");
        assert_eq!(host_of("http://localhost@evil.example/", &[]), "evil.example");
    }

    #[test]
    fn names_that_are_given() {
        for good in ["sas.example", "sas", "10.0.0.7", "::1", "[::1]", "a.b."] {
            assert!(own_name(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "http://sas.example", "sas.example:7270", "a/b", "*.example", "a b", "a..b", "."]
        {
            assert!(own_name(bad).unwrap_err().contains("expected a host name"), "{bad}");
        }
    }

    #[test]
    fn origins_that_are_given() {
        let read = |text: &str| text.parse::<AllowedOrigin>();
        let one = read("http://LOCALHOST:3000").unwrap();
        assert!(one.allows(Some("http://localhost:3000")) && !one.allows(Some("http://localhost:3001")));
        assert!(!one.allows(None) && read("*").unwrap().allows(None));
        assert!(read("null").unwrap().allows(Some("null")));
        for good in ["https://a.example", "http://[::1]:3000", "tauri://localhost", "chrome-extension://abc"]
        {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "localhost:3000",
            "http://a/",
            "http://a/b",
            "http://*.a",
            "http://",
            "http://a b",
            "http://u@a",
        ] {
            assert!(read(bad).unwrap_err().contains("expected an origin"), "{bad}");
        }
    }
}
