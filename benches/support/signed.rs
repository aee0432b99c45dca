//! Signed calls of `GetLastOnceTaskInfo`, made ahead of a measurement: what two official SDKs send, each with a nonce of
//! its own.

#[path = "v3.rs"]
pub(crate) mod v3;

use bytes::Bytes;
use http::Request;
use http::request::Builder;
use sas_emulator::clock::GatewayClock;
use sas_emulator::domain::Secret;
use sas_emulator::protocol::sign::{Algorithm, v1};
use sas_emulator::protocol::{VERSION, timestamp};

use self::v3::target;

/// Which SDK's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Modern Python: POST, parameters in the query, signature V3 over nine headers.
    V3Post,
    /// pop-core of Node.js: GET, everything in the query, signature V1.
    V1Get,
}

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
            Kind::V3Post => v3::post(ACTION, &PARAMS, ACCESS_KEY_ID, &self.secret, &now, &nonce),
            Kind::V1Get => self.v1(&now, &nonce),
        };
        request.body(Bytes::new()).unwrap()
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
            .header("host", v3::HOST)
            .header("connection", "keep-alive")
    }
}
