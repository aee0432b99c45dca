//! `requests`, `await`, `verify` and `verdict`: the calls in the journal, listed, waited for and judged.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json, bad};
use super::query::{self, AccountQuery, Conditions, Id, NoQuery, Number, Truth, check_account};
use crate::expect::{self, NameError, Selector, Verification};
use crate::journal::{CallRecord, Journal};
use crate::protocol::RequestId;
use crate::text::counted::counted;
use crate::text::duration;

/// Most calls that are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;

/// Unless `?timeout=` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than any test should wait.
const MOST_TIMEOUT: Duration = Duration::from_secs(600);

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CallsQuery {
    /// Only calls to other hosts, or only the others.
    escaped: Option<Truth>,
    /// Most calls that are listed.
    limit: Option<Number>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CountQuery {
    /// Only calls to other hosts, or only the others.
    escaped: Option<Truth>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct AwaitQuery {
    /// So many calls are waited for.
    count: Option<Number>,
    /// Real time, such as `10s`, the usual one, and at most `600s`.
    timeout: Option<WaitTime>,
}

/// Real time, since it is a real program that waits.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "String"))]
#[serde(try_from = "String")]
struct WaitTime(Duration);

/// Newest first: a limit keeps the last calls.
pub(super) async fn list(
    State(emulator): State<Shared>,
    Conditions(query, selector): Conditions<CallsQuery>,
) -> Handled {
    let limit = query.limit.map_or(LISTED, Number::size);
    let calls = select_listed(&emulator, &selector, query.escaped)?;
    let listed: Vec<_> = calls.iter().rev().take(limit).map(|call| call.to_json()).collect();
    Ok(Json(json!({ "total": calls.len(), "requests": listed })))
}

pub(super) async fn count(
    State(emulator): State<Shared>,
    Conditions(query, selector): Conditions<CountQuery>,
) -> Handled {
    let calls = select_listed(&emulator, &selector, query.escaped)?;
    Ok(Json(json!({ "count": calls.len() })))
}

pub(super) async fn one(State(emulator): State<Shared>, Id(id): Id) -> Handled {
    let journal = kept_journal(&emulator)?;
    match RequestId::parse(&id).and_then(|id| journal.find(id)) {
        Some(call) => Ok(Json(call.to_json())),
        None => Err(ControlError::new(404, "unknown_request", format!("the journal has no call {id:?}"))
            .hint("GET /_emulator/requests lists those it has")),
    }
}

pub(super) async fn clear(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Commanded {
    let cleared = kept_journal(&emulator)?.clear(account.as_deref());
    let answer = Json(json!({ "forgotten": cleared }));
    Ok(Done::new(answer, "requests clear", counted(cleared, "call")).of(account))
}

pub(super) async fn until_reached(
    State(emulator): State<Shared>,
    Conditions(query, selector): Conditions<AwaitQuery>,
) -> Handled<Response> {
    let wanted = query.count.map_or(1, Number::size);
    let timeout = query.timeout.map_or(TIMEOUT, |timeout| timeout.0);
    select(&emulator, &selector)?;
    let timer = tokio::time::sleep(timeout);
    let until = async { emulator.shutdown().run_until_cancelled(timer).await.is_none() };
    let enough = |seen| seen >= wanted as u64;
    match expect::wait(emulator.journal(), &selector, enough, until).await {
        Ok(seen) => Ok(Json(json!({ "reached": true, "wanted": wanted, "seen": seen })).into_response()),
        Err((seen, true)) => {
            Err(ControlError::new(503, "stopping", format!("the emulator stops; saw {seen} of {wanted}")))
        }
        Err((seen, false)) => {
            let answer = json!({
                "error": "timeout",
                "message": format!("saw {seen} of {wanted} calls within {timeout:?}"),
                "hint": "GET /_emulator/requests lists what came instead",
                "reached": false,
                "wanted": wanted,
                "seen": seen,
            });
            Ok((StatusCode::REQUEST_TIMEOUT, Json(answer)).into_response())
        }
    }
}

impl TryFrom<String> for WaitTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let range = || format!("at most {MOST_TIMEOUT:?}, and not before now");
        let time = Duration::try_from(duration::parse(&text)?).map_err(|_| range())?;
        if time <= MOST_TIMEOUT { Ok(Self(time)) } else { Err(range()) }
    }
}

/// 200 whatever the verdict; 400 for what cannot be judged.
pub(super) async fn judge(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Handled {
    let bad = bad(
        "bad_verification",
        r#"for example {"expect":[{"action":"GetLastOnceTaskInfo","params":{"TaskType":"IMAGE_SCAN"},"count":">=3"}],"order":["GenerateOnceTask","GetLastOnceTaskInfo"]}"#,
    );
    let asked: Verification = query::read(&body).map_err(bad)?;
    if asked.expects_an_exit() {
        return Err(bad("exit is for a scenario of sas-emulator run: there is no command here".to_owned()));
    }
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

/// The calls that meet the conditions of a query; `?escaped=` is one for lists only.
fn select_listed(
    emulator: &Shared,
    selector: &Selector,
    escaped: Option<Truth>,
) -> Handled<Vec<Arc<CallRecord>>> {
    let mut calls = select(emulator, selector)?;
    calls.retain(|call| escaped.is_none_or(|Truth(escaped)| call.escaped().is_some() == escaped));
    Ok(calls)
}

/// The calls that meet conditions, by number.
fn select(emulator: &Shared, selector: &Selector) -> Handled<Vec<Arc<CallRecord>>> {
    let mut calls = kept_journal(emulator)?.after(0, usize::MAX).records;
    emulator.check_names([selector], &calls)?;
    calls.retain(|call| selector.matches(call));
    Ok(calls)
}

impl From<NameError> for ControlError {
    fn from(NameError { error, message }: NameError) -> Self {
        // An account is refused as everywhere else.
        let status = if error == "unknown_account" { 404 } else { 400 };
        Self::new(status, error, message).hint("names are checked; patterns such as Describe* are not")
    }
}

pub(super) fn kept_journal(emulator: &Shared) -> Result<&Journal, ControlError> {
    if emulator.journal().is_on() {
        return Ok(emulator.journal());
    }
    Err(ControlError::new(409, "no_journal", "the journal is switched off")
        .hint("start the emulator without --journal-entries 0"))
}
