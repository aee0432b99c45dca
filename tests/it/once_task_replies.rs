//! The replies about once-tasks in every state, in JSON and XML, and that a seed repeats them.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::harness::tasks::{
    cancel, generate, generate_with, items, leaves, result, roots, seconds, subtasks, unfinished,
};
use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

const TYPES: [&str; 3] = ["CLIENT_PROBLEM_CHECK", "IMAGE_SCAN", "VUL_CHECK_TASK"];

/// A state, and how a task gets there.
struct Fate {
    name: &'static str,
    lifecycle: &'static str,
    age: i64,
    is_cancelled: bool,
}

const FATES: [Fate; 7] = [
    Fate { name: "INIT", lifecycle: "", age: 0, is_cancelled: false },
    Fate { name: "START, nothing done", lifecycle: "", age: 4, is_cancelled: false },
    Fate { name: "START", lifecycle: "", age: 7, is_cancelled: false },
    Fate { name: "SUCCESS", lifecycle: "", age: 60, is_cancelled: false },
    Fate { name: "FAIL", lifecycle: "outcome: fail", age: 60, is_cancelled: false },
    Fate {
        name: "TIMEOUT",
        lifecycle: "progress: { stall_at: 69 }, outcome: timeout",
        age: 60,
        is_cancelled: false,
    },
    Fate { name: "cancelled", lifecycle: "", age: 7, is_cancelled: true },
];

/// An emulator with two servers, one of them offline, and a task in this state; the task's id.
async fn task(task_type: &str, fate: &Fate) -> (TestEmulator, String) {
    let emulator = TestEmulator::new(&format!(
        "lifecycles: {{ '*': {{ targets: 2, {} }} }}\nassets: [{{ uuid: a }}, {{ uuid: b, online: false }}]\n",
        fate.lifecycle
    ));
    // What XML must escape.
    let body = emulator.body(generate_with(task_type, r#"{"problemType":"<&>' 中"}"#)).await;
    let id = body["TaskId"].as_str().unwrap().to_owned();
    emulator.advance(seconds(fate.age));
    if fate.is_cancelled {
        emulator.body(cancel(&id)).await;
        emulator.advance(seconds(60));
    }
    (emulator, id)
}

/// Every call that reads a task; none of them changes it.
fn questions(task_type: &str, id: &str, target: &str) -> [TestCall; 6] {
    [
        TestCall::latest(task_type),
        result(task_type, id),
        roots(task_type),
        subtasks(id),
        leaves(task_type),
        unfinished(task_type, target),
    ]
}

/// The reply to a call about a task of each fate, a list as one line for each item, without the members that are the same
/// in all.
async fn answers(task_type: &str, question: impl Fn(&str) -> TestCall, without: &[&str]) -> String {
    let mut lines = Vec::new();
    for fate in &FATES {
        let (emulator, id) = task(task_type, fate).await;
        let body = emulator.body(question(&id)).await;
        let is_list = body.get("OnceTasks").or(body.get("TaskManageResponseList")).is_some();
        let shown = if is_list { items(&body).to_vec() } else { vec![body] };
        for mut item in shown {
            item.as_object_mut().unwrap().retain(|name, _| !without.contains(&name.as_str()));
            lines.push(format!("{}: {item}", fate.name));
        }
    }
    lines.join("\n")
}

const NAMES: [&str; 6] = ["RequestId", "TaskId", "TaskType", "TaskName", "Source", "Context"];

#[tokio::test]
async fn states_in_get_last_once_task_info() {
    let shown = answers("VUL_CHECK_TASK", |_| TestCall::latest("VUL_CHECK_TASK"), &["RequestId"]).await;
    insta::assert_snapshot!(shown, @r#"
    INIT: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":0,"TaskInfo":{"Status":"INIT","Progress":0,"Result":"SUCCESS"}}
    START, nothing done: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":0,"TaskInfo":{"Status":"START","Progress":25,"Result":"SUCCESS"}}
    START: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"START","Progress":62,"Result":"SUCCESS"}}
    SUCCESS: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":2,"TaskInfo":{"Status":"SUCCESS","Progress":100,"Result":"SUCCESS"}}
    FAIL: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"FAIL","Progress":99,"Result":"SUCCESS"}}
    TIMEOUT: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"TIMEOUT","Progress":69,"Result":"SUCCESS"}}
    cancelled: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"FAIL","Progress":62,"Result":"SUCCESS"}}
    "#);
}

