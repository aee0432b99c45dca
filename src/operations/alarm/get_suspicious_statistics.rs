//! `GetSuspiciousStatistics`: how many alarms of each level are open in some groups (the vendor's page of the operation).

use crate::operations::alarm_list::{in_groups, risen};
use crate::operations::prelude::*;
use crate::posture::AlarmChoice;

pub(super) static OPERATION: Operation = Operation::new("GetSuspiciousStatistics", run)
    .summary("how many alarms of each level are open in some groups of servers")
    .params(params! {
        Text "GroupIdList" required,
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape documented, that it counts what is not over assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let ids: Vec<i64> =
        id_list::ids(params.text("GroupIdList")).iter().filter_map(|id| id.parse().ok()).collect();
    let choice = AlarmChoice::open().on(in_groups(context, &ids));
    let levels = risen(context).levels(&choice, &context.account.posture.alarms);
    let [serious, suspicious, remind] = levels;
    Ok(Value::reply(members! {
        "SeriousCount": serious, "SuspiciousCount": suspicious, "RemindCount": remind,
        "TotalCount": levels.iter().sum::<usize>(),
    }))
}
