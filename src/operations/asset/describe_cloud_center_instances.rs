//! `DescribeCloudCenterInstances`: the servers of the account (spec/operations.json).

use serde::Deserialize;

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeCloudCenterInstances", run)
    .summary("the servers of the account")
    .params(params! {
        Text "Criteria", Text "LogicalExp", Text "MachineTypes", Integer "CurrentPage", Integer "PageSize",
        Boolean "UseNextToken", Text "NextToken",
        Integer "Importance" ignored "all servers are of one importance",
        Boolean "NoGroupTrace" ignored "there is one group",
        Text "Flags" ignored "all servers are of one vendor",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, seven criteria, of the members those that the emulator knows");

/// More are refused: each is held against every server.
const MOST_CRITERIA: usize = 100;

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
    if criteria.len() > MOST_CRITERIA {
        return Err(refused.into());
    }
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
    if uses_token {
        let next = if page.end() < total { format!("{:032x}", page.end()) } else { String::new() };
        info.push(("NextToken".into(), next.into()));
    }
    Ok(Value::reply(members! {
        "Success": true,
        "PageInfo": Value::Map(info),
        "Instances": Value::list("Instance", found.into_iter().map(|server| shown(server, now))),
    }))
}

impl Criterion {
    /// Whether a server meets it; none if the emulator does not model it.
    fn holds_for(&self, server: &Server, now: Timestamp) -> Option<bool> {
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

fn shown(server: &Server, now: Timestamp) -> Value {
    let Server { uuid, instance_id, name, internet_ip, intranet_ip, region, os, edition, .. } = server;
    Value::Map(members! {
        "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name,
        "InternetIp": internet_ip, "IntranetIp": intranet_ip, "Ip": server.shown_ip().to_owned(),
        "Region": region, "RegionId": region, "RegionName": region,
        "Os": os, "OsName": os, "Status": "Running",
        "ClientStatus": server.client_status(now), "ClientSubStatus": server.client_sub_status(now),
        "AuthVersion": edition.number(), "AuthVersionName": edition.number_and_name().1, "Bind": server.is_bound(),
        "AssetType": "0", "AssetTypeName": "ecs",
        "Flag": 0, "FlagName": "ALIYUN", "Vendor": 0, "VendorName": "ALIYUN",
        "GroupId": Server::GROUP, "GroupTrace": "default", "Importance": 1,
        "Cores": Server::CORES, "Mem": Server::MEGABYTES,
        "AlarmStatus": "NO", "RiskStatus": "NO", "VulStatus": "NO", "HcStatus": "NO", "ExposedStatus": 0,
        "VulCount": 0, "SafeEventCount": 0, "HealthCheckCount": 0,
    })
}
