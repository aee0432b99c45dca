//! What the tests stand on: a world held still, and clients that sign.

mod ask;
pub(crate) mod mistakes;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use sas_emulator::assembly::{Assembly, Blueprint};
use sas_emulator::clock::{ClockOrder, GatewayClock};
use sas_emulator::domain::{AccessKey, Keyring, Secret};
use sas_emulator::fault::Break;
use sas_emulator::scenario::load;
use sas_emulator::server::Broken;
use serde_json::Value;
use tower::ServiceExt;

pub(crate) use self::ask::Ask;

/// The time at which every world of the tests begins, by both clocks.
pub(crate) const NOW: &str = "2026-01-02T03:04:05Z";

/// An emulator without a socket whose clocks stand still.
pub(crate) struct World {
    pub(crate) emulator: Assembly,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl World {
    /// Of a built-in scenario or of the text of one.
    pub(crate) fn new(scenario: &str) -> Self {
        Self::with(scenario, |_| ())
    }

    /// The same, with something changed.
    pub(crate) fn with(scenario: &str, change: impl FnOnce(&mut Blueprint)) -> Self {
        let scenario = if scenario.contains('\n') {
            load::parse("test.yaml", &format!("version: 1\nname: test\n{scenario}"))
        } else {
            load::find(scenario)
        };
        let mut blueprint = Blueprint::new(scenario.unwrap());
        let now: Timestamp = NOW.parse().unwrap();
        blueprint.scenario.clock.start = Some(now);
        blueprint.scenario.clock.paused = true;
        blueprint.gateway_clock = Some(GatewayClock::Pinned(now));
        change(&mut blueprint);
        Self { emulator: Assembly::new(blueprint).unwrap() }
    }

    /// Sends a request through the front door.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        self.try_send(request).await.unwrap()
    }

    /// The same, where a fault may break the connection.
    pub(crate) async fn try_send(&self, request: Request<Bytes>) -> Result<Answer, Break> {
        let response = self.emulator.front.clone().oneshot(request.map(Body::from)).await;
        let response = response.map_err(|Broken(breaks)| breaks)?;
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Status and body of an answer that may break off.
    pub(crate) async fn try_text(&self, request: Request<Bytes>) -> (u16, String) {
        let response = self.emulator.front.clone().oneshot(request.map(Body::from)).await.unwrap();
        let (head, mut body) = response.into_parts();
        let mut read = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            read.extend_from_slice(frame.data_ref().unwrap());
        }
        (head.status.as_u16(), String::from_utf8_lossy(&read).into_owned())
    }

    /// Signs and sends.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        self.send(ask.request()).await
    }

    /// The latest task of a type, as `test` sees it.
    pub(crate) async fn poll(&self, task_type: &str) -> Value {
        let answer = self.ask(Ask::latest(task_type)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Moves every task clock.
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.emulator.gateway.order_clock(None, ClockOrder::Advance(by)).unwrap();
    }

    /// Calls the control API.
    pub(crate) async fn control(&self, method: &str, path: &str, body: &str) -> Answer {
        let mut request =
            Request::builder().method(method).uri(format!("/_emulator/{path}")).header("host", "localhost");
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        self.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The error code, in whichever syntax.
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

/// A keyring of exactly these: id, secret, token.
pub(crate) fn keys(listed: &[(&str, &str, Option<&str>)]) -> Keyring {
    let listed = listed.iter().map(|(id, secret, token)| {
        let token = token.map(Secret::new);
        ((*id).to_owned(), AccessKey { token, ..AccessKey::new(Secret::new(*secret)) })
    });
    Keyring::new(listed.collect(), None)
}
