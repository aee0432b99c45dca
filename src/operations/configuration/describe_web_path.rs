//! `DescribeWebPath`: the directories of web sites (`spec/all_operations.json`).

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeWebPath", run)
    .summary("the directories of web sites, of which none is known")
    .params(params! {
        Integer "CurrentPage", Integer "PageSize",
        Text "Type" ignored "there is one type",
    })
    .evidence("part; shape documented, servers have no web sites, so that the list is empty");

fn run(_: &mut Context<'_>, params: &Params) -> Result<Value, ApiError> {
    let (_, info) = Page::of(params).cut(0, std::iter::empty::<Value>());
    Ok(Value::reply(std::iter::once(("ConfigList".into(), Value::list("ConfigList", []))).chain(info)))
}
