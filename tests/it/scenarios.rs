//! Scenario files: every built-in one loads, and mistakes are told with their place.

use sas_emulator::embed::{Blueprint, Emulator};
use sas_emulator::scenario::{builtin, load};

use crate::harness::{Ask, World};

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
    assert_eq!((world.servers.len(), world.limits.kept), (1, 10_000));
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
fn mistakes_are_told_with_their_place() {
    let told =
        |text: &str| load::parse("s.yaml", &format!("version: 1\nname: x\n{text}")).unwrap_err().to_string();
    let all = [
        "lifecycle: {}\n",
        "lifecycles:\n  IMAGE_SCAN:\n    qeued: 2s\n",
        "lifecycles:\n  IMAGE_SCAN:\n    queued: soon\n",
        "lifecycles:\n  IMAGE_SCAN:\n    queued: { range: [5s, 1s] }\n",
        "lifecycles:\n  IMAGE_SCAN:\n    progress: [0, 50, 40]\n",
        "lifecycles:\n  IMAGE_SCAN:\n    progress: fast\n",
        "lifecycles:\n  IMAGE_SCAN:\n    outcome: done\n",
        "lifecycles: { IMAGE_SCAN: { outcome: success, progress: { stall_at: 5 } } }\n",
        "lifecycles: { IMAGE_SCAN: { polls: { init: 1, start: 1 } } }\n",
        "clock: { start: tomorrow }\n",
        "gateway_clock: { skew: 1m, pin: 2026-01-01T00:00:00Z }\n",
        "accounts: [{ access_key_id: a }, { access_key_id: a }]\n",
        "faults:\n  - effect: { error: ServerErorr }\n",
        "assumptions: { task_id: text }\n",
        "name: twice\n",
        "tasks: [{}]\n",
        "clock: { rate: 0 }\n",
        "accounts: [{ access_key_id: a, access_key_secret: '' }]\n",
        "tasks: [{ type: IMAGE_SCAN, started: 5m }]\n",
        "lifecycles: { ASSETS_COLECTION: {} }\n",
        "start_on_first_poll: [IMAGES_SCAN]\n",
        "accounts: [{ access_key_id: my key }]\n",
        "faults: [{ match: { action: GetLastOnceTaskInf }, effect: { error: ServerError } }]\n",
        "faults: [{ match: { action: GetLastOnceTaskInfo, params: { TaskTyp: X } }, effect: { error: ServerError } }]\n",
        "assets: [{ agent: half }]\n",
        "assets: [{ edition: golden }]\n",
        "assets: [{ uuid: a }, { instance_id: a }]\n",
        "assets: [{ ip: 203.0.113.1 }]\n",
        "limits: { running_tasks: -1 }\n",
        "limits: { tasks: 1 }\n",
    ]
    .map(told);
    insta::assert_snapshot!(all.join("\n"), @r#"
    s.yaml:3:1: unknown field `lifecycle`, expected one of version, name, description, seed, clock, gateway_clock, accounts, unknown_access_keys, lifecycles, tasks, start_on_first_poll, assets, limits, faults, assumptions; did you mean lifecycles?
    s.yaml:5:5: unknown field `qeued`, expected one of queued, running, advance, polls, targets, progress, outcome; did you mean queued?
    s.yaml:5:13: "soon" is not a length of time; expected a length of time such as 2s, 1m 30s, 6h or 3650d
    s.yaml:5:13: expected a range from a length of time to a longer one, not from 5s to 1s
    s.yaml:5:15: expected percentages from 0 to 99 that never fall; 100 is what a finished task shows by itself
    s.yaml:5:15: expected linear, a list of percentages such as [0, 30, 70, 99], or { stall_at: 69 }
    s.yaml:5:14: unknown variant `done`, expected one of success, timeout, fail, result
    s.yaml:3:27: a task that stalls cannot succeed; leave outcome: out, or say timeout or fail
    s.yaml:3:27: polls: goes with advance: per_poll
    s.yaml:3:17: "tomorrow" is not a time; expected now, or one such as 2026-11-24T00:00:00Z
    s.yaml:3:16: the gateway clock has either skew: or pin:, not both
    s.yaml:3:11: the AccessKeyId "a" is listed twice
    s.yaml:4:22: no error code is called "ServerErorr"; did you mean ServerError? One of your own: { status: 400, code: ServerErorr, message: … }
    s.yaml:3:25: unknown variant `text`, expected one of number, hex, zero
    s.yaml:3:1: duplicate mapping key: name
    s.yaml:3:9: missing field `type`
    s.yaml:3:16: a rate is a number from 0.0001 to 1000000, in seconds of the task clock per real second
    s.yaml:3:51: a secret is not empty
    s.yaml:3:9: a task of the first instant was started before it, such as -3m
    s.yaml:3:15: no TaskType is called "ASSETS_COLECTION"; did you mean ASSETS_COLLECTION?
    s.yaml:3:23: no TaskType is called "IMAGES_SCAN"; did you mean IMAGE_SCAN?
    s.yaml:3:11: "my key" is no AccessKeyId; expected letters, digits, '-', '_', '.', or "*"
    s.yaml:3:19: no operation is called "GetLastOnceTaskInf"; did you mean GetLastOnceTaskInfo?
    s.yaml:3:19: GetLastOnceTaskInfo has no parameter "TaskTyp"; did you mean TaskType?
    s.yaml:3:19: unknown variant `half`, expected one of installed, missing
    s.yaml:3:21: unknown variant `golden`, expected one of free, anti_virus, advanced, enterprise, ultimate
    s.yaml:3:9: two servers, or a server's uuid and instance_id, are called "a"
    s.yaml:3:12: unknown field `ip`, expected one of uuid, instance_id, name, internet_ip, intranet_ip, region, os, online, agent, edition
    s.yaml:3:26: expected a number of 0 or more, not -1
    s.yaml:3:11: unknown field `tasks`, expected one of running_tasks, kept_tasks, cycle_tasks
    "#);
    assert_eq!(
        load::parse("v.yaml", "version: 2\nname: x\n").unwrap_err().to_string(),
        "v.yaml:1:10: version 2 is not known here; this program reads version 1"
    );
}

#[test]
fn a_task_of_the_first_instant_cannot_begin_later() {
    let scenario = "version: 1\nname: x\nclock: { start: 2026-01-01T00:00:00Z, paused: true }\n\
                    tasks: [{ type: IMAGE_SCAN, started: 2099-01-01T00:00:00Z }]\n";
    let blueprint = Blueprint::new(load::parse("s.yaml", scenario).unwrap());
    assert_eq!(
        Emulator::new(blueprint).unwrap_err().to_string(),
        "tasks: one of IMAGE_SCAN is started at 2099-01-01T00:00:00Z, after the first instant, 2026-01-01T00:00:00Z"
    );
}

#[test]
fn bombs_are_refused() {
    let bomb = "version: 1\nname: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n";
    assert!(load::parse("bomb.yaml", bomb).is_err());
    let large = format!("version: 1\nname: x\ndescription: {}\n", "x".repeat(2 << 20));
    assert!(load::parse("large.yaml", &large).unwrap_err().to_string().contains("is larger than"));
}

#[test]
fn names_that_do_not_exist_have_neighbours() {
    let told = |name| load::find(name).unwrap_err().to_string();
    assert_eq!(
        told("defualt"),
        "defualt: no built-in scenario and no file is called that; did you mean default?"
    );
    assert!(told("nowhere.yaml").starts_with("nowhere.yaml: cannot be read: No such file"));
}

/// The scenario that docs/scenarios.md shows behaves as its comments say.
#[tokio::test]
async fn the_documented_scenario_does_what_it_says() {
    let page = include_str!("../../docs/scenarios.md");
    let text = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let world = World::with("default", |blueprint| {
        let scenario = load::parse("docs/scenarios.md", text).unwrap();
        blueprint.keyring = Some(sas_emulator::domain::Keyring::default());
        blueprint.scenario.world = scenario.world;
        blueprint.scenario.faults = scenario.faults;
    });
    let poll =
        async |task_type: &str| world.ask(Ask::latest(task_type)).await.json()["TaskInfo"]["Status"].clone();
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
    assert_eq!(world.ask(Ask::latest("IDC_PROBE_SCAN")).await.code(), "ServerError");
}
