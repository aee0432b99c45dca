//! `DescribeOnceTask`: roots of a type, newest first, or the subtasks of one root (spec/api.md §1.6).

use jiff::Timestamp;
use serde_json::json;

use crate::domain::assumptions::WaitingStatus;
use crate::domain::{
    Account, ApiError, Assumptions, Params, Server, Status, Subtask, Target, Task, TaskId, TaskType, Tasks,
    Value,
};
use crate::operations::page::Page;
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeOnceTask", run)
    .summary("tasks of a type, newest first, or the subtasks of one task")
    .params(&[
        Param::text("TaskType"),
        Param::text("RootTaskId"),
        Param::text("TaskId"),
        Param::text("Source"),
        Param::int("StartTimeQuery"),
        Param::int("EndTimeQuery"),
        Param::int("CurrentPage"),
        Param::int("PageSize"),
    ])
    .identity(&["TaskType", "RootTaskId", "TaskId", "Source"])
    .evidence("whole; shape documented, order and subtasks seen in published programs, details made from field examples");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (now, page) = (context.now, Page::of(params));
    let Account { tasks, servers, .. } = &mut *context.account;
    let view = View { now, assumptions: context.world.assumptions, servers };
    let (items, info) = match (params.non_empty("RootTaskId"), params.non_empty("TaskType")) {
        (Some(root), task_type) => {
            let root = tasks
                .find(root)
                .filter(|root| task_type.is_none_or(|wanted| root.task_type.as_str() == wanted));
            let subtasks = root.map(|root| root.subtasks(now).map(move |subtask| (root, subtask)));
            let count = subtasks.as_ref().map_or(0, ExactSizeIterator::len);
            let (found, info) = page.cut(count, subtasks.into_iter().flatten());
            (found.into_iter().map(|(root, subtask)| view.subtask(root, &subtask)).collect(), info)
        }
        (None, Some(task_type)) => {
            let (found, info) = RootFilter::of(params).page(page, tasks, &TaskType::new(task_type), now);
            // Listing counts as a look: published programs watch the first item.
            for id in &found {
                tasks.look(*id, now);
            }
            (found.into_iter().filter_map(|id| tasks.get(id)).map(|task| view.root(task)).collect(), info)
        }
        // Documented: not both may be empty.
        (None, None) => return Err(context.world.assumptions.argument_error().into()),
    };
    Ok(Value::reply([
        ("PageInfo", info),
        ("TaskManageResponseList", Value::List { item: "TaskManageResponse", values: items }),
    ]))
}

/// The conditions on a list of roots.
struct RootFilter<'a> {
    id: Option<&'a str>,
    source: Option<&'a str>,
    from: Option<i64>,
    to: Option<i64>,
}

impl<'a> RootFilter<'a> {
    fn of(params: &'a Params) -> Self {
        Self {
            id: params.non_empty("TaskId"),
            source: params.non_empty("Source"),
            from: params.int("StartTimeQuery"),
            to: params.int("EndTimeQuery"),
        }
    }

    /// The ids on a page of the matching tasks, newest first. A window of time holds tasks that started in it and, if they
    /// have ended, ended in it.
    fn page(&self, page: Page, tasks: &Tasks, task_type: &TaskType, now: Timestamp) -> (Vec<TaskId>, Value) {
        let mut newest = tasks.newest(task_type, self.source);
        if let Some(from) = self.from {
            newest = newest.since(from);
        }
        if let Some(id) = self.id {
            newest = newest.only(tasks.find(id));
        }
        let (found, info) = match self.to {
            // A task that started by then may have ended later, so each must be checked.
            Some(to) if to < now.as_millisecond() => {
                let ended = |task: &Task| task.ended_at(now).unwrap_or(task.born);
                page.pick(newest.until(to).filter(|task| ended(task).as_millisecond() <= to))
            }
            // Not mapped before the cut: a mapped iterator skips one by one.
            _ => page.cut(newest.len(), newest),
        };
        (found.into_iter().map(|task| task.id).collect(), info)
    }
}

struct View<'a> {
    now: Timestamp,
    assumptions: Assumptions,
    servers: &'a [Server],
}

