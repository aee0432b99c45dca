//! The control API: its responses, and its access rules.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use crate::harness::{Setup, TestCall, TestEmulator};

#[tokio::test]
async fn health_ready_info() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    assert_eq!(emulator.control("GET", "health", "").await.json(), json!({"status": "ok"}));
    assert_eq!(emulator.control("GET", "ready", "").await.json(), json!({"ready": true}));
    let info = emulator.control("GET", "info", "").await.json();
    assert_eq!((&info["seed"], &info["scenario"]["name"]), (&json!(0), &json!("default")));
    assert_eq!((&info["accounts"], &info["tasks"]), (&json!(1), &json!({"total": 1, "ended": 0})));
    emulator.shut_down();
    assert_eq!(emulator.control("GET", "ready", "").await.status, 503);
    assert_eq!(emulator.control("GET", "health", "").await.status, 200);
}

#[tokio::test]
async fn tasks_are_shown_without_being_looked_at() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    emulator.call(TestCall::latest("VUL_CHECK_TASK").with(|call| call.key = "other".into())).await;
    let all = emulator.control("GET", "tasks", "").await.json();
    assert_eq!(all["total"], 2);
    let one = emulator.control("GET", "tasks?account=other", "").await.json()["tasks"][0].clone();
    insta::assert_json_snapshot!(one, @r#"
    {
      "account": "other",
      "id": "9db4ed4b4909255ff3945bf90be28964",
      "number": 346800801616403,
      "type": "VUL_CHECK_TASK",
      "name": "VUL_CHECK_TASK",
      "source": "console",
      "started": "2026-01-02T03:04:05Z",
      "status": "INIT",
      "progress": 0,
      "finish_count": 0,
      "total_count": 5,
      "result": "SUCCESS"
    }
    "#);
    for id in [one["id"].as_str().unwrap().to_owned(), one["number"].to_string()] {
        assert_eq!(emulator.control("GET", &format!("tasks/{id}"), "").await.json(), one);
    }
    assert_eq!(emulator.control("GET", "tasks/none", "").await.status, 404);
    assert_eq!(
        emulator.control("GET", "tasks?type=IMAGE_SCAN&limit=0", "").await.json(),
        json!({"total": 1, "tasks": []})
    );
    for wrong in ["tasks?acount=x", "tasks?limit=-1", "tasks/%ff"] {
        let answer = emulator.control("GET", wrong, "").await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["error"].is_string(), "{wrong}");
    }
}

