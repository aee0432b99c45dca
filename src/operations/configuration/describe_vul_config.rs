//! `DescribeVulConfig`: which vulnerabilities are looked for (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::VULNERABILITY_SETTINGS;

pub(super) static OPERATION: Operation = Operation::new("DescribeVulConfig", run)
    .summary("which vulnerabilities are looked for")
    .params(params! { Text "Type", Text "SourceIp" ignored "no reply depends on the address of the caller" })
    .evidence("whole; shape, types and values documented, values at first and the empty list of an unknown type assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (own, start) = (&context.account.posture.configuration, &context.world.posture.configuration);
    let wanted = params.non_empty("Type");
    let types = VULNERABILITY_SETTINGS.iter().map(|(name, _)| *name);
    let shown = types.filter(|name| wanted.is_none_or(|wanted| wanted == *name)).map(|name| {
        Value::Map(members! {
            "Type": name, "Config": own.vulnerability_setting(start, name).to_owned(), "OverAllConfig": "on",
        })
    });
    let shown: Vec<Value> = shown.collect();
    let total = shown.len();
    Ok(Value::reply(members! { "TargetConfigs": Value::list("TargetConfigs", shown), "TotalCount": total }))
}
