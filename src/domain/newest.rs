//! The tasks of one type, newest first.

use std::borrow::Cow;
use std::ops::Range;

use super::task::Task;
use super::task_index::Row;
use super::task_type::TaskType;
use super::tasks::Tasks;
use super::unfinished::Slot;

impl Tasks {
    /// The tasks of a type, of one source or of all.
    pub fn newest(&self, task_type: &TaskType, source: Option<&str>) -> Newest<'_> {
        let row = self.row(task_type, source);
        let left = 0..row.len();
        Newest { tasks: self, row, left }
    }
}

/// Tasks of one row, newest first; skipping some costs nothing.
#[derive(Debug, Clone)]
pub struct Newest<'a> {
    tasks: &'a Tasks,
    row: Cow<'a, Row>,
    left: Range<usize>,
}

impl Newest<'_> {
    /// Only tasks born from one millisecond to another, both included, where they are given.
    #[must_use]
    pub fn between(mut self, from: Option<i64>, to: Option<i64>) -> Self {
        let born = |slot: Slot| self.tasks.at(slot).born.as_millisecond();
        let older = |than: i64| self.row.partition_point(|slot| born(*slot) < than);
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
        let found =
            self.tasks.slot_of(id).and_then(|slot| self.tasks.place(&self.row, self.tasks.kept(slot).age));
        let found = found.filter(|place| self.left.contains(place));
        self.left = found.map_or(0..0, |place| place..place + 1);
        self
    }
}

impl<'a> Iterator for Newest<'a> {
    type Item = &'a Task;

    fn next(&mut self) -> Option<&'a Task> {
        self.nth(0)
    }

    fn nth(&mut self, skipped: usize) -> Option<&'a Task> {
        let place = self.left.nth_back(skipped)?;
        self.row.get(place).map(|slot| self.tasks.at(*slot))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.left.size_hint()
    }
}

impl ExactSizeIterator for Newest<'_> {}
