//! `requests`: the calls in the journal.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::calls::{Asked, number};
use super::narrow::Narrow;
use super::query::Query;
use super::reply::Reply;
use super::{Refusal, Shared};
use crate::journal::Batch;
use crate::protocol::RequestId;

/// Most calls that are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;

/// Newest first: a limit keeps the last calls.
pub(super) async fn list(State(control): State<Shared>, mut asked: Asked) -> Result<Reply<Value>, Refusal> {
    let limit = asked.take("limit", number)?.unwrap_or(LISTED);
    let (selector, Batch { records: mut calls, .. }) = asked.select(&control)?;
    calls.retain(|call| selector.matches(call));
    let listed: Vec<_> = calls.iter().rev().take(limit).map(|call| call.to_json()).collect();
    Ok(Reply(json!({ "total": calls.len(), "requests": listed })))
}

pub(super) async fn count(State(control): State<Shared>, asked: Asked) -> Result<Reply<Value>, Refusal> {
    let (selector, calls) = asked.select(&control)?;
    let count = calls.records.iter().filter(|call| selector.matches(call)).count();
    Ok(Reply(json!({ "count": count })))
}

pub(super) async fn one(
    State(control): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Reply<Value>, Refusal> {
    let Path(id) = id.map_err(|error| Refusal::new(400, "bad_path", error.body_text()))?;
    let journal = control.kept_journal()?;
    match RequestId::parse(&id).and_then(|id| journal.find(id)) {
        Some(call) => Ok(Reply(call.to_json())),
        None => Err(Refusal::new(404, "unknown_request", format!("the journal has no call {id:?}"))
            .hint("GET /_emulator/requests lists those it has")),
    }
}

pub(super) async fn clear(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Value>, Refusal> {
    let cleared = control.kept_journal()?.clear(narrow.account()?.as_deref());
    Ok(Reply(json!({ "forgotten": cleared })))
}
