//! The task that a response shows, as the record of its call keeps it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::domain::Value;

#[derive(Debug, Clone, Serialize)]
pub struct TaskShown {
    /// As it was shown: hex digits or a number.
    pub(super) id: Json,
    pub(super) status: Option<Cow<'static, str>>,
    pub(super) progress: Option<i64>,
}

impl TaskShown {
    /// The task that a reply is about, as far as it says so at its top.
    pub(crate) fn of(reply: &Value) -> Option<Self> {
        let Value::Map(members) = reply else { return None };
        let (mut id, mut status, mut progress) = (None, None, None);
        // The task of an export has other names.
        let (named, stands) = if members.iter().any(|(name, _)| *name == "ExportStatus") {
            ("Id", "ExportStatus")
        } else {
            ("TaskId", "Status")
        };
        let mut take = |name: &str, value: &Value| match (name, value) {
            (name, Value::Text(text)) if name == stands => status = Some(text.clone()),
            ("Progress", Value::Int(number)) => progress = Some(*number),
            _ => (),
        };
        for (name, value) in members {
            match value {
                // 0 stands for no task.
                Value::Int(number) if *name == named => id = Some(json!(number)).filter(|_| *number != 0),
                Value::Text(text) if *name == named => id = Some(json!(text)),
                Value::Map(info) if *name == "TaskInfo" => {
                    for (name, value) in info {
                        take(name, value);
                    }
                }
                value => take(name, value),
            }
        }
        Some(Self { id: id?, status, progress })
    }

    pub fn id(&self) -> String {
        self.id.as_str().map_or_else(|| self.id.to_string(), str::to_owned)
    }

    /// Whether it was shown at its end: every status but those of a running task.
    pub fn is_over(&self) -> bool {
        /// Those of exports, too.
        const RUNNING: [&str; 5] = ["INIT", "START", "init", "pending", "exporting"];
        self.status.as_deref().is_some_and(|status| !status.is_empty() && !RUNNING.contains(&status))
    }
}
