//! `health`, `ready`, `info`, `reset`.

use std::sync::atomic::Ordering;

use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::query::Query;
use super::reply::Reply;
use super::{Refusal, Shared};

/// `?account=`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Narrow {
    account: Option<String>,
}

pub(super) async fn health() -> Reply<Value> {
    Reply(json!({ "status": "ok" }))
}

pub(super) async fn ready(State(control): State<Shared>) -> Result<Reply<Value>, Refusal> {
    if control.ready.load(Ordering::Relaxed) {
        Ok(Reply(json!({ "ready": true })))
    } else {
        Err(Refusal::new(503, "not_ready", "the emulator is starting or stopping"))
    }
}

pub(super) async fn info(State(control): State<Shared>) -> Reply<Value> {
    let gateway = &control.gateway;
    let tasks = gateway.sightings(None);
    let ended = tasks.iter().filter(|task| task.state.status.is_terminal()).count();
    Reply(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": crate::protocol::VERSION,
        "seed": gateway.setup().seed,
        "scenario": control.scenario,
        "now": gateway.with_clock(crate::clock::Clock::now),
        "accounts": gateway.account_count(),
        "tasks": { "total": tasks.len(), "ended": ended },
    }))
}

pub(super) async fn reset(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    if let Some(account) = narrow.account {
        let reset = control.gateway.reset_account(&account);
        reset.map_err(|error| Refusal::new(503, "too_many_accounts", error.to_string()))?;
        return Ok(Reply(json!({ "reset": account })));
    }
    control.gateway.reset().map_err(|error| Refusal::new(500, "clock", error.to_string()))?;
    Ok(Reply(json!({ "reset": "all" })))
}
