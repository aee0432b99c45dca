//! `DescribeInstances` of ECS: the servers of the account, as their own product lists them (the SDK's model of 2014-05-26).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::of(Product::ECS, "DescribeInstances", run)
    .summary("the servers of the account in a region, as ECS lists them")
    .params(params! {
        Text "RegionId" required, Text "InstanceIds", Text "InstanceName", Text "Status", Text "VpcId",
        Integer "PageNumber", Integer "PageSize",
        Integer "MaxResults" refused "pages have numbers here",
        Text "NextToken" refused "pages have numbers here",
        Text "ZoneId" refused "servers are in no zone",
        Boolean "DryRun" ignored "every permission is checked in every call",
    })
    .evidence("part; shape documented, every server runs and is of one type, of the filters those that servers differ in");

/// All servers are alike in what ECS alone knows.
const INSTANCE_TYPE: &str = "ecs.g7.xlarge";

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let ids: Option<Vec<String>> = match params.non_empty("InstanceIds") {
        Some(list) => {
            Some(serde_json::from_str(list).map_err(|_| context.world.assumptions.argument_error())?)
        }
        None => None,
    };
    let (region, name) = (params.text("RegionId"), params.non_empty("InstanceName"));
    let is_or_left_out = |name, common| params.non_empty(name).is_none_or(|given| given == common);
    let are_wanted = is_or_left_out("Status", "Running") && is_or_left_out("VpcId", Server::VPC);
    let wanted = |server: &&Server| {
        are_wanted
            && server.region == region
            && ids.as_ref().is_none_or(|ids| ids.contains(&server.instance_id))
            && name.is_none_or(|pattern| is_like(&server.name, pattern))
    };
    let servers = || context.account.servers.iter().filter(wanted);
    let (page, total) = (Page::of_ecs(params), servers().count());
    let (found, _) = page.cut(total, servers());
    let mut members = page.ecs_members(total);
    members.push(("Instances".into(), Value::wrapped("Instance", found.into_iter().map(shown))));
    Ok(Value::reply(members))
}

/// `*` stands for anything, at the ends of a name.
fn is_like(name: &str, pattern: &str) -> bool {
    let part = pattern.trim_matches('*');
    match (pattern.starts_with('*'), pattern.ends_with('*')) {
        (true, true) => name.contains(part),
        (true, false) => name.ends_with(part),
        (false, true) => name.starts_with(part),
        (false, false) => name == pattern,
    }
}

fn shown(server: &Server) -> Value {
    let Server { instance_id, name, internet_ip, intranet_ip, region, os, .. } = server;
    let addresses = |address: &String| {
        let listed = Some(address).filter(|address| !address.is_empty()).map(Value::from);
        Value::Map(members! { "IpAddress": Value::list("IpAddress", listed) })
    };
    Value::Map(members! {
        "InstanceId": instance_id, "InstanceName": name, "HostName": name, "RegionId": region,
        "Status": "Running", "OSType": os, "OSName": os,
        "Cpu": Server::CORES, "Memory": Server::MEGABYTES, "InstanceType": INSTANCE_TYPE,
        "InstanceNetworkType": "vpc", "PublicIpAddress": addresses(internet_ip),
        "VpcAttributes": Value::Map(members! { "VpcId": Server::VPC, "PrivateIpAddress": addresses(intranet_ip) }),
    })
}

#[cfg(test)]
mod tests {
    use super::is_like;

    #[test]
    fn names_match_from_either_end() {
        let matched = ["web-1", "web*", "*-1", "*eb*", "web", "*web", "1*"].map(|it| is_like("web-1", it));
        assert_eq!(matched, [true, true, true, true, false, false, false]);
    }
}
