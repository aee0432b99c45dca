//! `requests`: the calls in the journal.

use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::calls::{Asked, kept_journal, number};
use super::error::{ControlError, Json};
use super::query::{AccountQuery, Id};
use crate::journal::Batch;
use crate::protocol::RequestId;

/// Most calls that are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;

/// Newest first: a limit keeps the last calls.
pub(super) async fn list(
    State(emulator): State<Shared>,
    mut asked: Asked,
) -> Result<Json<Value>, ControlError> {
    let limit = asked.take("limit", number)?.unwrap_or(LISTED);
    let (selector, Batch { records: mut calls, .. }) = asked.select(&emulator)?;
    calls.retain(|call| selector.matches(call));
    let listed: Vec<_> = calls.iter().rev().take(limit).map(|call| call.to_json()).collect();
    Ok(Json(json!({ "total": calls.len(), "requests": listed })))
}

pub(super) async fn count(State(emulator): State<Shared>, asked: Asked) -> Result<Json<Value>, ControlError> {
    let (selector, calls) = asked.select(&emulator)?;
    let count = calls.records.iter().filter(|call| selector.matches(call)).count();
    Ok(Json(json!({ "count": count })))
}

pub(super) async fn one(State(emulator): State<Shared>, Id(id): Id) -> Result<Json<Value>, ControlError> {
    let journal = kept_journal(&emulator)?;
    match RequestId::parse(&id).and_then(|id| journal.find(id)) {
        Some(call) => Ok(Json(call.to_json())),
        None => Err(ControlError::new(404, "unknown_request", format!("the journal has no call {id:?}"))
            .hint("GET /_emulator/requests lists those it has")),
    }
}

pub(super) async fn clear(
    State(emulator): State<Shared>,
    AccountQuery(account): AccountQuery,
) -> Result<Json<Value>, ControlError> {
    let cleared = kept_journal(&emulator)?.clear(account.as_deref());
    Ok(Json(json!({ "forgotten": cleared })))
}
