//! Any call as the modern Python SDK sends it: POST, parameters in the query, signature V3 over nine headers.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request};
use sas_emulator::internals::domain::Secret;
use sas_emulator::internals::protocol::VERSION;
use sas_emulator::internals::protocol::sign::{Algorithm, Names, Signer, Unsigned};

/// Signed as sent: the server does not compare it with its own address.
pub(crate) const HOST: &str = "127.0.0.1:7270";

pub(crate) fn signer(algorithm: Algorithm, key: &str) -> Signer {
    Signer {
        algorithm,
        access_key_id: key.to_owned(),
        secret: Secret::new("test"),
        security_token: None,
        names: Names::Encoded,
    }
}

/// A request of `signer`, which signs by V3.
pub(crate) fn post(
    signer: &Signer,
    action: &str,
    params: &[(&str, &str)],
    now: &str,
    nonce: &str,
) -> Request<Bytes> {
    let query = owned(params);
    let unsigned = Unsigned {
        method: "POST",
        headers: headers(&[
            ("accept", "application/json"),
            ("host", HOST),
            ("user-agent", "AlibabaCloud (Linux; x86_64) Python/3.11.7 Core/0.4.3 TeaDSL/2"),
            ("x-acs-credentials-provider", "static_ak"),
        ]),
        action,
        version: VERSION,
        query: &query,
        timestamp: now,
        nonce,
        ..Unsigned::default()
    };
    let mut request = signer.sign(&unsigned).unwrap().request;
    request.headers_mut().extend(headers(&[("accept-encoding", "identity"), ("content-length", "0")]));
    request
}

pub(crate) fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value))).collect()
}

pub(crate) fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
