//! Calls that a browser sends for a web page.

use http::Request;
use serde_json::json;

use crate::harness::tasks::TWO;
use crate::harness::{Setup, TestCall, TestEmulator, TestResponse};

const SCAN: &str = "IMAGE_SCAN";

async fn from_page(emulator: &TestEmulator, call: TestCall, marks: &[(&'static str, &str)]) -> TestResponse {
    let mut request = call.request();
    for (name, value) in marks {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    emulator.send(request).await
}

#[tokio::test]
async fn a_page_of_another_site_is_refused_before_anything_is_done() {
    let emulator = TestEmulator::new("default");
    for marks in [
        &[("origin", "http://evil.example")][..],
        &[("origin", "null")],
        &[("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let answer = from_page(&emulator, TestCall::latest(SCAN), marks).await;
        assert_eq!(answer.verdict(), (403, "WebPageRefused".into()), "{marks:?}");
        assert!(answer.message().contains("--allow-browser-origin"), "{}", answer.body);
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
    }
    let named = from_page(&emulator, TestCall::latest(SCAN), &[("origin", "http://a.example:1")]).await;
    assert_eq!(
        named.message(),
        "This call was sent by a page of \"http://a.example:1\"; --allow-browser-origin 'http://a.example:1' lets it through."
    );
    assert_eq!(emulator.account_count(), 0, "no account was made");
    let seen = emulator.control("GET", "requests?code=WebPageRefused", "").await.json();
    assert_eq!(seen["requests"].as_array().unwrap().len(), 7, "{seen}");
    assert_eq!(seen["requests"][0]["message"].as_str().unwrap(), named.message());
}

#[tokio::test]
async fn a_refused_call_uses_no_nonce_up_and_no_fault() {
    let emulator =
        TestEmulator::new("faults: [{ id: once, trigger: { times: 1 }, effect: { error: ServerError } }]\n");
    let call = TestCall::latest(SCAN);
    assert_eq!(from_page(&emulator, call.clone(), &[("origin", "http://evil.example")]).await.status, 403);
    assert_eq!(emulator.call(call).await.code(), "ServerError", "the fault was not counted");
    let call = TestCall::latest(SCAN);
    assert_eq!(from_page(&emulator, call.clone(), &[("origin", "http://evil.example")]).await.status, 403);
    assert_eq!(emulator.call(call).await.status, 200, "the nonce was not used up");
}

#[tokio::test]
async fn its_body_is_not_read() {
    let emulator = TestEmulator::new("default");
    let never = axum::body::Body::from_stream(futures_util::stream::pending::<
        Result<bytes::Bytes, std::io::Error>,
    >());
    let request = Request::post("/").header("host", "127.0.0.1:7270").header("origin", "http://evil.example");
    assert_eq!(emulator.open(request.body(never).unwrap()).await.unwrap().status(), 403);
}

#[tokio::test]
async fn programs_and_typed_addresses_are_not_pages() {
    let emulator = TestEmulator::new("default");
    for marks in [
        &[("sec-fetch-mode", "cors")][..],
        &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
        &[("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:7270")],
        &[("origin", "http://127.0.0.1:7270")],
    ] {
        assert_eq!(from_page(&emulator, TestCall::latest(SCAN), marks).await.status, 200, "{marks:?}");
    }
    // A page whose owner has pointed its name at this machine is of that name's site.
    let rebound = TestCall::latest(SCAN).header("host", "evil.example");
    assert_eq!(from_page(&emulator, rebound, &[("origin", "http://evil.example")]).await.status, 403);
}

#[tokio::test]
async fn pages_of_allowed_sites_may_call() {
    let emulator = Setup::new(TWO).browser_origins(&["http://localhost:3000", "null"]).start();
    for (origin, status) in [
        ("http://localhost:3000", 200),
        ("null", 200),
        ("http://localhost:3001", 403),
        ("https://localhost:3000", 403),
    ] {
        let marks = [("origin", origin), ("sec-fetch-site", "cross-site")];
        let answer = from_page(&emulator, TestCall::latest(SCAN), &marks).await;
        assert_eq!(answer.status, status, "{origin}");
        assert_eq!(answer.headers.contains_key("access-control-allow-origin"), status == 200);
    }
    // The control API is for programs, whatever site a page is of.
    let request =
        Request::get("/_emulator/info").header("host", "localhost").header("origin", "http://localhost:3000");
    assert_eq!(emulator.send(request.body(bytes::Bytes::new()).unwrap()).await.status, 403);

    let any = Setup::new(TWO).browser_origins(&["*"]).start();
    for marks in [&[("origin", "http://a.example")][..], &[("sec-fetch-site", "cross-site")]] {
        assert_eq!(from_page(&any, TestCall::latest(SCAN), marks).await.status, 200);
    }
}

#[tokio::test]
async fn a_browser_asks_first() {
    let emulator = Setup::new(TWO).browser_origins(&["http://localhost:3000"]).start();
    let ask = async |origin: &str| {
        let request = Request::options("/")
            .header("host", "127.0.0.1:7270")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,x-acs-action")
            .header("access-control-request-private-network", "true");
        emulator.send(request.body(bytes::Bytes::new()).unwrap()).await
    };
    let answer = ask("http://localhost:3000").await;
    let headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    insta::assert_snapshot!(format!("{}\n{}", answer.status, headers.join("\n")), @r"
    200
    access-control-allow-origin: *
    access-control-allow-methods: GET, POST
    access-control-max-age: 172800
    access-control-allow-headers: authorization,x-acs-action
    access-control-allow-private-network: true
    ");
    assert_eq!(
        emulator.control("GET", "requests/count", "").await.json(),
        json!({ "count": 0 }),
        "it is no call"
    );
    let answer = ask("http://evil.example").await;
    assert_eq!(answer.verdict(), (403, "WebPageRefused".into()));
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
}
