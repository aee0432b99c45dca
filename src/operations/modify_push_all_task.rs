//! `ModifyPushAllTask`: send checks to servers (spec/api.md §1.9).

use super::{Context, Operation, Param, births, named, vul_check};
use crate::domain::server::Edition;
use crate::domain::{ApiError, Birth, Code, Params, Server, Value};

pub(super) static OPERATION: Operation = Operation {
    name: "ModifyPushAllTask",
    summary: "send checks to servers",
    ram_action: "yundun-sas:ModifyPushAllTask",
    params: &[Param::text("Tasks").required(), Param::text("Uuids").required(), Param::text("SourceIp")],
    evidence: "whole; shape documented, the task of vulnerability checks seen in published programs, that of others guessed",
    run,
};

/// The checks that look for vulnerabilities, and the kind each looks for.
const VULNERABILITY_CHECKS: [(&str, &str); 4] =
    [("OVAL_ENTITY", "cve"), ("SYSVUL", "sys"), ("CMS", "cms"), ("SCA", "sca")];

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let ids = |name| named::ids(params.filled(name).unwrap_or_default());
    let (checks, uuids) = (ids("Tasks"), ids("Uuids"));
    let known: Vec<&Server> = uuids.iter().filter_map(|uuid| context.account.server(uuid)).collect();
    if known.iter().any(|server| server.edition == Edition::Free) {
        return Err(Code::FREE_VERSION.into());
    }
    let targets: Vec<String> = known.iter().map(|server| server.uuid.clone()).collect();
    let values = uuids.iter().map(|uuid| result(context, uuid)).collect();

    // To name no target would mean all of them.
    if !targets.is_empty() {
        let kind = |check: &String| VULNERABILITY_CHECKS.iter().find(|(name, _)| name == check);
        let kinds: Vec<String> = checks.iter().filter_map(kind).map(|(_, kind)| (*kind).to_owned()).collect();
        if !kinds.is_empty() {
            let birth = Birth {
                param: vul_check::param(&kinds),
                targets: targets.clone(),
                ..Birth::of(vul_check::TYPE)
            };
            births::order(context, birth)?;
        }
        if kinds.len() < checks.len() {
            births::order(context, Birth { targets, ..Birth::of("ASSETS_COLLECTION") })?;
        }
    }
    Ok(Value::Map(vec![
        ("RequestId", Value::RequestId),
        (
            "PushTaskRsp",
            Value::Map(vec![("PushTaskResultList", Value::List { item: "pushTaskResult", values })]),
        ),
    ]))
}

fn result(context: &Context<'_>, uuid: &str) -> Value {
    let Some(server) = context.account.server(uuid) else {
        return Value::Map(vec![
            ("Uuid", Value::text(uuid.to_owned())),
            ("Success", Value::Bool(false)),
            ("Online", Value::Bool(false)),
            ("Message", Value::text("no such server")),
        ]);
    };
    let is_online = server.is_online(context.now);
    Value::Map(vec![
        ("Uuid", Value::text(server.uuid.clone())),
        ("GroupId", Value::Int(Server::GROUP)),
        ("Success", Value::Bool(is_online)),
        ("Region", Value::text(server.region.clone())),
        ("InstanceName", Value::text(server.name.clone())),
        ("Online", Value::Bool(is_online)),
        ("Message", Value::text(if is_online { "successful" } else { "the agent is offline" })),
        ("Ip", Value::text(server.internet_ip.clone())),
        ("OsVersion", Value::text(server.os.clone())),
        ("InstanceId", Value::text(server.instance_id.clone())),
    ])
}
