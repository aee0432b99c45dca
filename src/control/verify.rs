//! `verify` and `verdict`: were the calls what somebody asks now, or the scenario expects?

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::calls::check_names;
use super::narrow::Narrow;
use super::query::{self, Plain, Query};
use super::reply::Reply;
use super::{Control, Refusal, Shared};
use crate::journal::{Since, Verification};
use crate::verdict::{self, Verdict};

/// 200 whatever the verdict: the question was answered. What cannot be judged is a 400.
pub(super) async fn judge(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_verification", message).hint(
            r#"for example {"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskType":"IMAGE_SCAN"},"count":">=3"}],"order":["GenerateOnceTask","GetLastOnceTaskInfo"]}"#,
        )
    };
    let asked: Verification = query::read(&body).map_err(bad)?;
    if asked.filters().next().is_none() {
        return Err(bad("there is nothing to verify: expect and order are empty".to_owned()));
    }
    asked.filters().try_for_each(check_names)?;
    let calls = control.kept_journal()?.after(0, usize::MAX);
    let verdict = asked.judge(&calls.records);
    let mut answer = json!(verdict);
    // What was let go might have changed the verdict; whoever looks from a number on knows better.
    let asked_from = if let Some(Since::Sequence(number)) = asked.since { number } else { 0 };
    let missed = calls.missed.saturating_sub(asked_from);
    if missed > 0 {
        answer["missed"] = json!(missed);
        answer["hint"] = json!(
            "that many calls had made room for later ones and were not judged; --journal-entries and --journal-bytes raise the bounds"
        );
    }
    Ok(Reply(answer))
}

impl Control {
    /// What the loaded scenario expects, judged by the calls in the journal, of all accounts or of one.
    pub fn verdict(&self, account: Option<&str>) -> Verdict {
        let mut calls = self.journal.everything();
        calls.records.retain(|call| account.is_none_or(|account| call.account() == account));
        verdict::judge(&self.loaded.summary().expect, &calls)
    }
}

pub(super) async fn verdict(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    control.kept_journal()?;
    Ok(Reply(control.verdict(narrow.account()?.as_deref()).to_json()))
}
