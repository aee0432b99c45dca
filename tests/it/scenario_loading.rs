//! Another scenario while the emulator runs: by the control API, and by a file that changed.

use bytes::Bytes;
use http::Request;
use sas_emulator::internals::scenario::{LoadError, Scenario, Watch};
use serde_json::{Value, json};

use crate::harness::{NOW, Setup, TestCall, TestEmulator, TestResponse};

fn held(rest: &str) -> String {
    format!("version: 1\nname: other\nclock: {{ start: {NOW}, paused: true }}\n{rest}\n")
}

async fn put(emulator: &TestEmulator, kind: &str, body: &str) -> TestResponse {
    let request =
        Request::put("/_emulator/scenario").header("host", "localhost").header("content-type", kind);
    let request = request.header("content-length", body.len());
    emulator.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
}

async fn shown(emulator: &TestEmulator) -> Value {
    emulator.control("GET", "scenario", "").await.json()
}

async fn verdict(emulator: &TestEmulator) -> (u16, String) {
    emulator.call(TestCall::latest("IMAGE_SCAN")).await.verdict()
}

#[tokio::test]
async fn the_loaded_document_is_shown_without_secrets() {
    let emulator = TestEmulator::new(
        "accounts:\n  - { access_key_id: a, access_key_secret: hunter2 }\n  - { access_key_id: b, security_token: hunter2 }\nseed: 7\n",
    );
    insta::assert_snapshot!(emulator.control("GET", "scenario", "").await.body, @r#"{"name":"test","description":"","seed":7,"documents":[{"source":"test.yaml","document":{"version":1,"name":"test","accounts":[{"access_key_id":"a","access_key_secret":"***"},{"access_key_id":"b","security_token":"***"}],"seed":7}}]}"#);
}

#[tokio::test]
async fn another_scenario_starts_a_new_session() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let fault = r#"{"id":"mine","effect":{"delay":"0s"}}"#;
    assert_eq!(emulator.control("POST", "faults", fault).await.status, 200);
    let yaml = held("seed: 9\nfaults: [{ id: down, effect: { error: ServerError } }]");
    let answer = put(&emulator, "application/yaml", &yaml).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.json(), shown(&emulator).await);
    assert_eq!((&answer.json()["name"], &answer.json()["seed"]), (&json!("other"), &json!(9)));
    let info = emulator.control("GET", "info", "").await.json();
    assert_eq!((&info["scenario"]["name"], &info["tasks"]["total"]), (&json!("other"), &json!(0)));
    assert_eq!(verdict(&emulator).await, (500, "ServerError".to_owned()));
    let faults = emulator.control("GET", "faults", "").await.json();
    assert_eq!(faults["faults"].as_array().unwrap().len(), 1);
    // A reset uses the scenario that is loaded now.
    emulator.control("DELETE", "faults", "").await;
    assert_eq!(verdict(&emulator).await.0, 200);
    emulator.control("POST", "reset", "").await;
    assert_eq!(verdict(&emulator).await.0, 500);
}

#[tokio::test]
async fn the_seed_of_the_new_scenario_counts() {
    let first = async |seed: u64| {
        let emulator = TestEmulator::new("default");
        let seeded = held(&format!("seed: {seed}\nstart_on_first_poll: [IMAGE_SCAN]"));
        assert_eq!(put(&emulator, "application/yaml", &seeded).await.status, 200);
        emulator.call(TestCall::latest("IMAGE_SCAN")).await.body
    };
    assert_eq!(first(1).await, first(1).await);
    assert_ne!(first(1).await, first(2).await);
}

#[tokio::test]
async fn json_and_built_in_names_are_taken() {
    let emulator = TestEmulator::new("default");
    let json = r#"{"version":1,"name":"by-json","accounts":[{"access_key_id":"*","deny":["*"]}]}"#;
    assert_eq!(put(&emulator, "application/json", json).await.status, 200);
    assert_eq!(shown(&emulator).await["documents"][0]["document"]["name"], "by-json");
    assert_eq!(put(&emulator, "application/json", r#"{"name":"outage"}"#).await.status, 200);
    assert_eq!(verdict(&emulator).await.0, 500);
    assert_eq!(shown(&emulator).await["documents"][0]["source"], "outage");
}

#[tokio::test]
async fn flags_apply_to_every_scenario() {
    let emulator = Setup::new("default").seed(5).keys(&[("test", "test", None)]).start();
    put(&emulator, "application/yaml", &held("seed: 9\naccounts: [{ access_key_id: other }]")).await;
    assert_eq!(shown(&emulator).await["seed"], 5);
    // Its gateway clock is pinned, too: the time stamp is that of the tests.
    assert_eq!(verdict(&emulator).await.0, 200);
}

#[tokio::test]
async fn a_bad_scenario_leaves_the_session_unchanged() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    let before = shown(&emulator).await;
    for (body, expected) in [
        (
            "version: 1\nname: x\nlifecycles: { IMAGE_SCAN: { qeued: 2s } }\n",
            "body:3:29: there is no key \"qeued\" here; did you mean queued? Known are",
        ),
        (r#"{"name":"outtage"}"#, "no built-in scenario is called \"outtage\"; did you mean outage?"),
        (
            "version: 1\nname: x\nclock: { start: 2026-01-01T00:00:00Z }\ntasks: [{ type: IMAGE_SCAN, started: 2027-01-01T00:00:00Z }]\n",
            "tasks: one of IMAGE_SCAN is started at",
        ),
        ("/etc/passwd", "body:1:1: expected keys and values"),
        ("\u{0}", "body:1:1:"),
    ] {
        let answer = put(&emulator, "application/yaml", body).await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &json!("bad_scenario")), "{body}");
        assert!(answer.json()["message"].as_str().unwrap().starts_with(expected), "{}", answer.body);
    }
    assert_eq!(shown(&emulator).await, before);
    assert_eq!(emulator.control("GET", "tasks", "").await.json()["total"], 1);
}

