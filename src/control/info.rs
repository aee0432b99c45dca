//! `health`, `ready`, `info`, `reset`.

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::narrow::Narrow;
use super::query::Query;
use super::reply::Reply;
use super::{Refusal, Shared};

pub(super) async fn health() -> Reply<Value> {
    Reply(json!({ "status": "ok" }))
}

pub(super) async fn ready(State(control): State<Shared>) -> Result<Reply<Value>, Refusal> {
    if control.stop.is_ordered() {
        Err(Refusal::new(503, "not_ready", "the emulator is stopping"))
    } else {
        Ok(Reply(json!({ "ready": true })))
    }
}

pub(super) async fn info(State(control): State<Shared>) -> Reply<Value> {
    let gateway = &control.gateway;
    let tasks = gateway.sightings(None);
    let ended = tasks.iter().filter(|task| task.state.status.is_terminal()).count();
    Reply(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": crate::protocol::VERSION,
        "seed": gateway.seed(),
        "scenario": control.loaded.summary(),
        "now": gateway.clock().now,
        "accounts": gateway.account_count(),
        "tasks": { "total": tasks.len(), "ended": ended },
    }))
}

pub(super) async fn reset(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    // Whoever sends one means something by it, and a reset of everything cannot be taken back.
    if !matches!(body.trim_ascii(), b"" | b"{}") {
        return Err(Refusal::new(400, "unexpected_body", "a reset takes no body")
            .hint("POST /_emulator/reset?account=ID resets one account"));
    }
    if let Some(account) = narrow.account()? {
        control.gateway.reset_account(&account)?;
        control.faults.forget(&account);
        control.journal.forget(Some(&account));
        return Ok(Reply(json!({ "reset": "account", "account": account })));
    }
    control.gateway.reset().map_err(|error| Refusal::new(500, "clock", error.to_string()))?;
    control.faults.reset(crate::clock::uptime());
    control.journal.forget(None);
    Ok(Reply(json!({ "reset": "all" })))
}
