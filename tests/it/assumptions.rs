//! Every assumption has a switch that works, and stands in docs/fidelity.md.

use serde_json::json;

use crate::harness::{Ask, World};

const TYPE: &str = "ASSETS_COLLECTION";
const FAILED: &str =
    "tasks: [{ type: ASSETS_COLLECTION, started: -1h, source: schedule, lifecycle: { outcome: fail } }]";

fn assuming(assumption: &str, scenario: &str) -> World {
    World::new(&format!("assumptions: {{ {assumption} }}\n{scenario}\n"))
}

#[tokio::test]
async fn default_format() {
    let unsaid = || Ask::latest(TYPE).v1().with(|ask| ask.format = None);
    assert!(World::new("instant").ask(unsaid()).await.is_xml());
    assert!(assuming("default_format: json", "").ask(unsaid()).await.json().is_object());
}

#[tokio::test]
async fn unknown_format() {
    let none = Ask::latest(TYPE).v1().with(|ask| ask.format = Some("None".into()));
    assert!(assuming("unknown_format: json", "").ask(none).await.json()["TaskInfo"].is_object());
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
    let ask = Ask::new("GetLastOnceTaskInfo")
        .param("TaskType", TYPE)
        .param("TaskName", "Other")
        .param("Source", "none");
    let result = async |assumption| {
        assuming(assumption, FAILED).ask(ask.clone()).await.json()["TaskInfo"]["Result"].clone()
    };
    assert_eq!(result("source: ignore").await, "TASK_NOT_EXISTS");
    assert_eq!(result("task_name: ignore").await, "TASK_NOT_EXISTS");
    assert_eq!(result("source: ignore, task_name: ignore").await, "SUCCESS");
}

#[test]
fn every_assumption_stands_in_the_fidelity_page() {
    let page = include_str!("../../docs/fidelity.md");
    let assumptions = serde_json::to_value(sas_emulator::domain::Assumptions::default()).unwrap();
    for (name, default) in assumptions.as_object().unwrap() {
        let row = format!("| `{name}` | `{}`", default.as_str().unwrap());
        assert!(page.contains(&row), "docs/fidelity.md lacks a row that begins {row}");
    }
}
