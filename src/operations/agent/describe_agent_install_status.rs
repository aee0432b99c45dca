//! `DescribeAgentInstallStatus`: whether servers have their agents yet (`spec/all_operations.json`).

use crate::domain::asset::Agent;
use crate::domain::{ApiError, Params, Value};
use crate::operations::{Context, Operation, Param, id_list};

pub(super) static OPERATION: Operation = Operation::new("DescribeAgentInstallStatus", run)
    .summary("whether servers have their agents yet")
    .params(&[Param::text("Uuids").required(), Param::lang(), Param::source_ip()])
    .evidence("whole; shape and numbers documented, unknown servers are left out and no installation fails, guesses");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let uuids = id_list::ids(params.text("Uuids"));
    let servers = uuids.iter().filter_map(|uuid| context.account.server(uuid));
    let values = servers
        .map(|server| {
            let (message, result, code) = match server.agent {
                _ if server.has_agent(context.now) => ("installed", 1, "0"),
                // The list of codes has none for an installation under way.
                Agent::Installing { .. } => ("installing", 0, "-1"),
                Agent::Installed | Agent::Missing => ("uninstalled", -1, "-1"),
            };
            Value::Map(vec![
                ("Uuid", Value::text(server.uuid.clone())),
                ("Message", Value::text(message)),
                ("Result", Value::Int(result)),
                ("ResuleCode", Value::text(code)),
            ])
        })
        .collect();
    Ok(Value::reply([(
        "AegisClientInvokeStatusResponseList",
        Value::List { item: "AegisClientInvokeStatusResponse", values },
    )]))
}
