//! How a command must end that `run` judges: a client that met a failure must not report success.

use std::sync::Arc;

use serde::Deserialize;

use super::outcome::{Failure, Outcome, SHOWN};
use crate::journal::CallRecord;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// With exit code 0.
    Success,
    /// With another exit code, or by a signal.
    Failure,
}

impl Exit {
    /// Judges how a command ended: `bad_end` says how, if not with exit code 0.
    pub(super) fn judge(self, bad_end: Option<&str>, calls: &[Arc<CallRecord>]) -> Outcome {
        let wanted = match self {
            Self::Success => "the command reports success",
            Self::Failure => "the command reports failure",
        };
        let message = match (self, bad_end) {
            (Self::Success, Some(bad_end)) => Some(bad_end.to_owned()),
            (Self::Failure, None) => Some(unreported_failure(calls)),
            _ => None,
        };
        let failure = message.map(|message| Failure::proved_by(message, evidence(calls)));
        Outcome { wanted: wanted.to_owned(), seen: calls.len(), is_order: false, failure }
    }
}

/// What a client should have reported: an error response, or a task that ended badly.
fn shows_failure(call: &CallRecord) -> bool {
    let ended_badly = call.task().is_some_and(crate::journal::TaskShown::is_over)
        && !call.task_status().is_some_and(|status| status.eq_ignore_ascii_case("success"));
    ended_badly || call.status() != Some(200)
}

fn unreported_failure(calls: &[Arc<CallRecord>]) -> String {
    match calls.iter().rev().find(|call| shows_failure(call)) {
        None => "it ended with exit code 0".to_owned(),
        Some(call) => {
            let shown = Some(call.code()).filter(|code| !code.is_empty()).or(call.task_status());
            let shown = shown.unwrap_or("no response");
            format!("it ended with exit code 0 although call #{} had shown {shown}", call.sequence)
        }
    }
}

/// The last calls that showed a failure, or else the last calls.
fn evidence(calls: &[Arc<CallRecord>]) -> Vec<Arc<CallRecord>> {
    let last = |calls: &mut dyn Iterator<Item = &Arc<CallRecord>>| {
        let mut last: Vec<_> = calls.take(SHOWN).map(Arc::clone).collect();
        last.reverse();
        last
    };
    let bad = last(&mut calls.iter().rev().filter(|call| shows_failure(call)));
    if bad.is_empty() { last(&mut calls.iter().rev()) } else { bad }
}
