//! What a reply says about its call, in JSON and XML alike.

use super::request_id::RequestId;
use crate::domain::ApiError;

/// The format of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    /// Exactly these texts: modern SDKs compare the XML one with `==` and read anything else as JSON
    /// (spec/protocol.md §4.1).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json;charset=utf-8",
            Self::Xml => "text/xml;charset=utf-8",
        }
    }
}

/// What a reply says about its call.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// In the header and in the body.
    pub request_id: RequestId,
    /// `x-acs-trace-id`.
    pub trace_id: [u8; 16],
    /// The operation, after which the XML root is named.
    pub action: &'a str,
    /// The `Host` of the request.
    pub host: &'a str,
    pub format: Format,
}

impl Envelope<'_> {
    /// A link to the emulator, under the host name that the caller used: it may not know another one.
    pub(super) fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }
}

/// The `Recommend` member of an error; `product` is spelled as registered, to our best knowledge.
pub(super) fn recommend(error: &ApiError, request_id: RequestId) -> String {
    if let Some(own) = &error.recommend {
        return own.to_string();
    }
    format!("https://api.aliyun.com/troubleshoot?q={}&product=Sas&requestId={request_id}", error.code)
}
