//! `tasks`: what every account's tasks show now. Looking here is not a look a task counts.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::query::Query;
use super::reply::Reply;
use super::{Refusal, Shared};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    account: Option<String>,
    #[serde(rename = "type")]
    task_type: Option<String>,
    #[serde(default = "usual_limit")]
    limit: usize,
}

fn usual_limit() -> usize {
    1000
}

pub(super) async fn list(State(control): State<Shared>, Query(filter): Query<Filter>) -> Reply<Value> {
    let mut tasks = control.gateway.sightings(filter.account.as_deref());
    if let Some(task_type) = filter.task_type {
        tasks.retain(|task| task.task_type == task_type);
    }
    let total = tasks.len();
    tasks.truncate(filter.limit);
    Reply(json!({ "total": total, "tasks": tasks }))
}

pub(super) async fn one(
    State(control): State<Shared>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Reply<Value>, Refusal> {
    let Path(id) = id.map_err(|error| Refusal::new(400, "bad_path", error.body_text()))?;
    let mut tasks = control.gateway.sightings(None);
    tasks.retain(|task| task.id == id || task.number.to_string() == id);
    match tasks.pop() {
        Some(task) => Ok(Reply(json!(task))),
        None => Err(Refusal::new(404, "unknown_task", format!("no task has the id {id:?}"))
            .hint("GET /_emulator/tasks lists them")),
    }
}
