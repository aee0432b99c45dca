//! Who may use the control API: nobody whom a web page can speak for.
//!
//! A page on any site can make a browser send requests to this machine. What gives it away is the `Origin` header,
//! `Sec-Fetch-Site`, or, after DNS rebinding, a `Host` that belongs to the page's owner.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, Method, header};
use subtle::ConstantTimeEq;

use super::reply::Refusal;
use crate::domain::Secret;

/// What is allowed beyond the usual.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// A bearer token that every call must carry.
    pub token: Option<Secret>,
    /// Further names by which the emulator may be called.
    pub advertised_hosts: Vec<String>,
}

/// Checks that the emulator may be called by this name.
pub fn check_host(headers: &HeaderMap, policy: &Policy) -> Result<(), Refusal> {
    let host = host(headers);
    if is_allowed(host_name(host), policy) {
        return Ok(());
    }
    let message = format!("the control API does not answer to the host {host:?}");
    Err(Refusal::new(403, "foreign_host", message)
        .hint("call it by an IP address, localhost, a name without dots, or one given with --advertise-host"))
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Checks that the call is not one that a page of another site made.
pub fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = host(headers);
    if let Some(origin) = text(header::ORIGIN)
        && origin.split_once("://").is_none_or(|(_, site)| !site.eq_ignore_ascii_case(host))
    {
        return Err(Refusal::new(
            403,
            "foreign_origin",
            format!("a page of {origin:?} may not use the control API"),
        ));
    }
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Err(Refusal::new(403, "cross_site", "a page of another site may not use the control API")
            .hint("call it from a program or a shell"));
    }
    Ok(())
}

/// What a body may be. A form can send none of these without asking the browser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bodies {
    /// JSON.
    Json,
    /// JSON or YAML.
    JsonOrYaml,
}

/// Checks that a body, if there is one, says that it is of a kind that no form can send.
pub fn check_body(method: &Method, headers: &HeaderMap, bodies: Bodies) -> Result<(), Refusal> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let has_body = text(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
        || headers.contains_key(header::TRANSFER_ENCODING);
    let kind = text(header::CONTENT_TYPE).and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let is = |known: &str| kind.eq_ignore_ascii_case(known);
    let (is_taken, message) = match bodies {
        Bodies::Json => (is("application/json"), "bodies must be application/json"),
        Bodies::JsonOrYaml => (
            is("application/json") || is("application/yaml"),
            "this body must be application/json or application/yaml",
        ),
    };
    if has_body && !is_taken && *method != Method::GET {
        return Err(
            Refusal::new(415, "not_json", message).hint("with curl: -H 'Content-Type: application/json'")
        );
    }
    Ok(())
}

/// Checks that the call carries the token, if one is demanded.
pub fn check_token(headers: &HeaderMap, token: Option<&Secret>) -> Result<(), Refusal> {
    let Some(token) = token else { return Ok(()) };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = given.strip_prefix("Bearer ").unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(token.expose().as_bytes())) {
        Ok(())
    } else {
        Err(Refusal::new(401, "token", "this emulator demands its control token")
            .hint("send Authorization: Bearer TOKEN, as given with --control-token"))
    }
}

/// The host without its port; nothing if it is not well formed.
fn host_name(host: &str) -> &str {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, port)) => (name, port.strip_prefix(':').or(port.is_empty().then_some(""))),
        None => host.split_once(':').map_or((host, Some("")), |(name, port)| (name, Some(port))),
    };
    let is_port = port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    if is_port { name } else { "" }
}

/// Names that a stranger cannot point at this machine.
fn is_allowed(name: &str, policy: &Policy) -> bool {
    let name = name.to_ascii_lowercase();
    let is_literal = name.parse::<Ipv4Addr>().is_ok() || name.parse::<Ipv6Addr>().is_ok();
    let is_local = name.ends_with(".localhost") || name == "host.docker.internal";
    // A compose or Kubernetes service; public names have dots.
    let is_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_single_label = !name.is_empty() && name.bytes().all(is_label);
    is_literal
        || is_local
        || is_single_label
        || policy.advertised_hosts.iter().any(|advertised| advertised.eq_ignore_ascii_case(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(method: &str, pairs: &[(&str, &str)]) -> u16 {
        let headers = pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>();
        let policy = Policy { token: None, advertised_hosts: vec!["emu.example".into()] };
        let method = method.parse().unwrap();
        check_host(&headers, &policy)
            .and_then(|()| check_origin(&headers))
            .and_then(|()| check_body(&method, &headers, Bodies::Json))
            .map_or_else(|refusal| refusal.status(), |()| 200)
    }

    #[test]
    fn hosts() {
        for good in [
            "localhost:7270",
            "127.0.0.1:7270",
            "192.168.1.9",
            "[::1]:7270",
            "sas:7270",
            "a.localhost",
            "EMU.example:1",
            "host.docker.internal:7270",
        ] {
            assert_eq!(status("GET", &[("host", good)]), 200, "{good}");
        }
        for bad in [
            "[::1]evil.example",
            "[::1]:80.evil.example",
            "localhost:80:80",
            "a b",
            "localhost@evil",
            "evil.example",
            "127.0.0.1.evil.example:7270",
            "localhost.evil.example",
            "",
            "a.b:7270",
        ] {
            assert_eq!(status("GET", &[("host", bad)]), 403, "{bad}");
        }
        assert_eq!(status("GET", &[]), 403);
    }

    #[test]
    fn pages() {
        let with = |name, value| status("POST", &[("host", "localhost:7270"), (name, value)]);
        assert_eq!(with("origin", "http://localhost:7270"), 200);
        assert_eq!(with("origin", "http://localhost:3000"), 403);
        assert_eq!(with("origin", "http://evil.example"), 403);
        assert_eq!(with("origin", "null"), 403);
        assert_eq!(with("sec-fetch-site", "cross-site"), 403);
        assert_eq!(with("sec-fetch-site", "same-origin"), 200);
    }

    #[test]
    fn bodies_are_json() {
        let body =
            |kind| status("PUT", &[("host", "localhost"), ("content-length", "2"), ("content-type", kind)]);
        assert_eq!(body("application/json; charset=utf-8"), 200);
        assert_eq!(body("text/plain"), 415);
        assert_eq!(status("POST", &[("host", "localhost"), ("content-length", "0")]), 200);
        assert_eq!(status("POST", &[("host", "localhost"), ("transfer-encoding", "chunked")]), 415);
    }

    #[test]
    fn a_scenario_may_be_yaml_and_nothing_that_a_form_can_send() {
        let body = |kind: &str| {
            let pairs = [("content-length", "2"), ("content-type", kind)];
            let headers = pairs.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            check_body(&Method::PUT, &headers.into_iter().collect(), Bodies::JsonOrYaml).is_ok()
        };
        assert!(body("application/json") && body("Application/YAML; charset=utf-8"));
        for form in
            ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/yaml", ""]
        {
            assert!(!body(form), "{form}");
        }
    }

    #[test]
    fn tokens() {
        let token = Secret::new("s3");
        let mut headers = HeaderMap::new();
        assert!(check_token(&headers, None).is_ok());
        assert_eq!(check_token(&headers, Some(&token)).unwrap_err().status(), 401);
        headers.insert(header::AUTHORIZATION, "Bearer s3".parse().unwrap());
        assert!(check_token(&headers, Some(&token)).is_ok());
    }
}
