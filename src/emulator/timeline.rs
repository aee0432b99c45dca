//! What a timeline is made of, gathered: calls of the journal, tasks of the accounts, commands.

use super::emulator::Emulator;
use super::session::Session;
use crate::clock;
use crate::timeline::{AccountTasks, Material, TaskLife, Timeline};

/// Most tasks of one account; the newest.
const MOST_TASKS: usize = 48;

impl Emulator {
    /// What happened so far, in all accounts or in one. Nothing is locked for longer than a list of calls is copied, or the
    /// newest tasks of one account.
    pub(crate) fn timeline(&self, account: Option<&str>) -> Timeline {
        let mut calls = self.journal().everything();
        calls.records.retain(|call| account.is_none_or(|account| call.account() == account));
        let (now, date) = (clock::uptime(), clock::machine_time());
        let mut commands = self.commands().after(0, usize::MAX).records;
        commands.retain(|command| account.is_none_or(|account| command.concerns(account)));
        let session = self.session();
        let accounts = Timeline::accounts(&calls, &commands);
        let tasks = accounts.iter().filter_map(|account| session.task_lives(account)).collect();
        Timeline::build(Material { calls, commands, tasks, now, date })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Config;
    use crate::journal::CarriedOut;
    use crate::scenario::load;

    /// Between the two commands the machine's date was set an hour ahead.
    #[test]
    fn a_step_of_the_machines_date_moves_no_command() {
        let emulator = Emulator::new(Config::new(load::find("default").unwrap())).unwrap();
        let date = clock::machine_time();
        for time in [date - jiff::SignedDuration::from_hours(1), date] {
            let command = CarriedOut { account: None, words: "reset".to_owned(), outcome: String::new() };
            emulator.commands().add(command, (clock::uptime(), time, time), None);
        }
        let shown = emulator.timeline(None).to_json();
        let length = shown["length_ms"].as_f64().unwrap();
        assert!(length < 600_000.0, "{length}");
    }
}
