//! Signed calls of `GetLastOnceTaskInfo`, made before a measurement: the requests of two official SDKs, each with its
//! own nonce.

#[path = "v3.rs"]
pub(crate) mod v3;

use bytes::Bytes;
use http::Request;
use sas_emulator::internals::clock::GatewayClock;
use sas_emulator::internals::protocol::sign::{Algorithm, Signer, Unsigned};
use sas_emulator::internals::protocol::{VERSION, timestamp};

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
pub(crate) struct Calls {
    v1: Signer,
    v3: Signer,
    run: i128,
    count: u64,
}

impl Calls {
    pub(crate) fn new() -> Self {
        let run = GatewayClock::default().now().as_nanosecond() & i128::from(u64::MAX);
        let signer = |algorithm| v3::signer(algorithm, ACCESS_KEY_ID);
        Self { v1: signer(Algorithm::HmacSha1), v3: signer(Algorithm::Acs3HmacSha256), run, count: 0 }
    }

    /// The next request, dated now.
    pub(crate) fn request(&mut self, kind: Kind) -> Request<Bytes> {
        self.count += 1;
        let nonce = format!("{:016x}{:016x}", self.run, self.count);
        let now = timestamp::format(GatewayClock::default().now());
        match kind {
            Kind::V3Post => v3::post(&self.v3, ACTION, &PARAMS, &now, &nonce),
            Kind::V1Get => self.v1(&now, &nonce),
        }
    }

    fn v1(&self, now: &str, nonce: &str) -> Request<Bytes> {
        let query = v3::owned(&PARAMS);
        let unsigned = Unsigned {
            method: "GET",
            headers: v3::headers(&[
                ("x-sdk-client", "Node.js(v20.20.2), @alicloud/pop-core: 1.8.0"),
                ("user-agent", "AlibabaCloud (linux; x64) Node.js/v20.20.2 Core/1.8.0"),
                ("x-acs-action", ACTION),
                ("x-acs-version", VERSION),
                ("host", v3::HOST),
                ("connection", "keep-alive"),
            ]),
            action: ACTION,
            version: VERSION,
            format: Some("JSON"),
            query: &query,
            timestamp: now,
            nonce,
            ..Unsigned::default()
        };
        self.v1.sign(&unsigned).unwrap().request
    }
}