#[tokio::test]
async fn no_form_can_load_a_scenario() {
    let emulator = TestEmulator::new("default");
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/yaml"] {
        let answer = put(&emulator, kind, &held("")).await;
        assert_eq!((answer.status, &answer.json()["error"]), (415, &json!("not_json")), "{kind}");
    }
    // Other routes do not accept YAML.
    let clock = Request::put("/_emulator/clock").header("host", "localhost").header("content-length", "1");
    let clock = clock.header("content-type", "application/yaml").body(Bytes::from_static(b"{")).unwrap();
    assert_eq!(emulator.send(clock).await.status, 415);
}

/// A separate file for each test.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        Self(folder.join(format!("{name}-{}.yaml", std::process::id())))
    }

    #[expect(clippy::disallowed_methods, reason = "the test edits a scenario file")]
    fn write(&self, text: &str) {
        std::fs::write(&self.0, text).unwrap();
    }

    fn name(&self) -> String {
        self.0.to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Looks until the file is stable.
fn settled(watch: &mut Watch) -> Option<Result<Scenario, LoadError>> {
    assert!(watch.look().is_none(), "half a file could be taken for a whole one");
    watch.look()
}

#[test]
fn a_changed_file_is_read_once_it_is_stable() {
    let file = Scratch::new("changes");
    file.write(&held("seed: 1"));
    let (scenario, mut watch) = Watch::begin(vec!["default".to_owned(), file.name()], None).unwrap();
    assert_eq!(scenario.seed, Some(1));
    assert!(watch.has_files() && watch.look().is_none() && watch.look().is_none());
    file.write(&held("seed: 2"));
    let reloaded = settled(&mut watch).unwrap().unwrap();
    // The others are still laid under it.
    assert_eq!((reloaded.seed, reloaded.sources.len()), (Some(2), 2));
    assert!(watch.look().is_none(), "nothing changed since");
    // The file changes again before it is stable.
    file.write(&held("seed: 3"));
    assert!(watch.look().is_none());
    file.write(&held("seed: 4"));
    assert!(watch.look().is_none());
    assert_eq!(watch.look().unwrap().unwrap().seed, Some(4));
    assert!(!Watch::begin(vec!["default".to_owned()], None).unwrap().1.has_files());
}

#[test]
fn a_bad_edit_is_reported_once_and_a_good_one_is_loaded() {
    let file = Scratch::new("bad-edit");
    file.write(&held(""));
    let (_, mut watch) = Watch::begin(vec![file.name()], None).unwrap();
    file.write(&held("clok: {}"));
    let report = settled(&mut watch).unwrap().unwrap_err().report();
    assert!(
        report.contains(":4:1: there is no key \"clok\"") && report.ends_with("4 | clok: {}\n  | ^"),
        "{report}"
    );
    assert!(watch.look().is_none());
    drop(std::fs::remove_file(&file.0));
    assert!(settled(&mut watch).unwrap().unwrap_err().to_string().contains("cannot be read"));
    // The file is as it was loaded: it starts a new session, because the scenario may have changed in the meantime.
    file.write(&held(""));
    assert!(settled(&mut watch).unwrap().is_ok());
}

#[tokio::test]
async fn what_a_watcher_read_is_shown() {
    let file = Scratch::new("shown");
    file.write(&held(""));
    let (_, mut watch) = Watch::begin(vec![file.name()], None).unwrap();
    let emulator = TestEmulator::new("default");
    file.write(&held("faults: [{ effect: { error: ServerError } }]"));
    let scenario = settled(&mut watch).unwrap().unwrap();
    emulator.load(scenario);
    assert_eq!(verdict(&emulator).await.0, 500);
}
