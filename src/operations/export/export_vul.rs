//! `ExportVul`: write a report of vulnerabilities (`spec/all_operations.json`).

use indexmap::IndexSet;

use crate::domain::export::Export;
use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("ExportVul", run)
    .summary("write a report of vulnerabilities")
    .params(params! {
        Text "Type" required, Text "Uuids",
        Text "AttachTypes" ignored "findings are invented",
        Text "Necessity" ignored "findings are invented",
        Text "Dealed" ignored "findings are invented",
        Text "Lang" ignored "replies are in one language",
    })
    .evidence("part; shape documented, only Type and Uuids choose, every finding is invented");

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let kind = params.text("Type").chars();
    let uuids = params.non_empty("Uuids").map(|uuids| {
        let servers = id_list::ids(uuids);
        let known = ServersById::new(&context.account.servers);
        let named = servers.iter().filter_map(|uuid| known.get(uuid)).map(|server| server.uuid.clone());
        // A server may be named by both of its ids.
        named.collect::<IndexSet<_>>().into_iter().collect()
    });
    let exports = &context.account.exports;
    let export = Export {
        id: create::unused_id(context.dice, |id| exports.iter().any(|export| export.id == id)),
        // It becomes part of a file's name.
        kind: kind.filter(char::is_ascii_alphanumeric).take(16).collect(),
        asked: context.now,
        uuids,
    };
    let reply = members! { "FileName": export.file_name(), "Id": export.id.number() };
    context.account.add_export(export);
    Ok(Value::reply(reply))
}
