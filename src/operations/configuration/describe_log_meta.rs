//! `DescribeLogMeta`: which logs are delivered (`spec/all_operations.json`).

use super::logs;
use crate::operations::prelude::*;
use crate::posture::LOG_STORES;

pub(super) static OPERATION: Operation = Operation::new("DescribeLogMeta", run)
    .summary("which logs are delivered")
    .params(params! {
        Text "From" ignored "both consoles show the same logs",
        Text "Lang" ignored "replies are in one language",
        Integer "ResourceDirectoryAccountId" ignored "an account has no members",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence("whole; shape and words documented, the Logstores those of the published Terraform resource, descriptions ours, lengths of time assumed");

fn run(context: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    let project = format!("sasnew-log-{}-cn-hangzhou", context.principal()?.account_number());
    let shown = LOG_STORES.iter().map(|(store, category, about)| {
        Value::Map(members! {
            "LogStore": *store, "LogDesc": *about, "Category": *category, "Status": logs::status(context, store),
            "Topic": *store, "Project": logs::PROJECT, "UserProject": &project, "UserLogStore": "sas-log",
            "UserRegion": "cn-hangzhou", "Ttl": 180, "HotTtl": -1,
        })
    });
    let shown: Vec<Value> = shown.collect();
    let total = shown.len();
    Ok(Value::reply(members! { "LogMetaList": Value::list("LogMetaList", shown), "TotalCount": total }))
}
