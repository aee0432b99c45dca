//! Every assumption has a switch that works and a row in docs/fidelity.md.

use sas_emulator::internals::scenario::load;
use serde_json::json;

use crate::harness::tasks::ask;
use crate::harness::{TestCall, TestEmulator, TestResponse};

const TYPE: &str = "ASSETS_COLLECTION";
const FAILED: &str =
    "tasks: [{ type: ASSETS_COLLECTION, started: -1h, source: schedule, lifecycle: { outcome: fail } }]";

fn assuming(assumption: &str, scenario: &str) -> TestEmulator {
    TestEmulator::new(&format!("assumptions: {{ {assumption} }}\n{scenario}\n"))
}

#[tokio::test]
async fn default_format() {
    let unspecified = || TestCall::latest(TYPE).v1().with(|call| call.format = None);
    assert!(TestEmulator::new("instant").call(unspecified()).await.is_xml());
    assert!(assuming("default_format: json", "").call(unspecified()).await.json().is_object());
}

#[tokio::test]
async fn unknown_format() {
    let none = TestCall::latest(TYPE).v1().with(|call| call.format = Some("None".into()));
    assert!(assuming("unknown_format: json", "").call(none).await.json()["TaskInfo"].is_object());
}

#[tokio::test]
async fn task_id() {
    let shown = async |form| assuming(&format!("task_id: {form}"), FAILED).poll(TYPE).await["TaskId"].clone();
    let hex = shown("hex").await;
    assert_eq!(hex.as_str().unwrap().len(), 32);
    assert_eq!(shown("zero").await, 0);
    let upper = u128::from_str_radix(hex.as_str().unwrap(), 16).unwrap() >> 79;
    assert_eq!(shown("number").await, json!(u64::try_from(upper).unwrap() + 1));
}

#[tokio::test]
async fn missing_status() {
    let info = assuming("missing_status: init", "").poll(TYPE).await["TaskInfo"].clone();
    assert_eq!(info, json!({"Status": "INIT", "Progress": 0, "Result": "TASK_NOT_EXISTS"}));
}

#[tokio::test]
async fn failed_status() {
    let shown = async |word| {
        let body = assuming(&format!("failed_status: {word}"), FAILED).poll(TYPE).await;
        (
            body["TaskInfo"]["Status"].clone(),
            body["TaskInfo"]["Progress"].clone(),
            body["FinishCount"].clone(),
        )
    };
    assert_eq!(shown("timeout").await, (json!("TIMEOUT"), json!(99), json!(4)));
    assert_eq!(shown("success").await, (json!("SUCCESS"), json!(100), json!(4)));
}

#[tokio::test]
async fn source_and_task_name() {
    let call = TestCall::new("GetLastOnceTaskInfo")
        .param("TaskType", TYPE)
        .param("TaskName", "Other")
        .param("Source", "none");
    let result = async |assumption| {
        assuming(assumption, FAILED).call(call.clone()).await.json()["TaskInfo"]["Result"].clone()
    };
    assert_eq!(result("source: ignore").await, "TASK_NOT_EXISTS");
    assert_eq!(result("task_name: ignore").await, "TASK_NOT_EXISTS");
    assert_eq!(result("source: ignore, task_name: ignore").await, "SUCCESS");
}

async fn reply(emulator: &TestEmulator, action: &str, params: &[(&str, &str)]) -> TestResponse {
    emulator.call(ask(action, params)).await
}

const GENERATE: [(&str, &str); 3] = [("TaskType", TYPE), ("TaskName", TYPE), ("Param", "{}")];

#[tokio::test]
async fn limit() {
    let none = "limits: { running_tasks: 0 }";
    for (emulator, expected) in [
        (assuming("limit: can_create", none), (200, String::new())),
        (assuming("limit: error", none), (400, "Throttling.User".to_owned())),
    ] {
        assert_eq!(reply(&emulator, "GenerateOnceTask", &GENERATE).await.verdict(), expected);
        assert_eq!(reply(&emulator, "PublicCreateImageScanTask", &[]).await.verdict(), expected);
    }
}

