//! `GetCheckConfig`: the policy of configuration checks (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::check::check_standards;

pub(super) static OPERATION: Operation = Operation::new("GetCheckConfig", run)
    .summary("the policy of configuration checks")
    .params(params! {
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, an item is named by its first section, a standard is on with its first item");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let results = context.checks();
    let policy = &context.account.posture.check.policy;
    let selected =
        results.all.iter().filter(|result| result.is_selected).map(|result| {
            Value::Map(members! { "CheckId": result.item.id, "SectionId": result.item.section() })
        });
    let standards = check_standards().map(|standard| {
        let is_on = results.of_standard(standard).any(|result| result.is_selected);
        Value::Map(members! {
            "Id": standard.id, "ShowName": standard.name, "Type": standard.kind,
            "Status": if is_on { "ON" } else { "OFF" },
        })
    });
    let days = policy.cycle_days.iter().map(|day| Value::from(*day));
    Ok(Value::reply(members! {
        "CycleDays": Value::list("CycleDay", days), "StartTime": policy.start, "EndTime": policy.end,
        "EnableAutoCheck": policy.is_automatic, "EnableAddCheck": policy.adds_new,
        "SelectedChecks": Value::list("SelectedCheck", selected), "Standards": Value::list("Standard", standards),
    }))
}
