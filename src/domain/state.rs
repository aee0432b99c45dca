//! What a task shows at one moment.

use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};

/// The status words of `GetLastOnceTaskInfo` (spec/api.md §3.1), `Fail` included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Waiting.
    Init,
    /// Running.
    Start,
    /// Done, even if some targets failed.
    Success,
    /// Failed as a whole, or cancelled.
    Fail,
    /// Took longer than the service allows.
    Timeout,
}

impl Status {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Start => "START",
            Self::Success => "SUCCESS",
            Self::Fail => "FAIL",
            Self::Timeout => "TIMEOUT",
        }
    }

    /// Its number where a reply has no word, in the order of declaration from 0.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// Whether nothing can follow.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Init | Self::Start)
    }
}

/// The `TaskInfo.Result` of a task that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum ScanResult {
    /// The ordinary one.
    #[serde(rename = "SUCCESS")]
    Success,
    /// The images lie in a region without image scan.
    #[serde(rename = "TASK_NOT_SUPPORT_REGION")]
    NotSupportRegion,
}

impl ScanResult {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "SUCCESS",
            Self::NotSupportRegion => "TASK_NOT_SUPPORT_REGION",
        }
    }
}

/// What a task shows at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Where in its life the task is.
    pub status: Status,
    /// Percent; 100 exactly when done.
    #[serde(deserialize_with = "percent")]
    pub progress: u8,
    /// Targets finished so far.
    pub finish_count: u32,
    /// Targets in all.
    pub total_count: u32,
    /// The word in `TaskInfo.Result`.
    pub result: ScanResult,
}

fn percent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    let wrong =
        || D::Error::invalid_value(Unexpected::Unsigned(number.into()), &"a percentage from 0 to 100");
    if number <= 100 { Ok(number) } else { Err(wrong()) }
}
