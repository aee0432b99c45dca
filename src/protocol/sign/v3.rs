//! Signature V3: hex HMAC over a canonical request (spec/protocol.md §2.3).

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request};

use super::{Algorithm, Names, joined, same};
use crate::domain::{ApiError, Code, Secret};
use crate::protocol::call::Call;
use crate::protocol::percent;

/// The canonical request. `query` is decoded; `signed_headers` are names in lower case, sorted, joined by `;`; `body_hash`
/// is in hex.
pub(super) fn canonical_request(
    request: &Request<Bytes>,
    query: &[(String, String)],
    signed_headers: &str,
    body_hash: &str,
    names: Names,
) -> String {
    let query = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut text = format!("{}\n/\n{}\n", request.method(), joined(query, names));
    for name in signed_headers.split(';') {
        text.push_str(name);
        text.push(':');
        push_value(&mut text, request.headers(), name);
        text.push('\n');
    }
    text.extend(["\n", signed_headers, "\n", body_hash]);
    text
}

/// Appends the value of a header, trimmed; several values are sorted and joined by a comma.
fn push_value(text: &mut String, headers: &HeaderMap, name: &str) {
    let mut values: Vec<_> =
        headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    // As they will be written, or white space would decide the order.
    values.sort_unstable_by(|a, b| a.trim().cmp(b.trim()));
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(value.trim());
    }
}

pub(super) fn string_to_sign(algorithm: Algorithm, canonical_request: &str) -> String {
    format!("{}\n{}", algorithm.name(), algorithm.hash(canonical_request.as_bytes()))
}

/// The key is the plain secret.
pub(super) fn sign(algorithm: Algorithm, secret: &Secret, string_to_sign: &str) -> String {
    hex::encode(algorithm.mac(secret.expose().as_bytes(), string_to_sign.as_bytes()))
}

pub(super) fn verify(call: &Call<'_>, algorithm: Algorithm, secret: &Secret) -> Result<(), ApiError> {
    let claims = &call.claims;
    let body_hash = algorithm.hash(call.request.body());
    let attempt = |names| {
        let canonical = canonical_request(call.request, call.query, claims.signed_headers, &body_hash, names);
        let string = string_to_sign(algorithm, &canonical);
        let matches = same(&sign(algorithm, secret, &string), claims.signature);
        (matches, canonical, string)
    };
    let (encoded_matches, canonical, string) = attempt(Names::Encoded);
    let names = || call.query.iter().map(|(name, _)| name.as_str());
    let spelled_apart = || names().any(|name| percent::encode(name) != name);
    // One with these, left raw, could stand for several pairs that were signed.
    let is_ambiguous = || names().any(|name| name.contains(['&', '=']));
    let matches = encoded_matches || (spelled_apart() && !is_ambiguous() && attempt(Names::Raw).0);
    // The header is signed, the body is not: only their agreement ties the body to the signature.
    if matches && same(&body_hash, claims.content_hash) && signs_its_claims(call) {
        return Ok(());
    }
    Err(ApiError::with_message(
        Code::SIGNATURE_MISMATCH,
        format!(
            "Specified signature does not match our calculation. server StringToSign is [{string}], \
             server CanonicalRequest is [{canonical}]"
        ),
    ))
}

/// Whether every `x-acs-*` header of the request is signed, as all SDKs do (spec/protocol.md §2.2): action, time and nonce
/// protect nothing if they can be replaced. Proxies may add other headers.
fn signs_its_claims(call: &Call<'_>) -> bool {
    let headers = call.request.headers().keys().map(HeaderName::as_str);
    let mut claims = headers.filter(|name| name.starts_with("x-acs-"));
    claims.all(|claim| call.claims.signed_headers.split(';').any(|signed| signed == claim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_trimmed_sorted_and_joined() {
        let mut headers = HeaderMap::new();
        headers.append("x-acs-a", " b  b ".parse().unwrap());
        headers.append("x-acs-a", "a".parse().unwrap());
        let value = |name| {
            let mut text = String::new();
            push_value(&mut text, &headers, name);
            text
        };
        assert_eq!(value("x-acs-a"), "a,b  b");
        assert_eq!(value("not a name"), "");
    }
}
