//! Requests as texts that a fuzzer can change: `METHOD TARGET`, a line for each header, an empty line, the body.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};

/// What separates the requests of an input that has several.
const BETWEEN: &[u8] = b"\n====\n";
const MOST_REQUESTS: usize = 8;

/// The request of a text; `None` if an HTTP server would not hand it on.
pub fn request(text: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = halves(text, b"\n\n").unwrap_or((text, b""));
    let mut lines = head.split(|byte| *byte == b'\n');
    let (method, target) = halves(lines.next()?, b" ")?;
    let mut request =
        Request::builder().method(method).uri(target).body(Bytes::copy_from_slice(body)).ok()?;
    for line in lines {
        let (name, value) = halves(line, b":")?;
        let name = HeaderName::from_bytes(name).ok()?;
        let value = HeaderValue::from_bytes(value.trim_ascii()).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

/// The requests of a text that has several.
pub fn requests(text: &[u8]) -> Vec<Request<Bytes>> {
    let (mut rest, mut found) = (text, Vec::new());
    while found.len() < MOST_REQUESTS {
        let (first, others) = halves(rest, BETWEEN).unwrap_or((rest, b""));
        found.extend(request(first));
        if others.is_empty() {
            break;
        }
        rest = others;
    }
    found
}

/// The text of a request.
pub fn text(request: &Request<Bytes>) -> Vec<u8> {
    let mut text = format!("{} {}", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        text.extend([b"\n", name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
    }
    text.extend_from_slice(b"\n\n");
    text.extend_from_slice(request.body());
    text
}

/// The text of several requests.
pub fn together(requests: &[Vec<u8>]) -> Vec<u8> {
    requests.join(BETWEEN)
}

fn halves<'a>(text: &'a [u8], between: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(between.len()).position(|window| window == between)?;
    Some((&text[..at], &text[at + between.len()..]))
}
