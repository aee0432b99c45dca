//! What Prometheus scrapes: exact counts, in text that a strict parser takes, with labels that clients cannot multiply.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::wire::{send, serve};
use crate::harness::{Setup, TestCall, TestEmulator};

/// Values as written, by name and labels: `sas_emulator_tasks{state="ended"}`.
type Samples = BTreeMap<String, String>;

/// Reads the text of a scrape (`OpenMetrics` 1.0), and refuses what its specification does not allow.
fn parsed(text: &str) -> Samples {
    let mut samples = Samples::new();
    let (mut family, mut kind, mut seen) = (String::new(), String::new(), BTreeSet::new());
    let body = text.strip_suffix("# EOF\n").unwrap();
    for line in body.lines() {
        if let Some(meta) = line.strip_prefix("# ") {
            let [word, name, rest] = meta.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            match word {
                "HELP" => assert!(!rest.is_empty() && seen.insert(name.to_owned()), "{line}"),
                "TYPE" => rest.clone_into(&mut kind),
                "UNIT" => assert!(name.ends_with(&format!("_{rest}")), "{line}"),
                _ => panic!("{line}"),
            }
            name.clone_into(&mut family);
            continue;
        }
        let (sample, value) = line.rsplit_once(' ').unwrap();
        let name = sample.split('{').next().unwrap();
        assert!(name.starts_with("sas_emulator_"), "{line}");
        let suffix =
            name.strip_prefix(family.as_str()).unwrap_or_else(|| panic!("{line} is not of {family}"));
        let allowed: &[&str] = match kind.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "info" => &["_info"],
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => panic!("{kind}"),
        };
        assert!(allowed.contains(&suffix), "{line}");
        if let Some(labels) = sample.strip_prefix(name).filter(|labels| !labels.is_empty()) {
            let labels = labels.strip_prefix('{').and_then(|labels| labels.strip_suffix("\"}")).unwrap();
            for label in labels.split("\",") {
                let (name, value) = label.split_once("=\"").unwrap();
                assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{line}");
                assert!(!value.replace("\\\"", "").contains(['"', '\n']), "{line}");
            }
        }
        assert!(value.parse::<f64>().unwrap() >= 0.0, "{line}");
        assert!(samples.insert(sample.to_owned(), value.to_owned()).is_none(), "{line} is there twice");
    }
    samples
}

async fn scraped(emulator: &TestEmulator) -> Samples {
    let answer = emulator.control("GET", "metrics", "").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    parsed(&answer.body)
}

fn calls(samples: &Samples) -> Vec<String> {
    let of_calls = samples.iter().filter(|(name, _)| name.starts_with("sas_emulator_calls_total"));
    of_calls.map(|(name, value)| format!("{} {value}", &name["sas_emulator_calls_total".len()..])).collect()
}

