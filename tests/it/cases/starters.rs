//! The same for the cases of operations other than those on once-tasks that start one.

use serde_json::Value;

use super::situations::Scene;
use crate::harness::tasks::{items, roots, seconds, subtasks};
use crate::harness::{TestCall, TestResponse};

const VUL: &str = "VUL_CHECK_TASK";
const ASSETS: &str = "assets: [{ uuid: a }, { uuid: b, online: false }, { uuid: c }]\n";

/// The situation of a case, if it has one.
pub(crate) async fn given(case: &str) -> Option<Scene> {
    let named = |scenario: &str| Scene::new(scenario).named("u1", "a".to_owned()).named("u2", "b".to_owned());
    Some(match case {
        "H01" | "H02" | "H12" => named(ASSETS),
        "H03" => named("assets: [{ uuid: a, edition: free }]\n"),
        "H04" => {
            let scene = named(&format!("assumptions: {{ registration_delay: 20s }}\n{ASSETS}"));
            let push =
                TestCall::new("ModifyPushAllTask").param("Tasks", "OVAL_ENTITY,SYSVUL").param("Uuids", "a");
            scene.world.body(push).await;
            scene
        }
        "H05" => {
            let scene = Scene::new("default");
            scene.world.start(VUL).await;
            scene.world.advance(seconds(1));
            let older = scene.world.list(roots(VUL)).await.remove(0);
            scene.named("older", older["TaskId"].as_str().unwrap().to_owned())
        }
        _ => return None,
    })
}

/// Checks what a case says in a sentence.
pub(crate) async fn afterwards(case: &str, sentence: &str, scene: &Scene, answer: &TestResponse) {
    let (world, body) = (&scene.world, answer.json());
    let count = async |task_type| world.list(roots(task_type)).await.len();
    match (case, sentence) {
        ("H01", "PushTaskRsp.PushTaskResultList") => {
            let results = body["PushTaskRsp"]["PushTaskResultList"].as_array().unwrap();
            let seen: Vec<(&Value, &Value, &Value)> = results
                .iter()
                .map(|result| (&result["Uuid"], &result["Success"], &result["Online"]))
                .collect();
            assert_eq!(
                seen,
                [(&"a".into(), &true.into(), &true.into()), (&"b".into(), &false.into(), &false.into())]
            );
            assert!(results.iter().all(|result| result["Message"].is_string()));
        }
        ("H04", "task") => {
            assert!(items(&body).is_empty());
            world.advance(seconds(19));
            assert_eq!(count(VUL).await, 0);
            world.advance(seconds(2));
            let root = world.list(roots(VUL)).await.remove(0);
            assert_eq!(root["TaskStatusText"], "INIT", "it begins when it is registered");
            world.advance(seconds(60));
            assert_eq!(world.list(roots(VUL)).await[0]["TaskStatus"], 2);
        }
        ("H05", "then") => {
            let all = world.list(roots(VUL)).await;
            assert_eq!((all.len(), &all[1]["TaskId"]), (2, &scene.name("older").into()));
        }
        ("H06", "then") => assert_eq!(count("ASSET_REFRESH_HOST").await, 1),
        ("H07", "then") => {
            let id = u128::from_str_radix(body["Data"]["TaskId"].as_str().unwrap(), 16).unwrap();
            assert_eq!(world.poll("IMAGE_SCAN").await["TaskId"], u64::try_from(id >> 79).unwrap() + 1);
        }
        ("H09", "then") => assert_eq!(world.poll("IDC_PROBE_SCAN").await["TaskInfo"]["Status"], "INIT"),
        ("H12", "subtasks") => {
            let root = world.list(roots(VUL)).await.remove(0);
            assert_eq!(world.list(subtasks(root["TaskId"].as_str().unwrap())).await.len(), 3);
        }
        _ => panic!("nothing checks {sentence:?} of {case}"),
    }
}
