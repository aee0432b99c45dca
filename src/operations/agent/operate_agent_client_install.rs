//! `OperateAgentClientInstall`: give servers an agent (`spec/all_operations.json`).

use std::collections::HashSet;

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("OperateAgentClientInstall", run)
    .summary("give servers an agent")
    .params(params! {
        Text "Uuids", Text "InstanceIds", Text "Region", Text "Os",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("whole; shape and demands documented, unknown servers are passed over, a guess");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let given = |name| params.non_empty(name);
    // Documented: one of the two lists; that of instance ids alone needs region and system.
    let has_place = given("Region").is_some() && given("Os").is_some();
    let wanted = given("Uuids").or_else(|| given("InstanceIds").filter(|_| has_place));
    let wanted = id_list::ids(wanted.ok_or(context.world.assumptions.argument_error())?);
    let wanted: HashSet<&str> = wanted.iter().map(String::as_str).collect();
    let (mut records, mut missing) = (Vec::new(), Vec::new());
    let servers = &mut context.account.servers;
    for (place, server) in servers.iter().enumerate() {
        if wanted.contains(&*server.uuid) || wanted.contains(&*server.instance_id) {
            if server.agent == Agent::Missing {
                missing.push(place);
            }
            let (id, uuid) = (&server.instance_id, &server.uuid);
            records.push(Value::Map(members! { "RecordId": place + 1, "InstanceId": id, "Uuid": uuid }));
        }
    }
    for place in missing {
        if let Some(server) = servers.change(place) {
            server.agent = Agent::Installing { since: context.now };
        }
    }
    let records = Value::list("AegisCelintInstallRespose", records);
    Ok(Value::reply([("AegisCelintInstallResposeList".into(), records)]))
}
