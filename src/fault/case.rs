//! What `self-check` arms, calls and looks for: one piece of data for each thing that a client can tell.

use std::time::Duration;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// `match`, `trigger` and so on of the rule in JSON, each with a comma after it.
    when: &'static str,
    /// Its `effect` in JSON.
    pub(crate) effect: &'static str,
    /// What is called while it is armed, over TLS if it begins with `tls `; `advance 10s` turns the task clock instead.
    pub(crate) calls: &'static [&'static str],
    pub(crate) fires: &'static [bool],
    pub(crate) shows: fn(&Observed) -> bool,
}

impl Case {
    /// A fault that fires for one call about a task.
    pub(crate) const fn new(name: &'static str, effect: &'static str, shows: fn(&Observed) -> bool) -> Self {
        Self { name, when: "", effect, calls: &[POLL], fires: &[true], shows }
    }

    #[must_use]
    pub(crate) const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }

    /// The rule, as the control API takes it.
    pub(crate) fn rule(&self) -> String {
        format!(r#"{{{}"effect":{}}}"#, self.when, self.effect)
    }

    #[must_use]
    pub(crate) const fn calling(self, calls: &'static [&'static str], fires: &'static [bool]) -> Self {
        Self { calls, fires, ..self }
    }
}

/// A call about a task of account `a`.
pub(crate) const POLL: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=JSON&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";
pub(crate) const SUMMARY: &str = "/?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";
pub(crate) const SUMMARY_OVER_TLS: &str =
    "tls /?Action=GetAuthSummary&Version=2018-12-03&Format=JSON&AccessKeyId=a";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With its last byte.
    Whole,
    /// The connection was closed before that.
    Closed,
    Reset,
    /// It did not: nothing came any more.
    Silence,
    /// The others: before it began, with a bad certificate.
    Expired,
    WrongName,
    Untrusted,
}

#[derive(Debug)]
pub(crate) struct Observed {
    /// None if there was not even a head.
    pub(crate) status: Option<u16>,
    /// The head, in lower case.
    pub(crate) head: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
    /// In how many pieces it was read.
    pub(crate) pieces: usize,
    pub(crate) took: Duration,
}

impl Observed {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.bytes).ok()
    }

    pub(crate) fn code(&self) -> Option<String> {
        Some(self.json()?["Code"].as_str()?.to_owned())
    }

    pub(crate) fn is_server_error(&self) -> bool {
        self.status == Some(500) && self.code().as_deref() == Some("ServerError")
    }

    /// Whether it ended in this way before there was any reply.
    pub(crate) fn broke(&self, end: End) -> bool {
        self.status.is_none() && self.end == end
    }
}
