//! `DescribeAgentInstallStatus`: whether servers have their agents yet (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeAgentInstallStatus", run)
    .summary("whether servers have their agents yet")
    .params(params! {
        Text "Uuids" required,
        Text "Lang" ignored "replies are in one language",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and numbers documented, unknown servers are left out and no installation fails, guesses");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let uuids = id_list::ids(params.text("Uuids"));
    let known = ServersById::new(&context.account.servers);
    let servers = uuids.iter().filter_map(|uuid| known.get(uuid));
    let statuses = servers.map(|server| {
        let (message, result, code) = match server.agent {
            _ if server.has_agent(context.now) => ("installed", 1, "0"),
            // The list of codes has none for an installation under way.
            Agent::Installing { .. } => ("installing", 0, "-1"),
            Agent::Installed | Agent::Missing => ("uninstalled", -1, "-1"),
        };
        Value::Map(
            members! { "Uuid": &server.uuid, "Message": message, "Result": result, "ResuleCode": code },
        )
    });
    let statuses = Value::list("AegisClientInvokeStatusResponse", statuses);
    Ok(Value::reply([("AegisClientInvokeStatusResponseList".into(), statuses)]))
}
