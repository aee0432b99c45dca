//! What a timeline is made of, gathered: calls of the journal, tasks of the accounts, commands.

use super::emulator::Emulator;
use super::session::Session;
use crate::clock;
use crate::timeline::{AccountTasks, CommandMark, Material, TaskLife, Timeline};

/// Most tasks of one account; the newest.
const MOST_TASKS: usize = 48;

impl Emulator {
    /// What happened so far, in all accounts or in one. Nothing is locked for longer than a list of calls is copied, or the
    /// newest tasks of one account.
    pub(crate) fn timeline(&self, account: Option<&str>) -> Timeline {
        let mut calls = self.journal().everything();
        calls.records.retain(|call| account.is_none_or(|account| call.account() == account));
        let (now, date) = (clock::uptime(), clock::machine_time());
        let commands = self.commands().after(0, usize::MAX).records;
        let commands =
            commands.iter().filter(|command| account.is_none_or(|account| command.concerns(account)));
        let commands: Vec<CommandMark> = commands
            .map(|command| CommandMark {
                at: now.saturating_sub(date.duration_since(command.time)),
                task_time: command.task_time,
                account: command.account.clone(),
                words: command.command.clone(),
                outcome: command.outcome.clone(),
            })
            .collect();
        let session = self.session();
        let accounts = Timeline::accounts(&calls, &commands);
        let tasks = accounts.iter().filter_map(|account| session.task_lives(account)).collect();
        Timeline::build(Material { calls: Some(calls), commands, tasks, now, date })
    }
}

impl Session {
    /// The newest tasks of an account, if there is such an account, with the statuses that they had by now.
    fn task_lives(&self, account: &str) -> Option<AccountTasks> {
        self.accounts.visit(account, |state| {
            let now = state.settle(&self.clock, self.world());
            let (tasks, left_out) = state.account.tasks.newest_of_all(MOST_TASKS);
            let lives = tasks.into_iter().map(|task| TaskLife {
                id: task.id.to_string(),
                number: task.shown_number(),
                task_type: task.task_type().as_str().to_owned(),
                name: task.name().to_owned(),
                source: task.source().as_str().to_owned(),
                statuses: task.statuses(now),
                progress: task.state_at(now).progress,
            });
            let has_own_clock = state.clock.is_some();
            AccountTasks { account: account.to_owned(), now, has_own_clock, lives: lives.collect(), left_out }
        })
    }
}