impl View<'_> {
    fn root(&self, task: &Task) -> Value {
        let state = task.state_at(self.now);
        let counts = task.counts_at(self.now);
        let details = if state.status.is_terminal() {
            let all = task.subtasks(self.now).filter(|subtask| subtask.status.is_terminal());
            serde_json::Value::Array(all.take(DETAILED).map(|subtask| self.detail(task, &subtask)).collect())
        } else {
            json!([])
        };
        let whole = Subtask {
            id: task.id,
            target: None,
            status: state.status,
            progress: state.progress,
            ended: task.ended_at(self.now),
        };
        let mut members = self.members(task, &whole, &details);
        members.push(("SuccessCount", Value::int(counts.succeeded)));
        members.push(("FailCount", Value::int(counts.failed)));
        // Three members that real replies were seen to have beyond the documented ones.
        members.push(("TotalCount", Value::int(state.total_count)));
        members.push(("Source", Value::text(task.source.as_str().to_owned())));
        members.push(("Context", Value::text(task.param.as_deref().unwrap_or("{}").to_owned())));
        Value::Map(members)
    }

    fn subtask(&self, root: &Task, subtask: &Subtask<'_>) -> Value {
        let is_over = subtask.status.is_terminal();
        let details = if is_over { json!([self.detail(root, subtask)]) } else { json!([]) };
        let mut members = self.members(root, subtask, &details);
        let is = |status| i64::from(subtask.status == status);
        members.push(("SuccessCount", Value::Int(is(Status::Success))));
        members.push(("FailCount", Value::Int(i64::from(is_over) - is(Status::Success))));
        Value::Map(members)
    }

    /// The members of both roots and subtasks.
    fn members(
        &self,
        root: &Task,
        shown: &Subtask<'_>,
        details: &serde_json::Value,
    ) -> Vec<(&'static str, Value)> {
        let Subtask { id, status, progress, ended, .. } = *shown;
        vec![
            ("TaskId", Value::text(id.to_string())),
            ("TaskType", Value::text(root.task_type.as_str().to_owned())),
            ("TaskName", Value::text(root.name().to_owned())),
            ("TaskStatus", Value::Int(self.number(status))),
            ("TaskStatusText", Value::text(self.word(root, status))),
            ("Progress", Value::text(format!("{progress}%"))),
            ("TaskStartTime", Value::millis(root.born)),
            ("TaskEndTime", Value::millis(ended.unwrap_or_default())),
            ("ResultInfo", Value::text(outcome(status))),
            ("DetailData", Value::text(details.to_string())),
        ]
    }

    fn number(&self, status: Status) -> i64 {
        match status {
            Status::Init if self.assumptions.waiting_status == WaitingStatus::Zero => 0,
            Status::Init | Status::Start => 1,
            Status::Success => 2,
            Status::Fail => 3,
            Status::Timeout => 4,
        }
    }

    /// The words of this operation: a running vulnerability scan is PROCESSING (published programs stop at any other word),
    /// a task that maintains the agent is DISPATCH until the first target has answered.
    fn word(&self, task: &Task, status: Status) -> &'static str {
        match status {
            Status::Start if task.task_type.as_str() == "VUL_CHECK_TASK" => "PROCESSING",
            Status::Start
                if task.task_type.is_about_the_agent() && task.state_at(self.now).finish_count == 0 =>
            {
                "DISPATCH"
            }
            status => status.as_str(),
        }
    }

    /// One entry of `DetailData`; its keys are documented, the codes in it are not.
    fn detail(&self, task: &Task, subtask: &Subtask<'_>) -> serde_json::Value {
        let id = subtask.target.map_or("", |target| &target.id);
        let server = self.servers.iter().find(|server| server.uuid == id);
        let of_server = |read: fn(&Server) -> &String| server.map_or("", |server| read(server).as_str());
        let (code, message) = match (subtask.status, subtask.target) {
            (Status::Success, _) => ("0", "successful"),
            (Status::Timeout, _) => ("timeout", "no answer in time"),
            (_, Some(Target { fails: true, .. })) => ("push_command_failed", "the agent is offline"),
            _ => ("failed", "the task ended before"),
        };
        json!({
            "dispatchType": "manual", "causeCode": [], "causeMsg": [], "resCode": [code], "resMsg": [message],
            "problemType": task.param_json()["problemType"].as_str().unwrap_or_default(),
            "uuid": id,
            "instanceId": of_server(|server| &server.instance_id),
            "instanceName": of_server(|server| &server.name),
            "internetIp": of_server(|server| &server.internet_ip),
            "intranetIp": of_server(|server| &server.intranet_ip),
            "url": "",
        })
    }
}

/// The most targets in the details of a root; its subtasks name all.
const DETAILED: usize = 100;

/// `ResultInfo`; the only documented value is `successful`.
fn outcome(status: Status) -> &'static str {
    match status {
        Status::Init | Status::Start => "",
        Status::Success => "successful",
        Status::Fail => "failed",
        Status::Timeout => "timeout",
    }
}
