//! `DescribeCloudCenterInstances`: the servers of the account (spec/operations.json).

use serde::Deserialize;

use crate::domain::{ApiError, Params, Server, Value};
use crate::operations::page::Page;
use crate::operations::{Context, Operation, Param};

pub(super) static OPERATION: Operation = Operation::new("DescribeCloudCenterInstances", run)
    .summary("the servers of the account")
    .params(&[
        Param::text("Criteria"),
        Param::text("LogicalExp"),
        Param::text("MachineTypes"),
        Param::int("CurrentPage"),
        Param::int("PageSize"),
        Param::bool("UseNextToken"),
        Param::text("NextToken"),
        Param::int("Importance").ignored("all servers are of one importance"),
        Param::bool("NoGroupTrace").ignored("there is one group"),
        Param::text("Flags").ignored("all servers are of one vendor"),
        Param::lang(),
    ])
    .evidence("part; shape documented, seven criteria, of the members those that the emulator knows");

/// One member of `Criteria`.
#[derive(Deserialize)]
struct Criterion {
    name: String,
    #[serde(default)]
    value: String,
}

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refused = context.world.assumptions.argument_error();
    let criteria: Vec<Criterion> = match params.non_empty("Criteria") {
        Some(criteria) => serde_json::from_str(criteria).map_err(|_| refused)?,
        None => Vec::new(),
    };
    let needs_all = params.non_empty("LogicalExp").is_some_and(|word| word.eq_ignore_ascii_case("AND"));
    let wants_servers = params.non_empty("MachineTypes").is_none_or(|kind| kind == "ecs");
    let now = context.now;
    let wanted = |server: &&Server| {
        let mut results = criteria.iter().filter_map(|criterion| criterion.holds_for(server, now)).peekable();
        let is_met = results.peek().is_none()
            || if needs_all { results.all(|met| met) } else { results.any(|met| met) };
        wants_servers && is_met
    };
    let servers = || context.account.servers.iter().filter(wanted);

    let uses_token = params.bool("UseNextToken").unwrap_or(false);
    let mut page = Page::of(params);
    if uses_token {
        let token = params.non_empty("NextToken").unwrap_or("0");
        page = page.after(usize::from_str_radix(token, 16).map_err(|_| refused)?);
    }
    let total = servers().count();
    let (found, mut info) = page.cut(total, servers());
    if let (true, Value::Map(members)) = (uses_token, &mut info) {
        let next = if page.end() < total { format!("{:032x}", page.end()) } else { String::new() };
        members.push(("NextToken", Value::text(next)));
    }
    let values = found.into_iter().map(|server| shown(server, now)).collect();
    Ok(Value::reply([
        ("Success", Value::Bool(true)),
        ("PageInfo", info),
        ("Instances", Value::List { item: "Instance", values }),
    ]))
}

impl Criterion {
    /// Whether a server meets it; none if the emulator does not model it.
    fn holds_for(&self, server: &Server, now: jiff::Timestamp) -> Option<bool> {
        let value = self.value.as_str();
        Some(match self.name.as_str() {
            "instanceId" => server.instance_id == value,
            "instanceName" => server.name.contains(value),
            "internetIp" => server.internet_ip == value,
            "intranetIp" => server.intranet_ip == value,
            "uuid" => server.uuid == value,
            "regionId" => server.region == value,
            "clientStatus" => server.client_status(now) == value,
            _ => return None,
        })
    }
}

fn shown(server: &Server, now: jiff::Timestamp) -> Value {
    let text = |text: &str| Value::text(text.to_owned());
    Value::Map(vec![
        ("Uuid", text(&server.uuid)),
        ("InstanceId", text(&server.instance_id)),
        ("InstanceName", text(&server.name)),
        ("InternetIp", text(&server.internet_ip)),
        ("IntranetIp", text(&server.intranet_ip)),
        ("Ip", text(server.shown_ip())),
        ("Region", text(&server.region)),
        ("RegionId", text(&server.region)),
        ("RegionName", text(&server.region)),
        ("Os", text(&server.os)),
        ("OsName", text(&server.os)),
        ("Status", Value::text("Running")),
        ("ClientStatus", Value::text(server.client_status(now))),
        ("ClientSubStatus", Value::text(server.client_sub_status(now))),
        ("AuthVersion", Value::Int(server.edition.number())),
        ("AuthVersionName", Value::text(server.edition.name())),
        ("Bind", Value::Bool(server.is_bound())),
        ("AssetType", Value::text("0")),
        ("AssetTypeName", Value::text("ecs")),
        ("Flag", Value::Int(0)),
        ("FlagName", Value::text("ALIYUN")),
        ("Vendor", Value::Int(0)),
        ("VendorName", Value::text("ALIYUN")),
        ("GroupId", Value::Int(Server::GROUP)),
        ("GroupTrace", Value::text("default")),
        ("Importance", Value::Int(1)),
        ("Cores", Value::Int(Server::CORES)),
        ("Mem", Value::Int(Server::MEGABYTES)),
        ("AlarmStatus", Value::text("NO")),
        ("RiskStatus", Value::text("NO")),
        ("VulStatus", Value::text("NO")),
        ("HcStatus", Value::text("NO")),
        ("ExposedStatus", Value::Int(0)),
        ("VulCount", Value::Int(0)),
        ("SafeEventCount", Value::Int(0)),
        ("HealthCheckCount", Value::Int(0)),
    ])
}
