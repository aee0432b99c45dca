//! The situations that the cases assume, and checks of what they say in prose.

use serde_json::{Value, json};

use super::expectation::{Case, Names};
use super::starters;
use crate::harness::tasks::{
    cancel, generate, generate_with, id, ids, items, leaves, roots, seconds, subtasks, unfinished,
};
use crate::harness::{TestCall, TestEmulator, TestResponse};

const COLLECTION: &str = "ASSETS_COLLECTION";
const PROBLEM: &str = "CLIENT_PROBLEM_CHECK";
const VUL: &str = "VUL_CHECK_TASK";
const IMAGE: &str = "IMAGE_SCAN";

const NOTHING: &str = "empty";
/// Tasks that run forever.
const STUCK: &str = "lifecycles: { '*': { progress: { stall_at: 69 } } }\n";

/// An emulator with these tasks, each written as in a scenario.
fn with_tasks(tasks: impl IntoIterator<Item = String>) -> TestEmulator {
    let lines: Vec<String> = tasks.into_iter().map(|task| format!("  - {{ {task} }}\n")).collect();
    TestEmulator::new(&format!("tasks:\n{}", lines.concat()))
}

/// A situation.
pub(crate) struct Scene {
    pub(crate) world: TestEmulator,
    pub(crate) names: Names,
    /// The operation to call, where it is not the one the case is filed under.
    pub(crate) operation: Option<&'static str>,
    /// Ids that the answer has to list, in this order.
    listed: Vec<String>,
    /// What was seen before.
    earlier: Value,
}

impl Scene {
    fn of(world: TestEmulator) -> Self {
        Self { world, names: Names::default(), operation: None, listed: Vec::new(), earlier: Value::Null }
    }

    pub(crate) fn new(scenario: &str) -> Self {
        Self::of(TestEmulator::new(scenario))
    }

    pub(crate) fn named(mut self, name: &'static str, id: String) -> Self {
        self.names.0.push((name, id));
        self
    }

    fn listing(self, listed: Vec<String>) -> Self {
        Self { listed, ..self }
    }

    fn having_seen(self, earlier: Value) -> Self {
        Self { earlier, ..self }
    }

    /// What a name stands for.
    pub(crate) fn name(&self, name: &str) -> &str {
        &self.names.0.iter().find(|(other, _)| *other == name).unwrap().1
    }
}

/// The situation of a case.
pub(crate) async fn given(case: &Case) -> Scene {
    let id = case.id.as_str();
    let scene = match case.op.as_str() {
        "GenerateOnceTask" => before_generate(id).await,
        "GetOnceTaskResultInfo" => before_result(id).await,
        "CancelOnceTask" => before_cancel(id).await,
        "DescribeOnceTask" => before_describe(id).await,
        "DescribeOnceTaskLeafRecordPage" => before_leaves(id).await,
        "ListUnfinishedOnceTask" => before_unfinished(id).await,
        _ => starters::given(id).await,
    };
    scene.unwrap_or_else(|| {
        assert_eq!(case.given, "-", "there is no situation for {id}");
        Scene::new(NOTHING)
    })
}

/// An emulator where the limit of running tasks is reached; the first task is five seconds older.
async fn full() -> Scene {
    let world = TestEmulator::new(NOTHING);
    let oldest = world.start(PROBLEM).await;
    world.advance(seconds(5));
    for _ in 1..10 {
        world.start(PROBLEM).await;
    }
    assert_eq!(world.body(generate(PROBLEM)).await["CanCreate"], false);
    Scene::of(world).named("T", oldest)
}

async fn before_generate(case: &str) -> Option<Scene> {
    Some(match case {
        "B01" | "B02" | "B10" | "B13" => Scene::new(NOTHING),
        "B03" => full().await,
        "B04" => {
            let scene = full().await;
            scene.world.advance(seconds(5));
            scene
        }
        "B11" => {
            let world = TestEmulator::new(NOTHING);
            let first = world.body(generate(PROBLEM)).await;
            Scene::of(world).having_seen(first)
        }
        "B12" => Scene::new("accounts: [{ access_key_id: test, deny: ['yundun-aegis:GenerateOnceTask'] }]\n"),
        _ => return None,
    })
}

