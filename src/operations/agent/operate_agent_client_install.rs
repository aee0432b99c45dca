//! `OperateAgentClientInstall`: give servers an agent (`spec/all_operations.json`).

use crate::domain::asset::Agent;
use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param, id_list};

pub(super) static OPERATION: Operation = Operation::new("OperateAgentClientInstall", run)
    .summary("give servers an agent")
    .params(&[
        Param::text("Uuids"),
        Param::text("InstanceIds"),
        Param::text("Region"),
        Param::text("Os"),
        Param::lang(),
    ])
    .evidence("whole; shape and demands documented, unknown servers are passed over, a guess");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    // Documented: one of the two lists; that of instance ids alone needs region and system.
    let wanted = match (params.non_empty("Uuids"), params.non_empty("InstanceIds")) {
        (Some(uuids), _) => id_list::ids(uuids),
        (None, Some(ids)) if params.non_empty("Region").is_some() && params.non_empty("Os").is_some() => {
            id_list::ids(ids)
        }
        _ => return Err(context.world.assumptions.argument_error().into()),
    };
    let now = context.now;
    let servers = context.account.servers.iter_mut();
    let values = servers.zip(1..).filter(|(server, _)| wanted.iter().any(|id| server.has_id(id))).map(
        |(server, place)| {
            if server.agent == Agent::Missing {
                server.agent = Agent::Installing { since: now };
            }
            Value::Map(vec![
                ("RecordId", Value::Int(place)),
                ("InstanceId", Value::text(server.instance_id.clone())),
                ("Uuid", Value::text(server.uuid.clone())),
            ])
        },
    );
    let values = values.collect();
    Ok(Value::reply([(
        "AegisCelintInstallResposeList",
        Value::List { item: "AegisCelintInstallRespose", values },
    )]))
}
