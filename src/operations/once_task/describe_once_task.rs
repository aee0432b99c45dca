//! `DescribeOnceTask`: roots of a type, newest first, or the subtasks of one root (spec/api.md §1.6).

use serde_json::{Value as Json, json};

use crate::domain::assumptions::WaitingStatus;
use crate::domain::{Account, Assumptions, State, Target, Tasks};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeOnceTask", run)
    .summary("tasks of a type, newest first, or the subtasks of one task")
    .params(params! {
        Text "TaskType", Text "RootTaskId", Text "TaskId", Text "Source", Integer "StartTimeQuery",
        Integer "EndTimeQuery", Integer "CurrentPage", Integer "PageSize",
    })
    .identity(&["TaskType", "RootTaskId", "TaskId", "Source"])
    .evidence("whole; shape documented, order and subtasks seen in published programs, details made from field examples");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let now = context.now;
    let Account { tasks, servers, .. } = &mut *context.account;
    let view = View { now, assumptions: context.world.assumptions, servers: ServersById::new(servers) };
    let (items, info) = match (params.non_empty("RootTaskId"), params.non_empty("TaskType")) {
        (Some(root), task_type) => {
            let root = tasks.find(root);
            let root = root.filter(|root| task_type.is_none_or(|wanted| root.task_type().as_str() == wanted));
            let count = root.map_or(0, |root| root.subtasks(now).len());
            let (found, info) = Page::of(params)
                .range(count, |part| root.map(|root| root.subtasks(now).range(part)).into_iter().flatten());
            let problem = root.map(problem).unwrap_or_default();
            let shown = root.map(|root| found.iter().map(move |subtask| (root, subtask)));
            (
                shown
                    .into_iter()
                    .flatten()
                    .map(|(root, subtask)| view.subtask(root, subtask, &problem))
                    .collect(),
                info,
            )
        }
        (None, Some(task_type)) => {
            let (found, info) = roots(tasks, &TaskType::new(task_type), params, now);
            let mut shown = Vec::new();
            for id in found {
                // Listing counts as a look: published programs watch the first item.
                shown.extend(tasks.change(id, |task| task.look(now)).map(|(task, _)| view.root(task)));
            }
            (shown, info)
        }
        // Documented: not both may be empty.
        (None, None) => return Err(context.world.assumptions.argument_error().into()),
    };
    Ok(Value::reply(members! {
        "PageInfo": Value::Map(info),
        "TaskManageResponseList": Value::list("TaskManageResponse", items),
    }))
}

/// The ids on a page of the roots of a type, newest first, and its `PageInfo`. A window of time holds tasks that started
/// in it and, if they have ended, ended in it.
fn roots(
    tasks: &mut Tasks,
    task_type: &TaskType,
    params: &Params,
    now: Timestamp,
) -> (Vec<TaskId>, Vec<Member>) {
    let page = Page::of(params);
    // No task starts or ends later than now, so an end of the window after it excludes none.
    let to = params.int("EndTimeQuery").filter(|to| *to < now.as_millisecond());
    let newest = tasks.settle(now).newest(task_type, params.non_empty("Source"));
    let newest = newest.between(params.int("StartTimeQuery"), to).only(params.non_empty("TaskId"));
    let Some(to) = to else {
        // Not mapped before the cut: a mapped iterator skips one by one.
        let (found, info) = page.cut(newest.len(), newest);
        return (found.into_iter().map(|task| task.id).collect(), info);
    };
    // A task that started by then may have ended later.
    let (total, found) = newest.not_ended_after(now, to, page.places());
    (found.iter().map(|(task, _)| task.id).collect(), page.info(total, found.len()))
}

struct View<'a> {
    now: Timestamp,
    assumptions: Assumptions,
    servers: ServersById<'a>,
}

/// The type of problem that a task looks into, by its `Param`.
fn problem(task: &Task) -> String {
    task.param_json()["problemType"].as_str().unwrap_or_default().to_owned()
}

