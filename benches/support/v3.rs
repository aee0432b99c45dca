//! Any call as the modern Python SDK sends it: POST, parameters in the query, signature V3 over nine headers.

use http::request::Builder;
use http::{HeaderMap, Request};
use sas_emulator::domain::Secret;
use sas_emulator::protocol::sign::{Algorithm, Names, v3};
use sas_emulator::protocol::{VERSION, percent};

/// Signed as sent: the server does not compare it with its own address.
pub(crate) const HOST: &str = "127.0.0.1:7270";

pub(crate) fn post(
    action: &str,
    params: &[(&str, &str)],
    key: &str,
    secret: &Secret,
    now: &str,
    nonce: &str,
) -> Builder {
    const SCHEME: &str = "ACS3-HMAC-SHA256";
    const SIGNED: &str = "accept;host;user-agent;x-acs-action;x-acs-content-sha256;\
        x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let algorithm = Algorithm::HmacSha256;
    let query: Vec<_> =
        params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let hash = algorithm.hash(b"");
    let headers: HeaderMap = [
        ("accept-encoding", "identity"),
        ("host", HOST),
        ("x-acs-version", VERSION),
        ("x-acs-action", action),
        ("user-agent", "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2"),
        ("x-acs-date", now),
        ("x-acs-signature-nonce", nonce),
        ("accept", "application/json"),
        ("x-acs-content-sha256", hash.as_str()),
        ("x-acs-credentials-provider", "static_ak"),
    ]
    .into_iter()
    .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
    .collect();
    let parts =
        v3::Parts { method: "POST", query: &query, headers: &headers, signed_headers: SIGNED, body: b"" };
    let canonical = v3::canonical_request(&parts, algorithm, Names::Encoded);
    let string_to_sign = v3::string_to_sign(SCHEME, algorithm, &canonical);
    let signature = v3::sign(algorithm, secret, &string_to_sign);
    let mut request = Request::post(target(params));
    request.headers_mut().unwrap().extend(headers);
    request
        .header(
            "authorization",
            format!("{SCHEME} Credential={key},SignedHeaders={SIGNED},Signature={signature}"),
        )
        .header("content-length", "0")
}

pub(crate) fn target(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
    format!("/?{}", encoded.join("&"))
}