#[tokio::test]
async fn reset_returns_to_the_start_time_and_repeats_the_session() {
    let emulator = TestEmulator::new("default");
    let first = TestCall::latest("IMAGE_SCAN");
    let before = emulator.call(first.clone()).await.body;
    emulator.control("PUT", "clock", r#"{"action":"advance","by":"1h"}"#).await;
    assert_eq!(emulator.control("POST", "reset", "").await.json(), json!({"reset": "all"}));
    assert_eq!(emulator.account_count(), 0);
    // The same call, nonce included, gives the same bytes, request id included.
    assert_eq!(emulator.call(first).await.body, before);
}

#[tokio::test]
async fn one_account_can_be_reset_alone() {
    let emulator = TestEmulator::new("default");
    for key in ["a", "b"] {
        emulator.call(TestCall::latest("IMAGE_SCAN").with(|call| call.key = key.into())).await;
    }
    emulator.control("POST", "reset?account=a", "").await;
    let tasks = emulator.control("GET", "tasks", "").await.json();
    assert_eq!((&tasks["total"], &tasks["tasks"][0]["account"]), (&json!(1), &json!("b")));
}

#[tokio::test]
async fn a_reset_that_may_have_meant_something_else_is_refused() {
    let emulator = TestEmulator::new("default");
    emulator.poll("IMAGE_SCAN").await;
    for (path, body) in [("reset", r#"{"account":"a"}"#), ("reset?account=", ""), ("reset?acount=a", "")] {
        let answer = emulator.control("POST", path, body).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.json()["hint"].is_string());
    }
    assert_eq!(emulator.account_count(), 1);
}

#[tokio::test]
async fn an_account_that_is_reset_starts_now() {
    let emulator = TestEmulator::new("tasks: [{ type: IMAGE_SCAN, lifecycle: { queued: 1h } }]\n");
    emulator.poll("IMAGE_SCAN").await;
    emulator.control("PUT", "clock", r#"{"action":"advance","by":"6h"}"#).await;
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TaskInfo"]["Status"], "SUCCESS");
    emulator.control("POST", "reset?account=test", "").await;
    assert_eq!(emulator.poll("IMAGE_SCAN").await["TaskInfo"]["Status"], "INIT");
}

#[tokio::test]
async fn unknown_paths_and_methods_say_what_there_is() {
    let emulator = TestEmulator::new("default");
    for path in ["nothing", "clock/now", "/"] {
        let answer = emulator.control("GET", path, "").await;
        assert_eq!(answer.status, 404);
        assert!(
            answer.json()["endpoints"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one == "GET /_emulator/health: alive")
        );
    }
    let list = emulator.control("GET", "", "").await;
    assert_eq!(
        (list.status, list.json()["endpoints"][1].as_str()),
        (200, Some("GET /_emulator/health: alive"))
    );
    for (method, path, hint) in [
        ("DELETE", "clock", "use GET or PUT"),
        ("PUT", "tasks/1", "use GET or PATCH"),
        ("GET", "faults/x", "use DELETE"),
    ] {
        let answer = emulator.control(method, path, "").await;
        assert_eq!((answer.status, answer.json()["hint"].as_str().unwrap()), (405, hint));
    }
}

#[tokio::test]
async fn a_web_page_cannot_use_it() {
    let emulator = TestEmulator::new("default");
    for (name, value) in
        [("host", "evil.example"), ("origin", "http://evil.example"), ("sec-fetch-site", "cross-site")]
    {
        let mut request =
            Request::post("/_emulator/reset").header("host", "localhost:7270").body(Bytes::new()).unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        for path in ["/_emulator/reset", "/_emulator/unknown"] {
            *request.uri_mut() = path.parse().unwrap();
            assert_eq!(emulator.send(request.clone()).await.status, 403);
        }
        let answer = emulator.send(request).await;
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")), "{answer:?}");
    }
    let preflight =
        Request::options("/_emulator/reset").header("host", "localhost").body(Bytes::new()).unwrap();
    let answer = emulator.send(preflight).await;
    assert_eq!(answer.status, 405);
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control")));
}

#[tokio::test]
async fn it_can_be_left_out() {
    let emulator = Setup::new("default").without_control_api().start();
    for path in ["", "info", "clock", "tasks"] {
        assert_eq!(emulator.control("GET", path, "").await.code(), "InvalidAction.NotFound");
    }
    for probe in ["health", "ready"] {
        assert_eq!(emulator.control("GET", probe, "").await.status, 200);
    }
}

#[tokio::test]
async fn a_token_is_demanded_but_not_of_probes() {
    let emulator = Setup::new("default").control_token("s3").start();
    for (path, status) in [("health", 200), ("ready", 200), ("info", 401), ("tasks", 401)] {
        assert_eq!(emulator.control("GET", path, "").await.status, status, "{path}");
    }
    let with_token =
        Request::get("/_emulator/info").header("host", "localhost").header("authorization", "Bearer s3");
    assert_eq!(emulator.send(with_token.body(Bytes::new()).unwrap()).await.status, 200);
}

/// The ids of all tasks, page by page.
async fn listed(emulator: &TestEmulator, query: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut from) = (Vec::new(), 0, String::new());
    loop {
        let page = emulator.control("GET", &format!("tasks?{query}{from}"), "").await.json();
        let tasks = page["tasks"].as_array().unwrap();
        ids.extend(tasks.iter().map(|task| task["id"].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["total"], ids.len(), "{query}");
            return (ids, pages);
        };
        from = format!("&from={next}");
    }
}

#[tokio::test]
async fn a_list_of_tasks_is_bounded_and_goes_on() {
    let seeds = vec!["{ type: IMAGE_SCAN }, { type: ASSETS_COLLECTION }"; 3_000].join(", ");
    let emulator = TestEmulator::new(&format!("limits: {{ kept_tasks: 6000 }}\ntasks: [{seeds}]\n"));
    for account in ["a", "c"] {
        emulator
            .control("PUT", &format!("clock?account={account}"), r#"{"action":"advance","by":"1s"}"#)
            .await;
    }
    let first = emulator.control("GET", "tasks?limit=1000000", "").await.json();
    assert_eq!((&first["total"], first["tasks"].as_array().unwrap().len()), (&12_000.into(), 10_000));
    assert_eq!(first["next"], "c:4000");
    let (all, pages) = listed(&emulator, "limit=10000").await;
    assert_eq!((all.len(), pages), (12_000, 2));
    assert_eq!(listed(&emulator, "limit=999").await, (all.clone(), 13));
    assert_eq!(listed(&emulator, "limit=2500&account=c").await, (all[6_000..].to_vec(), 3));
    let (of_type, pages) = listed(&emulator, "limit=2500&type=IMAGE_SCAN").await;
    assert_eq!((of_type.len(), pages), (6_000, 3));
    assert!(of_type.iter().eq(all.iter().step_by(2)));
    for wrong in ["x", "a:", ":1", "a:-1", "%20:1"] {
        let answer = emulator.control("GET", &format!("tasks?from={wrong}"), "").await;
        assert_eq!((answer.status, &answer.json()["error"]), (400, &"bad_query".into()), "{wrong}");
    }
    // It names a place and no task: an account that is gone has none there.
    emulator.control("DELETE", "accounts/c", "").await;
    let rest = emulator.control("GET", "tasks?from=c:4000", "").await.json();
    assert_eq!((&rest["total"], &rest["tasks"]), (&6_000.into(), &serde_json::json!([])));
}

#[tokio::test]
async fn a_misspelt_query_is_refused_with_the_nearest_name() {
    let emulator = TestEmulator::new(
        "accounts: [{ access_key_id: test, access_key_secret: s }, { access_key_id: other, access_key_secret: s }]\n",
    );
    for (path, status, said) in [
        ("events?account=tset", 404, "did you mean test?"),
        ("verdict?account=tset", 404, "did you mean test?"),
        ("await?account=tset", 404, "did you mean test?"),
        ("requests?account=tset", 404, "did you mean test?"),
        ("events?account=", 400, "?account= is empty"),
        ("await?account=", 400, "?account= is empty"),
        ("tasks?account=", 400, "?account= is empty"),
        ("events?acount=test", 400, "did you mean account?"),
        ("verdict?acount=test", 400, "did you mean account?"),
        ("tasks?statsu=INIT", 400, "did you mean status?"),
        ("tasks?account=test&account=test", 400, "\"account\" is given twice"),
        ("await?cuont=3", 400, "did you mean count?"),
        ("await?count=three", 400, "count: \"three\" is not a whole number"),
        ("await?timeot=3s", 400, "did you mean timeout?"),
        ("requests?limt=3", 400, "did you mean limit?"),
        ("requests?actoin=X", 400, "did you mean action?"),
        ("events?since=first", 400, "since: \"first\" is not a whole number"),
        ("tasks?limit=many", 400, "limit: \"many\" is not a whole number"),
    ] {
        let answer = emulator.control("GET", path, "").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        assert!(answer.json()["message"].as_str().unwrap().contains(said), "{path}: {}", answer.body);
    }
}
