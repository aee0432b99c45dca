//! The console: a page for browsers and its files, embedded as they stand in `console/`.

use axum::extract::Path;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use axum::response;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::PREFIX;
use super::error::{ControlError, Handled};
use super::query::NoQuery;
use crate::origin;
use crate::timeline;

/// Nothing but what this emulator serves, and no script or style in the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A name, and what the browser gets.
type File = (&'static str, &'static [u8]);

macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../console/", $name)))),*]
    };
}

const PAGE: File = ("index.html", include_bytes!("../../console/index.html"));
/// Every file of the folder but the page; a test compares.
const FILES: &[File] = files! {
    "api.js" "call-details.js" "calls.js" "clock-strip.js" "copy.js" "dom.js" "format.js" "icon.svg"
    "main.js" "panel-calls.js" "panel-clock.js" "panel-commands.js" "panel-escaped.js" "panel-faults.js"
    "panel-operations.js" "panel-scenario.js" "panel-tasks.js" "panel-timeline.js" "parts.js"
    "schema-form.js" "schema.js" "sign.js" "store.js" "stream.js" "style.css" "table.js" "token.js"
    "vendor/LICENSES.txt" "vendor/htm-preact.js"
};

/// That of the timeline, which its pictures carry elsewhere; the policy lets none into the page.
const STYLE: File = ("timeline.css", timeline::CSS.as_bytes());

/// Whether a browser asks for the page, where programs get the list of routes.
pub(super) fn is_asked_for(head: &Parts) -> bool {
    head.method == Method::GET && is_root(head.uri.path()) && takes_page(&head.headers)
}

fn is_root(path: &str) -> bool {
    path.strip_prefix(PREFIX).is_some_and(|rest| matches!(rest, "" | "/"))
}

/// Whether a browser sent it. Java's `HttpURLConnection` asks for HTML too; its list has a `*` that no browser sends.
pub(super) fn takes_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut kinds = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.clone().any(|kind| kind.eq_ignore_ascii_case("text/html")) && kinds.all(|kind| kind != "*")
}

pub(super) fn page(headers: &HeaderMap) -> response::Response {
    send(PAGE, headers).map(Into::into)
}

pub(super) async fn file(
    _: NoQuery,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Handled<response::Response> {
    find(&name, &headers)
}

pub(super) async fn vendored(
    _: NoQuery,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Handled<response::Response> {
    find(&format!("vendor/{name}"), &headers)
}

fn find(name: &str, headers: &HeaderMap) -> Handled<response::Response> {
    let file = FILES.iter().chain([&STYLE]).find(|(known, _)| *known == name).ok_or_else(|| {
        ControlError::new(404, "unknown_file", format!("the console has no file {name:?}"))
            .hint("open /_emulator/ in a browser")
    })?;
    Ok(send(*file, headers).map(Into::into))
}

/// A file, or nothing but its tag if the browser has it.
fn send((name, bytes): File, headers: &HeaderMap) -> Response<Bytes> {
    let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(bytes)[..8]));
    let is_kept = headers.get(header::IF_NONE_MATCH).is_some_and(|kept| *kept == *tag);
    let mut response = respond(if is_kept { &[] } else { bytes }, content_type(name));
    if is_kept {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    response.headers_mut().extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
    response
}

const HTML: &str = "text/html; charset=utf-8";

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => HTML,
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    }
}

fn respond(bytes: &'static [u8], content_type: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(bytes));
    let answer = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        // Kept, and asked for again each time: another version of the program has other files.
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        answer.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// What a browser gets that was given nothing but the address: where the console is. Anything that may be a call is none of
/// this: it has a query, or headers that only calls have, or was sent to the host of the service.
pub(super) fn home<B>(
    request: &Request<B>,
    own_names: &[String],
    has_console: bool,
) -> Option<Response<Bytes>> {
    let (uri, headers) = (request.uri(), request.headers());
    // First what most calls differ in.
    let is_home = request.method() == Method::GET
        && uri.query().is_none()
        && (uri.path() == "/" || !has_console && is_root(uri.path()));
    let is_call = || {
        headers.contains_key(header::AUTHORIZATION)
            || headers.keys().any(|name| name.as_str().starts_with("x-acs-"))
    };
    let is_own = || origin::is_own_name(origin::host_name(origin::host(uri, headers)), own_names);
    if !is_home || !takes_page(headers) || is_call() || !is_own() {
        return None;
    }
    let page: &[u8] = if has_console {
        include_bytes!("../../console/pages/home.html")
    } else {
        include_bytes!("../../console/pages/without-control.html")
    };
    Some(respond(page, HTML))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// All that the browser gets, in bytes.
    const MOST: usize = 120 << 10;

    fn names(folder: &str) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("console");
        let entries = std::fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        files.map(|entry| format!("{folder}{}", entry.file_name().to_str().unwrap())).collect()
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let mut wanted: BTreeSet<String> = names("").into_iter().chain(names("vendor/")).collect();
        assert!(wanted.remove(PAGE.0) && wanted.remove("vendor/README.md"));
        let embedded: BTreeSet<String> = FILES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(embedded, wanted);
    }

    #[test]
    fn it_stays_small() {
        let total: usize = FILES.iter().chain([&PAGE, &STYLE]).map(|(_, bytes)| bytes.len()).sum();
        assert!(total <= MOST, "the console has {total} bytes; it may have {MOST}");
        let ours = FILES.iter().filter(|(name, _)| !name.starts_with("vendor/"));
        for (name, bytes) in ours.filter(|(name, _)| name.rsplit('.').next() == Some("js")) {
            let lines = bytes.split(|byte| *byte == b'\n').count();
            assert!(lines <= 201, "{name} has {lines} lines");
            assert!(bytes.starts_with(b"// "), "{name} does not say what it is");
        }
    }

    #[test]
    fn programs_that_ask_for_html_are_no_browsers() {
        let takes = |accept: &'static str| {
            takes_page(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]))
        };
        assert!(takes("text/html") && takes("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"));
        assert!(!takes("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"));
        assert!(!takes("*/*") && !takes("application/json") && !takes(""));
    }
}