#[tokio::test]
async fn last_task() {
    let second = async |assumption| {
        let emulator = assuming(assumption, "");
        let first = reply(&emulator, "GenerateOnceTask", &GENERATE).await.json();
        let second = reply(&emulator, "GenerateOnceTask", &GENERATE).await.json();
        (second["LastTask"] == second["TaskId"], second["LastTask"] == first["TaskId"])
    };
    assert_eq!(second("last_task: new").await, (true, false));
    assert_eq!(second("last_task: previous").await, (false, true));
}

#[tokio::test]
async fn unknown_task_and_bad_argument() {
    let id = "0".repeat(32);
    let result = [("TaskId", id.as_str()), ("TaskType", TYPE), ("TaskName", TYPE)];
    let calls: [(&str, &[(&str, &str)]); 3] = [
        ("GetOnceTaskResultInfo", &result),
        ("CancelOnceTask", &result[..1]),
        ("DeleteCycleTask", &[("ConfigId", &id)]),
    ];
    for (action, params) in calls {
        let verdict = async |assumption| reply(&assuming(assumption, ""), action, params).await.verdict();
        assert_eq!(verdict("unknown_task: empty").await, (200, String::new()), "{action}");
        assert_eq!(verdict("unknown_task: error").await, (400, "IllegalParam".to_owned()), "{action}");
        let numbered = verdict("unknown_task: error, bad_argument: number").await;
        assert_eq!(numbered, (400, "-101".to_owned()), "{action}");
    }
}

#[tokio::test]
async fn waiting_status() {
    let status = async |assumption| {
        let emulator = assuming(assumption, "");
        reply(&emulator, "GenerateOnceTask", &GENERATE).await;
        let list = reply(&emulator, "DescribeOnceTask", &GENERATE[..1]).await.json();
        list["TaskManageResponseList"][0]["TaskStatus"].clone()
    };
    assert_eq!(
        (status("waiting_status: one").await, status("waiting_status: zero").await),
        (json!(1), json!(0))
    );
}

#[tokio::test]
async fn vul_scan_scope() {
    let targets = async |assumption| {
        let emulator = assuming(assumption, "assets: [{}, {}, {}]");
        let named = [("Uuids", "00000000-0000-4000-8000-000000000002")];
        reply(&emulator, "ModifyStartVulScan", &named).await;
        emulator.poll("VUL_CHECK_TASK").await["TotalCount"].clone()
    };
    assert_eq!(targets("vul_scan_scope: account").await, 3);
    assert_eq!(targets("vul_scan_scope: named").await, 1);
}

#[tokio::test]
async fn virus_scan_done() {
    let status = async |assumption| {
        let emulator = assuming(assumption, "lifecycles: { VIRUS_SCAN: { advance: instant } }");
        reply(&emulator, "CreateVirusScanOnceTask", &[]).await;
        reply(&emulator, "GetVirusScanLatestTaskStatistic", &[]).await.json()["Data"]["Status"].clone()
    };
    assert_eq!(status("virus_scan_done: hundred").await, 100);
    assert_eq!(status("virus_scan_done: twenty").await, 20);
}

#[test]
fn a_registration_delay_is_a_length_of_time() {
    let loaded = |delay: &str| {
        let text = format!("version: 1\nname: x\nassumptions: {{ registration_delay: {delay} }}\n");
        load::parse("x.yaml", &text)
    };
    assert!(loaded("1m 30s").is_ok());
    for wrong in ["-1s", "soon", "20"] {
        assert!(loaded(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_fidelity_page_lists_every_assumption() {
    let page = include_str!("../../docs/fidelity.md");
    let assumptions = serde_json::to_value(sas_emulator::internals::domain::Assumptions::default()).unwrap();
    for (name, default) in assumptions.as_object().unwrap() {
        let row = format!("| `{name}` | `{}`", default.as_str().unwrap());
        assert!(page.contains(&row), "docs/fidelity.md lacks a row that begins {row}");
    }
}
