//! `GetInstanceAlarmStatistics`: how many alarms of each level are open on a server (the vendor's page of the operation).

use crate::operations::alarm_list::risen;
use crate::operations::prelude::*;
use crate::posture::AlarmChoice;

pub(super) static OPERATION: Operation = Operation::new("GetInstanceAlarmStatistics", run)
    .summary("how many alarms of each level are open on a server, or on all")
    .params(params! {
        Text "Uuid",
        Text "From" ignored "all alarms are of one source",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("whole; shape documented, that it counts what is not over assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let context = &*context;
    let mut choice = AlarmChoice::open();
    if let Some(uuid) = params.non_empty("Uuid") {
        let servers = (0..).zip(context.account.servers.iter());
        choice =
            choice.on(servers.filter(|(_, server)| server.uuid == uuid).map(|(place, _)| place).collect());
    }
    let [serious, suspicious, remind] = risen(context).levels(&choice, &context.account.posture.alarms);
    let data = members! { "SeriousCount": serious, "SuspiciousCount": suspicious, "RemindCount": remind };
    Ok(Value::reply([("Data".into(), Value::Map(data))]))
}
