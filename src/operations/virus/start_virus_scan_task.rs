//! `StartVirusScanTask`: look for viruses on some servers (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("StartVirusScanTask", run)
    .summary("look for viruses on some servers")
    .paid()
    .params(params! { Text "TargetInfo" required })
    .evidence("whole; shape documented, a group stands for every server, refusals of bad lists assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let targets = id_list::target_info(params.text("TargetInfo"))
        .map_err(|_| context.world.assumptions.argument_error())?;
    let id = create::start_if_room(context, NewTask { targets, ..NewTask::of(VIRUS_SCAN) })?;
    Ok(Value::reply(members! { "ScanTaskId": id.number() }))
}
