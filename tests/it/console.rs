//! The console: the page for browsers, its files, and what it asks of the control API.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::harness::events::Listener;
use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
/// What `HttpURLConnection` of Java sends, which is a program.
const JAVA: &str = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";

async fn get(emulator: &TestEmulator, target: &str, headers: &[(&str, &str)]) -> TestResponse {
    let request = Request::get(target).header("host", "localhost:7270");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    emulator.send(request.body(Bytes::new()).unwrap()).await
}

async fn open(emulator: &TestEmulator, target: &str) -> TestResponse {
    get(emulator, target, &[("accept", BROWSER)]).await
}

#[tokio::test]
async fn a_browser_gets_the_page_and_a_program_the_list() {
    let emulator = TestEmulator::new("default");
    for target in ["/_emulator/", "/_emulator"] {
        let page = open(&emulator, target).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"), "{target}");
        assert!(page.body.contains("/_emulator/console/main.js"), "{}", page.body);
        for accept in ["*/*", "application/json", JAVA] {
            let list = get(&emulator, target, &[("accept", accept)]).await;
            assert!(list.json()["endpoints"].is_array(), "{accept}");
        }
    }
}

#[tokio::test]
async fn the_files_of_the_page_are_kept_by_browsers_and_run_nothing_else() {
    let emulator = TestEmulator::new("default");
    for (target, kind) in [
        ("/_emulator/", "text/html; charset=utf-8"),
        ("/_emulator/console/main.js", "text/javascript; charset=utf-8"),
        ("/_emulator/console/style.css", "text/css; charset=utf-8"),
        ("/_emulator/console/vendor/htm-preact.js", "text/javascript; charset=utf-8"),
    ] {
        let file = open(&emulator, target).await;
        assert_eq!((file.status, file.header("content-type")), (200, kind), "{target}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(file.header("content-security-policy"), @"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        }
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.header("referrer-policy"), "no-referrer");
        assert_eq!(file.header("cross-origin-resource-policy"), "same-origin");
        assert_eq!(file.header("cache-control"), "no-cache");
        let tag = file.header("etag");
        let again = get(&emulator, target, &[("accept", BROWSER), ("if-none-match", tag)]).await;
        assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", tag));
    }
    let unknown = open(&emulator, "/_emulator/console/none.js").await;
    assert_eq!((unknown.status, &unknown.json()["error"]), (404, &json!("unknown_file")));
}

