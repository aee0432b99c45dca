//! `DescribeClientProblemType`: what may be wrong with an agent (spec/api.md §1.9). The list and its wording are invented.

use crate::operations::prelude::*;

pub(super) static OPERATION: Operation = Operation::new("DescribeClientProblemType", run)
    .summary("what may be wrong with an agent")
    .params(params! { Text "Lang" ignored "replies are in one language" })
    .evidence("part; shape documented, of the list one type is known and the rest invented, in one language");

const PROBLEMS: [(&str, &str, &str); 5] = [
    ("1", "offline", "The agent does not answer."),
    ("2", "install_failed", "The agent cannot be installed."),
    ("3", "high_memory", "The agent uses much memory."),
    ("4", "high_cpu", "The agent uses much processor time."),
    ("5", "other", "Something else."),
];

fn run(_: &mut Context<'_>, _: &Params) -> Result<Value, ApiError> {
    // It has no paging parameters; its reply has paging members all the same, at the top and not in a PageInfo.
    let (problems, mut members) = Page::of(&Params::default()).cut(PROBLEMS.len(), PROBLEMS.into_iter());
    let problems = problems.into_iter().map(|(id, kind, detail)| {
        Value::Map(members! { "problemId": id, "problemType": kind, "problemDetail": detail })
    });
    members.push(("RequestId".into(), Value::RequestId));
    members.push(("ProblemTypes".into(), Value::list("ProblemType", problems)));
    Ok(Value::Map(members))
}
