//! What an answer says about its call, in either syntax.

use super::request_id::RequestId;
use crate::domain::ApiError;

/// The syntax of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// XML.
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

/// What an answer says about its call.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The id of the call, in header and body alike.
    pub request_id: RequestId,
    /// `x-acs-trace-id`.
    pub trace_id: [u8; 16],
    /// The operation; the XML root is named after it.
    pub action: &'a str,
    /// The host that was called.
    pub host: &'a str,
    /// The syntax.
    pub format: Format,
}

impl Envelope<'_> {
    /// The address of something of ours, by the name the caller used; it may not know another one.
    pub(super) fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }
}

/// Where a person finds out more about an error; `product` is spelled as registered, to our best knowledge.
pub(super) fn recommend(error: &ApiError, request_id: RequestId) -> String {
    if let Some(own) = &error.recommend {
        return own.to_string();
    }
    format!("https://api.aliyun.com/troubleshoot?q={}&product=Sas&requestId={request_id}", error.code)
}
