//! Which tasks of a store run, ran or were started at a time, without a walk over all of them.

use jiff::Timestamp;

use super::task::Task;
use super::task_type::TaskType;
use super::tasks::Tasks;

impl Tasks {
    /// Those that the limit of running once-tasks counts: no internal ones.
    pub fn running_once_tasks(&mut self, now: Timestamp) -> usize {
        let running = self.running(now);
        let Some(index) = &self.index else {
            return self.unfinished(now).filter(|task| !task.task_type().is_internal()).count();
        };
        let rows = TaskType::internal().filter_map(|internal| index.row(&internal, None));
        running - rows.map(|row| row.sum().unfinished()).sum::<usize>()
    }

    pub fn running(&mut self, now: Timestamp) -> usize {
        self.settle(now);
        match &self.index {
            Some(index) => index.order.sum().unfinished(),
            None => self.slots.iter().flatten().filter(|kept| !kept.task.ends_by(now)).count(),
        }
    }

    /// Whether time alone changes a task after `now`.
    pub fn may_change_after(&self, now: Timestamp) -> bool {
        match &self.index {
            Some(index) => index.may_change(),
            None => self.slots.iter().flatten().any(|kept| kept.task.still_from() > now),
        }
    }

    /// Those that run at `now`, oldest first.
    pub fn unfinished(&mut self, now: Timestamp) -> impl Iterator<Item = &Task> {
        let tasks = self.settle(now);
        let mut found = Vec::new();
        tasks.order().visit(&|sum| sum.unfinished() > 0, &mut |slot| {
            found.extend((!tasks.at(slot).ends_by(now)).then_some(slot));
            true
        });
        found.into_iter().map(|slot| tasks.at(slot))
    }

    /// Those that existed at a time and may have changed since, oldest first: all that ran, and perhaps more.
    pub fn running_since(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let from = time.as_millisecond();
        let mut found = Vec::new();
        self.order().visit(&|sum| sum.unfinished() > 0 || sum.last_end >= from, &mut |slot| {
            let task = self.at(slot);
            let exists = task.born <= time;
            let ended = task.expiry().is_some_and(|end| end < time);
            found.extend((exists && !ended).then_some(slot));
            exists
        });
        found.into_iter().map(|slot| self.at(slot))
    }

    /// Those that were started after a time, oldest first.
    pub fn born_after(&self, time: Timestamp) -> impl Iterator<Item = &Task> {
        let order = self.order();
        let start = order.place(|slot| self.at(slot).born <= time);
        (start..order.len()).map(move |place| &self.in_row(&order, place).task)
    }
}
