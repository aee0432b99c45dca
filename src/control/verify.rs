//! `verify` and `verdict`: judges the calls by what a request, or the scenario, expects of them.

use axum::body::Bytes;
use axum::extract::State;
use serde_json::Value;

use super::narrow::Narrow;
use super::query::{self, Plain, Query};
use super::reply::Reply;
use super::{Control, Refusal, Shared};
use crate::expect::{self, Selector, Verdict, Verification};

/// 200 whatever the verdict; 400 for what cannot be judged.
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
    let selectors: Vec<Selector> = asked.selectors().collect();
    if selectors.len() == 1 {
        return Err(bad("there is nothing to verify: expect and order are empty".to_owned()));
    }
    let calls = control.kept_journal()?.after(0, usize::MAX);
    control.check_names(&selectors, &calls.records)?;
    Ok(Reply(asked.judge(calls)))
}

impl Control {
    /// Judges the calls in the journal, of all accounts or of one, by what the loaded scenario expects.
    pub fn verdict(&self, account: Option<&str>) -> Verdict {
        let mut calls = self.journal.everything();
        calls.records.retain(|call| account.is_none_or(|account| call.account() == account));
        expect::judge(&self.loaded.summary().expect, &calls)
    }
}

pub(super) async fn verdict(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    control.kept_journal()?;
    let account = narrow.account()?;
    let verdict = control.verdict(account.as_deref());
    if verdict.judged == 0 {
        control.known(account.as_deref())?;
    }
    Ok(Reply(verdict.to_json()))
}