#[tokio::test]
async fn states_in_get_once_task_result_info() {
    let shown = answers("VUL_CHECK_TASK", |id| result("VUL_CHECK_TASK", id), &["RequestId"]).await;
    insta::assert_snapshot!(shown, @r#"
    INIT: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":0,"TaskInfo":{"Status":"INIT"}}
    START, nothing done: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":0,"TaskInfo":{"Status":"START"}}
    START: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"START"}}
    SUCCESS: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":2,"TaskInfo":{"Status":"SUCCESS"}}
    FAIL: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"FAIL"}}
    TIMEOUT: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"TIMEOUT"}}
    cancelled: {"CollectTime":1767323045000,"TotalCount":2,"TaskId":359096278860074,"FinishCount":1,"TaskInfo":{"Status":"FAIL"}}
    "#);
}

#[tokio::test]
async fn states_in_describe_once_task() {
    let (kind, without) = ("CLIENT_PROBLEM_CHECK", [&NAMES[..], &["DetailData"]].concat());
    insta::assert_snapshot!(answers(kind, |_| roots(kind), &without).await, @r#"
    INIT: {"TaskStatus":1,"TaskStatusText":"INIT","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0,"TotalCount":2}
    START, nothing done: {"TaskStatus":1,"TaskStatusText":"DISPATCH","Progress":"25%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0,"TotalCount":2}
    START: {"TaskStatus":1,"TaskStatusText":"START","Progress":"62%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":1,"FailCount":0,"TotalCount":2}
    SUCCESS: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"successful","SuccessCount":1,"FailCount":1,"TotalCount":2}
    FAIL: {"TaskStatus":3,"TaskStatusText":"FAIL","Progress":"99%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"failed","SuccessCount":1,"FailCount":1,"TotalCount":2}
    TIMEOUT: {"TaskStatus":4,"TaskStatusText":"TIMEOUT","Progress":"69%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"timeout","SuccessCount":1,"FailCount":1,"TotalCount":2}
    cancelled: {"TaskStatus":3,"TaskStatusText":"FAIL","Progress":"62%","TaskStartTime":1767323045000,"TaskEndTime":1767323052000,"ResultInfo":"failed","SuccessCount":1,"FailCount":1,"TotalCount":2}
    "#);
    insta::assert_snapshot!(answers("VUL_CHECK_TASK", subtasks, &without).await, @r#"
    INIT: {"TaskStatus":1,"TaskStatusText":"INIT","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0}
    INIT: {"TaskStatus":1,"TaskStatusText":"INIT","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0}
    START, nothing done: {"TaskStatus":1,"TaskStatusText":"PROCESSING","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0}
    START, nothing done: {"TaskStatus":1,"TaskStatusText":"PROCESSING","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0}
    START: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323051000,"ResultInfo":"successful","SuccessCount":1,"FailCount":0}
    START: {"TaskStatus":1,"TaskStatusText":"PROCESSING","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","SuccessCount":0,"FailCount":0}
    SUCCESS: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323051000,"ResultInfo":"successful","SuccessCount":1,"FailCount":0}
    SUCCESS: {"TaskStatus":3,"TaskStatusText":"FAIL","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"failed","SuccessCount":0,"FailCount":1}
    FAIL: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323051000,"ResultInfo":"successful","SuccessCount":1,"FailCount":0}
    FAIL: {"TaskStatus":3,"TaskStatusText":"FAIL","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"failed","SuccessCount":0,"FailCount":1}
    TIMEOUT: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323051000,"ResultInfo":"successful","SuccessCount":1,"FailCount":0}
    TIMEOUT: {"TaskStatus":4,"TaskStatusText":"TIMEOUT","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":1767323055000,"ResultInfo":"timeout","SuccessCount":0,"FailCount":1}
    cancelled: {"TaskStatus":2,"TaskStatusText":"SUCCESS","Progress":"100%","TaskStartTime":1767323045000,"TaskEndTime":1767323051000,"ResultInfo":"successful","SuccessCount":1,"FailCount":0}
    cancelled: {"TaskStatus":3,"TaskStatusText":"FAIL","Progress":"0%","TaskStartTime":1767323045000,"TaskEndTime":1767323052000,"ResultInfo":"failed","SuccessCount":0,"FailCount":1}
    "#);
}

#[tokio::test]
async fn states_in_describe_once_task_leaf_record_page() {
    let without = [&NAMES[..], &["Target", "TaskImageInfo"]].concat();
    insta::assert_snapshot!(answers("IMAGE_SCAN", |_| leaves("IMAGE_SCAN"), &without).await, @r#"
    INIT: {"TargetType":"IMAGE","Status":"0","StatusText":"INIT","Progress":0,"Finish":0,"TotalCount":"1","FinishCount":"0","ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    INIT: {"TargetType":"IMAGE","Status":"0","StatusText":"INIT","Progress":0,"Finish":0,"TotalCount":"1","FinishCount":"0","ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    START, nothing done: {"TargetType":"IMAGE","Status":"1","StatusText":"START","Progress":0,"Finish":0,"TotalCount":"1","FinishCount":"0","ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    START, nothing done: {"TargetType":"IMAGE","Status":"1","StatusText":"START","Progress":0,"Finish":0,"TotalCount":"1","FinishCount":"0","ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    START: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000}
    START: {"TargetType":"IMAGE","Status":"1","StatusText":"START","Progress":0,"Finish":0,"TotalCount":"1","FinishCount":"0","ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    SUCCESS: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000}
    SUCCESS: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323055000}
    FAIL: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000}
    FAIL: {"TargetType":"IMAGE","Status":"3","StatusText":"FAIL","Progress":0,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"FAIL","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323055000}
    TIMEOUT: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000}
    TIMEOUT: {"TargetType":"IMAGE","Status":"4","StatusText":"TIMEOUT","Progress":0,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"TIMEOUT","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323055000}
    cancelled: {"TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000}
    cancelled: {"TargetType":"IMAGE","Status":"3","StatusText":"FAIL","Progress":0,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"FAIL","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323052000}
    "#);
}

#[tokio::test]
async fn states_in_list_unfinished_once_task() {
    let on_b = |_: &str| unfinished("ASSETS_COLLECTION", "b");
    insta::assert_snapshot!(answers("ASSETS_COLLECTION", on_b, &NAMES).await, @r#"
    INIT: {"Target":"b","TargetType":"","Status":0,"StatusText":"INIT","Progress":0,"Finish":0,"TotalCount":1,"FinishCount":0,"ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    START, nothing done: {"Target":"b","TargetType":"","Status":1,"StatusText":"START","Progress":0,"Finish":0,"TotalCount":1,"FinishCount":0,"ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    START: {"Target":"b","TargetType":"","Status":1,"StatusText":"START","Progress":0,"Finish":0,"TotalCount":1,"FinishCount":0,"ResultInfo":"","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":0}
    "#);
}

#[tokio::test]
async fn whole_replies() {
    let (emulator, id) = task("IMAGE_SCAN", &FATES[2]).await;
    let mut shown = Vec::new();
    let asks = [
        roots("IMAGE_SCAN"),
        leaves("IMAGE_SCAN").param("PageSize", "1"),
        generate("IMAGE_SCAN"),
        cancel(&id),
        cancel("nonsense"),
        result("IMAGE_SCAN", "nonsense"),
    ];
    for call in asks {
        let mut body = emulator.body(call).await;
        body["RequestId"] = json!("-");
        shown.push(body.to_string());
    }
    let full = TestEmulator::new("limits: { running_tasks: 0 }\n").body(generate("IMAGE_SCAN")).await;
    shown.push(full["LastTask"].to_string());
    insta::assert_snapshot!(shown.join("\n"), @r#"
    {"RequestId":"-","PageInfo":{"TotalCount":1,"CurrentPage":1,"PageSize":1000,"Count":1},"TaskManageResponseList":[{"TaskId":"a34c4f122094d2e906d5b1efd2491882","TaskType":"IMAGE_SCAN","TaskName":"IMAGE_SCAN","TaskStatus":1,"TaskStatusText":"START","Progress":"62%","TaskStartTime":1767323045000,"TaskEndTime":0,"ResultInfo":"","DetailData":"[]","SuccessCount":1,"FailCount":0,"TotalCount":2,"Source":"openapi","Context":"{\"problemType\":\"<&>' 中\"}"}]}
    {"RequestId":"-","PageInfo":{"TotalCount":2,"CurrentPage":1,"PageSize":1,"Count":1},"OnceTasks":[{"TaskId":"3d7b36ab5fdeaefcf549718f8ea4d0b7","TaskType":"IMAGE_SCAN","TaskName":"IMAGE_SCAN","Target":"3d7b36ab5fdeaefcf549718f8ea4d0b73d7b36ab5fdeaefcf549718f8ea4d0b7","TargetType":"IMAGE","Status":"2","StatusText":"SUCCESS","Progress":100,"Finish":1,"TotalCount":"1","FinishCount":"1","ResultInfo":"SUCCESS","StartTime":1767323045000,"RealRunTime":1767323045000,"EndTime":1767323051000,"TaskImageInfo":{"Digest":"3d7b36ab5fdeaefcf549718f8ea4d0b73d7b36ab5fdeaefcf549718f8ea4d0b7","Image":"registry.example/emulated/app","RegionId":"cn-hangzhou","RegistryType":"acr","RepoName":"app","RepoNamespace":"emulated","RepoRegionId":"cn-hangzhou","Tag":"latest"}}]}
    {"RequestId":"-","CanCreate":true,"LastTask":"986f29d5d2869513fd5a459d8e6acd1a","CollectTime":1767323052000,"TotalCount":2,"TaskId":"986f29d5d2869513fd5a459d8e6acd1a","FinishCount":0}
    {"RequestId":"-"}
    {"RequestId":"-"}
    {"CollectTime":0,"RequestId":"-","TotalCount":0,"TaskId":0,"FinishCount":0,"TaskInfo":{}}
    ""
    "#);
}

/// An element of an answer in XML.
#[derive(Debug, Default)]
struct Element {
    name: String,
    children: Vec<Element>,
    text: String,
}

impl Element {
    /// The root of a document.
    fn read(document: &str) -> Self {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    open.push(Self { name, ..Self::default() });
                }
                Event::End(_) => {
                    let closed = open.pop().unwrap();
                    open.last_mut().unwrap().children.push(closed);
                }
                Event::Text(text) => open.last_mut().unwrap().text.push_str(&text),
                Event::GeneralRef(name) => {
                    let text = quick_xml::escape::resolve_predefined_entity(&name).unwrap();
                    open.last_mut().unwrap().text.push_str(text);
                }
                Event::Decl(_) => {}
                Event::Eof => break,
                other => panic!("{other:?} in {document}"),
            }
        }
        let mut document = open.pop().unwrap();
        assert!(open.is_empty() && document.children.len() == 1);
        document.children.remove(0)
    }

    /// Whether it says what a JSON value says: the same members in the same order, the same values.
    fn says(&self, json: &Value) -> bool {
        let of_one_kind = self.children.windows(2).all(|pair| pair[0].name == pair[1].name);
        match json {
            Value::Object(members) => {
                self.children.iter().map(|child| &child.name).eq(members.keys())
                    && self.children.iter().zip(members.values()).all(|(child, value)| child.says(value))
            }
            Value::Array(values) => {
                of_one_kind
                    && self.children.len() == values.len()
                    && self.children.iter().zip(values).all(|(child, value)| child.says(value))
            }
            Value::String(text) => self.children.is_empty() && self.text == *text,
            Value::Null => false,
            Value::Bool(_) | Value::Number(_) => {
                let written = json.to_string();
                self.children.is_empty() && self.text == written
            }
        }
    }
}

/// Makes the same call to two equal emulators, for JSON and for XML.
async fn compare(json: &TestEmulator, xml: &TestEmulator, call: &TestCall) -> Value {
    let action = &call.action;
    let in_json: TestResponse = json.call(call.clone()).await;
    let in_xml: TestResponse = xml.call(call.clone().with(|call| call.format = Some("XML".to_owned()))).await;
    assert_eq!((in_json.status, in_xml.status), (200, 200), "{}", in_json.body);
    assert!(in_xml.is_xml(), "{}", in_xml.body);
    let root = Element::read(&in_xml.body);
    assert_eq!(root.name, format!("{action}Response"));
    assert!(root.says(&in_json.json()), "{}\n{}", in_json.body, in_xml.body);
    in_json.json()
}

#[tokio::test]
async fn xml_says_what_json_says_in_every_state() {
    for task_type in TYPES {
        for fate in &FATES {
            let ((json, id), (xml, same_id)) = (task(task_type, fate).await, task(task_type, fate).await);
            assert_eq!(id, same_id);
            let target = json.list(leaves(task_type)).await.pop().unwrap()["Target"].clone();
            xml.list(leaves(task_type)).await;
            for call in questions(task_type, &id, target.as_str().unwrap()) {
                compare(&json, &xml, &call).await;
            }
            for call in [generate(task_type), cancel(&id), cancel("unknown"), result(task_type, "unknown")] {
                compare(&json, &xml, &call).await;
            }
        }
    }
}

#[tokio::test]
async fn xml_says_what_json_says_where_there_is_nothing() {
    let scenario = "limits: { running_tasks: 0 }\n";
    let (json, xml) = (TestEmulator::new(scenario), TestEmulator::new(scenario));
    for call in questions("IMAGE_SCAN", "0", "x") {
        compare(&json, &xml, &call).await;
    }
    assert_eq!(compare(&json, &xml, &generate("IMAGE_SCAN")).await["CanCreate"], false);
}

const RANGES: &str = "lifecycles: { '*': { queued: { range: [1s, 9s] }, running: { range: [1s, 60s] } } }\n";

/// A busy life of every type, as bytes; with questions in between, or without.
async fn transcript(seed: u64, is_curious: bool) -> (String, Vec<Value>) {
    let emulator = Setup::new(RANGES).seed(seed).start();
    let (mut transcript, mut last) = (String::new(), Vec::new());
    for step in 0..6 {
        for task_type in TYPES {
            let answer = emulator.call(generate(task_type)).await;
            let id = answer.json()["TaskId"].as_str().unwrap_or("none").to_owned();
            transcript.extend([&answer.body, answer.header("x-acs-trace-id")]);
            if is_curious {
                for call in questions(task_type, &id, "x") {
                    let answer = emulator.call(call).await;
                    transcript.extend([&answer.body, answer.header("x-acs-trace-id")]);
                }
            }
            if step % 2 == 1 {
                transcript.push_str(&emulator.call(cancel(&id)).await.body);
            }
        }
        emulator.advance(seconds(7));
    }
    for task_type in TYPES {
        last.extend(emulator.list(roots(task_type)).await);
    }
    (transcript, last)
}

#[tokio::test]
async fn a_transcript_of_once_task_calls_repeats_byte_for_byte() {
    assert_eq!(transcript(7, true).await, transcript(7, true).await);
    assert_ne!(transcript(7, true).await, transcript(8, true).await);
}

#[tokio::test]
async fn reading_tasks_changes_nothing() {
    assert_eq!(transcript(7, true).await.1, transcript(7, false).await.1);
}
