//! `health`, `ready`, `info`, `reset`, `accounts`; `ca.pem` and `exports`: files to download.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json};
use super::query::{AccountQuery, Id, NoQuery};
use crate::log_queue;
use crate::text::counted::counted;

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
    let (tasks, ended) = session.task_counts();
    let scenario = &session.scenario;
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "api": crate::protocol::VERSION,
        "seed": session.seed,
        "scenario": { "name": scenario.name, "description": scenario.description },
        "now": session.clock.now(),
        "accounts": session.account_count(),
        "evicted_accounts": session.evicted_accounts(),
        "tasks": { "total": tasks, "ended": ended },
        "escaped_calls": session.escaped_calls(),
        "log": { "dropped": log_queue::dropped() },
    }))
}

/// Frees its room: tests that make an account each would otherwise reach `--max-accounts`.
pub(super) async fn forget(_: NoQuery, State(emulator): State<Shared>, Id(id): Id) -> Commanded {
    let was_there = emulator.forget_account(&id)?;
    let words = format!("accounts forget {id}");
    let answer = Json(json!({ "forgotten": id, "was_there": was_there }));
    Ok(Done::new(answer, words, counted(usize::from(was_there), "account")).of(Some(id)))
}

pub(super) async fn reset(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Commanded {
    let answer = if let Some(account) = &account {
        emulator.reset_account(account)?;
        json!({ "reset": "account", "account": account })
    } else {
        emulator.reset().map_err(|error| ControlError::new(500, "clock", error.to_string()))?;
        json!({ "reset": "all" })
    };
    let outcome = format!("at {}", emulator.session().clock.now());
    Ok(Done::new(Json(answer), "reset", outcome).of(account))
}

pub(super) async fn ca(State(emulator): State<Shared>) -> Handled<Response> {
    let authority = emulator.config().authority.as_ref().ok_or_else(|| {
        ControlError::new(
            404,
            "no_own_authority",
            "no certificate of this emulator was made by an authority of its own",
        )
        .hint("--tls auto makes one; the authority of a certificate given with --tls-cert is not known here")
    })?;
    let pem = authority.pem().map_err(|error| ControlError::new(500, "not_made", error.to_string()))?;
    let pem = pem.to_owned();
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file")], pem).into_response())
}

/// The files of exports whose links operations such as `DescribeVulExportInfo` give.
pub(super) async fn export(State(emulator): State<Shared>, Id(id): Id) -> Handled<Response> {
    let number = [".zip", ".csv"].iter().find_map(|suffix| id.strip_suffix(suffix)).unwrap_or(&id);
    let file = number.parse().ok().and_then(|id| emulator.export(id)).ok_or_else(|| {
        ControlError::new(404, "unknown_export", "there is no finished export of that id")
            .hint("DescribeVulExportInfo and its siblings give the link once ExportStatus is success")
    })?;
    let file = file.map_err(|error| ControlError::new(500, "not_made", error.to_string()))?;
    let disposition = format!("attachment; filename=\"{}\"", file.name);
    let headers =
        [(header::CONTENT_TYPE, file.content_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, file.content).into_response())
}
