//! `verify`: were there so many calls, in this order?

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::calls::check_action;
use super::reply::Reply;
use super::{Refusal, Shared};
use crate::journal::{Since, Verification};

/// 200 whatever the verdict: the question was answered. What cannot be judged is a 400.
pub(super) async fn judge(State(control): State<Shared>, body: Bytes) -> Result<Reply<Value>, Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_verification", message).hint(
            r#"for example {"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskType":"IMAGE_SCAN"},"count":">=3"}],"order":["GenerateOnceTask","GetLastOnceTaskInfo"]}"#,
        )
    };
    let asked: Verification = serde_json::from_slice(&body).map_err(|error| bad(error.to_string()))?;
    if asked.filters().next().is_none() {
        return Err(bad("there is nothing to verify: expect and order are empty".to_owned()));
    }
    asked.filters().try_for_each(check_action)?;
    let calls = control.kept_journal()?.after(0, usize::MAX);
    let verdict = asked.judge(&calls.entries);
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
