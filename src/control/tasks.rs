//! `tasks`: what every account's tasks show now, and tasks started and changed from outside. Looking here is not a look
//! a task counts.

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::narrow::Narrow;
use super::query::{Query, read};
use super::reply::Reply;
use super::{Refusal, Shared};
use crate::domain::{NewTask, Override, OverrideError, Source, TaskType};
use crate::gateway::{Sighting, TaskError};

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

/// What is said of a task to start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    account: Option<String>,
    #[serde(rename = "type")]
    task_type: String,
    name: Option<String>,
    source: Option<String>,
    #[serde(default)]
    targets: Vec<String>,
    param: Option<String>,
}

/// What is done to a task.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    action: Action,
    at: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Finish,
    Fail,
    Timeout,
    Stall,
}

/// The `{id}` of a path.
type Id = Result<Path<String>, PathRejection>;

pub(super) async fn list(
    State(control): State<Shared>,
    Query(filter): Query<Filter>,
) -> Result<Reply<Value>, Refusal> {
    control.known(filter.account.as_deref())?;
    let mut tasks = control.gateway.sightings(filter.account.as_deref());
    if let Some(task_type) = filter.task_type {
        tasks.retain(|task| task.task_type == task_type);
    }
    let total = tasks.len();
    tasks.truncate(filter.limit);
    Ok(Reply(json!({ "total": total, "tasks": tasks })))
}

pub(super) async fn one(
    State(control): State<Shared>,
    id: Id,
    Query(narrow): Query<Narrow>,
) -> Result<Reply<Sighting>, Refusal> {
    Ok(Reply(control.gateway.task(narrow.account()?.as_deref(), &name(id)?)?))
}

pub(super) async fn start(
    State(control): State<Shared>,
    Query(narrow): Query<Narrow>,
    body: Bytes,
) -> Result<(StatusCode, Reply<Sighting>), Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_task", message)
            .hint(r#"for example {"account":"test","type":"ASSETS_COLLECTION","source":"schedule"}"#)
    };
    // As a text parameter of a call: tasks keep what they are told, and nothing here grows without a bound.
    if body.len() > 64 << 10 {
        return Err(bad("a task takes at most 64 KiB".to_owned()));
    }
    let start: Start = read(&body).map_err(bad)?;
    let account = match (narrow.account()?, &start.account) {
        (Some(one), Some(other)) if one != *other => {
            return Err(bad(format!("?account= says {one:?} and the body {other:?}")));
        }
        (None, None) => return Err(bad("whose task is it? account is missing".to_owned())),
        (one, other) => one.or_else(|| other.clone()).unwrap_or_default(),
    };
    let new = start.new_task().map_err(bad)?;
    Ok((StatusCode::CREATED, Reply(control.gateway.start_task(&account, new)?)))
}

pub(super) async fn change(
    State(control): State<Shared>,
    id: Id,
    Query(narrow): Query<Narrow>,
    body: Bytes,
) -> Result<Reply<Sighting>, Refusal> {
    let bad = |message: String| {
        Refusal::new(400, "bad_change", message)
            .hint(r#"for example {"action":"stall","at":69}, {"action":"finish"}, {"action":"fail"}, {"action":"timeout","at":69}"#)
    };
    let id = name(id)?;
    let force = match read(&body).map_err(bad)? {
        Change { action: Action::Finish, at: Some(_) } => {
            return Err(bad(r#"finish does not take "at": what is finished shows 100"#.to_owned()));
        }
        Change { action: Action::Finish, at: None } => Override::Finish,
        Change { action: Action::Fail, at } => Override::Fail(at),
        Change { action: Action::Timeout, at } => Override::Timeout(at),
        Change { action: Action::Stall, at } => Override::Stall(at),
    };
    Ok(Reply(control.gateway.force_task(narrow.account()?.as_deref(), &id, force)?))
}

fn name(id: Id) -> Result<String, Refusal> {
    let Path(id) = id.map_err(|error| Refusal::new(400, "bad_path", error.body_text()))?;
    Ok(id)
}

impl Start {
    /// Checked as in a scenario.
    fn new_task(self) -> Result<NewTask, String> {
        let task_type = self.task_type;
        if task_type.is_empty() {
            return Err("type is empty".to_owned());
        }
        TaskType::spelt(&task_type)?;
        let usual = NewTask::of(&task_type);
        Ok(NewTask {
            name: self.name.unwrap_or(task_type),
            source: self.source.map_or(Source::CONSOLE, |source| Source::new(&source)),
            param: self.param,
            targets: self.targets,
            ..usual
        })
    }
}

impl From<TaskError> for Refusal {
    fn from(error: TaskError) -> Self {
        let (status, word, hint) = match &error {
            TaskError::Account(account) => return account.clone().into(),
            TaskError::Unknown(_) => (404, "unknown_task", "GET /_emulator/tasks lists them"),
            TaskError::Shared { .. } => (409, "shared_number", "say whose with ?account=, or use the hex id"),
            TaskError::NoRoom => {
                (409, "no_room", "finish or fail one of them with PATCH /_emulator/tasks/{id}")
            }
            TaskError::Refused(OverrideError::Ended { .. }) => {
                (409, "task_is_over", "POST /_emulator/tasks starts another")
            }
            TaskError::Refused(OverrideError::Falls { .. }) => {
                (409, "progress_would_fall", "leave \"at\" out to stay where it is")
            }
            TaskError::Refused(OverrideError::NotUnfinished(_)) => {
                (400, "bad_change", "only finish shows 100")
            }
        };
        Self::new(status, word, error.to_string()).hint(hint)
    }
}