#[tokio::test]
async fn calls_are_counted_by_what_they_were_and_what_came_of_them() {
    let emulator = TestEmulator::new(
        "faults: [{ id: deny, match: { action: GetAuthSummary }, trigger: { times: 1 }, effect: { error: NoPermission } }]\n",
    );
    for _ in 0..3 {
        emulator.poll("IMAGE_SCAN").await;
    }
    for action in ["GetAuthSummary", "GetAuthSummary", "No\"Such\n", "NoSuchEither"] {
        emulator.call(TestCall::new(action).v1()).await;
    }
    // Counts go on after a reset, of which the journal knows no more.
    emulator.control("POST", "reset", "").await;
    emulator.control("POST", "tasks", r#"{"account":"test","type":"IMAGE_SCAN"}"#).await;
    emulator.poll("IMAGE_SCAN").await;
    let samples = scraped(&emulator).await;
    insta::assert_snapshot!(calls(&samples).join("\n"), @r#"
    {operation="GetAuthSummary",status="200",code="",fidelity="modelled"} 1
    {operation="GetAuthSummary",status="403",code="NoPermission",fidelity="scripted"} 1
    {operation="GetLastOnceTaskInfo",status="200",code="",fidelity="modelled"} 4
    {operation="other",status="404",code="InvalidAction.NotFound",fidelity="modelled"} 2
    "#);
    let value = |name: &str| samples[&format!("sas_emulator_{name}")].as_str();
    let is_positive = |name: &str| value(name).parse::<f64>().is_ok_and(|value| value > 0.0);
    assert_eq!(
        (value("call_duration_seconds_count"), value(r#"call_duration_seconds_bucket{le="+Inf"}"#)),
        ("8", "8")
    );
    assert_eq!((value("accounts"), value("commands_total")), ("1", "2"));
    assert_eq!((value(r#"tasks{state="running"}"#), value(r#"tasks{state="ended"}"#)), ("1", "0"));
    assert_eq!((value("journal_calls"), value("journal_calls_limit")), ("1", "10000"));
    assert!(is_positive("journal_bytes") && is_positive("uptime_seconds"));
    assert_eq!(value(&format!("build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"))), "1");
}

#[tokio::test]
async fn faults_are_counted_by_rule() {
    let emulator = TestEmulator::new(
        "faults: [{ id: 'a \"b\" \\c', match: { action: GetAuthSummary }, trigger: { times: 2 }, effect: { error: NoPermission } }]\n",
    );
    for _ in 0..3 {
        emulator.call(TestCall::new("GetAuthSummary")).await;
    }
    let samples = scraped(&emulator).await;
    assert_eq!(samples[r#"sas_emulator_faults_fired_total{fault="a \"b\" \\c"}"#], "2");
}

/// Calls are counted also if the journal keeps none, and breaks are counted as what they were.
#[tokio::test]
async fn without_a_journal_and_over_a_socket() {
    let scenario =
        "faults: [{ id: cut, match: { action: GetLastOnceTaskInfo }, effect: { connection: close } }]\n";
    let served = serve(Setup::new(scenario).journal_entries(0).start()).await;
    let mut stream = served.connect().await;
    send(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
    let _ = crate::harness::wire::rest(&mut stream).await;
    let (status, text) = served.control("GET", "metrics", "").await;
    assert_eq!(status, 200, "{text}");
    let samples = parsed(text.split("\r\n\r\n").last().unwrap());
    assert_eq!(
        calls(&samples),
        [r#"{operation="GetLastOnceTaskInfo",status="close",code="",fidelity=""} 1"#]
    );
    assert_ne!(samples[r#"sas_emulator_connections{state="open"}"#], "0");
    assert_eq!(samples["sas_emulator_connections_limit"], "10000");
}

#[tokio::test]
async fn only_with_the_token() {
    let emulator = Setup::new("default").control_token("s3").start();
    assert_eq!(emulator.control("GET", "metrics", "").await.status, 401);
    assert_eq!(TestEmulator::new("default").control("GET", "metrics?x=1", "").await.status, 400);
}

/// A panel of a metric that is not there stays empty, and no one sees why.
#[tokio::test]
async fn the_dashboard_names_metrics_that_exist() {
    let served = serve(TestEmulator::new("faults: [{ id: slow, effect: { delay: 1ms } }]\n")).await;
    let mut stream = served.connect().await;
    send(&mut stream, &TestCall::latest("IMAGE_SCAN")).await;
    crate::harness::wire::read_response(&mut stream).await;
    let (_, text) = served.control("GET", "metrics", "").await;
    let samples = parsed(text.split("\r\n\r\n").last().unwrap());
    let mut names: BTreeSet<&str> = samples.keys().map(|sample| sample.split('{').next().unwrap()).collect();
    names.insert("sas_emulator_call_duration_seconds");
    let dashboard = include_str!("../../deploy/grafana.json");
    assert!(serde_json::from_str::<serde_json::Value>(dashboard).is_ok());
    let page = include_str!("../../docs/metrics.md");
    let pattern = regex_lite::Regex::new("sas_emulator_[a-z_]+").unwrap();
    let metrics_in = |text| pattern.find_iter(text).map(|found| found.as_str()).collect::<BTreeSet<&str>>();
    for (place, text) in [("deploy/grafana.json", dashboard), ("docs/metrics.md", page)] {
        let unknown: Vec<_> = metrics_in(text).difference(&names).copied().collect();
        assert!(!metrics_in(text).is_empty() && unknown.is_empty(), "{place} names {unknown:?}");
    }
    // The page lists all of them; of the histogram, one name is enough.
    let listed = metrics_in(page);
    let missing: Vec<_> = names
        .difference(&listed)
        .filter(|name| !name.starts_with("sas_emulator_call_duration_seconds_"))
        .collect();
    assert!(missing.is_empty(), "docs/metrics.md does not name {missing:?}");
}
