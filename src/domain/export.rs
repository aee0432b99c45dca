//! A report that an account asked for.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// One export of vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: u64,
    /// The kind of vulnerabilities.
    pub kind: String,
    /// The file's name.
    pub file_name: String,
    /// When it was asked for.
    pub asked: Timestamp,
}

/// How long one takes.
const DURATION: SignedDuration = SignedDuration::from_secs(4);

impl Export {
    /// Percent at `now`.
    pub fn progress(&self, now: Timestamp) -> i64 {
        let percent = now.duration_since(self.asked).as_millis() * 100 / DURATION.as_millis();
        i64::try_from(percent.clamp(0, 100)).unwrap_or(100)
    }

    /// `init`, `exporting` or `success`.
    pub fn status(&self, now: Timestamp) -> &'static str {
        match self.progress(now) {
            0 => "init",
            100 => "success",
            _ => "exporting",
        }
    }
}
