//! `tasks`: list, start and force tasks. Reads here do not count as polls.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Handled, Json, bad};
use super::query::{AccountQuery, Id, Number, Query, bad_query, check_account, read};
use crate::domain::{NewTask, Override, OverrideError, Source, Status, TaskFilter, TaskType};
use crate::emulator::{TaskError, TaskPlace, TaskView};
use crate::operations::TaskStartError;

/// Most tasks that are listed, unless `?limit=` says otherwise.
const LISTED: usize = 1000;
/// Whatever `?limit=` says: of more, the answer says where they go on.
const MOST_LISTED: usize = 10_000;

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    /// The AccessKeyId; without it, all accounts.
    account: Option<String>,
    #[serde(rename = "type")]
    task_type: Option<String>,
    #[cfg_attr(test, schemars(with = "Option<Status>"))]
    status: Option<String>,
    /// Most that are listed: 1000 unless given, at most 10 000.
    limit: Option<Number>,
    /// The `next` of an earlier answer.
    from: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StartBody {
    account: Option<String>,
    #[serde(rename = "type")]
    task_type: String,
    name: Option<String>,
    source: Option<String>,
    #[serde(default)]
    targets: Vec<String>,
    param: Option<String>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    action: TaskAction,
    at: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum TaskAction {
    Finish,
    Fail,
    Timeout,
    Stall,
}

pub(super) async fn list(State(emulator): State<Shared>, Query(filter): Query<ListQuery>) -> Handled {
    check_account(&emulator, filter.account.as_deref())?;
    let most = filter.limit.map_or(LISTED, Number::size).min(MOST_LISTED);
    let from = filter.from.as_deref().map(str::parse::<TaskPlace>).transpose();
    let from = from.map_err(|error| {
        bad_query(format!("from: {error}")).hint("leave it out to begin with the first task")
    })?;
    let status = filter.status.as_deref().map(Status::spelt).transpose();
    let status = status.map_err(|error| bad_query(format!("status: {error}")))?;
    let wanted = TaskFilter { task_type: filter.task_type.as_deref().map(TaskType::new), status };
    let tasks = emulator.session().tasks(filter.account.as_deref(), &wanted, from.as_ref(), most);
    // A call may have made one of any type; a type of which there is none is perhaps misspelt.
    if let (0, Some(name)) = (tasks.total, &filter.task_type) {
        TaskType::spelt(name).map_err(|error| bad_query(format!("type: {error}")))?;
    }
    Ok(Json(json!(tasks)))
}

pub(super) async fn one(
    State(emulator): State<Shared>,
    Id(id): Id,
    AccountQuery(account): AccountQuery,
) -> Handled<Json<TaskView>> {
    Ok(Json(emulator.session().task(account.as_deref(), &id)?))
}

pub(super) async fn start(
    State(emulator): State<Shared>,
    AccountQuery(account): AccountQuery,
    body: Bytes,
) -> Commanded<(StatusCode, Json<TaskView>)> {
    let bad =
        bad("bad_task", r#"for example {"account":"test","type":"ASSETS_COLLECTION","source":"schedule"}"#);
    // As large as a text parameter of a call may be: tasks keep their texts, and nothing may grow without a bound.
    if body.len() > 64 << 10 {
        return Err(bad("a task takes at most 64 KiB".to_owned()));
    }
    let start: StartBody = read(&body).map_err(bad)?;
    let account = match (account, &start.account) {
        (Some(one), Some(other)) if one != *other => {
            return Err(bad(format!("?account= says {one:?} and the body {other:?}")));
        }
        (None, None) => return Err(bad("account is missing: a task belongs to one".to_owned())),
        (one, other) => one.or_else(|| other.clone()).unwrap_or_default(),
    };
    let task_type = start.task_type;
    if task_type.is_empty() {
        return Err(bad("type is empty".to_owned()));
    }
    // Checked as in a scenario.
    TaskType::spelt(&task_type).map_err(bad)?;
    let source = start.source.as_deref().map_or(Ok(Source::CONSOLE), Source::spelt).map_err(bad)?;
    let new = NewTask {
        task_type: TaskType::new(&task_type),
        name: start.name.unwrap_or(task_type),
        source,
        param: start.param,
        targets: start.targets,
    };
    let words = format!("tasks start {}", new.task_type.as_str());
    let task = emulator.session().start_task(&account, new)?;
    let outcome = task.id.clone();
    Ok(Done::new((StatusCode::CREATED, Json(task)), words, outcome).of(Some(account)))
}

pub(super) async fn change(
    State(emulator): State<Shared>,
    Id(id): Id,
    AccountQuery(account): AccountQuery,
    body: Bytes,
) -> Commanded<Json<TaskView>> {
    let bad = bad(
        "bad_change",
        r#"for example {"action":"stall","at":69}, {"action":"finish"}, {"action":"fail"}, {"action":"timeout","at":69}"#,
    );
    let Change { action, at } = read(&body).map_err(bad)?;
    let (verb, force) = match action {
        TaskAction::Finish if at.is_some() => {
            return Err(bad(r#"finish does not take "at": what is finished shows 100"#.to_owned()));
        }
        TaskAction::Finish => ("finish", Override::Finish),
        TaskAction::Fail => ("fail", Override::Fail(at)),
        TaskAction::Timeout => ("timeout", Override::Timeout(at)),
        TaskAction::Stall => ("stall", Override::Stall(at)),
    };
    let task = emulator.session().force_task(account.as_deref(), &id, force)?;
    let at = at.map(|at| format!(" {at}")).unwrap_or_default();
    let (words, state) = (format!("tasks {verb} {}{at}", task.id), &task.state);
    let outcome = format!("{} is {} at {} %", task.id, state.status.as_str(), state.progress);
    let owner = task.account.clone();
    Ok(Done::new(Json(task), words, outcome).of(Some(owner)))
}

impl From<TaskError> for ControlError {
    fn from(error: TaskError) -> Self {
        let (status, word, hint) = match &error {
            TaskError::Account(account) => return account.clone().into(),
            TaskError::Unknown(_) => (404, "unknown_task", "GET /_emulator/tasks lists them"),
            TaskError::Shared { .. } => (409, "shared_number", "say whose with ?account=, or use the hex id"),
            TaskError::NotStarted(TaskStartError::NoRoom) => {
                (409, "no_room", "finish or fail one of them with PATCH /_emulator/tasks/{id}")
            }
            TaskError::NotStarted(TaskStartError::Targets(_)) => {
                (400, "bad_task", "leave targets out to mean all servers")
            }
            TaskError::Refused(refused) => match refused {
                OverrideError::Ended { .. } => (409, "task_is_over", "POST /_emulator/tasks starts another"),
                OverrideError::Falls { .. } => {
                    (409, "progress_would_fall", "leave \"at\" out to stay where it is")
                }
                OverrideError::NotUnfinished(_) => (400, "bad_change", "only finish shows 100"),
            },
        };
        Self::new(status, word, error.to_string()).hint(hint)
    }
}
