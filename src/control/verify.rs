//! `verify` and `verdict`: judges the calls by what a request, or the scenario, expects of them.

use axum::body::Bytes;
use axum::extract::State;

use super::Shared;
use super::error::{Handled, Json, bad};
use super::query::{self, AccountQuery, NoQuery, check_account};
use super::requests::kept_journal;
use crate::expect::{Selector, Verification};

/// 200 whatever the verdict; 400 for what cannot be judged.
pub(super) async fn judge(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Handled {
    let bad = bad(
        "bad_verification",
        r#"for example {"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskType":"IMAGE_SCAN"},"count":">=3"}],"order":["GenerateOnceTask","GetLastOnceTaskInfo"]}"#,
    );
    let asked: Verification = query::read(&body).map_err(bad)?;
    let selectors: Vec<Selector> = asked.selectors().collect();
    if selectors.len() == 1 {
        return Err(bad("there is nothing to verify: expect and order are empty".to_owned()));
    }
    let calls = kept_journal(&emulator)?.after(0, usize::MAX);
    emulator.check_names(&selectors, &calls.records)?;
    Ok(Json(asked.judge(calls)))
}

pub(super) async fn verdict(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    kept_journal(&emulator)?;
    let verdict = emulator.verdict(account.as_deref());
    if verdict.judged == 0 {
        check_account(&emulator, account.as_deref())?;
    }
    Ok(Json(verdict.to_json()))
}
