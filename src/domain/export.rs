//! What an export was asked for. It is a task; what was asked is its `param`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use super::bounds::SERVERS;
use super::lifecycle::{Lifecycle, Span};
use super::params::Params;
use super::task::Task;
use super::task_id::TaskId;
use super::task_type::{EXPORT, Source, TaskType};
use crate::text::limited::ListOf;

/// The operation that began it, and its parameters, so that the file has what the list has under the same ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExportRequest {
    pub(crate) operation: String,
    /// Names and values, in the order in which they came.
    pub(crate) params: Vec<(String, String)>,
}

impl ExportRequest {
    /// With those parameters that are read.
    pub(crate) fn new(operation: &str, params: &Params, is_read: impl Fn(&str) -> bool) -> Self {
        let read = params.iter().filter(|(name, value)| !value.is_empty() && is_read(name));
        let params = read.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { operation: operation.to_owned(), params }
    }

    /// What a task was asked for; none if it is no export, or if an edited snapshot has something else there.
    pub(crate) fn of(task: &Task) -> Option<Self> {
        let is_export = task.task_type().as_str() == EXPORT;
        serde_json::from_str(task.param.as_deref().filter(|_| is_export)?).ok()
    }

    pub(crate) fn param(&self) -> String {
        json!(self).to_string()
    }

    pub(crate) fn params(&self) -> Params {
        self.params.iter().map(|(name, value)| (name, value)).collect()
    }
}

/// An export as snapshots had it before it was a task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormerExport {
    id: TaskId,
    kind: String,
    asked: Timestamp,
    /// The servers it covers; none for all.
    #[serde(default, deserialize_with = "uuids")]
    uuids: Option<Vec<String>>,
    /// Findings that no longer exist.
    #[serde(default, rename = "left_out", deserialize_with = "left_out")]
    _left_out: (),
}

fn left_out<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    ListOf::<String, SERVERS>::deserialize(deserializer).map(drop)
}

fn uuids<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let list = Option::<ListOf<String, SERVERS>>::deserialize(deserializer)?;
    Ok(list.map(|ListOf(uuids)| uuids))
}

impl FormerExport {
    pub(crate) fn into_task(self) -> Task {
        let Self { id, kind, asked: born, uuids, .. } = self;
        let mut params = vec![("Type".to_owned(), kind)];
        // No server has the empty list's stand-in for an id.
        let named = |uuids: Vec<String>| if uuids.is_empty() { "-".to_owned() } else { uuids.join(",") };
        params.extend(uuids.map(|uuids| ("Uuids".to_owned(), named(uuids))));
        let asked = ExportRequest { operation: "ExportVul".to_owned(), params };
        let lifecycle = Lifecycle::lasting(Span::ZERO, Span::exactly(Self::DURATION), Some(1));
        let plan = lifecycle.plan(None, |span| span.min);
        let mut task = Task::new(id, TaskType::new(EXPORT), born, plan).from_source(Source::OPENAPI);
        task.param = Some(Arc::from(asked.param()));
        task
    }

    const DURATION: SignedDuration = SignedDuration::from_secs(4);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::at;

    #[test]
    fn an_export_of_an_earlier_snapshot_is_a_task() {
        let former = r#"{"id":"00000000000000000000000000000005","kind":"cve","asked":"1970-01-01T00:00:03Z","uuids":["a","b"],"left_out":["EMULATED-0001"]}"#;
        let task = serde_json::from_str::<FormerExport>(former).unwrap().into_task();
        assert_eq!((task.id, task.born, task.ended_at(at(9))), (TaskId::new(5), at(3), Some(at(7))));
        let asked = ExportRequest::of(&task).unwrap();
        assert_eq!(asked.operation, "ExportVul");
        assert_eq!((asked.params().get("Type"), asked.params().get("Uuids")), (Some("cve"), Some("a,b")));
        assert_eq!(
            ExportRequest::of(&Task::new(TaskId::new(1), TaskType::new(EXPORT), at(0), (*task.plan).clone())),
            None
        );
    }
}
