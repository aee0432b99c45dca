//! `tasks`: as they are now, started from outside, and forced.

use clap::{Args, Subcommand};
use http::Method;
use serde_json::{Value, json};

use super::clock::items;
use super::table::{aligned, columns, progress, text, time};
use super::{ControlCommand, Steering};
use crate::cli::Failure;

#[derive(Debug, Args)]
pub(in crate::cli) struct TasksArgs {
    #[command(subcommand)]
    action: Option<TaskVerb>,
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    steering: Steering,
    /// The account whose tasks they are (default: all; `start`: test).
    #[arg(long, global = true, value_name = "ID")]
    account: Option<String>,
}

#[derive(Debug, Clone, Subcommand)]
enum TaskVerb {
    /// List them, oldest first (the default)
    List(ListArgs),
    /// Start one, as the console or a schedule would
    Start(StartArgs),
    /// Let one end with `SUCCESS`
    Finish { id: String },
    /// Let one end with FAIL
    Fail(ForceArgs),
    /// Let one end with TIMEOUT
    Timeout(ForceArgs),
    /// Let one stay at its progress until it is forced again
    Stall(ForceArgs),
    /// Show one
    Show { id: String },
}

#[derive(Debug, Clone, Args)]
struct ListArgs {
    /// Those of one type, such as `IMAGE_SCAN`.
    #[arg(long = "type", value_name = "TYPE")]
    task_type: Option<String>,
    /// Those with one status, such as START.
    #[arg(long)]
    status: Option<String>,
    /// How many are listed.
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
    /// Where the list goes on, as the last line of the one before it says.
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
}

#[derive(Debug, Clone, Args)]
struct StartArgs {
    /// Its `TaskType`, such as `IMAGE_SCAN`; `sas-emulator task-types` lists them.
    #[arg(value_name = "TYPE")]
    task_type: String,
    /// Its `TaskName` (default: its type).
    #[arg(long)]
    name: Option<String>,
    /// Who starts it: console, `console_batch`, openapi or schedule (default: console).
    #[arg(long)]
    source: Option<String>,
    /// UUID of a server or digest of an image that it scans, several times for several (default: all there are).
    #[arg(long, value_name = "ID")]
    target: Vec<String>,
    /// What Param would be.
    #[arg(long, value_name = "JSON")]
    param: Option<String>,
}

#[derive(Debug, Clone, Args)]
struct ForceArgs {
    /// Its id, or its number.
    id: String,
    /// The progress that it shows, in percent (default: its present one).
    percent: Option<u8>,
}

impl TasksArgs {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { action, list, steering, account } = self;
        let force = |id: &str, body: Value| {
            ControlCommand::of(Method::PATCH, "tasks", id).json(&body).asking("account", account.as_ref())
        };
        let percent = |action: &str, ForceArgs { id, percent }: ForceArgs| {
            let mut body = json!({ "action": action });
            if let Some(percent) = percent {
                body["at"] = percent.into();
            }
            force(&id, body)
        };
        let command = match action.unwrap_or(TaskVerb::List(list)) {
            TaskVerb::List(list) => {
                let command = ControlCommand::get("tasks").asking("account", account.as_ref());
                let command = command.asking("type", list.task_type).asking("status", list.status);
                let command = command.asking("limit", list.limit).asking("from", list.from);
                return steering.run(&command, &listed);
            }
            TaskVerb::Show { id } => {
                let command =
                    ControlCommand::of(Method::GET, "tasks", &id).asking("account", account.as_ref());
                return steering.run(&command, &members);
            }
            TaskVerb::Start(start) => {
                let mut body =
                    json!({ "account": account.as_deref().unwrap_or("test"), "type": start.task_type });
                for (key, value) in [("name", start.name), ("source", start.source), ("param", start.param)] {
                    if let Some(value) = value {
                        body[key] = value.into();
                    }
                }
                if !start.target.is_empty() {
                    body["targets"] = start.target.into();
                }
                ControlCommand::new(Method::POST, "tasks").json(&body)
            }
            TaskVerb::Finish { id } => force(&id, json!({ "action": "finish" })),
            TaskVerb::Fail(args) => percent("fail", args),
            TaskVerb::Timeout(args) => percent("timeout", args),
            TaskVerb::Stall(args) => percent("stall", args),
        };
        steering.run(&command, &line)
    }
}

/// The id, then `IMAGE_SCAN START 37% account=test`.
fn line(task: &Value) -> String {
    let [id, kind, status, account] = ["id", "type", "status", "account"].map(|member| text(&task[member]));
    format!("{id} {kind} {status} {}% account={account}\n", text(&task["progress"]))
}

fn listed(answer: &Value) -> String {
    let rows: Vec<[String; 7]> = items(answer, "tasks").map(row).collect();
    if rows.is_empty() {
        return "no tasks\n".to_owned();
    }
    let count = rows.len();
    let table = aligned(["id", "account", "type", "source", "status", "progress", "started"], rows);
    match answer["next"].as_str() {
        Some(next) => format!("{table}{count} of {}; --from {next} lists on\n", answer["total"]),
        None => table,
    }
}

fn row(task: &Value) -> [String; 7] {
    let [id, account, kind, source, status] =
        ["id", "account", "type", "source", "status"].map(|member| text(&task[member]));
    [id, account, kind, source, status, progress(&task["progress"]), time(&task["started"])]
}

/// A line for each member.
fn members(task: &Value) -> String {
    let rows = task.as_object().into_iter().flatten().map(|(name, value)| [name.clone(), text(value)]);
    columns(&rows.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_and_a_line() {
        let task = json!({
            "account": "ci", "id": "ab", "number": 7, "type": "IMAGE_SCAN", "name": "x", "source": "schedule",
            "started": "2026-11-24T02:14:00.25Z", "status": "START", "progress": 37,
        });
        assert_eq!(line(&task), "ab IMAGE_SCAN START 37% account=ci\n");
        insta::assert_snapshot!(listed(&json!({ "total": 3, "tasks": [task], "next": "ci:8" })), @"
        id  account  type        source    status  progress  started
        ab  ci       IMAGE_SCAN  schedule  START   37%       2026-11-24T02:14:00Z
        1 of 3; --from ci:8 lists on
        ");
    }
}
