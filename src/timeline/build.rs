//! The timeline as data: which calls, tasks and commands stand in which lane. Built in one walk of the journal.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::axis;
use super::bars::{AccountTasks, TaskBar, bars};
use super::clock::Readings;
use crate::journal::{Batch, CallRecord, CommandRecord};
use crate::text::counted::counted;

/// Most lanes of their own; the accounts beyond share the last one.
pub(crate) const MOST_LANES: usize = 40;

/// What a timeline is built from. Real times are lengths of time since the emulator started.
#[derive(Debug, Default)]
pub(crate) struct Material {
    pub(crate) calls: Batch,
    /// Oldest first.
    pub(crate) commands: Vec<Arc<CommandRecord>>,
    /// Of the accounts that get a lane.
    pub(crate) tasks: Vec<AccountTasks>,
    /// The present.
    pub(crate) now: SignedDuration,
    /// The machine's time at the present.
    pub(crate) date: Timestamp,
}

/// What happened, by account and in order.
#[derive(Debug)]
pub(crate) struct Timeline {
    /// The first and the last real time that it shows.
    pub(super) from: SignedDuration,
    pub(super) to: SignedDuration,
    /// The machine's time at `from`.
    pub(super) began: Timestamp,
    pub(super) lanes: Vec<Lane>,
    pub(super) commands: Vec<Arc<CommandRecord>>,
    /// How many calls had left the journal.
    pub(super) missed: u64,
}

/// One account, or all those that have no lane of their own.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) account: String,
    /// How many accounts it sums up.
    pub(super) accounts: usize,
    /// In the order of arrival.
    pub(super) calls: Vec<Arc<CallRecord>>,
    pub(super) tasks: Vec<TaskBar>,
    pub(super) tasks_left_out: usize,
    /// When its task clock showed what.
    pub(super) readings: Readings,
    pub(super) has_own_clock: bool,
}

impl Timeline {
    /// The accounts that get a lane of their own, in the order of their first calls, and then of their first commands.
    pub(crate) fn accounts(calls: &Batch, commands: &[Arc<CommandRecord>]) -> Vec<String> {
        let called = calls.records.iter().map(|call| call.account());
        let commanded = commands.iter().filter_map(|command| command.account.as_deref());
        let (mut seen, mut accounts) = (HashSet::new(), Vec::new());
        for account in called.chain(commanded) {
            if accounts.len() < MOST_LANES && seen.insert(account) {
                accounts.push(account.to_owned());
            }
        }
        accounts
    }

    pub(crate) fn build(material: Material) -> Self {
        let Material { calls, commands, tasks, now, date } = material;
        let accounts = Self::accounts(&calls, &commands);
        let places: HashMap<&str, usize> =
            accounts.iter().enumerate().map(|(place, account)| (account.as_str(), place)).collect();
        let mut by_lane: Vec<Vec<Arc<CallRecord>>> = accounts.iter().map(|_| Vec::new()).collect();
        let (mut others, mut other_accounts) = (Vec::new(), HashSet::new());
        for call in &calls.records {
            if let Some(place) = places.get(call.account()) {
                by_lane[*place].push(Arc::clone(call));
            } else {
                other_accounts.insert(call.account().to_owned());
                others.push(Arc::clone(call));
            }
        }
        let mut known: HashMap<String, AccountTasks> =
            tasks.into_iter().map(|tasks| (tasks.account.clone(), tasks)).collect();
        let mut lanes: Vec<Lane> = accounts
            .iter()
            .zip(by_lane)
            .map(|(account, calls)| Lane::of(account, calls, known.remove(account), &commands, now))
            .collect();
        if !others.is_empty() {
            let name = counted(other_accounts.len(), "more account");
            lanes.push(Lane { accounts: other_accounts.len(), ..Lane::of(&name, others, None, &[], now) });
        }
        let (from, to) = bounds(&lanes, &commands, now);
        let ago = now.saturating_sub(from);
        let began = date.checked_sub(ago).unwrap_or(date);
        Self { from, to, began, lanes, commands, missed: calls.missed }
    }

    pub(super) fn calls(&self) -> impl Iterator<Item = &Arc<CallRecord>> {
        self.lanes.iter().flat_map(|lane| &lane.calls)
    }

    /// When it was, counted from the left end: `+1.204 s`.
    pub(super) fn since(&self, at: SignedDuration) -> String {
        axis::since(at.saturating_sub(self.from).as_secs_f64())
    }

    /// How long all of it took: `4.20 s`.
    pub(super) fn length(&self) -> String {
        axis::length(self.to.saturating_sub(self.from).as_secs_f64())
    }
}

impl Lane {
    fn of(
        account: &str,
        mut calls: Vec<Arc<CallRecord>>,
        tasks: Option<AccountTasks>,
        commands: &[Arc<CommandRecord>],
        now: SignedDuration,
    ) -> Self {
        calls.sort_by_key(|call| call.arrived);
        let commands: Vec<&CommandRecord> =
            commands.iter().map(AsRef::as_ref).filter(|command| command.concerns(account)).collect();
        let present = tasks.as_ref().map(|tasks| (now, tasks.now));
        let (has_own_clock, tasks_left_out) =
            tasks.as_ref().map_or((false, 0), |tasks| (tasks.has_own_clock, tasks.left_out));
        let readings = Readings::new(&calls, &commands, present, has_own_clock);
        let lives = tasks.map(|tasks| tasks.lives).unwrap_or_default();
        let tasks = bars(lives, &calls, &commands, &readings);
        Self {
            account: account.to_owned(),
            accounts: 1,
            calls,
            tasks,
            tasks_left_out,
            readings,
            has_own_clock,
        }
    }
}