impl View<'_> {
    fn root(&self, task: &Task) -> Value {
        let state = task.state_at(self.now);
        let subtasks = task.subtasks(self.now);
        let (succeeded, failed) = subtasks.counts();
        // Of a task that has ended all subtasks have, and the list of subtasks names them all.
        let detailed = if state.status.is_terminal() { subtasks.len().min(100) } else { 0 };
        let problem = problem(task);
        let details = subtasks.range(0..detailed).map(|subtask| self.detail(&subtask, &problem)).collect();
        let ended = task.ended_at(self.now);
        let State { status, progress, .. } = state;
        let whole = Subtask { id: task.id, target: None, status, progress, ended };
        let mut members = self.members(task, &whole, details);
        members.extend(members! {
            "SuccessCount": succeeded, "FailCount": failed,
            // Three members that real replies were seen to have beyond the documented ones.
            "TotalCount": state.total_count,
            "Source": task.source().as_str().to_owned(),
            "Context": task.param.as_deref().unwrap_or("{}").to_owned(),
        });
        Value::Map(members)
    }

    fn subtask(&self, root: &Task, subtask: &Subtask<'_>, problem: &str) -> Value {
        let has_ended = subtask.status.is_terminal();
        let has_succeeded = subtask.status == Status::Success;
        let details = has_ended.then(|| self.detail(subtask, problem)).into_iter().collect();
        let mut members = self.members(root, subtask, details);
        members.extend(members! {
            "SuccessCount": i64::from(has_succeeded), "FailCount": i64::from(has_ended && !has_succeeded),
        });
        Value::Map(members)
    }

    /// The members of both roots and subtasks.
    fn members(&self, root: &Task, shown: &Subtask<'_>, details: Vec<Json>) -> Vec<Member> {
        let Subtask { id, status, progress, ended, .. } = *shown;
        let is_one = status == Status::Init && self.assumptions.waiting_status == WaitingStatus::One;
        // The only documented value is `successful`.
        let result = match status {
            Status::Init | Status::Start => "",
            Status::Success => "successful",
            Status::Fail => "failed",
            Status::Timeout => "timeout",
        };
        members! {
            "TaskId": id, "TaskType": root.task_type().as_str().to_owned(), "TaskName": root.name().to_owned(),
            "TaskStatus": if is_one { 1 } else { status.number() }, "TaskStatusText": self.word(root, status),
            "Progress": format!("{progress}%"),
            "TaskStartTime": root.born, "TaskEndTime": ended.unwrap_or_default(),
            "ResultInfo": result, "DetailData": Json::Array(details).to_string(),
        }
    }

    /// The words of this operation: a running vulnerability scan is PROCESSING (published programs stop at any other word),
    /// a task that maintains the agent is DISPATCH until the first target has answered.
    fn word(&self, task: &Task, status: Status) -> &'static str {
        let is_unanswered = || task.state_at(self.now).finish_count == 0;
        match (status, task.task_type().as_str()) {
            (Status::Start, "VUL_CHECK_TASK") => "PROCESSING",
            (Status::Start, "CLIENT_DEV_OPS" | "CLIENT_PROBLEM_CHECK") if is_unanswered() => "DISPATCH",
            _ => status.as_str(),
        }
    }

    /// One entry of `DetailData`; its keys are documented, the codes in it are not.
    fn detail(&self, subtask: &Subtask<'_>, problem: &str) -> Json {
        let id = subtask.target.map_or("", |target| &target.id);
        let server = self.servers.get(id).filter(|server| server.uuid == id);
        let of_server = |read: fn(&Server) -> &String| server.map_or("", |server| read(server).as_str());
        let (code, message) = match (subtask.status, subtask.target) {
            (Status::Success, _) => ("0", "successful"),
            (Status::Timeout, _) => ("timeout", "no answer in time"),
            (_, Some(Target { fails: true, .. })) => ("push_command_failed", "the agent is offline"),
            _ => ("failed", "the task ended before"),
        };
        json!({
            "dispatchType": "manual", "causeCode": [], "causeMsg": [], "resCode": [code], "resMsg": [message],
            "problemType": problem,
            "uuid": id,
            "instanceId": of_server(|server| &server.instance_id),
            "instanceName": of_server(|server| &server.name),
            "internetIp": of_server(|server| &server.internet_ip),
            "intranetIp": of_server(|server| &server.intranet_ip),
            "url": "",
        })
    }
}
