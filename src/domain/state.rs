//! What a task shows at one moment.

use serde::de::{Deserializer, Error, Unexpected};
use serde::{Deserialize, Serialize};

use super::bounds::TARGETS;
#[cfg(test)]
use crate::text::limited::AtMost;
use crate::text::limited::number;
use crate::text::similar::{did_you_mean, shortened};

/// An enum, each variant with the word for it on the wire, in scenarios and in snapshots.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

pub(super) use words;

words! {
    /// The status words of `GetLastOnceTaskInfo` (spec/api.md §3.1), `Fail` included.
    Status {
        /// Waiting.
        Init = "INIT",
        /// Running.
        Start = "START",
        /// Done, even if some targets failed.
        Success = "SUCCESS",
        /// Failed as a whole, or cancelled.
        Fail = "FAIL",
        /// Took longer than the service allows.
        Timeout = "TIMEOUT",
    }
}

words! {
    /// The `TaskInfo.Result` of a task that exists.
    ScanResult {
        /// The ordinary one.
        Success = "SUCCESS",
        /// The images lie in a region without image scan.
        NotSupportRegion = "TASK_NOT_SUPPORT_REGION",
    }
}

impl Status {
    pub const ALL: [Self; 5] = [Self::Init, Self::Start, Self::Success, Self::Fail, Self::Timeout];

    /// The status of that word; the error names the nearest one.
    pub fn spelt(word: &str) -> Result<Self, String> {
        Self::of_word(word).ok_or_else(|| {
            let known = Self::ALL.iter().map(|status| status.as_str());
            format!("no status is called {:?}{}", shortened(word), did_you_mean(word, known))
        })
    }

    /// Its number where a reply has no word, in the order of declaration from 0.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// The status of that word, if there is one.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether nothing can follow.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Init | Self::Start)
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
    #[serde(deserialize_with = "number::<TARGETS, _>")]
    #[cfg_attr(test, schemars(with = "AtMost<TARGETS>"))]
    pub finish_count: u32,
    /// Targets in all.
    #[serde(deserialize_with = "number::<TARGETS, _>")]
    #[cfg_attr(test, schemars(with = "AtMost<TARGETS>"))]
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
