//! `health`, `ready`, `info`, `reset`.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::narrow::Narrow;
use super::query::{Plain, Query};
use super::reply::Reply;
use super::{Control, Refusal, Shared};
use crate::clock;
use crate::gateway::{AccountError, SetupError};

impl Control {
    /// Back to the loaded scenario's first instant: clocks, accounts, chance, the faults of the beginning; no calls.
    /// Whatever a layer above the gateway keeps of a run is forgotten here, and of one account below.
    pub fn reset(&self) -> Result<(), SetupError> {
        self.gateway.reset()?;
        self.faults.reset(clock::uptime());
        self.journal.clear(None);
        Ok(())
    }

    /// One account begins anew, now; what faults counted of it and its calls are forgotten.
    pub fn reset_account(&self, account: &str) -> Result<(), AccountError> {
        self.gateway.reset_account(account)?;
        self.faults.forget(account);
        self.journal.clear(Some(account));
        Ok(())
    }
}

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

pub(super) async fn info(_: Plain, State(control): State<Shared>) -> Reply<Value> {
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

/// Its room is free then: whoever makes an account for each test would otherwise run into `--max-accounts`.
pub(super) async fn forget(
    _: Plain,
    State(control): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Reply<Value>, Refusal> {
    let Path(id) = id.map_err(|error| Refusal::new(400, "bad_path", error.body_text()))?;
    control.known(Some(&id))?;
    let was_there = control.gateway.forget_account(&id);
    control.faults.forget(&id);
    control.journal.clear(Some(&id));
    Ok(Reply(json!({ "forgotten": id, "was_there": was_there })))
}

pub(super) async fn reset(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    // Whoever sends one means something by it, and a reset of everything cannot be taken back.
    if !matches!(body.trim_ascii(), b"" | b"{}" | b"null") {
        return Err(Refusal::new(400, "unexpected_body", "a reset takes no body")
            .hint("POST /_emulator/reset?account=ID resets one account"));
    }
    if let Some(account) = narrow.account()? {
        control.reset_account(&account)?;
        return Ok(Reply(json!({ "reset": "account", "account": account })));
    }
    control.reset().map_err(|error| Refusal::new(500, "clock", error.to_string()))?;
    Ok(Reply(json!({ "reset": "all" })))
}
