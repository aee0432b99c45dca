//! `health`, `ready`, `info`, `reset`, `accounts`.

use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::error::{ControlError, Handled, Json};
use super::query::{AccountQuery, Id, NoQuery};

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

pub(super) async fn ready(State(emulator): State<Shared>) -> Handled {
    if emulator.shutdown().is_cancelled() {
        return Err(ControlError::new(503, "not_ready", "the emulator is stopping"));
    }
    Ok(Json(json!({ "ready": true })))
}

pub(super) async fn info(_: NoQuery, State(emulator): State<Shared>) -> Json<Value> {
    let session = emulator.session();
    let tasks = session.tasks(None);
    let ended = tasks.iter().filter(|task| task.state.status.is_terminal()).count();
    let scenario = &session.scenario;
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": crate::protocol::VERSION,
        "seed": session.seed,
        "scenario": { "name": scenario.name, "description": scenario.description },
        "now": session.clock.now(),
        "accounts": session.account_count(),
        "tasks": { "total": tasks.len(), "ended": ended },
    }))
}

/// Frees its room: tests that make an account each would otherwise reach `--max-accounts`.
pub(super) async fn forget(_: NoQuery, State(emulator): State<Shared>, Id(id): Id) -> Handled {
    let was_there = emulator.forget_account(&id)?;
    Ok(Json(json!({ "forgotten": id, "was_there": was_there })))
}

pub(super) async fn reset(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    if let Some(account) = account {
        emulator.reset_account(&account)?;
        return Ok(Json(json!({ "reset": "account", "account": account })));
    }
    emulator.reset().map_err(|error| ControlError::new(500, "clock", error.to_string()))?;
    Ok(Json(json!({ "reset": "all" })))
}
