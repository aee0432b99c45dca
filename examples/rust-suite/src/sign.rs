//! `ACS3-HMAC-SHA256`, for a POST without a body.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

const SCHEME: &str = "ACS3-HMAC-SHA256";

/// Parameters in the order in which they are signed.
pub(crate) fn query(params: &[(&str, &str)]) -> String {
    let mut pairs: Vec<_> = params.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The headers of a call, its signature included.
pub(crate) fn headers(
    host: &str,
    action: &str,
    query: &str,
    access_key_id: &str,
    secret: &str,
) -> Vec<(&'static str, String)> {
    let (now, body) = (Timestamp::now(), hex::encode(Sha256::digest([])));
    // Sorted by name, as they are signed.
    let mut headers = vec![
        ("host", host.to_owned()),
        ("x-acs-action", action.to_owned()),
        ("x-acs-content-sha256", body.clone()),
        ("x-acs-date", format!("{now:.0}")),
        ("x-acs-signature-nonce", nonce()),
        ("x-acs-version", "2018-12-03".to_owned()),
    ];
    let signed = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let canonical = format!("POST\n/\n{query}\n{lines}\n{signed}\n{body}");
    let text = format!("{SCHEME}\n{}", hex::encode(Sha256::digest(canonical)));
    let signature = hmac(secret, &text);
    let authorization =
        format!("{SCHEME} Credential={access_key_id},SignedHeaders={signed},Signature={signature}");
    headers.push(("authorization", authorization));
    headers
}

fn hmac(secret: &str, text: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key of any length will do");
    hmac.update(text.as_bytes());
    hex::encode(hmac.finalize().into_bytes())
}

/// A different one for each request.
fn nonce() -> String {
    use std::hash::{BuildHasher, RandomState};
    let draw = || RandomState::new().hash_one(Timestamp::now().as_nanosecond());
    format!("{:016x}{:016x}", draw(), draw())
}

/// RFC 3986: letters, digits and `-_.~` stand for themselves.
fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(byte.into()),
            _ => write!(encoded, "%{byte:02X}").expect("a text can be written to"),
        }
    }
    encoded
}
