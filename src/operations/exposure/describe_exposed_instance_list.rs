//! `DescribeExposedInstanceList`: the servers that can be reached from the internet (`spec/all_operations.json`).

use super::exposed::{ExposedServer, all};
use crate::operations::checked::SearchedPart;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeExposedInstanceList", run)
    .summary("the servers that can be reached from the internet")
    .params(params! {
        Text "AssetType", Boolean "CspmStatus", Text "ExposureComponent", Text "ExposureComponentBizType",
        Text "ExposureIp", Text "ExposurePort", Integer "GroupId", Boolean "HealthStatus", Text "InstanceId",
        Text "InstanceName", Boolean "VulStatus", Integer "CurrentPage", Integer "PageSize",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
    })
    .evidence("part; shape documented, servers alone, names of components ours, every vulnerability taken for one that can be exploited");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let name = SearchedPart::of(params, "InstanceName");
    let context = &*context;
    let is = |name, value: &str| params.non_empty(name).is_none_or(|wanted| wanted == value);
    let has = |name, count: usize| params.bool(name).is_none_or(|wanted| wanted == (count > 0));
    let is_wanted = |exposed: &ExposedServer<'_>| {
        let ExposedServer { server, component, .. } = exposed;
        is("AssetType", "0")
            && is("ExposureComponent", component.name)
            && is("ExposureComponentBizType", component.kind)
            && is("ExposurePort", component.port)
            && is("ExposureIp", &exposed.way().2)
            && is("InstanceId", &server.instance_id)
            && name.is_in(&server.name)
            && params.int("GroupId").is_none_or(|group| group == exposed.group.id)
            && has("CspmStatus", exposed.failed_checks)
            && has("HealthStatus", exposed.weak_passwords)
            && has("VulStatus", exposed.vulnerabilities.total())
    };
    let found: Vec<_> = all(context).into_iter().filter(is_wanted).collect();
    let (page, info) = Page::of(params).cut(found.len(), found.into_iter());
    let shown = page.into_iter().map(|exposed| shown(&exposed));
    Ok(Value::reply(members! {
        "ExposedInstances": Value::list("ExposedInstance", shown), "PageInfo": Value::Map(info),
    }))
}

fn shown(exposed: &ExposedServer<'_>) -> Value {
    let ExposedServer { server, component, weak_passwords, failed_checks, vulnerabilities, .. } = exposed;
    let (kind, id, address) = exposed.way();
    let component = Value::Map(members! {
        "ComponentName": component.name, "ComponentBizType": component.kind,
        "ComponentVersion": component.version, "ListenPort": component.port,
    });
    Value::Map(members! {
        "Uuid": &server.uuid, "InstanceId": &server.instance_id, "InstanceName": &server.name,
        "InternetIp": &server.internet_ip, "IntranetIp": &server.intranet_ip, "RegionId": &server.region,
        "GroupId": exposed.group.id, "GroupName": exposed.group.name.to_owned(), "AssetType": 0,
        "ExposureType": kind, "ExposureTypeId": id, "ExposureIp": address,
        "ExposurePort": exposed.component.port, "ExposureComponent": exposed.component.name,
        "ExposureComponentList": Value::list("ExposureComponent", [component]),
        "ExploitHealthCount": *weak_passwords, "CspmAlarmCount": *failed_checks,
        "TotalVulCount": vulnerabilities.total(), "AsapVulCount": vulnerabilities.asap,
        "LaterVulCount": vulnerabilities.later, "NntfVulCount": vulnerabilities.nntf,
    })
}
