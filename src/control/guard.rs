//! Checks who may use the control API: host name, sender, content type, token; no web page of another site.

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use subtle::ConstantTimeEq;

use super::error::ControlError;
use crate::domain::Secret;
use crate::origin::{self, Sender};

#[derive(Debug, Clone, Default)]
pub struct AccessPolicy {
    pub token: Option<Secret>,
    /// Further host names under which the API answers.
    pub advertised_hosts: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Access {
    #[default]
    Control,
    /// Any client but a web page, under any host name. Probes need no token and are always there: an orchestrator
    /// without the token would take a healthy container for a sick one.
    Probe,
    /// Any client that calls it by a name of its own, also over a link from another site: a file of the console. It is the same for
    /// everyone, and the browser lets no other site read it.
    Page,
    /// Clients that were given the link by the service, under the name by which they call it; it carries a key.
    Link,
}

impl Access {
    /// Whether it is there without the control API.
    pub(super) fn is_always_there(self) -> bool {
        matches!(self, Self::Probe | Self::Link)
    }
}

pub(super) fn check(
    head: &Parts,
    policy: &AccessPolicy,
    access: Access,
    body: BodyKind,
) -> Result<(), ControlError> {
    let headers = &head.headers;
    if matches!(access, Access::Control | Access::Page) {
        check_host(head, policy)?;
    }
    if matches!(access, Access::Control | Access::Probe) {
        check_sender(head, policy)?;
        check_content_type(&head.method, headers, body)?;
    }
    if access == Access::Control { check_token(headers, policy.token.as_ref()) } else { Ok(()) }
}

fn check_host(head: &Parts, policy: &AccessPolicy) -> Result<(), ControlError> {
    let host = origin::host(&head.uri, &head.headers);
    if origin::is_own_name(origin::host_name(host), &policy.advertised_hosts) {
        return Ok(());
    }
    let message = format!("the control API does not answer to the host {host:?}");
    Err(ControlError::new(403, "foreign_host", message)
        .hint("call it by an IP address, localhost, a name without dots, or one given with --advertise-host"))
}

/// Empty if there is no such header, or if it is no text.
fn text(headers: &HeaderMap, name: HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn check_sender(head: &Parts, policy: &AccessPolicy) -> Result<(), ControlError> {
    match origin::sender(&head.uri, &head.headers, &policy.advertised_hosts) {
        Sender::Own => Ok(()),
        Sender::Page(Some(origin)) => {
            let message = format!("a page of {origin:?} may not use the control API");
            Err(ControlError::new(403, "foreign_origin", message))
        }
        Sender::Page(None) => {
            let message = "a page of another site may not use the control API";
            Err(ControlError::new(403, "cross_site", message).hint("call it from a program or a shell"))
        }
    }
}

/// What the body of a route may be. A web form can send none of these without a preflight request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum BodyKind {
    /// No body; `{}` and `null` count as none.
    None,
    #[default]
    Json,
    JsonOrYaml,
}

impl BodyKind {
    /// Refuses a body where the route takes none: its sender means something by it.
    pub(super) fn check_content(self, head: &Parts, body: &[u8]) -> Result<(), ControlError> {
        if self != Self::None || matches!(body.trim_ascii(), b"" | b"{}" | b"null") {
            return Ok(());
        }
        let message = format!("{} {} takes no body", head.method, head.uri.path());
        Err(ControlError::new(400, "unexpected_body", message)
            .hint("GET /_emulator/ lists the endpoints and what they take"))
    }
}

fn check_content_type(method: &Method, headers: &HeaderMap, body: BodyKind) -> Result<(), ControlError> {
    let has_body = headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0")
        || headers.contains_key(header::TRANSFER_ENCODING);
    let given = text(headers, header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let is = |known: &str| given.eq_ignore_ascii_case(known);
    let takes_yaml = body == BodyKind::JsonOrYaml;
    let is_accepted = is("application/json") || (takes_yaml && is("application/yaml"));
    if has_body && !is_accepted && *method != Method::GET {
        let message = if takes_yaml {
            "this body must be application/json or application/yaml"
        } else {
            "bodies must be application/json"
        };
        return Err(ControlError::new(415, "not_json", message)
            .hint("with curl: -H 'Content-Type: application/json'"));
    }
    Ok(())
}

fn check_token(headers: &HeaderMap, token: Option<&Secret>) -> Result<(), ControlError> {
    let Some(token) = token else { return Ok(()) };
    if has_token(headers, token) {
        return Ok(());
    }
    Err(ControlError::new(401, "token", "this emulator demands its control token")
        .hint("send Authorization: Bearer TOKEN, as given with --control-token"))
}

/// Whether the request carries the token; the name of the scheme ignores case (RFC 9110, 11.1).
pub(super) fn has_token(headers: &HeaderMap, token: &Secret) -> bool {
    let (scheme, given) = text(headers, header::AUTHORIZATION).split_once(' ').unwrap_or_default();
    let is_same = bool::from(given.trim_start_matches(' ').as_bytes().ct_eq(token.expose().as_bytes()));
    scheme.eq_ignore_ascii_case("bearer") && is_same
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::response::IntoResponse;

    use super::*;

    fn status_for(method: &str, pairs: &[(&str, &str)], token: Option<Secret>, body: BodyKind) -> u16 {
        let mut request = Request::builder().method(method);
        for (name, value) in pairs {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        let policy = AccessPolicy { token, advertised_hosts: vec!["emu.example".into()] };
        check(&head, &policy, Access::Control, body)
            .map_or_else(|error| error.into_response().status().as_u16(), |()| 200)
    }

    fn status(method: &str, pairs: &[(&str, &str)]) -> u16 {
        status_for(method, pairs, None, BodyKind::Json)
    }

    fn status_of_body(content_type: &str, body: BodyKind) -> u16 {
        let pairs = [("host", "localhost"), ("content-length", "2"), ("content-type", content_type)];
        status_for("PUT", &pairs, None, body)
    }

    #[test]
    fn hosts() {
        let local =
            "localhost:7270 127.0.0.1:7270 192.168.1.9 [::1]:7270 a.localhost host.docker.internal:7270";
        for good in local.split(' ').chain(["sas:7270", "EMU.example:1"]) {
            assert_eq!(status("GET", &[("host", good)]), 200, "{good}");
        }
        let malformed = "[::1]evil.example [::1]:80.evil.example localhost:80:80 localhost@evil";
        let foreign = "evil.example 127.0.0.1.evil.example:7270 localhost.evil.example a.b:7270";
        for bad in malformed.split(' ').chain(foreign.split(' ')).chain(["a b", ""]) {
            assert_eq!(status("GET", &[("host", bad)]), 403, "{bad}");
        }
        assert_eq!(status("GET", &[]), 403);
    }

    #[test]
    fn the_target_says_the_host() {
        let status = |target: &str, host: &str| {
            let request = Request::get(target).header("host", host);
            let (head, ()) = request.body(()).unwrap().into_parts();
            check(&head, &AccessPolicy::default(), Access::Control, BodyKind::None)
                .map_or_else(|error| error.into_response().status().as_u16(), |()| 200)
        };
        assert_eq!(status("http://localhost/_emulator/info", "evil.example"), 200);
        assert_eq!(status("http://evil.example/_emulator/info", "localhost"), 403);
        assert_eq!(status("http://localhost@evil.example/_emulator/info", "localhost"), 403);
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
        assert_eq!(status_of_body("application/json; charset=utf-8", BodyKind::Json), 200);
        assert_eq!(status_of_body("text/plain", BodyKind::Json), 415);
        assert_eq!(status("POST", &[("host", "localhost"), ("content-length", "0")]), 200);
        assert_eq!(status("POST", &[("host", "localhost"), ("transfer-encoding", "chunked")]), 415);
    }

    #[test]
    fn a_scenario_may_be_yaml_and_nothing_that_a_form_can_send() {
        for (is_accepted, kinds) in [
            (true, "application/json|Application/YAML; charset=utf-8"),
            (false, "text/plain|application/x-www-form-urlencoded|multipart/form-data|text/yaml|"),
        ] {
            for kind in kinds.split('|') {
                assert_eq!(status_of_body(kind, BodyKind::JsonOrYaml) == 200, is_accepted, "{kind}");
            }
        }
    }

    #[test]
    fn tokens() {
        let with = |authorization| {
            let pairs = [("host", "localhost"), ("authorization", authorization)];
            status_for("GET", &pairs, Some(Secret::new("s3")), BodyKind::Json)
        };
        assert_eq!(status("GET", &[("host", "localhost")]), 200);
        assert_eq!((with("Bearer s3"), with("Bearer s4"), with("")), (200, 401, 401));
        assert_eq!(
            (with("bearer s3"), with("BEARER  s3"), with("Basic s3"), with("s3")),
            (200, 200, 401, 401)
        );
    }
}
