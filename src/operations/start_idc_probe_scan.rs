//! `StartIdcProbeScan`: probe data centres (spec/api.md §1.9).

use super::{Context, Operation, births};
use crate::domain::{ApiError, Birth, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "StartIdcProbeScan",
    summary: "probe data centres",
    ram_action: "yundun-sas:StartIdcProbeScan",
    params: &[],
    evidence: "whole; shape documented, the task it starts inferred from its name",
    run,
};

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    births::start_if_room(context, Birth::of("IDC_PROBE_SCAN"))?;
    Ok(Value::only_request_id())
}
