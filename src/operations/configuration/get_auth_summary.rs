//! `GetAuthSummary`: which editions the account pays for, and for how many servers (spec/operations.json).

use crate::operations::prelude::*;
use crate::operations::risks::Risks;

pub(super) static OPERATION: Operation = Operation::new("GetAuthSummary", run)
    .summary("which editions are paid for, and for how many servers")
    .evidence("part; shape documented, counted from the servers, nothing paid by use");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let servers = &context.account.servers;
    let risks = Risks::of(context);
    let at_risk =
        i64::try_from((0..servers.len()).filter(|place| risks.any(*place)).count()).unwrap_or(i64::MAX);
    let bound = count(servers, Server::is_bound);
    let unbound = count(servers, |server| !server.is_bound());
    let cores = |servers: i64| servers * Server::CORES;
    let machine = members! {
        "TotalEcsCount": bound + unbound, "TotalCoreCount": cores(bound + unbound),
        "BindEcsCount": bound, "BindCoreCount": cores(bound),
        "UnBindEcsCount": unbound, "UnBindCoreCount": cores(unbound),
        "RiskEcsCount": at_risk, "RiskCoreCount": cores(at_risk), "PostPaidBindEcsCount": 0, "PostPaidBindCoreCount": 0,
    };
    let paid = Edition::ALL.into_iter().filter(|edition| *edition != Edition::Free);
    let used = paid.map(|edition| (edition, count(servers, |server| server.edition == edition)));
    let used: Vec<_> = used.filter(|(_, used)| *used > 0).collect();
    let versions = used.iter().zip(1..).map(|((edition, used), index)| {
        Value::Map(members! {
            "Version": edition.number(), "Index": index, "AuthBindType": "ASSET",
            "TotalCount": *used, "UnUsedCount": 0,
            "TotalEcsAuthCount": *used, "UsedEcsCount": *used, "UnusedEcsAuthCount": 0,
        })
    });
    Ok(Value::reply(members! {
        "HighestVersion": servers.best_edition().number(), "IsMultiVersion": i64::from(used.len() > 1),
        "AllowPartialBuy": 1, "AllowUpgradePartialBuy": 1, "AllowUserUnbind": 1,
        "AutoBind": 0, "DefaultAuthToAll": 0, "HasPreBindSetting": false,
        "Machine": Value::Map(machine),
        "VersionSummary": Value::list("VersionSummary", versions),
    }))
}

fn count(servers: &Servers, wanted: impl Fn(&Server) -> bool) -> i64 {
    i64::try_from(servers.iter().filter(|server| wanted(server)).count()).unwrap_or(i64::MAX)
}
