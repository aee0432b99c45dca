//! What is known of a task before it begins, and the tasks that are ordered but not begun.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::task::Source;
use super::task_type::TaskType;

/// What is known of a task before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Birth {
    /// What it scans.
    pub task_type: TaskType,
    /// `TaskName`.
    pub name: String,
    /// Who starts it.
    pub source: Source,
    /// What it is told.
    pub param: Option<String>,
    /// UUIDs or digests; none for all there are.
    pub targets: Vec<String>,
}

impl Birth {
    /// Of a type, named after it, from the API, on everything there is.
    pub fn of(task_type: &str) -> Self {
        Self {
            task_type: TaskType::new(task_type),
            name: task_type.to_owned(),
            source: Source::OPENAPI,
            param: None,
            targets: Vec::new(),
        }
    }
}

/// A task that was ordered and that the service has yet to register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// When it will be: the moment it begins.
    pub due: Timestamp,
    /// The task.
    pub birth: Birth,
}
