//! `ExportVul`: write a report of vulnerabilities (`spec/all_operations.json`).

use indexmap::IndexSet;

use crate::domain::export::{Export, FINDINGS};
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ExportVul", run)
    .summary("write a report of vulnerabilities")
    .paid()
    .params(params! {
        Text "Type" required, Text "Uuids", Text "Necessity", Text "Dealed", Text "AliasName", Text "CveId",
        Text "AssetType", Text "GroupId",
        Text "AttachTypes" ignored "a report is of one type",
        Text "ContainerName" refused "findings are on servers",
        Integer "CreateTsEnd" refused "findings have no time",
        Integer "CreateTsStart" refused "findings have no time",
        Text "ImageName" refused "findings are on servers",
        Text "Path" refused "findings have no path",
        Integer "RaspDefend" refused "findings have no protection",
        Text "SearchTags" refused "findings have no tags",
        Text "VpcInstanceIds" refused "servers have no VPC",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, every finding is invented, some filters are refused");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let kind = params.text("Type").chars();
    let uuids = params.non_empty("Uuids").map(|uuids| {
        let servers = id_list::ids(uuids);
        let known = ServersById::new(&context.account.servers);
        let named = servers.iter().filter_map(|uuid| known.get(uuid)).map(|server| server.uuid.clone());
        // A server may be named by both of its ids.
        named.collect::<IndexSet<_>>().into_iter().collect()
    });
    let uuids = if covers_servers(params) { uuids } else { Some(Vec::new()) };
    let exports = &context.account.exports;
    let export = Export {
        id: create::unused_id(context.dice, |id| exports.iter().any(|export| export.id == id)),
        // It becomes part of a file's name.
        kind: kind.filter(char::is_ascii_alphanumeric).take(16).collect(),
        asked: context.now,
        uuids,
        left_out: left_out(params),
    };
    let reply = members! { "FileName": export.file_name(), "Id": export.id.number() };
    context.account.add_export(export);
    Ok(Value::reply(reply))
}

/// Whether servers are among the assets that the report is about: all are in one group, and every finding is open.
fn covers_servers(params: &Params) -> bool {
    let is_or_has = |name, word: &str| {
        params.non_empty(name).is_none_or(|list| list.split(',').any(|it| it.eq_ignore_ascii_case(word)))
    };
    is_or_has("AssetType", "ECS")
        && is_or_has("GroupId", &Server::GROUP.to_string())
        && is_or_has("Dealed", "n")
}

/// The findings that filters leave out, by their ids.
fn left_out(params: &Params) -> Vec<String> {
    let is_wanted = |id: &str, alias: &str, necessity: &str| {
        params.non_empty("CveId").is_none_or(|wanted| wanted == id)
            && params.non_empty("AliasName").is_none_or(|part| alias.contains(part))
            && params.non_empty("Necessity").is_none_or(|list| list.split(',').any(|it| it == necessity))
    };
    let left_out = FINDINGS.iter().filter(|(id, alias, necessity)| !is_wanted(id, alias, necessity));
    left_out.map(|(id, ..)| (*id).to_owned()).collect()
}
