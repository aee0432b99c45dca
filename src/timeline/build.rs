//! The timeline as data: which calls, tasks and commands stand in which lane. Built in one walk of the journal.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::bars::{AccountTasks, TaskBar, bars};
use super::clock::Readings;
use crate::journal::{Batch, CallRecord};

/// Most lanes of their own; the accounts beyond share the last one.
pub(crate) const MOST_LANES: usize = 40;

/// What a timeline is built from. Real times are lengths of time since the emulator started.
#[derive(Debug, Default)]
pub(crate) struct Material {
    pub(crate) calls: Option<Batch>,
    /// Oldest first.
    pub(crate) commands: Vec<CommandMark>,
    /// Of the accounts that get a lane.
    pub(crate) tasks: Vec<AccountTasks>,
    /// The present.
    pub(crate) now: SignedDuration,
    /// The machine's time at the present.
    pub(crate) date: Timestamp,
}

/// A command of the control API that was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandMark {
    pub(crate) at: SignedDuration,
    /// The time of the task clock after it.
    pub(crate) task_time: Timestamp,
    /// The account that it was for; none if it was for all.
    pub(crate) account: Option<String>,
    /// In the words of the command line: `clock advance 6h`.
    pub(crate) words: String,
    pub(crate) outcome: String,
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
    pub(super) commands: Vec<CommandMark>,
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

impl CommandMark {
    pub(super) fn moves_the_clock(&self) -> bool {
        let mut words = self.words.split(' ');
        words.next() == Some("clock") && matches!(words.next(), Some("advance" | "set"))
    }

    pub(super) fn is_for(&self, account: &str) -> bool {
        self.account.as_deref().is_none_or(|only| only == account)
    }
}

impl Timeline {
    /// The accounts that get a lane of their own, in the order of their first calls, and then of their first commands.
    pub(crate) fn accounts(calls: &Batch, commands: &[CommandMark]) -> Vec<String> {
        let called = calls.records.iter().map(|call| call.account());
        let commanded = commands.iter().filter_map(|command| command.account.as_deref());
        let (mut seen, mut accounts) = (HashMap::new(), Vec::new());
        for account in called.chain(commanded) {
            if accounts.len() < MOST_LANES && seen.insert(account, ()).is_none() {
                accounts.push(account.to_owned());
            }
        }
        accounts
    }

    pub(crate) fn build(material: Material) -> Self {
        let Material { calls, commands, tasks, now, date } = material;
        let calls = calls.unwrap_or(Batch { records: Vec::new(), missed: 0, clears: 0 });
        let accounts = Self::accounts(&calls, &commands);
        let places: HashMap<&str, usize> =
            accounts.iter().enumerate().map(|(place, account)| (account.as_str(), place)).collect();
        let mut by_lane: Vec<Vec<Arc<CallRecord>>> = accounts.iter().map(|_| Vec::new()).collect();
        let (mut others, mut other_accounts) = (Vec::new(), HashMap::new());
        for call in &calls.records {
            match places.get(call.account()) {
                Some(place) => by_lane[*place].push(Arc::clone(call)),
                None => {
                    other_accounts.insert(call.account().to_owned(), ());
                    others.push(Arc::clone(call));
                }
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
            let name = format!("{} more accounts", other_accounts.len());
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
}

impl Lane {
    fn of(
        account: &str,
        mut calls: Vec<Arc<CallRecord>>,
        tasks: Option<AccountTasks>,
        commands: &[CommandMark],
        now: SignedDuration,
    ) -> Self {
        calls.sort_by_key(|call| call.arrived);
        let commands: Vec<&CommandMark> = commands.iter().filter(|command| command.is_for(account)).collect();
        let present = tasks.as_ref().map(|tasks| (now, tasks.now));
        let readings = Readings::new(&calls, &commands, present);
        let (has_own_clock, tasks_left_out) =
            tasks.as_ref().map_or((false, 0), |tasks| (tasks.has_own_clock, tasks.left_out));
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
fn bounds(lanes: &[Lane], commands: &[CommandMark], now: SignedDuration) -> (SignedDuration, SignedDuration) {
    let calls = || lanes.iter().flat_map(|lane| &lane.calls);
    let tasks = || lanes.iter().flat_map(|lane| &lane.tasks);
    let commands = || commands.iter().map(|command| command.at);
    let from = calls().map(|call| call.arrived).chain(commands()).min().unwrap_or(now);
    let goes_on = calls().any(|call| call.is_in_flight()) || tasks().any(|task| task.ended.is_none());
    let changes = tasks().flat_map(|task| task.stages.iter().filter_map(|stage| stage.at));
    let ends = calls().map(|call| call.finished().unwrap_or(call.arrived));
    let last = ends.chain(commands()).chain(changes).max().unwrap_or(now);
    (from, if goes_on { last.max(now) } else { last }.max(from))
}
