//! Tasks: read, started and forced by a test.

use super::error::or_panic;
use super::handle::Handle;
use crate::domain::{NewTask, Override, Source, TaskFilter, TaskType};
use crate::emulator::TaskView;

/// Reads here do not count as polls. Ids are those that clients see: 32 hex digits, or a number. A method that takes one
/// panics if there is no such task, or if the number belongs to tasks of several accounts. One that changes a task panics
/// if the task is over, or its progress would fall.
impl Handle {
    /// Every task, as it is now.
    pub fn tasks(&self) -> Vec<TaskView> {
        self.emulator.session().tasks(self.only(), &TaskFilter::default(), None, usize::MAX).tasks
    }

    /// The task of that id.
    #[track_caller]
    pub fn task(&self, id: &str) -> TaskView {
        or_panic(self.emulator.session().task(self.only(), id))
    }

    /// Starts a task of a type, named after it, as the console would.
    ///
    /// # Panics
    ///
    /// On the handle to all accounts, for a task belongs to one; if the type is misspelt, the account does not exist, or it
    /// has no room for another task.
    #[track_caller]
    pub fn start_task(&self, task_type: &str) -> TaskView {
        let Some(account) = self.only() else {
            panic!("a task belongs to an account: for_account(\"test\").start_task({task_type:?})");
        };
        let task_type = or_panic(TaskType::spelt(task_type));
        let new = NewTask { source: Source::CONSOLE, ..NewTask::of(task_type.as_str()) };
        or_panic(self.emulator.session().start_task(account, new))
    }

    /// The task succeeds now.
    #[track_caller]
    pub fn finish(&self, id: &str) -> TaskView {
        self.force(id, Override::Finish)
    }

    /// The task fails now, at a percentage or, with `None`, where it is.
    #[track_caller]
    pub fn fail(&self, id: &str, at: impl Into<Option<u8>>) -> TaskView {
        self.force(id, Override::Fail(at.into()))
    }

    /// The task times out now, at a percentage or, with `None`, where it is.
    #[track_caller]
    pub fn time_out(&self, id: &str, at: impl Into<Option<u8>>) -> TaskView {
        self.force(id, Override::Timeout(at.into()))
    }

    /// The task runs but makes no progress, at a percentage or, with `None`, where it is, until it is changed again.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::builder().paused().start();
    /// let scan = emulator.for_account("test").start_task("IMAGE_SCAN");
    /// emulator.stall(&scan.id, 69);
    /// assert!(emulator.advance("365d").is_empty());
    /// assert_eq!(emulator.task(&scan.id).state.progress, 69);
    /// ```
    #[track_caller]
    pub fn stall(&self, id: &str, at: impl Into<Option<u8>>) -> TaskView {
        self.force(id, Override::Stall(at.into()))
    }

    #[track_caller]
    fn force(&self, id: &str, force: Override) -> TaskView {
        or_panic(self.emulator.session().force_task(self.only(), id, force))
    }
}
