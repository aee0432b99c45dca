//! `StartVirusScanTask`: look for viruses on some servers (`spec/all_operations.json`).

use super::{Context, Operation, Param, births, named};
use crate::domain::task_type::VIRUS_SCAN;
use crate::domain::{ApiError, Birth, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "StartVirusScanTask",
    summary: "look for viruses on some servers",
    ram_action: "yundun-sas:StartVirusScanTask",
    params: &[Param::text("TargetInfo").required()],
    evidence: "whole; shape documented, a group stands for every server, refusals of bad lists assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let targets = named::target_info(params.filled("TargetInfo").unwrap_or_default())
        .map_err(|_| context.world.assumptions.argument_error())?;
    let id = births::start_if_room(context, Birth { targets, ..Birth::of(VIRUS_SCAN) })?;
    Ok(Value::Map(vec![("RequestId", Value::RequestId), ("ScanTaskId", Value::int(id.number()))]))
}
