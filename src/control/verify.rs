//! `verify` and `verdict`: were the calls what somebody asks now, or the scenario expects?

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::calls::{check_names, kept_journal};
use super::error::{ControlError, Json};
use super::query::{self, AccountQuery, NoQuery};
use crate::journal::{Since, Verification};

/// 200 whatever the verdict: the question was answered. What cannot be judged is a 400.
pub(super) async fn judge(
    _: NoQuery,
    State(emulator): State<Shared>,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let bad = |message: String| {
        ControlError::new(400, "bad_verification", message).hint(
            r#"for example {"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskType":"IMAGE_SCAN"},"count":">=3"}],"order":["GenerateOnceTask","GetLastOnceTaskInfo"]}"#,
        )
    };
    let asked: Verification = query::read(&body).map_err(bad)?;
    if asked.filters().next().is_none() {
        return Err(bad("there is nothing to verify: expect and order are empty".to_owned()));
    }
    asked.filters().try_for_each(check_names)?;
    let calls = kept_journal(&emulator)?.after(0, usize::MAX);
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
    Ok(Json(answer))
}

pub(super) async fn verdict(
    State(emulator): State<Shared>,
    AccountQuery(account): AccountQuery,
) -> Result<Json<Value>, ControlError> {
    kept_journal(&emulator)?;
    Ok(Json(emulator.verdict(account.as_deref()).to_json()))
}
