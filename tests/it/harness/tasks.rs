//! Short forms of calls to the service, above all to operations on tasks.

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use serde_json::Value;

use super::{TestCall, TestEmulator, TestResponse};

/// A world in which nothing is found on any server.
pub(crate) const NO_FINDINGS: &str = "world: { vulnerabilities: { per_server: 0 }, alarms: { count: 0 }, baseline: { per_server: 0 }, exposed: 0% }\n";

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

/// A call with these parameters.
pub(crate) fn ask(action: &str, params: &[(&str, &str)]) -> TestCall {
    params.iter().fold(TestCall::new(action), |call, (name, value)| call.param(name, value))
}

/// UUIDs of the servers that an account has if the scenario says nothing else.
pub(crate) const U1: &str = "00000000-0000-4000-8000-000000000001";
pub(crate) const U2: &str = "00000000-0000-4000-8000-000000000002";
pub(crate) const U3: &str = "00000000-0000-4000-8000-000000000003";

/// Three servers, the second one offline.
pub(crate) const THREE: &str = "assets: [{}, { online: false }, {}]\n";

/// A server that came without an agent, and an offline one that is not paid for.
pub(crate) const TWO: &str =
    "assets: [{ agent: missing, edition: ultimate }, { online: false, edition: free, name: 'old, one' }]\n";

impl TestEmulator {
    /// The same for a call with these parameters.
    pub(crate) async fn reply(&self, action: &str, params: &[(&str, &str)]) -> Value {
        self.body(ask(action, params)).await
    }

    /// Status and error code of a reply.
    pub(crate) async fn refusal(&self, action: &str, params: &[(&str, &str)]) -> (u16, String) {
        self.call(ask(action, params)).await.verdict()
    }

    /// Follows a link as any program would: without a signature, under whatever name the link has.
    pub(crate) async fn follow(&self, link: &str) -> TestResponse {
        let (host, path) = link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let request = Request::get(format!("/{path}")).header("host", host);
        self.send(request.body(Bytes::new()).unwrap()).await
    }

    /// All tasks of a type, newest first.
    pub(crate) async fn roots(&self, task_type: &str) -> Vec<Value> {
        self.list(roots(task_type)).await
    }

    /// The body of the reply to a call that must succeed.
    pub(crate) async fn body(&self, call: TestCall) -> Value {
        let action = call.action.clone();
        let answer = self.call(call).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        answer.json()
    }

    /// The items of a list; the call must succeed.
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

/// The items of a list of tasks or leaves.
pub(crate) fn items(body: &Value) -> &[Value] {
    let list = ["TaskManageResponseList", "OnceTasks"].iter().find_map(|name| body.get(name)?.as_array());
    list.map_or(&[], Vec::as_slice)
}

/// The names of an object's members.
pub(crate) fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}
