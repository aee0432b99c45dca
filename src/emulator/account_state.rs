//! One account of a session: what it holds, its random streams and its clock.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;

use crate::blocking;
use crate::clock::{Clock, Reading};
use crate::dice::Dice;
use crate::domain::task_type::EXPORT;
use crate::domain::{Account, Status, Task, TaskId, World};
use crate::operations::{self, Context, Settled};

#[derive(Debug)]
pub(super) struct AccountState {
    pub(super) account: Account,
    pub(super) dice: Dice,
    /// Its own task clock; it goes by the session's if it has none.
    pub(super) clock: Option<Box<Clock>>,
    /// Whether the control API set it up: such an account is never evicted.
    pub(super) is_configured: bool,
    /// How many tasks it had from the first, by the scenario; none are known of one that a snapshot of version 1 brought.
    pub(super) given: u64,
    /// The latest time at which something happened in it.
    latest: Timestamp,
    pub(super) is_retired: bool,
    /// How often its client polled a task that waited for a paused clock, as far as a hint counts that.
    pub(super) polls_while_paused: u8,
}

/// An account that a call can keep, whatever becomes of it in the session.
pub(super) type SharedAccount = Arc<Mutex<AccountState>>;

/// A successful export, and copies of what its file is made from.
pub(super) struct FinishedExport {
    pub(super) task: Task,
    pub(super) account: Account,
    pub(super) dice: Dice,
    pub(super) ended: Timestamp,
}

impl AccountState {
    /// A new account, as the scenario makes it.
    pub(super) fn new(account: Account, dice: Dice) -> Self {
        let given = dice.positions().task_ids();
        Self::resumed(account, dice, given)
    }

    /// An account of a snapshot.
    pub(super) fn resumed(account: Account, dice: Dice, given: u64) -> Self {
        let latest = Timestamp::MIN;
        Self {
            account,
            dice,
            clock: None,
            is_configured: false,
            given,
            latest,
            is_retired: false,
            polls_while_paused: 0,
        }
    }

    /// The task clock's reading. Read under the account's lock, it never goes back from one caller to the next.
    pub(super) fn now(&self, session_clock: &Clock) -> Timestamp {
        self.reading(session_clock).now
    }

    /// The same, and whether the clock is paused.
    pub(super) fn reading(&self, session_clock: &Clock) -> Reading {
        let mut reading = self.clock.as_deref().unwrap_or(session_clock).read();
        reading.now = reading.now.max(self.latest);
        reading
    }

    /// What operations see of it at `now`, or at the latest time that it has seen: a call that was delayed must not show
    /// an earlier state than a call that overtook it.
    pub(super) fn context<'a>(&'a mut self, now: Timestamp, world: &'a World) -> Context<'a> {
        self.latest = self.latest.max(now);
        Context::new(self.latest, &mut self.account, &mut self.dice, world)
    }

    /// Applies everything that is due; returns the time.
    pub(super) fn settle(&mut self, session_clock: &Clock, world: &World) -> Timestamp {
        self.settle_counting(session_clock, world);
        self.latest
    }

    /// Applies everything that is due; returns how many tasks that were.
    pub(super) fn settle_counting(&mut self, session_clock: &Clock, world: &World) -> Settled {
        let now = self.now(session_clock);
        operations::settle(&mut self.context(now, world))
    }

    /// The export of that id, with what its file is made from, if it has succeeded.
    pub(super) fn export(&self, id: TaskId, session_clock: &Clock) -> Option<FinishedExport> {
        let now = self.now(session_clock);
        let task = self.account.tasks.get(id).filter(|task| task.task_type().as_str() == EXPORT)?;
        let ended = task.ended_at(now).filter(|_| task.state_at(now).status == Status::Success)?;
        let (account, dice) = (self.account.assets(), self.dice.reading());
        Some(FinishedExport { task: task.clone(), account, dice, ended })
    }

    /// Whether time alone changes none of its tasks and starts none.
    pub(super) fn is_still(&self, now: Timestamp) -> bool {
        !self.account.may_start_tasks() && !self.account.tasks.may_change_after(now)
    }

    /// Whether nothing would be missed if it began anew: it was not set up by hand, and nothing that its caller started runs.
    /// Tasks that the scenario gave it do not count, for they would be there again.
    pub(super) fn is_idle(&mut self, session_clock: &Clock) -> bool {
        if self.is_configured || self.clock.is_some() {
            return false;
        }
        let now = self.now(session_clock);
        let account = &mut self.account;
        if account.may_start_tasks() {
            return false;
        }
        let Account { tasks, servers, .. } = account;
        !servers.is_installing(now)
            && (self.dice.positions().task_ids() <= self.given || tasks.running(now) == 0)
    }
}

/// Locks an account. A panic of one call must not cost the account: what it holds stays consistent call by call.
pub(super) fn lock(account: &SharedAccount) -> MutexGuard<'_, AccountState> {
    // Some are copied for a second, when the state is saved.
    blocking::lock(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_never_goes_back_in_time() {
        let (mut account, world) =
            (AccountState::new(Account::default(), Dice::new(0, "x")), World::default());
        let later = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(1);
        assert_eq!(account.context(later, &world).now, later);
        assert_eq!(account.context(Timestamp::UNIX_EPOCH, &world).now, later);
    }
}
