//! `requests`: the calls in the journal.

use std::sync::Arc;

use axum::extract::State;
use serde_json::json;

use super::Shared;
use super::error::{ControlError, Handled, Json};
use super::query::{AccountQuery, Asked, Id, number};
use crate::expect::{NameError, Selector};
use crate::journal::{CallRecord, Journal};
use crate::protocol::RequestId;

/// Most calls that are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;

/// Newest first: a limit keeps the last calls.
pub(super) async fn list(State(emulator): State<Shared>, mut asked: Asked) -> Handled {
    let limit = asked.take("limit", number)?.unwrap_or(LISTED);
    let (_, calls) = select(&emulator, asked)?;
    let listed: Vec<_> = calls.iter().rev().take(limit).map(|call| call.to_json()).collect();
    Ok(Json(json!({ "total": calls.len(), "requests": listed })))
}

pub(super) async fn count(State(emulator): State<Shared>, asked: Asked) -> Handled {
    let (_, calls) = select(&emulator, asked)?;
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

pub(super) async fn clear(State(emulator): State<Shared>, AccountQuery(account): AccountQuery) -> Handled {
    let cleared = kept_journal(&emulator)?.clear(account.as_deref());
    Ok(Json(json!({ "forgotten": cleared })))
}

/// The conditions of a query, and the calls that meet them, by number.
pub(super) fn select(emulator: &Shared, asked: Asked) -> Handled<(Selector, Vec<Arc<CallRecord>>)> {
    let selector = asked.rest()?;
    let mut calls = kept_journal(emulator)?.after(0, usize::MAX).records;
    emulator.check_names([&selector], &calls)?;
    calls.retain(|call| selector.matches(call));
    Ok((selector, calls))
}

impl From<NameError> for ControlError {
    fn from(NameError { error, message }: NameError) -> Self {
        // An account is refused as everywhere else.
        let status = if error == "unknown_account" { 404 } else { 400 };
        Self::new(status, error, message).hint("a pattern such as Describe* is taken as it stands")
    }
}

pub(super) fn kept_journal(emulator: &Shared) -> Result<&Journal, ControlError> {
    if emulator.journal().is_on() {
        return Ok(emulator.journal());
    }
    Err(ControlError::new(409, "no_journal", "the journal is switched off")
        .hint("start the emulator without --journal-entries 0"))
}