/// From the first event to the last one; to the present, if something is not over.
fn bounds(
    lanes: &[Lane],
    commands: &[Arc<CommandRecord>],
    now: SignedDuration,
) -> (SignedDuration, SignedDuration) {
    let calls = || lanes.iter().flat_map(|lane| &lane.calls);
    let tasks = || lanes.iter().flat_map(|lane| &lane.tasks);
    let commands = || commands.iter().map(|command| command.at);
    let from = calls().map(|call| call.arrived).chain(commands()).min().unwrap_or(now);
    let goes_on = calls().any(|call| call.is_in_flight()) || tasks().any(|task| task.ended().is_none());
    let changes = tasks().flat_map(|task| task.stages.iter().filter_map(|stage| stage.at));
    let ends = calls().map(|call| call.finished().unwrap_or(call.arrived));
    let last = ends.chain(commands()).chain(changes).max().unwrap_or(now);
    (from, if goes_on { last.max(now) } else { last }.max(from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status::{Init, Start, Success};
    use crate::timeline::testing::{CallEnd, Made, millis};

    /// When the stages of the one task began, in milliseconds since the left end.
    fn stages(timeline: &Timeline) -> Vec<(&'static str, Option<i128>)> {
        let began = |at: SignedDuration| at.saturating_sub(timeline.from).as_millis();
        let stages = timeline.lanes[0].tasks[0].stages.iter();
        stages.map(|stage| (stage.status.as_str(), stage.at.map(began))).collect()
    }

    #[test]
    fn what_a_command_brought_about_lies_at_its_mark() {
        let timeline = Made::new()
            .call("test", 100, 0, CallEnd::Task(7, "INIT"))
            .command(200, 20, "clock advance 20s")
            .call("test", 300, 20, CallEnd::Task(7, "START"))
            .command(400, 21_620, "clock advance 6h")
            .call("test", 500, 21_620, CallEnd::Task(7, "SUCCESS"))
            .task("test", 21_620, 7, &[(0, Init), (5, Start), (3600, Success)])
            .timeline();
        assert_eq!(stages(&timeline), [("INIT", Some(0)), ("START", Some(100)), ("SUCCESS", Some(300))]);
        assert_eq!(timeline.lanes[0].tasks[0].ended().unwrap().at, Some(millis(400)));
    }

    #[test]
    fn on_a_running_clock_a_stage_lies_between_the_calls_around_it() {
        let timeline = Made::new()
            .call("test", 1000, 0, CallEnd::Task(7, "INIT"))
            .call("test", 5000, 4, CallEnd::Task(7, "START"))
            .task("test", 9, 7, &[(0, Init), (1, Start), (6, Success)])
            .timeline();
        // The end is known by the present reading: 9 at 10,000 ms.
        assert_eq!(stages(&timeline), [("INIT", Some(0)), ("START", Some(1000)), ("SUCCESS", Some(6000))]);
    }

    #[test]
    fn while_a_clock_stands_still_calls_and_commands_tell_when_a_task_changed() {
        let timeline = Made::new()
            .call("test", 100, 0, CallEnd::Error(400))
            .command(200, 0, "tasks start IMAGE_SCAN")
            .call("test", 300, 0, CallEnd::Task(7, "INIT"))
            .command(400, 0, "tasks finish 7")
            .task("test", 0, 7, &[(0, Init), (0, Success)])
            .timeline();
        assert_eq!(stages(&timeline), [("INIT", Some(100)), ("SUCCESS", Some(300))]);
    }

    #[test]
    fn a_task_that_looks_move_changes_where_they_saw_it() {
        let timeline = Made::new()
            .call("test", 0, 0, CallEnd::Task(7, "INIT"))
            .call("test", 100, 0, CallEnd::Task(7, "START"))
            .call("test", 200, 0, CallEnd::Task(7, "SUCCESS"))
            .task("test", 0, 7, &[(0, Init)])
            .timeline();
        assert_eq!(stages(&timeline), [("INIT", Some(0)), ("START", Some(100)), ("SUCCESS", Some(200))]);
    }

    #[test]
    fn what_was_before_a_reset_tells_nothing_of_the_clock() {
        let timeline = Made::new()
            .call("test", 0, 500, CallEnd::Task(6, "INIT"))
            .command(50, 0, "reset")
            .call("test", 100, 0, CallEnd::Task(7, "INIT"))
            .task("test", 0, 7, &[(0, Init)])
            .timeline();
        assert_eq!(stages(&timeline), [("INIT", Some(100))]);
        assert_eq!(timeline.to, millis(10_000), "it still runs");
    }

    #[test]
    fn accounts_beyond_the_lanes_share_the_last_one() {
        for (accounts, more, name) in [(50, 10, "10 more accounts"), (41, 1, "1 more account")] {
            let made = (0..accounts).fold(Made::new(), |made, place| {
                made.call(&format!("a{place:02}"), place, 0, CallEnd::Error(500))
            });
            let timeline = made.timeline();
            let last = timeline.lanes.last().unwrap();
            assert_eq!((timeline.lanes.len(), last.account.as_str()), (41, name));
            assert_eq!((last.accounts, last.calls.len()), (more, more));
            assert_eq!(timeline.lanes[0].account, "a00");
        }
    }

    #[test]
    fn nothing_happened() {
        let timeline = Made::new().timeline();
        assert_eq!((timeline.from, timeline.to, timeline.lanes.len()), (millis(10_000), millis(10_000), 0));
    }
}
