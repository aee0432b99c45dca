//! One call as a journal keeps it: small, without secrets, and formatted only when somebody reads it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::agent::Client;
use super::secrets::{self, Kept};
use super::texts::{Draft, Texts};
use crate::domain::state::Status;
use crate::domain::{ApiError, Code, Value};
use crate::protocol::{Call, RequestId, Scheme, claims};

/// What is known of a call once it is answered.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The request.
    pub request: &'a Request<Bytes>,
    /// The call it made, unless it could not be read.
    pub call: Option<&'a Call<'a>>,
    /// Whose it is: as verified, or as claimed by a call that was refused.
    pub account: Option<&'a str>,
    /// Ids of the fault rules that struck.
    pub faults: &'a [String],
    /// The id that answer and log line have.
    pub request_id: RequestId,
    /// The HTTP status of the answer; `None` if the connection was broken instead.
    pub status: Option<u16>,
    /// How the connection broke, if it did.
    pub broke: Option<&'static str>,
    /// Whether the service did what it was asked for, whatever was answered.
    pub done: bool,
    /// What was answered, if anything was.
    pub result: Option<&'a Result<Value, ApiError>>,
    /// How long its caller was told to wait, if it was.
    pub retry_after: Option<Duration>,
    /// Real time it took.
    pub elapsed: Duration,
    /// When it was answered, in real time since the emulator started.
    pub answered: SignedDuration,
    /// When it was answered, by the task clock.
    pub task_time: Timestamp,
    /// When, by the machine's.
    pub time: Timestamp,
}

/// One call.
#[derive(Debug)]
pub struct Entry {
    /// Its number: calls are counted from 1 as they are answered, and a reset does not begin anew.
    pub sequence: u64,
    /// How often its account's calls had been forgotten on demand before, where that is counted: what came in an earlier
    /// life was another client's business, or another test's.
    pub life: u64,
    /// The id that answer and log line have.
    pub request_id: RequestId,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// When it was answered, by the machine's clock.
    pub time: Timestamp,
    /// How the connection broke, if it did.
    pub broke: Option<&'static str>,
    /// Whether the service did what it was asked for, whatever was answered.
    pub done: bool,
    /// How long its caller was told to wait, if it was.
    pub retry_after: Option<Duration>,
    /// When it was answered, in real time since the emulator started; machines change their clocks, and this never goes back.
    pub answered: SignedDuration,
    task_time: Timestamp,
    elapsed: Duration,
    scheme: Option<Scheme>,
    task: Option<TaskShown>,
    faults: usize,
    parameters_left_out: usize,
    /// At the places below; then the ids of faults, then names and values of parameters.
    texts: Texts,
}

/// The task that an answer shows.
#[derive(Debug, Clone)]
pub struct TaskShown {
    id: Value,
    status: Option<Cow<'static, str>>,
    progress: Option<i64>,
}

const METHOD: usize = 0;
const ACTION: usize = 1;
const ACCOUNT: usize = 2;
const AGENT: usize = 3;
const CODE: usize = 4;
const MESSAGE: usize = 5;
const FAULTS: usize = 6;

/// Longest name of anything.
const NAME_BYTES: usize = 128;
/// Longest text of other kinds.
const TEXT_BYTES: usize = 1024;
/// Most bytes of parameters of one call; what does not fit is left out and counted.
const PARAMETERS_BYTES: usize = 16 << 10;
/// Most rules that are named; more cannot usefully strike one call.
const MOST_FAULTS: usize = 16;

impl Entry {
    /// Keeps what matters. The one who numbers entries sets `sequence`.
    pub(super) fn new(seen: &Seen<'_>) -> Self {
        let mut texts = Draft::new();
        let result = seen.result.map(Result::as_ref);
        let error = result.and_then(Result::err);
        texts.push(seen.request.method().as_str(), NAME_BYTES);
        texts.push(seen.call.map_or("", |call| call.action), NAME_BYTES);
        texts.push(seen.account.unwrap_or_default(), NAME_BYTES);
        texts.push(claims::text(seen.request.headers(), "user-agent").unwrap_or_default(), 2 * NAME_BYTES);
        texts.push(error.map_or("", |error| &error.code), NAME_BYTES);
        texts.push(error.map_or("", message), TEXT_BYTES);
        let faults = &seen.faults[..seen.faults.len().min(MOST_FAULTS)];
        for fault in faults {
            texts.push(fault, NAME_BYTES);
        }
        let parameters_left_out = seen.call.map_or(0, |call| keep_parameters(call, &mut texts));
        Self {
            sequence: 0,
            life: 0,
            request_id: seen.request_id,
            status: seen.status,
            time: seen.time,
            broke: seen.broke,
            done: seen.done,
            retry_after: seen.retry_after,
            answered: seen.answered,
            task_time: seen.task_time,
            elapsed: seen.elapsed,
            scheme: seen.call.map(|call| call.claims.scheme),
            task: result.and_then(Result::ok).and_then(task_shown),
            faults: faults.len(),
            parameters_left_out,
            texts: texts.finish(),
        }
    }

