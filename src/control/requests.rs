//! `requests`: the journal, as it is.

use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::calls::{Asked, kept_journal, number};
use super::error::{ControlError, Json};
use super::query::{AccountQuery, Id};
use crate::protocol::RequestId;

/// At most so many are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;

/// Newest first: with a limit, it is the last calls that one wants to see.
pub(super) async fn list(
    State(emulator): State<Shared>,
    mut asked: Asked,
) -> Result<Json<Value>, ControlError> {
    let limit = asked.take("limit", number)?.unwrap_or(LISTED);
    let filter = asked.filter()?;
    let mut calls = kept_journal(&emulator)?.after(0, usize::MAX).records;
    calls.retain(|call| filter.matches(call));
    let listed: Vec<_> = calls.iter().rev().take(limit).map(|call| call.to_json()).collect();
    Ok(Json(json!({ "total": calls.len(), "requests": listed })))
}

pub(super) async fn count(State(emulator): State<Shared>, asked: Asked) -> Result<Json<Value>, ControlError> {
    let filter = asked.filter()?;
    let calls = kept_journal(&emulator)?.after(0, usize::MAX).records;
    let count = calls.iter().filter(|call| filter.matches(call)).count();
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

pub(super) async fn forget(
    State(emulator): State<Shared>,
    AccountQuery(account): AccountQuery,
) -> Result<Json<Value>, ControlError> {
    let forgotten = kept_journal(&emulator)?.clear(account.as_deref());
    Ok(Json(json!({ "forgotten": forgotten })))
}
