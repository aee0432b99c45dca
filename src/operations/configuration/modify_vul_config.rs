//! `ModifyVulConfig`: change which vulnerabilities are looked for (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::Setting;

pub(super) static OPERATION: Operation = Operation::new("ModifyVulConfig", run)
    .summary("change which vulnerabilities are looked for")
    .params(params! {
        Text "Type", Text "Config", Boolean "DryRun",
        Text "ClientToken" ignored "the same change twice is one change",
    })
    .evidence("part; shape, types and values documented, refusals assumed; findings do not depend on it");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (name, value) = (params.text("Type"), params.text("Config").to_owned());
    // Documented of all types but this one.
    if name == "imageVulClean" || !value.fits(name) {
        return Err(context.world.assumptions.argument_error().into());
    }
    if params.bool("DryRun") != Some(true) {
        context.account.posture.configuration.vulnerabilities.insert(name.to_owned(), value);
    }
    Ok(Value::reply([]))
}