    /// The memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        // Two counts of the `Arc` it lives in, and the place that points there.
        size_of::<Self>() + 3 * size_of::<usize>() + self.texts.bytes()
    }

    /// The operation it named; empty if it could not be read.
    pub fn action(&self) -> &str {
        self.texts.get(ACTION)
    }

    /// Whose it is; empty if it did not say.
    pub fn account(&self) -> &str {
        self.texts.get(ACCOUNT)
    }

    /// When it arrived, in real time since the emulator started.
    pub fn arrived(&self) -> SignedDuration {
        self.answered.saturating_sub(SignedDuration::try_from(self.elapsed).unwrap_or_default())
    }

    /// The task that the answer shows, if it shows one.
    pub fn task(&self) -> Option<&TaskShown> {
        self.task.as_ref()
    }

    /// The error code of the answer; empty if it was none.
    pub fn code(&self) -> &str {
        self.texts.get(CODE)
    }

    /// Ids of the fault rules that struck.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.texts.from(FAULTS).take(self.faults)
    }

    /// The operation's parameters, decoded.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.texts.from(FAULTS + self.faults);
        std::iter::from_fn(move || Some((rest.next()?, rest.next()?)))
    }

    /// The last value of that parameter, which is the one that counted.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().filter(|(other, _)| *other == name).last().map(|(_, value)| value)
    }

    /// The message of an error; empty if it was none.
    pub fn message(&self) -> &str {
        self.texts.get(MESSAGE)
    }

    /// When it was answered, by its account's task clock.
    pub fn task_time(&self) -> Timestamp {
        self.task_time
    }

    /// The status of the task that the answer shows, if it shows one: `START`.
    pub fn task_status(&self) -> Option<&str> {
        self.task.as_ref()?.status.as_deref()
    }

    /// The progress of the task that the answer shows, in percent.
    pub fn task_progress(&self) -> Option<i64> {
        self.task.as_ref()?.progress
    }

    /// All of it, for people and programs.
    pub fn to_json(&self) -> Json {
        let filled = |place| Some(self.texts.get(place)).filter(|text| !text.is_empty());
        let params = self.params().map(|(name, value)| (name.to_owned(), value.into()));
        let mut shown = json!({
            "sequence": self.sequence,
            "request_id": self.request_id.to_string(),
            "time": self.time,
            "task_time": self.task_time,
            "account": filled(ACCOUNT),
            "scheme": self.scheme.map(|scheme| match scheme {
                Scheme::V1 => "v1",
                Scheme::V3 => "v3",
                Scheme::Bearer => "bearer",
            }),
            "method": filled(METHOD),
            "action": filled(ACTION),
            "params": params.collect::<serde_json::Map<_, _>>(),
            "faults": self.faults().collect::<Vec<_>>(),
            "status": self.status,
            "broke": self.broke,
            "done": self.done,
            "code": filled(CODE),
            "message": filled(MESSAGE),
            "task": self.task.as_ref().map(TaskShown::to_json),
            "elapsed_ms": (self.elapsed.as_secs_f64() * 1e6).round() / 1e3,
            "client": Client::read(self.texts.get(AGENT)),
            "agent": filled(AGENT),
        });
        if let Some(wait) = self.retry_after {
            shown["retry_after_ms"] = json!(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        }
        if self.parameters_left_out > 0 {
            shown["params_left_out"] = json!(self.parameters_left_out);
        }
        shown
    }
}

/// A refused signature's message repeats what would have been signed, security token included: of that one only what
/// the table says is kept.
fn message(error: &ApiError) -> &str {
    if error.code == Code::SIGNATURE_MISMATCH.name {
        Code::SIGNATURE_MISMATCH.message
    } else {
        &error.message
    }
}

/// Keeps names and values; answers how many did not fit.
fn keep_parameters(call: &Call<'_>, texts: &mut Draft) -> usize {
    let (mut room, mut left_out) = (PARAMETERS_BYTES, 0);
    for (name, value) in call.params.iter() {
        let value = match secrets::kept(name) {
            Kept::Nothing => continue,
            Kept::Name => secrets::MASK,
            Kept::Value => value,
        };
        // Both and where they end: empty parameters take memory too.
        let needs = name.len().min(NAME_BYTES) + value.len().min(TEXT_BYTES) + 2 * size_of::<u32>();
        let Some(rest) = room.checked_sub(needs) else {
            left_out += 1;
            continue;
        };
        room = rest;
        texts.push(name, NAME_BYTES);
        texts.push(value, TEXT_BYTES);
    }
    left_out
}

/// The task that an answer is about, as far as it says so at its top.
fn task_shown(answer: &Value) -> Option<TaskShown> {
    let Value::Map(members) = answer else { return None };
    let (mut id, mut status, mut progress) = (None, None, None);
    let mut take = |name: &str, value: &Value| match (name, value) {
        ("Status", Value::Text(text)) => status = Some(text.clone()),
        ("Progress", Value::Int(number)) => progress = Some(*number),
        _ => (),
    };
    for (name, value) in members {
        match value {
            // 0 is said where there is none.
            Value::Int(0) if *name == "TaskId" => (),
            Value::Int(_) | Value::Text(_) if *name == "TaskId" => id = Some(value.clone()),
            Value::Map(info) if *name == "TaskInfo" => {
                for (name, value) in info {
                    take(name, value);
                }
            }
            value => take(name, value),
        }
    }
    Some(TaskShown { id: id?, status, progress })
}

impl TaskShown {
    /// Its id as it was shown: hex digits or a number.
    pub fn id(&self) -> String {
        match &self.id {
            Value::Int(number) => number.to_string(),
            Value::Text(text) => text.to_string(),
            _ => String::new(),
        }
    }

    /// Whether it was shown at its end: whatever a status is called that is not of a running task.
    pub fn is_over(&self) -> bool {
        let running = [Status::Init, Status::Start].map(Status::as_str);
        self.status.as_deref().is_some_and(|status| !status.is_empty() && !running.contains(&status))
    }

    fn to_json(&self) -> Json {
        let id = match &self.id {
            Value::Int(number) => json!(number),
            Value::Text(text) => json!(text),
            _ => Json::Null,
        };
        json!({ "id": id, "status": self.status, "progress": self.progress })
    }
}
