//! `faults`: arm and disarm what goes wrong, and see what it struck.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::narrow::Narrow;
use super::query::{Plain, Query, text};
use super::reply::Reply;
use super::{Control, Refusal, Shared, certificates};
use crate::clock;
use crate::fault::engine::ArmError;
use crate::fault::{Report, Rule};
use crate::scenario::load;

pub(super) async fn list(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    let account = narrow.account()?;
    control.known(account.as_deref())?;
    Ok(Reply(listed(&control, account.as_deref())))
}

pub(super) async fn add(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let rules = rules(&control, &body)?;
    let names = control.faults.add(rules, clock::uptime()).map_err(|error| refused(&error))?;
    Ok(Reply(json!({ "armed": names })))
}

pub(super) async fn replace(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let rules = rules(&control, &body)?;
    control.faults.replace(rules, clock::uptime()).map_err(|error| refused(&error))?;
    Ok(Reply(listed(&control, None)))
}

/// Of one account: the rules that are for its calls alone.
pub(super) async fn clear(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    let account = narrow.account()?;
    control.faults.disarm(|rule| account.is_none() || rule.matches.account == account);
    Ok(Reply(listed(&control, None)))
}

pub(super) async fn remove(
    _: Plain,
    State(control): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Reply<Value>, Refusal> {
    let Path(id) = id.map_err(|error| Refusal::new(400, "bad_path", error.body_text()))?;
    if control.faults.disarm(|rule| rule.id == id) > 0 {
        return Ok(Reply(json!({ "disarmed": id })));
    }
    let known = control.faults.names();
    Err(Refusal::new(404, "unknown_fault", format!("no fault is called {id:?}")).hint(if known.is_empty() {
        "no fault is armed".to_owned()
    } else {
        format!("armed are {}", known.join(", "))
    }))
}

fn listed(control: &Control, account: Option<&str>) -> Value {
    let faults: Vec<Report> = control.faults.reports(account, clock::uptime());
    json!({ "faults": faults })
}

fn rules(control: &Control, body: &Bytes) -> Result<Vec<Rule>, Refusal> {
    let hint = r#"for example {"match":{"action":"GetLastOnceTaskInfo"},"trigger":{"times":2},"effect":{"error":"ServerError"}}; docs/faults.md has all keys"#;
    let bad = |message: String| Refusal::new(400, "bad_fault", message).hint(hint);
    let rules = load::faults("body", text(body).map_err(bad)?).map_err(|error| bad(error.to_string()))?;
    certificates::check(&rules, control.ca_pem.is_some())
        .map_err(|error| Refusal::new(409, "not_armed", error.to_string()))?;
    Ok(rules)
}

fn refused(error: &ArmError) -> Refusal {
    Refusal::new(409, "not_armed", error.to_string()).hint("GET /_emulator/faults lists those that are armed")
}