/// An emulator where one task has run for this many seconds.
async fn one_task(task_type: &str, scenario: &str, age: i64) -> Scene {
    let world = TestEmulator::new(scenario);
    let id = world.start(task_type).await;
    world.advance(seconds(age));
    Scene::of(world).named("T", id)
}

async fn before_result(case: &str) -> Option<Scene> {
    Some(match case {
        "C01" | "C05" => one_task(COLLECTION, NOTHING, 3).await,
        "C02" => {
            let shown = "{ status: START, progress: 69, finish_count: 47, total_count: 44, result: SUCCESS }";
            let sample =
                format!("type: {COLLECTION}, started: 2022-12-16T09:55:31Z, number: 0, shows: {shown}");
            let world = with_tasks([sample]);
            let sample = ids(&world.list(roots(COLLECTION)).await).remove(0);
            Scene::of(world).named("T", sample)
        }
        "C04" => Scene::new(NOTHING),
        "C06" => {
            let scene = one_task(COLLECTION, NOTHING, 5).await;
            let earlier = scene.world.poll(COLLECTION).await;
            scene.world.start(COLLECTION).await;
            scene.having_seen(earlier)
        }
        "C07" => one_task(COLLECTION, NOTHING, 60).await,
        _ => return None,
    })
}

async fn before_cancel(case: &str) -> Option<Scene> {
    Some(match case {
        "D01" | "D07" => one_task(COLLECTION, NOTHING, 5).await,
        "D03" => {
            let scene = one_task(COLLECTION, NOTHING, 5).await;
            scene.world.body(cancel(scene.name("T"))).await;
            Scene { operation: Some("GetLastOnceTaskInfo"), ..scene }
        }
        "D04" => full().await,
        "D05" => {
            let scene = one_task(COLLECTION, NOTHING, 60).await;
            let earlier = scene.world.list(roots(COLLECTION)).await;
            scene.having_seen(json!(earlier))
        }
        "D06" => Scene::new(NOTHING),
        "D08" => {
            let scene = one_task(VUL, STUCK, 3600).await;
            let newest = scene.world.list(roots(VUL)).await.remove(0);
            scene.named("R", id(&newest))
        }
        _ => return None,
    })
}

async fn before_describe(case: &str) -> Option<Scene> {
    Some(match case {
        "E01" | "E10" => one_task(PROBLEM, NOTHING, 3).await,
        "E03" => {
            let scene = one_task(VUL, "assets: [{}, {}, {}]\n", 3).await;
            let root = scene.name("T").to_owned();
            scene.named("R", root)
        }
        "E04" | "E05" => {
            Scene::of(with_tasks((1..=25).map(|age| format!("type: {PROBLEM}, started: -{age}h"))))
        }
        "E06" => {
            let world = TestEmulator::new(NOTHING);
            let mut started = Vec::new();
            // The last two start within the same millisecond.
            for pause in [1, 5, 0, 0] {
                started.insert(0, world.start(VUL).await);
                world.advance(seconds(pause));
            }
            Scene::of(world).listing(started)
        }
        "E07" => in_a_window().await,
        "E08" => {
            let scene = one_task(PROBLEM, NOTHING, 1).await;
            scene.world.start(PROBLEM).await;
            let wanted = scene.name("T").to_owned();
            scene.listing(vec![wanted])
        }
        "E09" => {
            let sources = ["console", "schedule", "console", "schedule"];
            let world =
                with_tasks(sources.map(|source| format!("type: {VUL}, source: {source}, started: -1h")));
            let all = world.list(roots(VUL)).await;
            let wanted: Vec<Value> = all.into_iter().filter(|task| task["Source"] == "console").collect();
            assert_eq!(wanted.len(), 2);
            Scene::of(world).listing(ids(&wanted))
        }
        "E11" => one_task(PROBLEM, NOTHING, 60).await,
        "E12" => one_task(PROBLEM, "lifecycles: { '*': { outcome: fail } }\n", 60).await,
        "E13" => one_task(PROBLEM, "lifecycles: { '*': { outcome: timeout } }\n", 60).await,
        "E14" => one_task(VUL, NOTHING, 0).await,
        "E15" => Scene::new(NOTHING),
        "E16" => {
            let scene = Scene::new("assets: [{ uuid: a }, { uuid: b, online: false, name: web }]\n");
            let param = r#"{"mode":1,"problemType":"offline","uuids":"a,b"}"#;
            scene.world.body(generate_with(PROBLEM, param)).await;
            let running = scene.world.list(roots(PROBLEM)).await;
            scene.world.advance(seconds(60));
            scene.having_seen(json!(running))
        }
        "E17" => {
            let assets = format!(
                "assets: [{}]\n",
                [["{}"; 7].join(","), ["{ online: false }"; 3].join(",")].join(",")
            );
            one_task(VUL, &assets, 60).await
        }
        "E18" => one_task(VUL, NOTHING, 5).await,
        "E19" => {
            let scene = one_task(VUL, STUCK, 3600).await;
            let root = scene.name("T").to_owned();
            scene.named("R", root)
        }
        _ => return None,
    })
}

