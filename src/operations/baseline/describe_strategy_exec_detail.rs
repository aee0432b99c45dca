//! `DescribeStrategyExecDetail`: the last execution of a strategy (`spec/all_operations.json`).

use crate::operations::local_time::local_time;
use crate::operations::prelude::*;
use crate::operations::strategy_execution::{look, strategy};

pub(super) static OPERATION: Operation = Operation::new("DescribeStrategyExecDetail", run)
    .summary("the last execution of a strategy of baseline checks")
    .params(params! {
        Integer "StrategyId" required, Integer "CurrentPage", Integer "PageSize",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .identity(&["StrategyId"])
    .evidence(
        "whole; shape documented, the counts taken for servers, a scheduled execution shown before the first",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (id, strategy) = strategy(context, params.int("StrategyId"))?;
    let page = Page::of_usual(params, 10);
    let found = look(context, id);
    let (context, now) = (&*context, context.now);
    let (servers, task) = (&context.account.servers, found.and_then(|(id, _)| context.account.tasks.get(id)));
    let Some((task, (_, state))) = task.zip(found) else {
        return Ok(Value::reply(scheduled(context, &strategy, page)));
    };
    let subtasks = task.subtasks(now);
    let (succeeded, failed) = subtasks.counts();
    let failing = subtasks.with(|status| matches!(status, Status::Fail | Status::Timeout));
    let by_id = ServersById::new(servers);
    let (on_page, _) = page.range(failing.len(), |part| failing.range(part));
    let listed = on_page.into_iter().filter_map(|subtask| {
        let server = by_id.get(&subtask.target?.id)?;
        let reason =
            if subtask.target.is_some_and(|target| target.fails) { OFFLINE } else { "Detect timeout" };
        Some(failed_server(server, reason))
    });
    Ok(Value::reply(members! {
        "StartTime": local_time(task.born), "EndTime": task.ended_at(now).map_or_else(String::new, local_time),
        "Percent": format!("{}%", state.progress), "Source": "Manual",
        "SuccessCount": succeeded, "FailCount": failed,
        "InProcessCount": state.total_count.saturating_sub(succeeded + failed),
        "FailedEcsList": Value::list("FailedEcs", listed),
    }))
}

const OFFLINE: &str = "The agent is offline";

/// What a strategy that was never executed by a call shows: the time at which it last ran by itself.
fn scheduled(
    context: &Context<'_>,
    strategy: &crate::posture::baseline::Strategy,
    page: Page,
) -> Vec<Member> {
    let servers = context.account.servers.iter();
    let offline: Vec<&Server> = servers.filter(|server| !server.is_online(context.now)).collect();
    let (on_page, _) = page.range(offline.len(), |part| offline.get(part).unwrap_or_default().to_vec());
    let (start, end) = strategy.last_scheduled(context.now);
    members! {
        "StartTime": local_time(start), "EndTime": local_time(end), "Percent": "100%", "Source": "Schedule",
        "SuccessCount": context.account.servers.len() - offline.len(), "FailCount": offline.len(),
        "InProcessCount": 0,
        "FailedEcsList": Value::list("FailedEcs", on_page.into_iter().map(|server| failed_server(server, OFFLINE))),
    }
}

fn failed_server(server: &Server, reason: &'static str) -> Value {
    Value::Map(members! {
        "IP": server.shown_ip().to_owned(), "InternetIp": &server.internet_ip, "IntranetIp": &server.intranet_ip,
        "InstanceName": &server.name, "Reason": reason,
    })
}
