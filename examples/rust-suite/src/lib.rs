//! The code under test: starts an image scan in Security Center, and polls until it ends.

mod sign;

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Calls Security Center.
pub struct Client {
    endpoint: String,
    access_key_id: String,
    access_key_secret: String,
    http: legacy::Client<HttpConnector, Empty<Bytes>>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The service refused it.
    #[error("{code}: {message}")]
    Refused {
        /// The error code.
        code: String,
        /// In the service's words.
        message: String,
    },
    /// There was no response.
    #[error("no response: {0}")]
    Broken(#[from] legacy::Error),
    /// The response broke off.
    #[error("incomplete response: {0}")]
    Incomplete(#[from] hyper::Error),
    /// The endpoint is not valid.
    #[error("no request: {0}")]
    Impossible(#[from] http::Error),
    /// The response is not JSON.
    #[error(transparent)]
    Garbled(#[from] serde_json::Error),
}

impl Error {
    /// Whether the same call may succeed later.
    fn is_passing(&self) -> bool {
        match self {
            Self::Refused { code, .. } => code.starts_with("Throttling") || code == "ServiceUnavailable",
            Self::Broken(_) | Self::Incomplete(_) => true,
            Self::Impossible(_) | Self::Garbled(_) => false,
        }
    }
}

/// How a scan ended: `SUCCESS`, `FAIL` or `TIMEOUT`, and at what percentage.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub status: String,
    pub progress: u64,
}

impl Client {
    /// Calls `endpoint`, such as `http://127.0.0.1:7270`, as this AccessKey.
    pub fn new(endpoint: &str, access_key_id: &str, access_key_secret: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            access_key_id: access_key_id.to_owned(),
            access_key_secret: access_key_secret.to_owned(),
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// Scans all images, and polls every `interval`. Temporary failures are retried, at most a hundred times in a row.
    pub async fn scan_images(&self, interval: Duration) -> Result<Outcome, Error> {
        let scan = [("TaskType", "IMAGE_SCAN"), ("TaskName", "IMAGE_SCAN")];
        self.call("GenerateOnceTask", &[&scan[..], &[("Param", "{}")]].concat()).await?;
        let mut failures = 0;
        loop {
            match self.call("GetLastOnceTaskInfo", &scan).await {
                Ok(answer) => {
                    failures = 0;
                    let task = &answer["TaskInfo"];
                    let status = task["Status"].as_str().unwrap_or_default();
                    if !matches!(status, "INIT" | "START") {
                        let progress = task["Progress"].as_u64().unwrap_or_default();
                        return Ok(Outcome { status: status.to_owned(), progress });
                    }
                }
                Err(error) if error.is_passing() && failures < 100 => failures += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(interval).await;
        }
    }

    async fn call(&self, action: &str, params: &[(&str, &str)]) -> Result<Value, Error> {
        let query = sign::query(params);
        let host = self.endpoint.split("://").last().unwrap_or_default();
        let mut request = Request::post(format!("{}/?{query}", self.endpoint));
        for (name, value) in sign::headers(host, action, &query, &self.access_key_id, &self.access_key_secret)
        {
            request = request.header(name, value);
        }
        let (head, body) = self.http.request(request.body(Empty::new())?).await?.into_parts();
        let answer: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
        if head.status.is_success() {
            return Ok(answer);
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err(Error::Refused { code: text("Code"), message: text("Message") })
    }
}
