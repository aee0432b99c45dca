//! A command of the control API, as the timeline shows it.

use jiff::{SignedDuration, Timestamp};

/// A command of the control API that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandMark {
    pub(crate) at: SignedDuration,
    /// The time of the task clock after it.
    pub(crate) task_time: Timestamp,
    /// The account that it was for; none if it was for all.
    pub(crate) account: Option<String>,
    /// In the words of the command line: `clock advance 6h`.
    pub(crate) words: String,
    pub(crate) outcome: String,
}

impl CommandMark {
    pub(super) fn moves_the_clock(&self) -> bool {
        let mut words = self.words.split(' ');
        words.next() == Some("clock") && matches!(words.next(), Some("advance" | "set"))
    }

    pub(super) fn is_for(&self, account: &str) -> bool {
        self.account.as_deref().is_none_or(|only| only == account)
    }
}
