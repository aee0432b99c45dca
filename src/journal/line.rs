//! A call on one line, for people: what was asked, and what was answered.

use std::fmt;

use super::entry::Entry;

/// Most characters of what was asked, and of what was answered.
const WIDTH: usize = 100;

impl Entry {
    /// `GetLastOnceTaskInfo TaskType=IMAGE_SCAN`
    pub(super) fn asked(&self) -> String {
        let mut asked = if self.action().is_empty() { "(unreadable)" } else { self.action() }.to_owned();
        for (name, value) in self.params() {
            asked.extend([" ", name, "=", value]);
        }
        on_one_line(&asked)
    }

    /// `200 START 42 %`, with what went wrong behind it.
    pub(super) fn answered(&self) -> String {
        let mut words = match self.status {
            Some(status) => status.to_string(),
            None => format!("connection broken ({})", self.broke.unwrap_or_default()),
        };
        for word in [self.code(), self.task_status().unwrap_or_default()] {
            words.extend([if word.is_empty() { "" } else { " " }, word]);
        }
        if let Some(percent) = self.task_progress() {
            words.extend([" ", &percent.to_string(), " %"]);
        }
        if let Some(wait) = self.retry_after {
            words.extend([", told to wait ", &format!("{wait:?}")]);
        }
        for fault in self.faults() {
            words.extend([" fault=", fault]);
        }
        on_one_line(&words)
    }
}

/// `#4 GetLastOnceTaskInfo TaskType=IMAGE_SCAN => 200 START 42 %`
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} {} => {}", self.sequence, self.asked(), self.answered())
    }
}

/// Values come from a client: one must not draw lines of its own, nor fill the screen.
pub(super) fn on_one_line(text: &str) -> String {
    let mut shown: String =
        text.chars().take(WIDTH).map(|c| if c.is_control() { '\u{b7}' } else { c }).collect();
    if text.chars().nth(WIDTH).is_some() {
        shown.push('\u{2026}');
    }
    shown
}
