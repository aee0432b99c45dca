//! The record of what the control API changed: every command once, bounded, in lists and events.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::events::Listener;
use crate::harness::wire::serve;
use crate::harness::{Setup, TestCall, TestEmulator};

/// A request of each route that changes something: what the record says of it, in the words of the command line. In this
/// order each of them succeeds.
const CHANGES: &[(&str, &str, &str, &str)] = &[
    ("PUT clock", r#"{"action":"pause"}"#, "clock pause", "at 2026-01-02T03:04:05Z"),
    ("PUT clock", r#"{"action":"advance","by":"360m"}"#, "clock advance 6h", "2 transitions"),
    ("PUT clock", r#"{"action":"scale","rate":60}"#, "clock scale 60", "at 2026-01-02T09:04:05Z"),
    (
        "PUT clock",
        r#"{"action":"set","to":"2026-02-01T00:00:00Z"}"#,
        "clock set 2026-02-01T00:00:00Z",
        "0 transitions",
    ),
    ("PUT clock?account=own", r#"{"action":"advance","by":"1s"}"#, "clock advance 1s", "0 transitions"),
    (
        "POST tasks",
        r#"{"account":"test","type":"VIRUS_SCAN_CYCLE_CONFIG"}"#,
        "tasks start VIRUS_SCAN_CYCLE_CONFIG",
        "{task}",
    ),
    ("PATCH tasks/{id}", r#"{"action":"stall","at":69}"#, "tasks stall {task} 69", "{task} is START at 69 %"),
    ("PATCH tasks/{id}", r#"{"action":"finish"}"#, "tasks finish {task}", "{task} is SUCCESS at 100 %"),
    ("DELETE accounts/{id}", "", "accounts forget own", "1 account"),
    ("POST reset", "", "reset", "at 2026-01-02T03:04:05Z"),
    ("POST reset?account=test", "", "reset", "at 2026-01-02T03:04:05Z"),
    ("PUT scenario", r#"{"name":"stuck"}"#, "scenario load stuck", "seed 0"),
    ("PUT state", "{state}", "state load", "0 accounts"),
    ("POST state", "", "state save", "{bytes}"),
    ("PUT snapshots/{name}", "", "state save jump", "0 tasks"),
    ("POST snapshots/{name}", "", "state load jump", "0 accounts"),
    ("DELETE snapshots/{name}", "", "state remove jump", "removed"),
    ("POST faults", "id: slow\neffect: { delay: 1ms }\n", "faults add", "armed slow"),
    (
        "PUT faults",
        "- { id: slow, effect: { delay: 1ms } }\n- { id: deny, effect: { error: NoPermission } }\n",
        "faults replace",
        "2 armed",
    ),
    ("DELETE faults/{id}", "", "faults remove slow", "1 disarmed"),
    ("DELETE faults", "", "faults clear", "1 disarmed"),
    (
        "POST answers",
        "id: none\nmatch: { action: DescribeVulList }\nreply: { TotalCount: 0 }\n",
        "answers add",
        "added none",
    ),
    (
        "PUT answers",
        "id: none\nmatch: { action: DescribeVulList }\nreply: { TotalCount: 0 }\n",
        "answers replace",
        "1 added",
    ),
    ("DELETE answers/{id}", "", "answers remove none", "1 removed"),
    ("DELETE answers", "", "answers clear", "0 removed"),
    ("DELETE requests", "", "requests clear", "0 calls"),
];

/// Routes that take something and change nothing that a command could; an upload is a request of the service's clients.
const OTHERS: &[&str] = &["POST verify", "POST uploads/{account}/{hash}"];

async fn listed(emulator: &TestEmulator, query: &str) -> Value {
    let answer = emulator.control("GET", &format!("commands{query}"), "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// A route that is added later fails here until it says what it did.
#[tokio::test]
async fn each_route_that_changes_something_is_a_command() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("commands-state.json");
    let emulator = Setup::new("default").state_file(file).start();
    emulator.poll("IMAGE_SCAN").await;
    let routes = emulator.control("GET", "", "").await.json();
    let (mut missing, mut task, mut count) = (Vec::new(), String::new(), 0);
    for line in routes["endpoints"].as_array().unwrap() {
        let route = line.as_str().unwrap().split(':').next().unwrap().replace("/_emulator/", "");
        let is_tested = CHANGES.iter().any(|(other, ..)| other.split('?').next() == Some(&route));
        if !route.starts_with("GET ") && !is_tested && !OTHERS.contains(&route.as_str()) {
            missing.push(route);
        }
    }
    assert!(missing.is_empty(), "no line of CHANGES tests {missing:?}");
    for (route, body, words, outcome) in CHANGES {
        let (method, path) = route.split_once(' ').unwrap();
        let id = if path.starts_with("tasks") { task.as_str() } else { words.rsplit(' ').next().unwrap() };
        let state = if *body == "{state}" { emulator.snapshot().await } else { String::new() };
        let body = body.replace("{state}", &state);
        let path = path.replace("{id}", id).replace("{name}", id);
        let answer = emulator.control(method, &path, &body).await;
        assert!((200..300).contains(&answer.status), "{route}: {} {}", answer.status, answer.body);
        if *route == "POST tasks" {
            task = answer.json()["id"].as_str().unwrap().to_owned();
        }
        count += 1;
        let list = listed(&emulator, "").await;
        assert_eq!(
            (&list["total"], &list["commands"][0]["sequence"]),
            (&json!(count), &json!(count)),
            "{route}"
        );
        let command = &list["commands"][0];
        let bytes = answer.json()["bytes"].as_u64().map(|bytes| format!("{bytes} bytes")).unwrap_or_default();
        let filled = |text: &str| text.replace("{task}", &task).replace("{bytes}", &bytes);
        assert_eq!(command["command"], filled(words), "{route}");
        assert_eq!(command["outcome"], filled(outcome), "{route}");
    }
}

#[tokio::test]
async fn a_command_that_is_refused_and_a_look_are_not_recorded() {
    let emulator = TestEmulator::new("default");
    for (method, path, body, status) in [
        ("PUT", "clock", r#"{"action":"advance","by":"-1s"}"#, 400),
        ("PUT", "clock", "{}", 400),
        ("DELETE", "faults/none", "", 404),
        ("PUT", "scenario", r#"{"name":"none"}"#, 400),
        ("POST", "reset?account=no-such%20account", "", 400),
        ("PUT", "reset", "", 405),
        ("GET", "clock", "", 200),
        ("POST", "verify", r#"{"expect":[{"action":"*","count":0}]}"#, 200),
    ] {
        assert_eq!(emulator.control(method, path, body).await.status, status, "{method} {path}");
    }
    assert_eq!(listed(&emulator, "").await, json!({"total": 0, "commands": []}));
}

#[tokio::test]
async fn a_record_says_when_on_both_clocks_and_who() {
    let served = serve(TestEmulator::new("default")).await;
    let (status, _) = served.control("PUT", "clock", r#"{"action":"advance","by":"1h"}"#).await;
    assert_eq!(status, 200);
    let (_, text) = served.control("GET", "commands", "").await;
    let mut list: Value = serde_json::from_str(text.split("\r\n\r\n").last().unwrap()).unwrap();
    let time = list["commands"][0]["time"].take();
    assert!(time.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{time}");
    insta::assert_json_snapshot!(list, @r#"
    {
      "total": 1,
      "commands": [
        {
          "sequence": 1,
          "time": null,
          "task_time": "2026-01-02T04:04:05Z",
          "account": null,
          "command": "clock advance 1h",
          "outcome": "0 transitions",
          "by": "127.0.0.1"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn commands_survive_a_reset_and_are_listed_newest_first() {
    let emulator = TestEmulator::new("default");
    for account in ["a", "b"] {
        emulator.control("PUT", &format!("clock?account={account}"), r#"{"action":"pause"}"#).await;
    }
    emulator.control("POST", "reset", "").await;
    let words = |list: Value| -> Vec<String> {
        let commands = list["commands"].as_array().unwrap();
        commands.iter().map(|one| format!("{} {}", one["command"], one["account"])).collect()
    };
    let all = [r#""reset" null"#, r#""clock pause" "b""#, r#""clock pause" "a""#];
    assert_eq!(words(listed(&emulator, "").await), all);
    assert_eq!(words(listed(&emulator, "?limit=1").await), all[..1]);
    // What was done to all accounts was done to this one too.
    assert_eq!(words(listed(&emulator, "?account=a").await), [all[0], all[2]]);
    assert_eq!(emulator.control("GET", "commands?limit=x", "").await.status, 400);
}

#[tokio::test]
async fn no_more_than_a_thousand_are_kept() {
    let emulator = TestEmulator::new("default");
    for _ in 0..1010 {
        emulator.control("PUT", "clock", r#"{"action":"pause"}"#).await;
    }
    let list = listed(&emulator, "?limit=5000").await;
    let commands = list["commands"].as_array().unwrap();
    assert_eq!((commands.len(), &list["total"]), (1000, &json!(1000)));
    assert_eq!((&commands[0]["sequence"], &commands[999]["sequence"]), (&json!(1010), &json!(11)));
}

#[tokio::test]
async fn commands_are_sent_to_listeners() {
    let emulator = TestEmulator::new("default");
    emulator.control("PUT", "clock", r#"{"action":"pause"}"#).await;
    let mut all = Listener::to(&emulator, "events").await;
    let mut only_b = Listener::to(&emulator, "events?account=b").await;
    emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = "b".into())).await;
    emulator.control("PUT", "clock?account=a", r#"{"action":"pause"}"#).await;
    emulator.control("DELETE", "faults", "").await;
    let received = all.read_to(r#"data: {"sequence":3,"#).await;
    let commands: Vec<&str> = received
        .lines()
        .zip(received.lines().skip(1))
        .filter_map(|(kind, data)| (kind == "event: command").then_some(data))
        .collect();
    assert_eq!(commands.len(), 2, "{received}");
    assert!(commands[0].contains(r#""account":"a","command":"clock pause","outcome":"at "#), "{received}");
    let received = only_b.read_to(r#"data: {"sequence":3,"#).await;
    assert!(received.contains("faults clear") && !received.contains("clock pause"), "{received}");
}

#[tokio::test]
async fn texts_of_a_command_are_bounded() {
    let emulator = TestEmulator::new("default");
    let rules: Vec<Value> =
        (0..100).map(|number| json!({"id": format!("rule-{number}"), "effect": {"delay": "1ms"}})).collect();
    let answer = emulator.control("POST", "faults", &json!(rules).to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let outcome = listed(&emulator, "").await["commands"][0]["outcome"].as_str().unwrap().to_owned();
    assert!(outcome.starts_with("armed rule-0, rule-1, ") && outcome.ends_with(" bytes)"), "{outcome}");
    assert!(outcome.len() < 300, "{outcome}");
}
