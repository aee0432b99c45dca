//! Some of the tasks of an account, by type and by status: listed and counted without a look at each.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::{AddAssign, SubAssign};

use jiff::Timestamp;

use super::row::{Row, Weight};
use super::state::Status;
use super::summary::{STATUSES, Summary};
use super::task::Task;
use super::task_index::{KeptTask, older};
use super::task_type::TaskType;
use super::tasks::Tasks;

/// What is wanted of tasks; all of them, unless a member says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub task_type: Option<TaskType>,
    pub status: Option<Status>,
}

/// How many tasks there are of a type, and how many with each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeCounts {
    total: u32,
    by_status: [u32; STATUSES],
}

impl TypeCounts {
    pub fn of(&self, status: Option<Status>) -> usize {
        status.map_or(self.total, |status| self.by_status[status as usize]) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl AddAssign for TypeCounts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        for (sum, count) in self.by_status.iter_mut().zip(other.by_status) {
            *sum += count;
        }
    }
}

impl SubAssign for TypeCounts {
    fn sub_assign(&mut self, other: Self) {
        self.total -= other.total;
        for (sum, count) in self.by_status.iter_mut().zip(other.by_status) {
            *sum -= count;
        }
    }
}

/// They must have been settled at `now`. The status of a task that is in the middle of its run is known by a look at it alone.
impl Tasks {
    /// Visits those that are wanted, oldest first, from an age on, each with its age, which no other task has, until `visit`
    /// says that it is enough.
    pub fn visit_wanted<'a>(
        &'a self,
        wanted: &TaskFilter,
        age: u64,
        now: Timestamp,
        mut visit: impl FnMut(u64, &'a Task) -> bool,
    ) {
        let row = self.row_of(wanted);
        let from = if age == 0 { 0 } else { row.place(older(&self.slots, age)) };
        let may_hold = |sum: &Summary| wanted.status.is_none_or(|status| sum.with(status) != Some(0));
        row.visit_from(from, &may_hold, &mut |slot| {
            let KeptTask { task, age } = self.kept(slot);
            let is_other = wanted.status.is_some_and(|status| task.state_at(now).status != status);
            is_other || visit(*age, task)
        });
    }

    /// How many are wanted.
    pub fn count(&self, wanted: &TaskFilter, now: Timestamp) -> usize {
        let row = self.row_of(wanted);
        let Some(status) = wanted.status else { return row.len() };
        let of_one = |slot| usize::from(self.at(slot).state_at(now).status == status);
        let weight = Weight { of_many: &|sum| sum.with(status), of_one: &of_one };
        row.page(0..row.len(), 0..0, &weight).0
    }

    /// How many there are of each type. The status of a task in the middle of its run may be left out, unless `also_moving`.
    pub fn counts_by_type(&self, now: Timestamp, also_moving: bool) -> Vec<(TaskType, TypeCounts)> {
        let Some(index) = &self.index else {
            let mut counts = BTreeMap::<_, TypeCounts>::new();
            for KeptTask { task, .. } in self.slots.iter().flatten() {
                let of_type = counts.entry(task.task_type()).or_default();
                of_type.total += 1;
                of_type.by_status[task.state_at(now).status as usize] += 1;
            }
            return counts.into_iter().map(|(task_type, counts)| (task_type.clone(), counts)).collect();
        };
        let counts = index.types().map(|(task_type, row)| {
            let Summary { tasks: total, roots: mut by_status, .. } = *row.sum();
            if also_moving {
                row.visit(&|sum| sum.moving > 0, &mut |slot| {
                    let task = self.at(slot);
                    let moves = u32::from(task.still_from() > index.seen());
                    by_status[task.state_at(now).status as usize] += moves;
                    true
                });
            }
            (task_type.clone(), TypeCounts { total, by_status })
        });
        counts.collect()
    }

    fn row_of(&self, wanted: &TaskFilter) -> Cow<'_, Row> {
        let of_type = |task_type| self.row(task_type, None);
        wanted.task_type.as_ref().map_or_else(|| self.order(), of_type)
    }
}
