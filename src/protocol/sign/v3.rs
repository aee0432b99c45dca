//! Signature V3: hex HMAC over a canonical request (spec/protocol.md §2.3).

use bytes::Bytes;
use http::{HeaderName, Request};
use smallvec::SmallVec;

use super::{Algorithm, Names, estimate, same, sorted};
use crate::domain::{ApiError, Code, HashText, Secret};
use crate::protocol::call::Call;
use crate::protocol::percent;
use crate::text::pieces::split;

/// What stands before the string to sign, and before the canonical request, in the message of a mismatch.
pub(crate) const BEFORE_STRING: &str = "server StringToSign is [";
pub(crate) const BEFORE_REQUEST: &str = "], server CanonicalRequest is [";

/// The canonical request. `query` is decoded; `signed_headers` are names as the client lists them; `body_hash` is in hex.
pub(super) fn canonical_request<'q>(
    request: &Request<Bytes>,
    query: impl Iterator<Item = (&'q str, &'q str)>,
    signed_headers: &[&str],
    body_hash: &str,
    names: Names,
) -> String {
    let query = sorted(query);
    let headers: SmallVec<[_; 16]> =
        request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let of_headers = headers.iter().map(|(name, value)| 2 * name.len() + value.len() + 3).sum::<usize>();
    let mut text = String::with_capacity(estimate(&query) + of_headers + 128);
    text.extend([request.method().as_str(), "\n/\n"]);
    for (place, (_, name, value)) in query.into_iter().enumerate() {
        if place > 0 {
            text.push('&');
        }
        match names {
            Names::Encoded => percent::push(&mut text, name),
            Names::Raw => text.push_str(name),
        }
        text.push('=');
        percent::push(&mut text, value);
    }
    text.push('\n');
    for name in signed_headers {
        text.extend([*name, ":"]);
        // A client may spell it otherwise than `HeaderMap` does.
        let mut found = headers.iter().filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let first = found.next().map(|(_, value)| *value);
        push_values(&mut text, first, found.map(|(_, value)| *value));
        text.push('\n');
    }
    text.push('\n');
    for (place, name) in signed_headers.iter().enumerate() {
        text.extend([if place > 0 { ";" } else { "" }, name]);
    }
    text.extend(["\n", body_hash]);
    text
}

/// Appends the values of a header, each trimmed; several are sorted and joined by a comma.
fn push_values<'v>(text: &mut String, first: Option<&'v [u8]>, others: impl Iterator<Item = &'v [u8]>) {
    let mut others = others.peekable();
    // Most headers have one value, in ASCII.
    if others.peek().is_none()
        && let Some(Ok(value)) = first.map(std::str::from_utf8)
    {
        text.push_str(value.trim());
        return;
    }
    let mut values: Vec<_> = first.into_iter().chain(others).map(String::from_utf8_lossy).collect();
    // As they will be written, or white space would decide the order.
    values.sort_unstable_by(|a, b| a.trim().cmp(b.trim()));
    for (index, value) in values.iter().enumerate() {
        text.extend([if index > 0 { "," } else { "" }, value.trim()]);
    }
}

pub(super) fn string_to_sign(algorithm: Algorithm, canonical_request: &str) -> String {
    [algorithm.name(), "\n", &algorithm.hash(canonical_request.as_bytes()).hex()].concat()
}

pub(super) fn sign(algorithm: Algorithm, secret: &Secret, string_to_sign: &str) -> HashText {
    secret.sign(algorithm, string_to_sign.as_bytes()).hex()
}

pub(super) fn verify(call: &Call<'_>, algorithm: Algorithm, secret: &Secret) -> Result<(), ApiError> {
    let claims = &call.claims;
    let body_hash = algorithm.body_hash(call.request.body());
    let signed_headers: SmallVec<[&str; 16]> = split(claims.signed_headers, b';').collect();
    let attempt = |names| {
        let canonical =
            canonical_request(call.request, call.query.iter(), &signed_headers, &body_hash, names);
        let string = string_to_sign(algorithm, &canonical);
        let matches = same(&sign(algorithm, secret, &string), claims.signature);
        (matches, canonical, string)
    };
    let (encoded_matches, canonical, string) = attempt(Names::Encoded);
    let names = || call.query.iter().map(|(name, _)| name);
    let spelled_apart = || names().any(|name| percent::encode(name) != name);
    // One with these, left raw, could stand for several pairs that were signed.
    let is_ambiguous = || names().any(|name| name.contains(['&', '=']));
    let matches = encoded_matches || (spelled_apart() && !is_ambiguous() && attempt(Names::Raw).0);
    // The header is signed, the body is not: only their agreement ties the body to the signature.
    if matches && claims.content_hash == Some(&*body_hash) && signs_its_claims(call, &signed_headers) {
        return Ok(());
    }
    Err(ApiError::with_message(
        Code::SIGNATURE_MISMATCH,
        format!(
            "Specified signature does not match our calculation. {BEFORE_STRING}{string}{BEFORE_REQUEST}{canonical}]"
        ),
    ))
}

/// Whether every `x-acs-*` header of the request is signed, as all SDKs do (spec/protocol.md §2.2): action, time and nonce
/// protect nothing if they can be replaced. Proxies may add other headers. Names may be listed in either case, as
/// [`canonical_request`] takes them.
fn signs_its_claims(call: &Call<'_>, signed_headers: &[&str]) -> bool {
    let headers = call.request.headers().keys().map(HeaderName::as_str);
    let mut claims = headers.filter(|name| name.starts_with("x-acs-"));
    claims.all(|claim| signed_headers.iter().any(|name| name.eq_ignore_ascii_case(claim)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::decode;

    #[test]
    fn each_claim_is_signed_and_names_are_listed_in_either_case() {
        let (algorithm, secret) = (Algorithm::Acs3HmacSha256, Secret::new("secret"));
        let hash = algorithm.body_hash(b"");
        let request = Request::post("/").header("host", "x").header("x-acs-date", "d");
        let mut request = request.header("x-acs-content-sha256", &*hash).body(Bytes::new()).unwrap();
        let mut verdict = |signed: &[&str]| {
            let canonical = canonical_request(&request, [].into_iter(), signed, &hash, Names::Encoded);
            let signature = sign(algorithm, &secret, &string_to_sign(algorithm, &canonical));
            let names = signed.join(";");
            let claimed =
                format!("ACS3-HMAC-SHA256 Credential=id,SignedHeaders={names},Signature={}", &*signature);
            request.headers_mut().insert("authorization", claimed.parse().unwrap());
            verify(&decode(&request, 9).unwrap().call(&request), algorithm, &secret).is_ok()
        };
        assert!(verdict(&["host", "x-acs-content-sha256", "x-acs-date"]));
        assert!(verdict(&["HOST", "X-Acs-Content-Sha256", "X-ACS-DATE"]));
        assert!(!verdict(&["host", "x-acs-content-sha256"]));
    }

    #[test]
    fn header_values_are_trimmed_sorted_and_joined() {
        let request =
            Request::post("/").header("x-acs-a", " b  b ").header("x-acs-a", "a").header("b", " c ");
        let request = request.body(Bytes::new()).unwrap();
        let signed = ["not a name", "B", "x-acs-a"];
        let canonical = canonical_request(&request, [].into_iter(), &signed, "hash", Names::Encoded);
        insta::assert_snapshot!(canonical, @"
        POST
        /

        not a name:
        B:c
        x-acs-a:a,b  b

        not a name;B;x-acs-a
        hash
        ");
    }
}
