//! `answers`: add and remove scripted answers, and read how often each was given.

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json, bad};
use super::query::{AccountQuery, Id, NoQuery, check_account, text};
use crate::answers::{AddAnswerError, Answer};
use crate::scenario::load;

pub(super) async fn list(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    check_account(&emulator, account.as_deref())?;
    Ok(listed(&emulator, account.as_deref()))
}

pub(super) async fn add(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let added = emulator.session().answers.add(answers(&body)?)?;
    let outcome = format!("added {}", added.join(", "));
    Ok(Done::new(Json(json!({ "added": added })), "answers add", outcome))
}

pub(super) async fn replace(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let answers = answers(&body)?;
    let outcome = format!("{} added", answers.len());
    emulator.session().answers.replace(answers);
    Ok(Done::new(listed(&emulator, None), "answers replace", outcome))
}

/// Removes all answers; of one account, the answers that match its calls alone.
pub(super) async fn clear(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Commanded {
    let session = emulator.session();
    let count = session.answers.remove(|answer| account.is_none() || answer.matches.account == account);
    Ok(Done::new(listed(&emulator, None), "answers clear", format!("{count} removed")).of(account))
}

pub(super) async fn remove(_: NoQuery, State(emulator): State<Shared>, Id(id): Id) -> Commanded {
    let session = emulator.session();
    let count = session.answers.remove(|answer| answer.id == id);
    if count > 0 {
        let words = format!("answers remove {id}");
        return Ok(Done::new(Json(json!({ "removed": id })), words, format!("{count} removed")));
    }
    let hint = match session.answers.names() {
        known if known.is_empty() => "there are no answers".to_owned(),
        known => format!("there are {}", known.join(", ")),
    };
    Err(ControlError::new(404, "unknown_answer", format!("no answer is called {id:?}")).hint(hint))
}

fn listed(emulator: &Shared, account: Option<&str>) -> Json<Value> {
    Json(json!({ "answers": emulator.session().answers.reports(account) }))
}

fn answers(body: &Bytes) -> Result<Vec<Answer>, ControlError> {
    let bad = bad(
        "bad_answer",
        r#"for example {"match":{"action":"DescribeVulList"},"reply":{"TotalCount":0}}; docs/answers.md has all keys"#,
    );
    load::answers("body", text(body).map_err(bad)?).map_err(|error| bad(error.to_string()))
}

impl From<AddAnswerError> for ControlError {
    fn from(error: AddAnswerError) -> Self {
        Self::new(409, "not_added", error.to_string())
            .hint("GET /_emulator/answers lists those that there are")
    }
}
