//! The tasks of one type, newest first, and pages of them.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;

use super::row::{Row, TaskSlot, Weight};
use super::state::Status;
use super::summary::{Summary, wanted};
use super::task::Task;
use super::task_type::TaskType;
use super::tasks::Tasks;

impl Tasks {
    /// The tasks of a type, of one source or of all.
    pub fn newest(&self, task_type: &TaskType, source: Option<&str>) -> Newest<'_> {
        let row = self.row(task_type, source);
        let left = 0..row.len();
        Newest { tasks: self, row, left }
    }

    /// The newest task of a type and a name, of one source or of all.
    pub fn latest(&self, task_type: &TaskType, source: Option<&str>, name: &str) -> Option<&Task> {
        let is_wanted = |slot: &TaskSlot| {
            let task = self.at(*slot);
            let is_of_source = source.is_none_or(|source| source == task.source().as_str());
            is_of_source && *task.task_type() == *task_type && task.name() == name
        };
        let is_own = name != task_type.as_str();
        let found = match &self.index {
            Some(index) if is_own => index.named(task_type, source, name, &self.slots).find(is_wanted),
            _ => {
                let row = self.row(task_type, source);
                row.newest(|sum| is_own || sum.unnamed > 0, |slot| is_wanted(&slot))
            }
        };
        found.map(|slot| self.at(slot))
    }

    /// Lets a new task share with the newest one of its type and source what is equal.
    pub(super) fn share(&self, task: &mut Task) {
        let is_like = |one: &Task| one.task_type() == task.task_type() && one.source() == task.source();
        let newest = match &self.index {
            Some(index) => index.newest_like(task),
            None => self.newest_slot(is_like),
        };
        if let Some(slot) = newest {
            task.share(self.at(slot));
        }
    }
}

/// Tasks of one row, newest first; skipping some costs nothing.
#[derive(Debug, Clone)]
pub struct Newest<'a> {
    tasks: &'a Tasks,
    row: Cow<'a, Row>,
    left: Range<usize>,
}

/// How many items a list has, and those on a page of it: tasks, each with the range of its items.
pub(crate) type PageOf<'a> = (usize, Vec<(&'a Task, Range<usize>)>);

impl<'a> Newest<'a> {
    /// Only tasks born from one millisecond to another, both included, where they are given.
    #[must_use]
    pub fn between(mut self, from: Option<i64>, to: Option<i64>) -> Self {
        let older = |than: i64| self.row.place(|slot| self.tasks.at(slot).born.as_millisecond() < than);
        let Range { start, end } = self.left;
        let start = from.map_or(start, |from| older(from).clamp(start, end));
        let end = to.map_or(end, |to| older(to.saturating_add(1)).clamp(start, end));
        self.left = start..end;
        self
    }

    /// Only the task of that id, if it is among them; all if none is given.
    #[must_use]
    pub fn only(mut self, id: Option<&str>) -> Self {
        let Some(id) = id else { return self };
        let found = self.tasks.slot_of(id).and_then(|slot| self.tasks.place(&self.row, slot));
        let found = found.filter(|place| self.left.contains(place));
        self.left = found.map_or(0..0, |place| place..place + 1);
        self
    }

    /// A page of their subtasks whose status is wanted. The tasks must have been settled at `now`.
    pub fn leaves(
        self,
        now: Timestamp,
        is_wanted: impl Fn(Status) -> bool,
        page: Range<usize>,
    ) -> PageOf<'a> {
        let wanted = wanted(is_wanted);
        let is_wanted = |status: Status| wanted[status as usize];
        self.page(
            page,
            |sum| sum.leaves_with(wanted),
            |task| {
                if wanted.contains(&false) {
                    task.subtasks(now).with(is_wanted).len()
                } else {
                    task.plan.targets() as usize
                }
            },
        )
    }

    /// A page of those that have not ended, or not after a millisecond. The tasks must have been settled at `now`.
    pub fn not_ended_after(self, now: Timestamp, to: i64, page: Range<usize>) -> PageOf<'a> {
        let counts = |task: &Task| task.ended_at(now).is_none_or(|end| end.as_millisecond() <= to);
        self.page(page, |sum| sum.not_ended_after(to), |task| usize::from(counts(task)))
    }

    fn page(
        self,
        page: Range<usize>,
        of_many: impl Fn(&Summary) -> Option<usize>,
        of_one: impl Fn(&Task) -> usize,
    ) -> PageOf<'a> {
        let Self { tasks, row, left } = self;
        let weight = Weight { of_many: &of_many, of_one: &|slot| of_one(tasks.at(slot)) };
        let (total, parts) = row.page(left, page, &weight);
        (total, parts.into_iter().map(|(slot, part)| (tasks.at(slot), part)).collect())
    }
}

impl<'a> Iterator for Newest<'a> {
    type Item = &'a Task;

    fn next(&mut self) -> Option<&'a Task> {
        self.nth(0)
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a Task> {
        let place = self.left.nth_back(skipped)?;
        Some(&self.tasks.in_row(&self.row, place).task)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Newest<'_> {}
