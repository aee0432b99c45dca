//! `faults`: arm and disarm fault rules, and read their counters.

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json, bad};
use super::query::{AccountQuery, Id, NoQuery, check_account, text};
use crate::clock;
use crate::emulator::FaultError;
use crate::fault::Rule;
use crate::scenario::load;

pub(super) async fn list(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    check_account(&emulator, account.as_deref())?;
    Ok(listed(&emulator, account.as_deref()))
}

pub(super) async fn add(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let armed = emulator.arm(rules(&body)?)?;
    let outcome = format!("armed {}", armed.join(", "));
    Ok(Done::new(Json(json!({ "armed": armed })), "faults add", outcome))
}

pub(super) async fn replace(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let rules = rules(&body)?;
    let outcome = format!("{} armed", rules.len());
    emulator.replace_faults(rules)?;
    Ok(Done::new(listed(&emulator, None), "faults replace", outcome))
}

/// Disarms all rules; of one account, the rules that match its calls alone.
pub(super) async fn clear(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Commanded {
    let session = emulator.session();
    let count = session.faults.disarm(|rule| account.is_none() || rule.matches.account == account);
    Ok(Done::new(listed(&emulator, None), "faults clear", format!("{count} disarmed")).of(account))
}

pub(super) async fn remove(_: NoQuery, State(emulator): State<Shared>, Id(id): Id) -> Commanded {
    let session = emulator.session();
    let count = session.faults.disarm(|rule| rule.id == id);
    if count > 0 {
        let words = format!("faults remove {id}");
        return Ok(Done::new(Json(json!({ "disarmed": id })), words, format!("{count} disarmed")));
    }
    let hint = match session.faults.names() {
        armed if armed.is_empty() => "no fault is armed".to_owned(),
        armed => format!("armed are {}", armed.join(", ")),
    };
    Err(ControlError::new(404, "unknown_fault", format!("no fault is called {id:?}")).hint(hint))
}

fn listed(emulator: &Shared, account: Option<&str>) -> Json<Value> {
    Json(json!({ "faults": emulator.session().faults.reports(account, clock::uptime()) }))
}

fn rules(body: &Bytes) -> Result<Vec<Rule>, ControlError> {
    let bad = bad(
        "bad_fault",
        r#"for example {"match":{"action":"GetLastOnceTaskInfo"},"trigger":{"times":2},"effect":{"error":"ServerError"}}; docs/faults.md has all keys"#,
    );
    load::faults("body", text(body).map_err(bad)?).map_err(|error| bad(error.to_string()))
}

impl From<FaultError> for ControlError {
    fn from(error: FaultError) -> Self {
        let hint = match error {
            FaultError::Arm(_) => "GET /_emulator/faults lists those that are armed",
            FaultError::Idle(_) => "",
        };
        Self::new(409, "not_armed", error.to_string()).hint(hint)
    }
}