/// Tasks around the window that case E07 asks for, each of which runs for ten seconds.
async fn in_a_window() -> Scene {
    let before = ["07:55:00"];
    let within = ["07:55:01", "12:00:00", "16:01:50"];
    let after = ["16:01:51", "17:00:00"];
    let times = before.iter().chain(&within).chain(&after);
    let world = with_tasks(times.map(|time| format!("type: {PROBLEM}, started: 2022-05-05T{time}Z")));
    let mut listed = ids(&world.list(roots(PROBLEM)).await);
    assert_eq!(listed.len(), before.len() + within.len() + after.len());
    let listed = listed.drain(after.len()..after.len() + within.len()).collect();
    Scene::of(world).listing(listed)
}

async fn before_leaves(case: &str) -> Option<Scene> {
    Some(match case {
        "F01" | "F08" | "F09" | "F10" => Scene::of(with_tasks([format!("type: {IMAGE}, started: -5s")])),
        "F06" => {
            let fates = [
                ("0s", ""),
                ("-5s", ""),
                ("-1h", ""),
                ("-1h", "outcome: fail"),
                ("-1h", "outcome: timeout, progress: { stall_at: 69 }"),
            ];
            let world = with_tasks(
                fates.map(|(age, fate)| format!("type: {IMAGE}, started: {age}, lifecycle: {{ {fate} }}")),
            );
            let all = world.list(leaves(IMAGE)).await;
            let in_state = |state: &str| all.iter().filter(|leaf| leaf["StatusText"] == state).count();
            let counts = ["INIT", "START", "SUCCESS", "FAIL", "TIMEOUT"].map(in_state);
            assert_eq!(counts, [5, 4, 1 + 5 + 4 + 3, 1, 2]);
            let wanted: Vec<Value> = all
                .into_iter()
                .filter(|leaf| leaf["StatusText"] == "INIT" || leaf["StatusText"] == "START")
                .collect();
            Scene::of(world).listing(ids(&wanted))
        }
        "F07" => {
            let scene = one_task(IMAGE, NOTHING, 3).await;
            scene.world.start(IMAGE).await;
            let wanted = ids(&scene.world.list(subtasks(scene.name("T"))).await);
            assert_eq!(wanted.len(), 5);
            scene.listing(wanted)
        }
        "F11" => {
            let fate = "{ outcome: { result: TASK_NOT_SUPPORT_REGION } }";
            Scene::of(with_tasks([format!("type: {IMAGE}, started: -1h, lifecycle: {fate}")]))
        }
        _ => return None,
    })
}

