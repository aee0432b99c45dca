//! `ListUninstallAegisMachines`: the servers without an agent (the vendor's page of the operation).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ListUninstallAegisMachines", run)
    .summary("the servers without an agent")
    .params(params! {
        Text "Os", Text "RegionIdStr", Text "RegionNo", Text "Remark", Integer "Vendor", Integer "CurrentPage",
        Integer "PageSize", Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and default page of 5 documented, both regions are ids, Remark is a part of a name or an address (assumed)");

/// `Vendor` of every server: the vendor's own.
const VENDOR: i64 = 0;

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let is =
        |name, shown: &str| params.non_empty(name).is_none_or(|wanted| wanted.eq_ignore_ascii_case(shown));
    let are_listed = params.int("Vendor").is_none_or(|vendor| vendor == VENDOR);
    let (remark, now) = (params.non_empty("Remark").unwrap_or_default(), context.now);
    let wanted = |server: &&Server| {
        are_listed
            && !server.has_agent(now)
            && is("Os", &server.os)
            && is("RegionIdStr", &server.region)
            && is("RegionNo", &server.region)
            && [&server.name, &server.internet_ip, &server.intranet_ip]
                .iter()
                .any(|text| text.contains(remark))
    };
    let servers = || context.account.servers.iter().filter(wanted);
    let page = Page::of_usual(params, 5);
    let total = servers().count();
    let (found, _) = page.cut(total, servers());
    let mut reply = page.beside(total);
    reply.push(("MachineList".into(), Value::list("Machine", found.into_iter().map(shown))));
    Ok(Value::reply(reply))
}

fn shown(server: &Server) -> Value {
    let Server { uuid, instance_id, name, internet_ip, intranet_ip, region, os, .. } = server;
    Value::Map(members! {
        "Uuid": uuid, "InstanceId": instance_id, "InstanceName": name, "InternetIp": internet_ip,
        "IntranetIp": intranet_ip, "Os": os, "MachineRegion": region, "RegionId": region,
        "Vendor": VENDOR, "VendorName": "ALIYUN",
    })
}
