//! `GetAuthSummary`: which editions the account pays for, and for how many servers (spec/operations.json).

use crate::domain::asset::Edition;
use crate::domain::{ApiError, Params, Server, Value};
use crate::operations::{Context, Operation};

pub(super) static OPERATION: Operation = Operation::new("GetAuthSummary", run)
    .summary("which editions are paid for, and for how many servers")
    .evidence("part; shape documented, counted from the servers, nothing paid by use");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let servers = &context.account.servers;
    let bound = count(servers, Server::is_bound);
    let unbound = count(servers, |server| !server.is_bound());
    let cores = |servers: i64| Value::Int(servers * Server::CORES);
    let machine = Value::Map(vec![
        ("TotalEcsCount", Value::Int(bound + unbound)),
        ("TotalCoreCount", cores(bound + unbound)),
        ("BindEcsCount", Value::Int(bound)),
        ("BindCoreCount", cores(bound)),
        ("UnBindEcsCount", Value::Int(unbound)),
        ("UnBindCoreCount", cores(unbound)),
        ("RiskEcsCount", Value::Int(0)),
        ("RiskCoreCount", Value::Int(0)),
        ("PostPaidBindEcsCount", Value::Int(0)),
        ("PostPaidBindCoreCount", Value::Int(0)),
    ]);
    let paid = Edition::ALL.into_iter().filter(|edition| *edition != Edition::Free);
    let versions: Vec<Value> = paid
        .map(|edition| (edition, count(servers, |server| server.edition == edition)))
        .filter(|(_, used)| *used > 0)
        .zip(1..)
        .map(|((edition, used), index)| {
            Value::Map(vec![
                ("Version", Value::Int(edition.number())),
                ("Index", Value::Int(index)),
                ("AuthBindType", Value::text("ASSET")),
                ("TotalCount", Value::Int(used)),
                ("UnUsedCount", Value::Int(0)),
                ("TotalEcsAuthCount", Value::Int(used)),
                ("UsedEcsCount", Value::Int(used)),
                ("UnusedEcsAuthCount", Value::Int(0)),
            ])
        })
        .collect();
    Ok(Value::reply([
        ("HighestVersion", Value::Int(Edition::best(servers).number())),
        ("IsMultiVersion", Value::Int((versions.len() > 1).into())),
        ("AllowPartialBuy", Value::Int(1)),
        ("AllowUpgradePartialBuy", Value::Int(1)),
        ("AllowUserUnbind", Value::Int(1)),
        ("AutoBind", Value::Int(0)),
        ("DefaultAuthToAll", Value::Int(0)),
        ("HasPreBindSetting", Value::Bool(false)),
        ("Machine", machine),
        ("VersionSummary", Value::List { item: "VersionSummary", values: versions }),
    ]))
}

fn count(servers: &[Server], wanted: impl Fn(&Server) -> bool) -> i64 {
    i64::try_from(servers.iter().filter(|server| wanted(server)).count()).unwrap_or(i64::MAX)
}
