//! An emulator without a socket, and its responses.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use jiff::SignedDuration;
use sas_emulator::internals::clock::ClockCommand;
use sas_emulator::internals::emulator::Emulator;
use sas_emulator::internals::expect::Verdict;
use sas_emulator::internals::fault::Break;
use sas_emulator::internals::journal::Journal;
use sas_emulator::internals::peer::Peer;
use sas_emulator::internals::scenario::Scenario;
use sas_emulator::internals::server::Front;
use serde_json::Value;

use super::{Setup, TestCall, description};

/// An emulator without a socket. Its clocks stand still unless its [`Setup`] says otherwise.
pub(crate) struct TestEmulator {
    pub(crate) core: Arc<Emulator>,
    pub(super) front: Front,
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct TestResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl TestEmulator {
    /// Of a built-in scenario or of the text of one.
    pub(crate) fn new(scenario: &str) -> Self {
        Setup::new(scenario).start()
    }

    /// Sends a request; the body of the response is yet to be read.
    pub(crate) async fn open(&self, request: Request<Body>) -> Result<Response<Body>, Break> {
        self.front.answer(request, &Peer::default()).await.map(|response| response.map(Body::new))
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> TestResponse {
        self.try_send(request).await.unwrap()
    }

    /// The same, where a fault may break the connection.
    pub(crate) async fn try_send(&self, request: Request<Bytes>) -> Result<TestResponse, Break> {
        let (head, body) = self.open(request.map(Body::from)).await?.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(TestResponse { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Status and body of a response that a fault may truncate.
    pub(crate) async fn try_text(&self, request: Request<Bytes>) -> (u16, String) {
        let (head, mut body) = self.open(request.map(Body::from)).await.unwrap().into_parts();
        let mut read = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            read.extend_from_slice(frame.data_ref().unwrap());
        }
        (head.status.as_u16(), String::from_utf8_lossy(&read).into_owned())
    }

    /// Signs and sends.
    pub(crate) async fn call(&self, call: TestCall) -> TestResponse {
        self.send(call.request()).await
    }

    /// The latest task of a type in the account `test`.
    pub(crate) async fn poll(&self, task_type: &str) -> Value {
        let answer = self.call(TestCall::latest(task_type)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Calls the control API.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> TestResponse {
        let mut request =
            Request::builder().method(method).uri(format!("/_emulator/{path}")).header("host", "localhost");
        if !body.is_empty() {
            let is_json = body.starts_with(['{', '[']);
            let kind = if is_json { "application/json" } else { "application/yaml" };
            request = request.header("content-type", kind);
        }
        let answer = self.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await;
        if answer.headers.contains_key("x-acs-request-id") {
            // Without a control API, this is a call.
            return answer;
        }
        let kind = answer.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap());
        description::check((method, &format!("/_emulator/{path}")), answer.status, kind, &answer.body);
        answer
    }

    /// The whole session as JSON.
    pub(crate) async fn snapshot(&self) -> String {
        let answer = self.control("GET", "state", "").await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    /// Moves every task clock.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.core.session().command_clock(None, ClockCommand::Advance(by)).unwrap();
    }

    /// Replaces the session by one of another scenario, as `--watch` does.
    pub(crate) fn load(&self, scenario: Scenario) {
        self.core.load(scenario).unwrap();
    }

    /// Restores the state file, as `serve` does at start; false if there is none.
    pub(crate) fn load_state_file(&self) -> bool {
        self.core.load_state().unwrap()
    }

    /// Whether the next save of the state file has something to write.
    pub(crate) fn has_unsaved_changes(&self) -> bool {
        self.core.has_unsaved_changes()
    }

    /// What the scenario's expectations come to.
    pub(crate) fn verdict(&self) -> Verdict {
        self.core.verdict(None)
    }

    /// Begins the shutdown.
    pub(crate) fn shut_down(&self) {
        self.core.shutdown().cancel();
    }

    pub(crate) fn account_count(&self) -> usize {
        self.core.session().account_count()
    }

    /// Looks at every task of every account, and counts them.
    pub(crate) fn task_count(&self) -> usize {
        self.core.session().task_counts().0
    }

    /// How many entries the journal has evicted, and how many bytes it holds.
    pub(crate) fn journal_usage(&self) -> (u64, usize) {
        self.core.journal().usage()
    }

    pub(crate) fn journal(&self) -> &Journal {
        self.core.journal()
    }

    pub(crate) fn journal_as_debug(&self) -> String {
        format!("{:?}", self.core.journal())
    }
}

impl TestResponse {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The error code, from JSON or XML.
    pub(crate) fn code(&self) -> String {
        if self.body.starts_with("<?xml") {
            let code = self.body.split("<Code>").nth(1).and_then(|rest| rest.split("</Code>").next());
            return code.unwrap_or_default().to_owned();
        }
        self.json()["Code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["Message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status and code, for tables.
    pub(crate) fn verdict(&self) -> (u16, String) {
        (self.status, if self.status == 200 { String::new() } else { self.code() })
    }

    pub(crate) fn is_xml(&self) -> bool {
        self.header("content-type") == "text/xml;charset=utf-8"
            && self.body.starts_with("<?xml version='1.0'")
    }
}
