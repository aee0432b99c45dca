//! `ModifyStartVulScan`: look for vulnerabilities (spec/api.md §1.9). The new root is the newest at once, which the
//! published golden-image pipeline needs.

use super::{Context, Operation, Param, births, named, vul_check};
use crate::domain::assumptions::VulScanScope;
use crate::domain::{ApiError, Birth, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "ModifyStartVulScan",
    summary: "look for vulnerabilities on every server",
    ram_action: "yundun-aegis:ModifyStartVulScan",
    params: &[Param::text("Types"), Param::text("Uuids")],
    evidence: "whole; shape documented, the task it starts seen in published programs, its scope assumed",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let ids = |name| named::ids(params.filled(name).unwrap_or_default());
    let targets = match context.world.assumptions.vul_scan_scope {
        VulScanScope::Account => Vec::new(),
        VulScanScope::Named => ids("Uuids"),
    };
    let birth = Birth { param: vul_check::param(&ids("Types")), targets, ..Birth::of(vul_check::TYPE) };
    births::start_if_room(context, birth)?;
    Ok(Value::only_request_id())
}
