//! `GetAssetDetailByUuid`: one server (`spec/all_operations.json`). One that is unknown has no details, a guess.

use crate::domain::{ApiError, Params, Server, Value};
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("GetAssetDetailByUuid", run)
    .summary("one server")
    .params(&[Param::text("Uuid").required(), Param::lang(), Param::source_ip()])
    .evidence("part; shape documented, of the members those that the emulator knows, answer for an unknown id assumed");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let uuid = params.text("Uuid");
    let server = context.account.servers.iter().find(|server| server.uuid == uuid);
    let members = server.map_or_else(Vec::new, |server| details(server, context.now));
    Ok(Value::reply([("AssetDetail", Value::Map(members))]))
}

fn details(server: &Server, now: jiff::Timestamp) -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::text(text.to_owned());
    let addresses = [&server.internet_ip, &server.intranet_ip];
    let addresses = addresses.into_iter().filter(|address| !address.is_empty()).map(|address| text(address));
    vec![
        ("Uuid", text(&server.uuid)),
        ("InstanceId", text(&server.instance_id)),
        ("InstanceName", text(&server.name)),
        ("HostName", text(&server.name)),
        ("InternetIp", text(&server.internet_ip)),
        ("IntranetIp", text(&server.intranet_ip)),
        ("Ip", text(server.shown_ip())),
        ("IpList", Value::List { item: "IpListArr", values: addresses.collect() }),
        ("Region", text(&server.region)),
        ("RegionId", text(&server.region)),
        ("RegionName", text(&server.region)),
        ("Os", text(&server.os)),
        ("OsName", text(&server.os)),
        ("ClientStatus", Value::text(server.client_status(now))),
        ("ClientSubStatus", Value::text(server.client_sub_status(now))),
        ("AuthVersion", Value::Int(server.edition.number())),
        ("Bind", Value::Bool(server.is_bound())),
        ("AssetType", Value::text("0")),
        ("Flag", Value::Int(0)),
        ("GroupTrace", Value::text("default")),
        ("Cpu", Value::Int(Server::CORES)),
        ("Mem", Value::Int(Server::MEGABYTES)),
    ]
}
