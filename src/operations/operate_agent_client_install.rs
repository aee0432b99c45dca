//! `OperateAgentClientInstall`: give servers an agent (`spec/all_operations.json`).

use super::{Context, Operation, Param, named};
use crate::domain::server::Agent;
use crate::domain::{ApiError, Params, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "OperateAgentClientInstall",
    summary: "give servers an agent",
    ram_action: "yundun-sas:OperateAgentClientInstall",
    params: &[
        Param::text("Uuids"),
        Param::text("InstanceIds"),
        Param::text("Region"),
        Param::text("Os"),
        Param::text("Lang"),
    ],
    evidence: "whole; shape and demands documented, unknown servers are passed over, a guess",
    run,
};

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    // Documented: one of the two lists; that of instance ids alone needs region and system.
    let wanted = match (params.filled("Uuids"), params.filled("InstanceIds")) {
        (Some(uuids), _) => named::ids(uuids),
        (None, Some(ids)) if params.filled("Region").is_some() && params.filled("Os").is_some() => {
            named::ids(ids)
        }
        _ => return Err(context.world.assumptions.argument_error().into()),
    };
    let now = context.now;
    let servers = context.account.servers.iter_mut();
    let values = servers.zip(1..).filter(|(server, _)| wanted.iter().any(|id| server.is_called(id))).map(
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
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        ("AegisCelintInstallResposeList", Value::List { item: "AegisCelintInstallRespose", values }),
    ]))
}
