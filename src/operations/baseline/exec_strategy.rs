//! `ExecStrategy`: execute a strategy of baseline checks, or end its execution (`spec/all_operations.json`).

use serde_json::json;

use crate::domain::task_type::STRATEGY_EXECUTION;
use crate::operations::prelude::*;
use crate::operations::strategy_execution::{name, newest, strategy};

pub(super) static OPERATION: Operation = Operation::new("ExecStrategy", run)
    .summary("execute a strategy of baseline checks")
    .paid()
    .params(params! {
        Integer "StrategyId", Text "ExecAction",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("whole; shape and StrategyRunning documented, refusal of an unknown strategy assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (id, _) = strategy(context, params.int("StrategyId"))?;
    let (now, newest) = (context.now, newest(context, id));
    let running = newest.filter(|id| {
        context.account.tasks.get(*id).is_some_and(|task| !task.state_at(now).status.is_terminal())
    });
    match (params.non_empty("ExecAction"), running) {
        (None | Some("exec"), Some(_)) => return Err(Code::STRATEGY_RUNNING.into()),
        (None | Some("exec"), None) => {
            let param = Some(json!({ "strategyId": id }).to_string());
            let new = NewTask { param, name: name(id), ..NewTask::of(STRATEGY_EXECUTION) };
            let task = create::start_if_room(context, new)?;
            context.account.add_unsettled(task);
        }
        (Some("terminate"), running) => {
            if let Some(task) = running {
                context.account.tasks.change(task, |task| task.cancel(now));
            }
        }
        _ => return Err(context.world.assumptions.argument_error().into()),
    }
    Ok(Value::reply([]))
}
