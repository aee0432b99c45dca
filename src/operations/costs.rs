//! Tests of what replies cost: no more in an account of many tasks than in one of few.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Context, find_by_name};
use crate::dice::Dice;
use crate::domain::{Account, LOOKS, World};

/// An account with this many tasks, one started each second, of which each takes ten; the time after all have ended.
fn filled(world: &World, count: usize) -> (Account, Dice, Timestamp) {
    let (mut account, mut dice) = (Account::new(Arc::clone(&world.servers)), Dice::new(0, "x"));
    let mut now = Timestamp::UNIX_EPOCH;
    for place in 0..count {
        now += SignedDuration::from_secs(1);
        let source = if place.is_multiple_of(2) { "console" } else { "openapi" };
        let params = [("TaskType", TYPE), ("TaskName", TYPE), ("Param", "{}"), ("Source", source)];
        call(&mut Context::new(now, &mut account, &mut dice, world), "GenerateOnceTask", &params);
    }
    (account, dice, now + SignedDuration::from_secs(60))
}

const TYPE: &str = "VUL_CHECK_TASK";

fn call(context: &mut Context<'_>, action: &str, params: &[(&str, &str)]) {
    let params = params.iter().copied();
    find_by_name(action).unwrap().call(context, &params.collect()).unwrap();
}

/// Looks, not time: a walk takes one at each task.
#[test]
fn a_reply_takes_as_many_looks_in_an_account_of_many_tasks_as_in_one_of_few() {
    const MANY: usize = 5_000;
    let mut world = World::default();
    world.limits.kept = MANY;
    let (mut account, mut dice, now) = filled(&world, MANY);
    let middle = account.tasks.iter().nth(MANY / 2).unwrap().born.as_millisecond();
    let time = |seconds: i64| (middle + seconds * 1000).to_string();
    let (before, after, last) = (time(-5), time(5), (MANY / 5).to_string());
    let page = [("TaskType", TYPE), ("RelateInfo", "false"), ("PageSize", "5")];
    let (roots, leaves) = ("DescribeOnceTask", "DescribeOnceTaskLeafRecordPage");
    account.tasks.settle(now);
    for (action, more) in [
        ("GetLastOnceTaskInfo", &[("TaskName", TYPE)][..]),
        ("GetLastOnceTaskInfo", &[("TaskName", "Other")]),
        ("GetLastOnceTaskInfo", &[("TaskName", TYPE), ("Source", "schedule")]),
        ("ListUnfinishedOnceTask", &[("Target", "x")]),
        ("GenerateOnceTask", &[("TaskName", TYPE), ("Param", "{}")]),
        (roots, &[("CurrentPage", "1")]),
        (roots, &[("CurrentPage", &last)]),
        (roots, &[("StartTimeQuery", &before)]),
        (roots, &[("EndTimeQuery", &after)]),
        (roots, &[("EndTimeQuery", &after), ("CurrentPage", "100")]),
        (roots, &[("StartTimeQuery", &before), ("EndTimeQuery", &after)]),
        (leaves, &[("CurrentPage", "1")]),
        (leaves, &[("CurrentPage", "5000")]),
        (leaves, &[("CurrentPage", "1"), ("StartTime", &before), ("EndTime", &after)]),
        (leaves, &[("CurrentPage", "1"), ("StatusList.1", "FAIL")]),
        (leaves, &[("CurrentPage", "4000"), ("StatusList.1", "SUCCESS"), ("Source", "console")]),
    ] {
        let params: Vec<_> = page.iter().chain(more).copied().collect();
        LOOKS.set(0);
        call(&mut Context::new(now, &mut account, &mut dice, &world), action, &params);
        let looks = LOOKS.get();
        assert!(looks < 150, "{action} {more:?} takes {looks} looks at {MANY} tasks");
    }
}
