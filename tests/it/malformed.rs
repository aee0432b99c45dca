//! Input that makes no sense gets a gateway error: never a panic, a hang, or a lost task.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use proptest::prelude::*;

use crate::harness::{Setup, TestCall, TestEmulator};

const TYPE: &str = "ASSETS_COLLECTION";

#[tokio::test]
async fn bodies_and_parameters_have_limits() {
    let emulator = Setup::new("instant").max_body(1000).start();
    let huge = TestCall::latest(TYPE).form("Source", &"x".repeat(2000));
    assert_eq!(emulator.call(huge).await.verdict(), (413, "RequestEntityTooLarge".into()));
    let emulator = TestEmulator::new("instant");
    for call in [TestCall::latest(TYPE), TestCall::latest(TYPE).v1()] {
        let in_form = (0..10_000).fold(call.clone(), |call, number| call.form(&format!("P.{number}"), ""));
        let in_query = (0..4_000).fold(call, |call, number| call.param(&format!("P.{number}"), ""));
        for many in [in_form, in_query] {
            let answer = emulator.call(many).await;
            assert_eq!(answer.verdict(), (413, "RequestEntityTooLarge".into()));
            assert!(answer.body.contains("--max-parameters"), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let emulator = Setup::new("instant").receive_timeout(std::time::Duration::from_millis(10)).start();
    let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post("/").header("host", "localhost").body(endless).unwrap();
    let answer = emulator.open(request).await.unwrap();
    assert_eq!(answer.status(), 408);
}

#[tokio::test]
async fn header_values_that_are_not_text() {
    let emulator = TestEmulator::new("instant");
    for name in ["authorization", "x-acs-date", "x-acs-action", "content-type", "host"] {
        let mut request = TestCall::latest(TYPE).request();
        request.headers_mut().insert(name, HeaderValue::from_bytes(b"\xff\xfe ACS3-").unwrap());
        let answer = emulator.send(request).await;
        assert!(answer.status < 500, "{name}: {}", answer.body);
    }
}

#[tokio::test]
async fn odd_authorization_headers() {
    let emulator = TestEmulator::new("instant");
    for value in [
        "ACS3-",
        "ACS3-HMAC-SHA256",
        "ACS3-HMAC-SHA256 ",
        "ACS3-HMAC-SHA256 ,,,",
        "ACS3-HMAC-SHA256 Credential",
        "ACS3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=",
        "ACS3-HMAC-SHA256 Credential=test,Signature=x",
        "ACS3-HMAC-SHA256 Credential=test,SignedHeaders=;;;,Signature=zz",
    ] {
        let mut request = TestCall::latest(TYPE).request();
        request.headers_mut().insert("authorization", value.parse().unwrap());
        let answer = emulator.send(request).await;
        assert!((400..500).contains(&answer.status), "{value}: {}", answer.body);
    }
}

fn requests() -> impl Strategy<Value = Request<Bytes>> {
    let method = prop_oneof![Just(Method::GET), Just(Method::POST), Just(Method::PUT)];
    let piece =
        prop_oneof!["[ -~]{0,12}", Just("%".to_owned()), Just("Action=GetLastOnceTaskInfo".to_owned())];
    let query = proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.join("&"));
    let names = prop::sample::select(vec![
        "authorization",
        "x-acs-action",
        "x-acs-version",
        "x-acs-date",
        "x-acs-bearer-token",
        "content-type",
        "content-md5",
        "accept",
        "host",
        "connection",
    ]);
    let headers = proptest::collection::vec((names, proptest::collection::vec(0x20u8..=0xff, 0..40)), 0..8);
    (method, query, headers, proptest::collection::vec(any::<u8>(), 0..200)).prop_filter_map(
        "not a request",
        |(method, query, headers, body)| {
            let mut request =
                Request::builder().method(method).uri(format!("/?{query}")).body(Bytes::from(body)).ok()?;
            for (name, value) in headers {
                let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
                request.headers_mut().append(HeaderName::from_static(name), value);
            }
            Some(request)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn any_request_gets_an_answer_and_no_task_is_lost(requests in proptest::collection::vec(requests(), 1..5)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let emulator = TestEmulator::new("default");
            let before = emulator.poll(TYPE).await["TaskId"].clone();
            for request in requests {
                let answer = emulator.send(request).await;
                assert!((400..500).contains(&answer.status), "{answer:?}");
                assert!(!answer.code().is_empty());
                assert_ne!(answer.code(), "InternalError");
            }
            assert_eq!(emulator.poll(TYPE).await["TaskId"], before);
        });
    }
}
