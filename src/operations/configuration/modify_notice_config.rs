//! `ModifyNoticeConfig`: change how a notice is sent (`spec/all_operations.json`).

use crate::operations::prelude::*;
use crate::posture::{Notice, NoticeProject, Setting};

pub(super) static OPERATION: Operation = Operation::new("ModifyNoticeConfig", run)
    .summary("change how a notice is sent")
    .params(params! {
        Text "Project", Integer "Route", Integer "TimeLimit", Text "BizType", Boolean "DryRun",
        Text "FocusLevel" ignored "no operation shows it",
        Text "ClientToken" ignored "the same change twice is one change",
        Text "SourceIp" ignored "no reply depends on the address of the caller",
    })
    .evidence(
        "part; shape and values documented, what is left out stays and refusals assumed, levels are not kept",
    );

fn run(context: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let refusal = context.world.assumptions.argument_error();
    let to_monitor = params.non_empty("BizType") == Some("cms");
    let project = NoticeProject::find(params.text("Project"))
        .filter(|project| project.category.is_some() == to_monitor);
    let project = project.ok_or(refusal)?;
    let start = &context.world.posture.configuration;
    let Notice { route, time_limit } = context.account.posture.configuration.notice(start, project);
    // A number that is too large is refused like one that is not documented.
    let or_as_it_is =
        |name, now: u32| params.int(name).map_or(now, |given| u32::try_from(given).unwrap_or(u32::MAX));
    let route = u8::try_from(or_as_it_is("Route", route.into())).unwrap_or(u8::MAX);
    let notice = Notice { route, time_limit: or_as_it_is("TimeLimit", time_limit) };
    if !notice.fits(project.name) {
        return Err(refusal.into());
    }
    if params.bool("DryRun") != Some(true) {
        context.account.posture.configuration.notices.insert(project.name.to_owned(), notice);
    }
    Ok(Value::reply([]))
}
