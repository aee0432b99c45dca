//! What `self-check` arms, calls and looks for: one piece of data for each thing that a client can tell.

use std::time::Duration;

/// One fault.
pub struct Case {
    /// What it is called.
    pub name: &'static str,
    /// The rule, as the control API takes it.
    pub fault: &'static str,
    /// What is called while it is armed, over TLS if it begins with `tls `; `advance 10s` turns the task clock instead.
    pub calls: &'static [&'static str],
    /// For which of the calls it fires.
    pub fires: &'static [bool],
    /// Whether a client can tell that it fired.
    pub shows: fn(&Observed) -> bool,
}

impl Case {
    /// A fault that fires for one call about a task.
    pub const fn new(name: &'static str, fault: &'static str, shows: fn(&Observed) -> bool) -> Self {
        Self { name, fault, calls: &[POLL], fires: &[true], shows }
    }

    /// With these calls, for some of which it fires.
    #[must_use]
    pub const fn calling(self, calls: &'static [&'static str], fires: &'static [bool]) -> Self {
        Self { calls, fires, ..self }
    }
}

/// A call about a task of account `a`.
pub const POLL: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
/// A call about no task.
pub const SUMMARY: &str = "/?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";
/// The same over TLS.
pub const SUMMARY_OVER_TLS: &str = "tls /?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With its last byte.
    Whole,
    /// The connection was closed before that.
    Closed,
    /// The connection was reset.
    Reset,
    /// It did not: nothing came any more.
    Silence,
    /// With a certificate that was good until some days ago.
    Expired,
    /// With a certificate for another name.
    WrongName,
    /// With a certificate of an authority that is not trusted.
    Untrusted,
}

/// What came back.
#[derive(Debug)]
pub struct Observed {
    /// None if there was not even a head.
    pub status: Option<u16>,
    /// The head, in lower case.
    pub head: String,
    /// The body.
    pub bytes: Vec<u8>,
    /// How it ended.
    pub end: End,
    /// In how many pieces it was read.
    pub pieces: usize,
    /// How long it took.
    pub took: Duration,
}

impl Observed {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// The body as text.
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON, if it is any.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    /// The `Code` of an error.
    pub fn code(&self) -> Option<String> {
        Some(self.json()?["Code"].as_str()?.to_owned())
    }

    /// Whether it is the error `ServerError`.
    pub fn is_server_error(&self) -> bool {
        self.status == Some(500) && self.code().as_deref() == Some("ServerError")
    }

    /// Whether it ended in this way before there was any reply.
    pub fn broke(&self, end: End) -> bool {
        self.status.is_none() && self.end == end
    }
}
