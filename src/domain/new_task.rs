//! What is known of a task before it starts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::source::Source;
use super::task_type::TaskType;

/// A task to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    pub task_type: TaskType,
    /// `TaskName`.
    pub name: String,
    pub source: Source,
    /// `Param`, a JSON text.
    pub param: Option<String>,
    /// UUIDs or digests; none for all there are.
    pub targets: Vec<String>,
}

impl NewTask {
    /// Of a type and named after it, from the API, on everything there is.
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

/// A task accepted but not yet started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingTask {
    /// When it starts.
    pub due: Timestamp,
    #[serde(rename = "birth")]
    pub task: NewTask,
}