async fn before_unfinished(case: &str) -> Option<Scene> {
    Some(match case {
        "G01" | "G04" => {
            let scene = one_task(IMAGE, NOTHING, 5).await;
            let last = scene.world.list(leaves(IMAGE)).await.pop().unwrap();
            let digest = last["Target"].as_str().unwrap().to_owned();
            assert_eq!(scene.world.list(unfinished(IMAGE, &digest)).await.len(), 1);
            if case == "G04" {
                scene.world.advance(seconds(60));
            }
            scene.named("D", digest)
        }
        "G05" => {
            let world = TestEmulator::new("assets: [{ uuid: a }, { uuid: b }]\n");
            world.body(generate_with(COLLECTION, r#"{"uuids":"a,b"}"#)).await;
            Scene::of(world).named("U", "b".to_owned())
        }
        _ => return None,
    })
}

/// Checks what a case says in a sentence.
pub(crate) async fn afterwards(case: &str, sentence: &str, scene: &Scene, answer: &TestResponse) {
    if case.starts_with('H') {
        return starters::afterwards(case, sentence, scene, answer).await;
    }
    let Scene { world, listed, earlier, .. } = scene;
    let body = answer.json();
    match (case, sentence) {
        (_, "only" | "order") => {
            assert!(!listed.is_empty(), "the situation of {case} lists nothing");
            assert_eq!(ids(items(&body)), *listed);
            assert_eq!(body["PageInfo"]["TotalCount"], listed.len());
        }
        ("B03", "no_new_task") => assert_eq!(world.list(roots(PROBLEM)).await.len(), 10),
        ("B11", "TaskId") => assert_ne!(body["TaskId"], earlier["TaskId"]),
        ("C06", "describes") => {
            for member in ["TaskId", "CollectTime"] {
                assert_eq!(body[member], earlier[member]);
                assert_ne!(body[member], world.poll(COLLECTION).await[member]);
            }
        }
        ("D04", "then") => {
            assert_eq!(world.body(generate(PROBLEM)).await["CanCreate"], true);
            assert_eq!(world.body(generate(PROBLEM)).await["CanCreate"], false);
        }
        ("D05", "state") => assert_eq!(json!(world.list(roots(COLLECTION)).await), *earlier),
        ("D07", "subtasks") => {
            let subtasks = world.list(subtasks(scene.name("T"))).await;
            assert!(
                subtasks.len() == 5 && subtasks.iter().all(|task| task["TaskStatus"] != 1),
                "{subtasks:?}"
            );
            assert_eq!(world.list(unfinished(COLLECTION, LAST_SERVER)).await, [json!(null); 0]);
            let seen = json!(subtasks);
            world.advance(seconds(60));
            assert_eq!(json!(world.list(self::subtasks(scene.name("T"))).await), seen);
        }
        ("D08", "then") => {
            let scan = TestCall::new("ModifyStartVulScan").param("Types", "cve,sys");
            world.body(scan).await;
            let newest = &world.list(roots(VUL)).await[0];
            assert_ne!(newest["TaskId"], scene.name("R"));
            assert_eq!(newest["TaskStatus"], 1);
        }
        ("E16", "DetailData") => {
            assert_eq!(earlier[0]["DetailData"], "[]");
            let details = items(&body)[0]["DetailData"].as_str().unwrap();
            insta::assert_snapshot!(details, @r#"[{"dispatchType":"manual","causeCode":[],"causeMsg":[],"resCode":["0"],"resMsg":["successful"],"problemType":"offline","uuid":"a","instanceId":"i-emulated0001","instanceName":"server-1","internetIp":"203.0.113.1","intranetIp":"192.168.0.1","url":""},{"dispatchType":"manual","causeCode":[],"causeMsg":[],"resCode":["push_command_failed"],"resMsg":["the agent is offline"],"problemType":"offline","uuid":"b","instanceId":"i-emulated0002","instanceName":"web","internetIp":"203.0.113.2","intranetIp":"192.168.0.2","url":""}]"#);
        }
        _ => panic!("nothing checks {sentence:?} of {case}"),
    }
}

/// The last of the five servers that every account has.
const LAST_SERVER: &str = "00000000-0000-4000-8000-000000000005";