#[tokio::test]
async fn the_files_need_no_token_and_the_api_behind_them_does() {
    let emulator = Setup::new("default").control_token("s3").start();
    for target in ["/_emulator/", "/_emulator/console/main.js"] {
        assert_eq!(open(&emulator, target).await.status, 200, "{target}");
    }
    for path in ["info", "operations", "scenarios", "schema.json"] {
        assert_eq!(open(&emulator, &format!("/_emulator/{path}")).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn a_page_that_has_pointed_its_name_here_gets_no_file() {
    let emulator = TestEmulator::new("default");
    for target in ["/_emulator/", "/_emulator/console/main.js"] {
        let request = Request::get(target).header("host", "evil.example").header("accept", BROWSER);
        assert_eq!(emulator.send(request.body(Bytes::new()).unwrap()).await.status, 403, "{target}");
        // A link on another site may lead to it: it is the same page for everyone.
        let linked = [("accept", BROWSER), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(get(&emulator, target, &linked).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn the_address_alone_leads_a_browser_to_the_console() {
    let emulator = TestEmulator::new("default");
    let home = open(&emulator, "/").await;
    assert_eq!((home.status, home.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(home.body.contains(r#"<a href="/_emulator/">"#), "{}", home.body);
    // It is no call.
    assert_eq!(emulator.control("GET", "requests", "").await.json()["total"], 0);
}

#[tokio::test]
async fn a_call_is_answered_by_the_service_whatever_it_accepts() {
    let emulator = TestEmulator::new("default");
    let headers: [&[(&str, &str)]; 5] = [
        &[("accept", "*/*")],
        &[("accept", JAVA)],
        &[("accept", BROWSER), ("x-acs-action", "GetLastOnceTaskInfo")],
        &[("accept", BROWSER), ("authorization", "ACS3-HMAC-SHA256 Credential=test")],
        &[("accept", BROWSER), ("host", "sas.aliyuncs.com")],
    ];
    for headers in headers {
        let request = Request::get("/");
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let request = if headers.iter().any(|(name, _)| *name == "host") {
            request
        } else {
            request.header("host", "localhost")
        };
        let answer = emulator.send(request.body(Bytes::new()).unwrap()).await;
        assert!(answer.is_xml() && answer.status >= 400, "{headers:?}: {answer:?}");
    }
    for target in ["/?Action=GetLastOnceTaskInfo", "/?x", "/index.html"] {
        assert_eq!(
            open(&emulator, target).await.header("content-type"),
            "text/xml;charset=utf-8",
            "{target}"
        );
    }
    let call = TestCall::latest("IMAGE_SCAN").header("accept", BROWSER);
    assert_eq!(emulator.call(call).await.status, 200);
}

#[tokio::test]
async fn without_the_control_api_the_page_says_so() {
    let emulator = Setup::new("default").without_control_api().start();
    for target in ["/", "/_emulator", "/_emulator/"] {
        let page = open(&emulator, target).await;
        assert_eq!(page.status, 200, "{target}");
        assert!(page.body.contains("--no-control"), "{}", page.body);
    }
    let file = open(&emulator, "/_emulator/console/main.js").await;
    assert!(file.is_xml() && file.status == 404, "{file:?}");
}

#[tokio::test]
async fn the_built_in_scenarios_and_the_schema_can_be_read() {
    let emulator = TestEmulator::new("default");
    let scenarios = emulator.control("GET", "scenarios", "").await.json();
    let stuck = scenarios["scenarios"].as_array().unwrap().iter().find(|one| one["name"] == "stuck").unwrap();
    assert!(stuck["text"].as_str().unwrap().contains("name: stuck"));
    assert!(!stuck["description"].as_str().unwrap().is_empty());
    let schema = emulator.control("GET", "schema.json", "").await;
    assert_eq!(schema.header("content-type"), "application/schema+json");
    assert_eq!(schema.json()["$defs"]["Rule"]["type"], "object");
}

#[tokio::test]
async fn operations_are_listed_with_what_they_take() {
    let emulator = TestEmulator::new("default");
    let all = emulator.control("GET", "operations", "").await.json();
    let all = all["operations"].as_array().unwrap();
    let of = |name: &str| all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}"));
    assert_eq!(of("GetLastOnceTaskInfo")["fidelity"], "modelled");
    assert_eq!(of("AssumeRole")["product"], "Sts");
    assert_eq!(of("DescribeDomainDetail")["fidelity"], "shape");
    assert!(all.is_sorted_by_key(|one| one["name"].as_str()));
    let one = emulator.control("GET", "operations/GetLastOnceTaskInfo", "").await.json();
    assert_eq!((&one["version"], &one["fidelity"]), (&json!("2018-12-03"), &json!("modelled")));
    let param = one["params"].as_array().unwrap().iter().find(|param| param["name"] == "TaskType").unwrap();
    assert_eq!((&param["kind"], &param["required"]), (&json!("text"), &json!(true)));
    let shape = emulator.control("GET", "operations/DescribeDomainDetail", "").await.json();
    assert_eq!(shape["params"][0]["name"], "DomainName");
    let unknown = emulator.control("GET", "operations/GetLastOnceTask", "").await;
    assert_eq!((unknown.status, &unknown.json()["error"]), (404, &json!("unknown_operation")));
    assert!(unknown.json()["message"].as_str().unwrap().contains("GetLastOnceTaskInfo"));
}

#[tokio::test]
async fn a_listener_takes_only_so_many_calls_a_second_and_failures_first() {
    let emulator = TestEmulator::new("default");
    let mut listener = Listener::to(&emulator, "events?per_second=8").await;
    for number in 0..40 {
        let name = if number % 10 == 9 { "No.Such" } else { "IMAGE_SCAN" };
        emulator.call(TestCall::latest(name)).await;
    }
    emulator.call(TestCall::new("Last")).await;
    let seen = listener.read_to(r#"data: {"calls":"#).await;
    let sent = seen.lines().filter(|line| *line == "event: call").count();
    assert!((6..=9).contains(&sent), "{sent} calls\n{seen}");
    assert!(seen.contains(r#""action":"Last""#), "failures come first\n{seen}");
    let wrong = emulator.control("GET", "events?per_second=0", "").await;
    assert_eq!((wrong.status, &wrong.json()["error"]), (400, &json!("bad_query")));
}
