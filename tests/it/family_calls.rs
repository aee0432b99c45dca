//! The calls of the family, short.

use jiff::SignedDuration;
use serde_json::Value;

use crate::cases::items;
use crate::harness::{TestCall, TestEmulator};

pub(crate) fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// `GenerateOnceTask` of a type, on all there is of it.
pub(crate) fn generate(task_type: &str) -> TestCall {
    generate_with(task_type, "{}")
}

/// `GenerateOnceTask` with this `Param`.
pub(crate) fn generate_with(task_type: &str, param: &str) -> TestCall {
    TestCall::new("GenerateOnceTask")
        .param("TaskType", task_type)
        .param("TaskName", task_type)
        .param("Param", param)
}

/// `DescribeOnceTask`: the roots of a type.
pub(crate) fn roots(task_type: &str) -> TestCall {
    TestCall::new("DescribeOnceTask").param("TaskType", task_type).param("PageSize", "1000")
}

/// `DescribeOnceTask`: the subtasks of a root.
pub(crate) fn subtasks(root: &str) -> TestCall {
    TestCall::new("DescribeOnceTask").param("RootTaskId", root).param("PageSize", "1000")
}

/// `GetOnceTaskResultInfo` of a task.
pub(crate) fn result(task_type: &str, id: &str) -> TestCall {
    TestCall::new("GetOnceTaskResultInfo")
        .param("TaskType", task_type)
        .param("TaskName", task_type)
        .param("TaskId", id)
}

/// `DescribeOnceTaskLeafRecordPage`: all leaves of a type.
pub(crate) fn leaves(task_type: &str) -> TestCall {
    TestCall::new("DescribeOnceTaskLeafRecordPage")
        .param("TaskType", task_type)
        .param("CurrentPage", "1")
        .param("PageSize", "1000")
        .param("RelateInfo", "true")
}

/// `ListUnfinishedOnceTask` of a target.
pub(crate) fn unfinished(task_type: &str, target: &str) -> TestCall {
    TestCall::new("ListUnfinishedOnceTask").param("TaskType", task_type).param("Target", target)
}

pub(crate) fn cancel(id: &str) -> TestCall {
    TestCall::new("CancelOnceTask").param("TaskId", id)
}

impl TestEmulator {
    /// The answer to a call that must succeed.
    pub(crate) async fn body(&self, call: TestCall) -> Value {
        let answer = self.call(call).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The items of a list that must be answered.
    pub(crate) async fn list(&self, call: TestCall) -> Vec<Value> {
        items(&self.body(call).await).to_vec()
    }

    /// The id of a task started now.
    pub(crate) async fn start(&self, task_type: &str) -> String {
        id(&self.body(generate(task_type)).await)
    }
}

/// The `TaskId` of an object, where it is a text.
pub(crate) fn id(value: &Value) -> String {
    value["TaskId"].as_str().unwrap_or_else(|| panic!("no TaskId in {value}")).to_owned()
}

pub(crate) fn ids(values: &[Value]) -> Vec<String> {
    values.iter().map(id).collect()
}
