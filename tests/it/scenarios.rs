//! Scenario files: every built-in one loads, and what is documented is so. Mistakes are in `scenario_errors`.

use sas_emulator::internals::scenario::{builtin, load};

use crate::harness::{Setup, TestCall, TestEmulator};

#[test]
fn every_built_in_scenario_loads_and_is_called_what_its_file_is() {
    for (name, text) in builtin::SCENARIOS {
        let scenario = load::parse(name, text).unwrap();
        assert_eq!(scenario.name, *name);
        assert!(!scenario.description.is_empty());
        assert!(text.starts_with("# "), "{name} does not say which situation it reproduces");
    }
}

#[test]
fn json_is_as_good_as_yaml() {
    let yaml =
        load::parse("a.yaml", "version: 1\nname: x\nlifecycles: { IMAGE_SCAN: { queued: 1s } }\n").unwrap();
    let json =
        load::parse("a.json", r#"{"version":1,"name":"x","lifecycles":{"IMAGE_SCAN":{"queued":"1s"}}}"#)
            .unwrap();
    assert_eq!(yaml.world, json.world);
}

#[test]
fn the_example_of_all_keys_loads() {
    let page = include_str!("../../docs/scenarios.md");
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let world = load::parse("scenarios.md", example).unwrap().world;
    assert_eq!((world.servers.len(), world.limits.kept), (100, 10_000));
}

#[tokio::test]
async fn an_account_may_have_life_cycles_of_its_own() {
    let emulator = TestEmulator::new(
        "lifecycles: { '*': { queued: 1h, running: 1h }, IMAGE_SCAN: { queued: 2h, running: 2h } }\n\
         start_on_first_poll: ['*']\n\
         tasks: [{ type: VUL_CHECK_TASK, name: first }]\n\
         accounts:\n\
         - { access_key_id: slow, access_key_secret: test, lifecycles: { IMAGE_SCAN: { progress: { stall_at: 69 } } } }\n\
         - { access_key_id: instant, access_key_secret: test, lifecycles: { '*': { advance: instant } } }\n\
         - { access_key_id: '*', access_key_secret: test }\n",
    );
    let shows = async |key: &str, task_type: &str| {
        let call = TestCall::latest(task_type).with(|call| call.key = key.to_owned());
        emulator.call(call).await.json()["TaskInfo"]["Status"].as_str().unwrap().to_owned()
    };
    // Type by type: `*` of an account stands behind a type that the scenario names.
    for (key, task_type, expected) in [
        ("slow", "IMAGE_SCAN", "INIT"),
        ("instant", "IMAGE_SCAN", "INIT"),
        ("instant", "ASSETS_COLLECTION", "SUCCESS"),
        ("other", "ASSETS_COLLECTION", "INIT"),
    ] {
        assert_eq!(shows(key, task_type).await, expected, "{key} {task_type}");
    }
    let snapshot = emulator.control("GET", "state", "").await.body;
    emulator.advance(sas_emulator::SignedDuration::from_hours(5));
    assert_eq!(
        (shows("slow", "IMAGE_SCAN").await, shows("other", "ASSETS_COLLECTION").await),
        ("START".into(), "SUCCESS".into())
    );
    // They hold for accounts of a snapshot, and after a reset.
    assert_eq!(emulator.control("PUT", "state", &snapshot).await.status, 200);
    assert_eq!(shows("instant", "VIRUS_SCAN_TASK").await, "SUCCESS");
    assert_eq!(emulator.control("POST", "reset?account=instant", "").await.status, 200);
    assert_eq!(shows("instant", "ASSETS_COLLECTION").await, "SUCCESS");
}

#[test]
fn servers_and_limits() {
    let world = |text: &str| load::parse("s.yaml", &format!("version: 1\nname: x\n{text}")).unwrap().world;
    assert_eq!(world("").servers.len(), 5);
    assert!(world("assets: []\n").servers.is_empty());
    let servers = world(
        "assets: [{ name: web }, { uuid: u, instance_id: i, internet_ip: a, intranet_ip: b, region: r, os: windows, online: false, agent: missing, edition: free }]\n",
    )
    .servers;
    assert_eq!((servers[0].name.as_str(), servers[0].instance_id.as_str()), ("web", "i-emulated0001"));
    insta::assert_json_snapshot!(servers[1], @r#"
    {
      "uuid": "u",
      "instance_id": "i",
      "name": "server-2",
      "internet_ip": "a",
      "intranet_ip": "b",
      "region": "r",
      "os": "windows",
      "online": false,
      "agent": "missing",
      "edition": "free"
    }
    "#);
    let limits = world("limits: { running_tasks: 3, kept_tasks: 20 }\n").limits;
    assert_eq!((limits.running, limits.kept, limits.cycles), (3, 20, 100));
    assert_eq!(world("limits: { cycle_tasks: 0 }\n").limits.cycles, 0);
}

#[test]
fn a_task_of_the_scenario_cannot_start_after_the_start_time() {
    let scenario = "version: 1\nname: x\nclock: { start: 2026-01-01T00:00:00Z, paused: true }\n\
                    tasks: [{ type: IMAGE_SCAN, started: 2099-01-01T00:00:00Z }]\n";
    let setup = Setup::running(load::parse("s.yaml", scenario).unwrap());
    assert_eq!(
        setup.start_error(),
        "tasks: one of IMAGE_SCAN is started at 2099-01-01T00:00:00Z, after the start time, 2026-01-01T00:00:00Z"
    );
}

#[test]
fn names_that_do_not_exist_have_neighbours() {
    let message = |name| load::find(name).unwrap_err().to_string();
    assert_eq!(
        message("defualt"),
        "defualt: no built-in scenario and no file is called that; did you mean default?"
    );
    assert!(message("nowhere.yaml").starts_with("nowhere.yaml: cannot be read: No such file"));
}

/// The scenario that docs/scenarios.md shows behaves as its comments say.
#[tokio::test]
async fn the_documented_scenario_does_what_it_says() {
    let page = include_str!("../../docs/scenarios.md");
    let text = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let scenario = load::parse("docs/scenarios.md", text).unwrap();
    let world = Setup::running(scenario).held().any_key().start();
    let poll = async |task_type: &str| {
        world.call(TestCall::latest(task_type)).await.json()["TaskInfo"]["Status"].clone()
    };
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(poll("CLIENT_PROBLEM_CHECK").await);
    }
    assert_eq!(seen, ["INIT", "START", "START", "START", "SUCCESS"]);
    assert_eq!(poll("IMAGE_SCAN").await, "SUCCESS");
    assert_eq!(poll("VUL_CHECK_TASK").await, "FAIL");
    assert_eq!(poll("ASSETS_COLLECTION").await, "INIT");
    assert_eq!(poll("AI_SECURITY_CHECK").await, "START");
    world.advance(jiff::SignedDuration::from_hours(1000));
    assert_eq!(poll("AI_SECURITY_CHECK").await, "START");
    assert_eq!(world.call(TestCall::latest("IDC_PROBE_SCAN")).await.code(), "ServerError");
}
