//! An emulator without a socket, whose clocks stand still, and which waits for nothing.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;
use sas_emulator::internals::auth::SignatureMode;
use sas_emulator::internals::clock::GatewayClock;
use sas_emulator::internals::control::AccessPolicy;
use sas_emulator::internals::emulator::{Config, Emulator};
use sas_emulator::internals::peer::Peer;
use sas_emulator::internals::scenario::{Scenario, load};
use sas_emulator::internals::server::Front;
use tokio::runtime::{Builder, Runtime};

/// Both clocks stand here; most recorded requests are fresh then.
pub const NOW: &str = "2026-11-24T02:15:03Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

fn stopped(mut scenario: Scenario) -> Scenario {
    scenario.clock.start = scenario.clock.start.or(Some(now()));
    scenario.clock.paused = true;
    scenario
}

/// Nothing that the emulator says of an input is longer, snapshots and lists aside.
pub const LONGEST_ERROR: usize = 16 << 10;

/// An endless answer, such as `GET /_emulator/events`, is read no further.
const MOST_FRAMES: usize = 64;

static DEFAULT: LazyLock<Scenario> = LazyLock::new(|| load::find("default").expect("it is built in"));

thread_local! {
    // Its clock jumps to the next timer when there is nothing to do: delays and waits pass at once.
    static RUNTIME: RefCell<Runtime> = RefCell::new(
        Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime"),
    );
}

/// An emulator; each target keeps one, because its routes take longer to make than a session.
pub struct Held {
    core: Arc<Emulator>,
    front: Front,
}

static UNSIGNED: LazyLock<Held> = LazyLock::new(|| Held::new(SignatureMode::Ignore));
static SIGNED: LazyLock<Held> = LazyLock::new(|| Held::new(SignatureMode::Verify));

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Whether it ended by itself, as all but streams and edited bodies do.
    pub is_whole: bool,
}

impl Held {
    fn new(signatures: SignatureMode) -> Self {
        let mut config = Config::new(stopped(DEFAULT.clone()));
        config.signatures = signatures;
        config.gateway_clock = Some(GatewayClock::Pinned(now()));
        config.limits.accounts = 50;
        let core = Arc::new(Emulator::new(config).expect("the default scenario makes a session"));
        let front = Front::new(Arc::clone(&core), Some(AccessPolicy::default()), None);
        Self { core, front }
    }

    /// As it is at its start, with the scenario `default`; calls need no signature.
    pub fn unsigned() -> &'static Self {
        Self::showing(DEFAULT.clone()).expect("the default scenario makes a session")
    }

    /// The same, and signatures are verified.
    pub fn signed() -> &'static Self {
        SIGNED.core.load(stopped(DEFAULT.clone())).expect("the default scenario makes a session");
        &SIGNED
    }

    /// At the start of a scenario, whose clock is stopped; calls need no signature. An error says why it makes no session.
    pub fn showing(scenario: Scenario) -> Result<&'static Self, String> {
        UNSIGNED.core.load(stopped(scenario)).map_err(|error| error.to_string())?;
        Ok(&UNSIGNED)
    }

    /// The answer to a request; `None` if a fault breaks the connection.
    pub fn send(&self, request: Request<Bytes>) -> Option<Answer> {
        RUNTIME.with_borrow(|runtime| runtime.block_on(self.exchange(request)))
    }

    async fn exchange(&self, request: Request<Bytes>) -> Option<Answer> {
        let (head, mut body) =
            self.front.answer(request.map(Body::from), &Peer::default()).await.ok()?.into_parts();
        let mut answer =
            Answer { status: head.status.as_u16(), headers: head.headers, body: Vec::new(), is_whole: false };
        for _ in 0..MOST_FRAMES {
            match tokio::time::timeout(Duration::from_secs(3600), body.frame()).await {
                Ok(Some(Ok(frame))) => answer.body.extend_from_slice(frame.data_ref().map_or(b"", |it| it)),
                Ok(None) => {
                    answer.is_whole = true;
                    break;
                }
                Ok(Some(Err(_))) | Err(_) => break,
            }
        }
        Some(answer)
    }

    /// An unsigned call.
    pub fn call(&self, account: &str, action: &str, params: &str) -> Option<Answer> {
        let target =
            format!("/?Action={action}&Version=2018-12-03&AccessKeyId={account}&Format=JSON&{params}");
        self.send(Request::get(target).header("host", "localhost").body(Bytes::new()).expect("a request"))
    }

    /// A call of the control API.
    pub fn control(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = Request::builder().method(method).uri(format!("/_emulator/{path}"));
        let request = request.header("host", "localhost").header("content-type", "application/json");
        self.send(request.body(body.into()).expect("a request")).expect("no fault breaks control calls")
    }

    /// Asks for everything that an account shows, so that whatever was put into it is computed. Faults may answer as they
    /// like: here a panic or an endless answer is what counts.
    pub fn look_at_everything(&self) {
        for (action, params) in [
            ("GetLastOnceTaskInfo", "TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN"),
            ("DescribeImageLatestScanTask", "Digest=a"),
            ("ListUnfinishedOnceTask", "TaskType=VIRUS_VUL_SCHEDULE_SCAN"),
            ("GetVirusScanLatestTaskStatistic", ""),
            ("DescribeOnceTask", "CurrentPage=1&PageSize=20"),
            ("DescribeCloudCenterInstances", ""),
            ("DescribeCycleTaskList", ""),
        ] {
            self.call("test", action, params);
        }
        super::oracle::no_bug(&self.control("GET", "tasks?limit=10", ""));
        super::oracle::no_bug(&self.control("GET", "verdict", ""));
    }
}
