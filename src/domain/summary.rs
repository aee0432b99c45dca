//! What a number of tasks add up to: counts and bounds that answer for all of them without a look at each.

use jiff::Timestamp;

use super::state::Status;
use super::task::Task;

/// The number of words for a status.
pub(super) const STATUSES: usize = Status::ALL.len();

/// Counts are exact. The bounds of ends are not: they may still include the ends of tasks that were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    pub(super) tasks: u32,
    /// Tasks that are named after their type.
    pub(super) unnamed: u32,
    /// Tasks whose end has passed.
    pub(super) ended: u32,
    /// Tasks whose state depends on the time.
    pub(super) moving: u32,
    /// Tasks by status, but for moving ones.
    pub(super) roots: [u32; STATUSES],
    /// Subtasks.
    pub(super) leaves: u64,
    /// Subtasks by status, but for those of moving tasks.
    pub(super) by_status: [u64; STATUSES],
    /// No task ended before this millisecond.
    pub(super) first_end: i64,
    /// No task ended after this millisecond.
    pub(super) last_end: i64,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            tasks: 0,
            unnamed: 0,
            ended: 0,
            moving: 0,
            roots: [0; STATUSES],
            leaves: 0,
            by_status: [0; STATUSES],
            first_end: i64::MAX,
            last_end: i64::MIN,
        }
    }
}

impl Summary {
    /// Of one task that is seen as of a time: at any later time it is the same, unless the task is moving or changed.
    pub(super) fn of(task: &Task, seen: Timestamp) -> Self {
        if task.still_from() > seen {
            return Self::moving(task);
        }
        let by_status = task.subtasks(seen).by_status().map(u64::from);
        let mut still = Self { by_status, ..Self::without_state(task) };
        still.roots[task.state_at(seen).status as usize] = 1;
        match task.expiry().map(Timestamp::as_millisecond) {
            Some(end) => Self { ended: 1, first_end: end, last_end: end, ..still },
            None => still,
        }
    }

    /// Of one task whose state depends on the time.
    pub(super) fn moving(task: &Task) -> Self {
        Self { moving: 1, ..Self::without_state(task) }
    }

    /// Of one task, with bounds so wide that only a look at it tells more than its size.
    pub(super) fn unknown(task: &Task) -> Self {
        Self { first_end: i64::MIN, last_end: i64::MAX, ..Self::moving(task) }
    }

    fn without_state(task: &Task) -> Self {
        let (unnamed, leaves) = (u32::from(task.own_name().is_none()), u64::from(task.plan.targets()));
        Self { tasks: 1, unnamed, leaves, ..Self::default() }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.tasks += other.tasks;
        self.unnamed += other.unnamed;
        self.ended += other.ended;
        self.moving += other.moving;
        for (sum, count) in self.roots.iter_mut().zip(other.roots) {
            *sum += count;
        }
        self.leaves += other.leaves;
        for (sum, count) in self.by_status.iter_mut().zip(other.by_status) {
            *sum += count;
        }
        self.first_end = self.first_end.min(other.first_end);
        self.last_end = self.last_end.max(other.last_end);
    }

    /// Takes out what was added. The bounds stay as they are.
    pub(super) fn subtract(&mut self, other: &Self) {
        self.tasks -= other.tasks;
        self.unnamed -= other.unnamed;
        self.ended -= other.ended;
        self.moving -= other.moving;
        for (sum, count) in self.roots.iter_mut().zip(other.roots) {
            *sum -= count;
        }
        self.leaves -= other.leaves;
        for (sum, count) in self.by_status.iter_mut().zip(other.by_status) {
            *sum -= count;
        }
    }

    pub(super) fn unfinished(&self) -> usize {
        (self.tasks - self.ended) as usize
    }

    /// How many subtasks have a wanted status; none if that depends on the time.
    pub(super) fn leaves_with(&self, wanted: [bool; STATUSES]) -> Option<usize> {
        if wanted == [true; STATUSES] {
            return usize::try_from(self.leaves).ok();
        }
        let counted = self.by_status.iter().zip(wanted).filter(|(_, is_wanted)| *is_wanted);
        let count = counted.map(|(count, _)| *count).sum::<u64>();
        if self.moving == 0 { usize::try_from(count).ok() } else { None }
    }

    /// How many tasks have a status; none if that depends on the time.
    pub(super) fn with(&self, status: Status) -> Option<usize> {
        (self.moving == 0).then(|| self.roots[status as usize] as usize)
    }

    /// How many tasks run or ended up to a millisecond; none if only a look at each tells.
    pub(super) fn not_ended_after(&self, to: i64) -> Option<usize> {
        if self.last_end <= to {
            Some(self.tasks as usize)
        } else if self.first_end > to {
            Some(self.unfinished())
        } else {
            None
        }
    }
}

/// Which statuses are wanted, by their numbers.
pub(super) fn wanted(is_wanted: impl Fn(Status) -> bool) -> [bool; STATUSES] {
    Status::ALL.map(is_wanted)
}
