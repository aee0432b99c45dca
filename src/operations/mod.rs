//! The operations of the service: one file each, in a folder for each family.
//!
//! The row of an operation feeds dispatch, the check of parameters, RAM, `sas-emulator operations`, the README and
//! `tests/it/operations.rs`. To add one: a file with its row and its function, and its name in the family's `mod.rs`
//! (ARCHITECTURE.md, "How to add an operation").

mod catalog;
mod context;
mod create;
mod id_list;
pub(crate) mod names;
mod operation;
mod page;
mod param;

/// Declares the files of a family's operations and collects their rows.
macro_rules! family {
    ($($file:ident)*) => {
        $(mod $file;)*

        pub(super) static ROWS: &[&crate::operations::Operation] = &[$(&$file::OPERATION),*];
    };
}

mod agent;
mod asset;
mod configuration;
mod cycle_task;
mod export;
mod image;
mod once_task;
mod virus;
mod vulnerability;

use std::sync::LazyLock;

pub(crate) use self::catalog::{is_known, nearest};
pub use self::context::Context;
pub use self::create::populate;
pub(crate) use self::create::{settle, start_from_outside};
pub use self::operation::Operation;
pub use self::param::{Param, ParamKind};
use crate::domain::{Assumptions, Params, Task, TaskType, Tasks, assumptions::Narrowing};

/// The modelled operations, sorted by name.
pub static OPERATIONS: LazyLock<Vec<&'static Operation>> = LazyLock::new(|| {
    let families = [
        agent::ROWS,
        asset::ROWS,
        configuration::ROWS,
        cycle_task::ROWS,
        export::ROWS,
        image::ROWS,
        once_task::ROWS,
        virus::ROWS,
        vulnerability::ROWS,
    ];
    let mut rows = families.concat();
    rows.sort_unstable_by_key(|row| row.name);
    rows
});

/// The row of that name.
pub fn find(name: &str) -> Option<&'static Operation> {
    let index = OPERATIONS.binary_search_by_key(&name, |row| row.name).ok()?;
    Some(OPERATIONS[index])
}

/// The parameters of an operation that choose the task it is about: calls that differ in one are about different tasks.
pub(crate) fn identity(action: &str) -> &'static [&'static str] {
    find(action).map_or(&[], |row| row.identity)
}

/// The task that a call is about: the one whose id it names, else the newest that fits the rest of its identity.
pub(crate) fn task_of<'t>(
    action: &str,
    params: &Params,
    tasks: &'t Tasks,
    assumptions: Assumptions,
) -> Option<&'t Task> {
    let identity = identity(action);
    let given = |name| params.non_empty(name).filter(|_| identity.contains(&name));
    if let Some(id) = given("TaskId").or_else(|| given("RootTaskId")) {
        return tasks.find(id);
    }
    let source = given("Source").filter(|_| assumptions.source == Narrowing::Narrow);
    let name = given("TaskName").filter(|_| assumptions.task_name == Narrowing::Narrow);
    let mut newest = tasks.newest(&TaskType::new(given("TaskType")?), source);
    newest.find(|task| name.is_none_or(|name| task.name() == name))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::{Lifecycle, Source, TaskId};

    #[test]
    fn operation_names_are_unique_and_exist_in_the_real_service() {
        assert!(OPERATIONS.is_sorted_by(|a, b| a.name < b.name));
        for row in OPERATIONS.iter() {
            assert!(is_known(row.name), "{}", row.name);
        }
    }

    #[test]
    fn identities_name_parameters_that_are_read() {
        for row in OPERATIONS.iter() {
            for name in row.identity {
                let param = row.params.iter().find(|param| param.name == *name);
                assert!(param.is_some_and(|param| param.ignored.is_none()), "{} {name}", row.name);
            }
        }
    }

    #[test]
    fn the_identity_of_a_call_chooses_its_task() {
        let mut tasks = Tasks::default();
        let (older, newer) = (TaskId::new(1 << 100), TaskId::new(2 << 100));
        for (id, source, name) in [(older, Source::CONSOLE, None), (newer, Source::OPENAPI, Some("Other"))] {
            let plan = Lifecycle::default().plan(None, |span| span.min);
            let task = Task::new(id, TaskType::new("IMAGE_SCAN"), Timestamp::UNIX_EPOCH, plan);
            tasks.add(Task { source, name: name.map(Into::into), ..task }, Timestamp::UNIX_EPOCH, 10);
        }
        let of = |action: &str, given: &[(&str, &str)], assumptions| {
            let given = given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            task_of(action, &Params::new(given.collect()), &tasks, assumptions).map(|task| task.id)
        };
        let (usual, images) = (Assumptions::default(), ("TaskType", "IMAGE_SCAN"));
        assert_eq!(of("DescribeOnceTask", &[images], usual), Some(newer));
        assert_eq!(of("DescribeOnceTask", &[images, ("Source", "console")], usual), Some(older));
        assert_eq!(of("DescribeOnceTask", &[images, ("TaskId", &older.to_string())], usual), Some(older));
        let named = [images, ("TaskName", "IMAGE_SCAN")];
        assert_eq!(of("GetLastOnceTaskInfo", &named, usual), Some(older));
        let ignoring = Assumptions { task_name: Narrowing::Ignore, ..usual };
        assert_eq!(of("GetLastOnceTaskInfo", &named, ignoring), Some(newer));
        assert_eq!(of("CreateCycleTask", &named, usual), None, "a cycle task is no once-task");
    }
}
