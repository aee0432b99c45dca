//! `DescribeNoticeConfig`: who is notified of what (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::NOTICE_PROJECTS;

pub(super) static OPERATION: Operation = Operation::new("DescribeNoticeConfig", run)
    .summary("which notices are sent, and how")
    .params(
        params! { Text "BizType", Text "SourceIp" ignored "no reply depends on the address of the caller" },
    )
    .evidence(
        "whole; shape, projects and ways documented, that all are shown and none is off at first assumed",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let to_monitor = match params.non_empty("BizType") {
        None => false,
        Some("cms") => true,
        Some(_) => return Err(context.world.assumptions.argument_error().into()),
    };
    // Account numbers have 16 digits.
    let owner: i64 = context.principal()?.account_number().parse().unwrap_or_default();
    let (own, start) = (&context.account.posture.configuration, &context.world.posture.configuration);
    let shown =
        NOTICE_PROJECTS.iter().filter(|project| project.category.is_some() == to_monitor).map(|project| {
            let notice = own.notice(start, project);
            let mut members = members! {
                "Project": project.name, "Route": notice.route, "TimeLimit": notice.time_limit,
                "AliUid": owner, "CurrentPage": 1,
            };
            members.extend(project.category.map(|category| ("Category".into(), category.into())));
            Value::Map(members)
        });
    Ok(Value::reply(members! { "NoticeConfigList": Value::list("NoticeConfigList", shown) }))
}
