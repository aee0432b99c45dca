//! Signed calls of `GetLastOnceTaskInfo`, made ahead of a measurement: what two official SDKs send, each with a nonce of
//! its own.

use bytes::Bytes;
use http::request::Builder;
use http::{HeaderMap, Request};
use sas_emulator::clock::GatewayClock;
use sas_emulator::domain::Secret;
use sas_emulator::protocol::sign::{Algorithm, Names, v1, v3};
use sas_emulator::protocol::{VERSION, percent, timestamp};

/// Which SDK's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Modern Python: POST, parameters in the query, signature V3 over nine headers.
    V3Post,
    /// pop-core of Node.js: GET, everything in the query, signature V1.
    V1Get,
}

/// Signed as sent: the server does not compare it with its own address.
const HOST: &str = "127.0.0.1:7270";
const ACCESS_KEY_ID: &str = "bench";
const ACTION: &str = "GetLastOnceTaskInfo";
const PARAMS: [(&str, &str); 3] =
    [("Source", "console"), ("TaskName", "CLIENT_PROBLEM_CHECK"), ("TaskType", "CLIENT_PROBLEM_CHECK")];

/// Makes requests and never the same one twice, not even in two runs against one server.
pub(crate) struct Signer {
    secret: Secret,
    run: i128,
    count: u64,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let run = GatewayClock::default().now().as_nanosecond() & i128::from(u64::MAX);
        Self { secret: Secret::new("test"), run, count: 0 }
    }

    /// The next request, dated now.
    pub(crate) fn request(&mut self, kind: Kind) -> Request<Bytes> {
        self.count += 1;
        let nonce = format!("{:016x}{:016x}", self.run, self.count);
        let now = timestamp::format(GatewayClock::default().now());
        let request = match kind {
            Kind::V3Post => self.v3(&now, &nonce),
            Kind::V1Get => self.v1(&now, &nonce),
        };
        request.body(Bytes::new()).unwrap()
    }

    fn v3(&self, now: &str, nonce: &str) -> Builder {
        const SCHEME: &str = "ACS3-HMAC-SHA256";
        const SIGNED: &str = "accept;host;user-agent;x-acs-action;x-acs-content-sha256;\
            x-acs-credentials-provider;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let algorithm = Algorithm::HmacSha256;
        let query = PARAMS.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let hash = algorithm.hash(b"");
        let headers: HeaderMap = [
            ("accept-encoding", "identity"),
            ("host", HOST),
            ("x-acs-version", VERSION),
            ("x-acs-action", ACTION),
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
        let signature = v3::sign(algorithm, &self.secret, &string_to_sign);
        let mut request = Request::post(target(&PARAMS));
        request.headers_mut().unwrap().extend(headers);
        request
            .header(
                "authorization",
                format!("{SCHEME} Credential={ACCESS_KEY_ID},SignedHeaders={SIGNED},Signature={signature}"),
            )
            .header("content-length", "0")
    }

    fn v1(&self, now: &str, nonce: &str) -> Builder {
        let mut params = vec![
            ("AccessKeyId", ACCESS_KEY_ID),
            ("Action", ACTION),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", now),
            ("Version", VERSION),
        ];
        params.extend(PARAMS);
        let string_to_sign = v1::string_to_sign("GET", params.iter().copied());
        let signature = v1::sign(Algorithm::HmacSha1, &self.secret, &string_to_sign);
        params.push(("Signature", &signature));
        Request::get(target(&params))
            .header("x-sdk-client", "Node.js(v20.20.2), @alicloud/pop-core: 1.8.0")
            .header("user-agent", "AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.8.0")
            .header("x-acs-action", ACTION)
            .header("x-acs-version", VERSION)
            .header("host", HOST)
            .header("connection", "keep-alive")
    }
}

fn target(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
    format!("/?{}", encoded.join("&"))
}
