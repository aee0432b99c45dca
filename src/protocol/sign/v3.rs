//! Signature V3: hex HMAC over a canonical request (spec/protocol.md §2.3).

use http::{HeaderMap, HeaderName};

use super::{Algorithm, Names, joined, same};
use crate::domain::{ApiError, Code, Secret};
use crate::protocol::call::Call;
use crate::protocol::percent;

#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) method: &'a str,
    /// Decoded pairs.
    pub(super) query: &'a [(String, String)],
    /// All headers; only those named in `signed_headers` count.
    pub(super) headers: &'a HeaderMap,
    /// Names in lower case, sorted, joined by `;`.
    pub(super) signed_headers: &'a str,
}

/// The canonical request; `body_hash` is in hex.
pub(super) fn canonical_request(parts: &Parts<'_>, body_hash: &str, names: Names) -> String {
    let query = parts.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut text = format!("{}\n/\n{}\n", parts.method, joined(query, names));
    for name in parts.signed_headers.split(';') {
        text.push_str(name);
        text.push(':');
        push_value(&mut text, parts.headers, name);
        text.push('\n');
    }
    text.push('\n');
    text.push_str(parts.signed_headers);
    text.push('\n');
    text.push_str(body_hash);
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
    let parts = Parts {
        method: call.request.method().as_str(),
        query: call.query,
        headers: call.request.headers(),
        signed_headers: claims.signed_headers,
    };
    let body_hash = algorithm.hash(call.request.body());
    let attempt = |names| {
        let canonical = canonical_request(&parts, &body_hash, names);
        let string = string_to_sign(algorithm, &canonical);
        let matches = same(&sign(algorithm, secret, &string), claims.signature);
        (matches, canonical, string)
    };
    let (encoded_matches, canonical, string) = attempt(Names::Encoded);
    let spelled_apart = || parts.query.iter().any(|(name, _)| percent::encode(name) != name.as_str());
    let matches = encoded_matches || (spelled_apart() && attempt(Names::Raw).0);
    // The header is signed, the body is not: only their agreement ties the body to the signature.
    if matches && same(&body_hash, claims.content_hash) && signs_its_claims(&parts) {
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
fn signs_its_claims(parts: &Parts<'_>) -> bool {
    let claims = parts.headers.keys().map(HeaderName::as_str).filter(|name| name.starts_with("x-acs-"));
    claims.into_iter().all(|claim| parts.signed_headers.split(';').any(|signed| signed == claim))
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
