//! `StartIdcProbeScan`: probe data centres (spec/api.md §1.9).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("StartIdcProbeScan", run)
    .summary("probe data centres")
    .evidence("whole; shape documented, the task it starts inferred from its name");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    create::start_if_room(context, NewTask::of("IDC_PROBE_SCAN"))?;
    Ok(Value::reply([]))
}
