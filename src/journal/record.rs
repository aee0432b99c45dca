//! One call: its arrival, and its completion once it has finished. It holds no secrets and formats nothing.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::redact::{self, Kept};
use super::task_shown::TaskShown;
use super::texts::{Draft, Texts, shortened};
use super::to_sign;
use crate::domain::{ApiError, Code, Fidelity, Value};
use crate::protocol::{Call, RequestId, Scheme, claims};

#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    pub request: &'a Request<Bytes>,
    /// The decoded call; `None` if the request could not be decoded.
    pub call: Option<&'a Call<'a>>,
    /// Host and port of a call to another host, which was refused: an escaped call.
    pub escaped: Option<&'a str>,
    /// The AccessKeyId: as verified, or as claimed by a call that was refused.
    pub account: Option<&'a str>,
    pub faults: &'a [String],
    pub request_id: RequestId,
    pub time: Timestamp,
    pub task_time: Timestamp,
    pub arrived: SignedDuration,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Completion<'a> {
    /// The HTTP status of the response; `None` if the connection was broken instead.
    pub status: Option<u16>,
    /// How the connection broke, if it did: `close`, `reset`, `hang`; `abandoned` if the emulator cut it.
    pub broke: Option<&'static str>,
    /// Whether the service performed the operation, whatever the response said.
    pub done: bool,
    pub result: Option<&'a Result<Value, ApiError>>,
    /// How far the response can be trusted; `None` without one.
    pub fidelity: Option<Fidelity>,
    /// The wait that the response demanded of the client.
    pub retry_after: Option<Duration>,
    /// What may help the client.
    pub hint: Option<&'a str>,
    /// The real time since the emulator started.
    pub finished: SignedDuration,
}

impl Completion<'_> {
    /// The call was cut off before its response: the emulator has stopped.
    pub fn abandoned(done: bool, finished: SignedDuration) -> Self {
        Self { broke: Some("abandoned"), done, finished, ..Self::default() }
    }
}

/// One call. The first part is written when the call arrives, the second part once it has finished.
#[derive(Debug)]
pub struct CallRecord {
    /// Calls are numbered from 1 as they arrive, over all sessions; 0 if the journal did not keep this one.
    pub sequence: u64,
    /// Number of times this account's calls had been cleared when the call arrived, if the journal counts that.
    pub generation: u64,
    /// The id in the response and in the log line.
    pub request_id: RequestId,
    /// The machine's time of the arrival.
    pub time: Timestamp,
    /// The time of the account's task clock at the arrival.
    pub task_time: Timestamp,
    /// The real time of the arrival since the emulator started; machines change their clocks, and this never goes back.
    pub arrived: SignedDuration,
    pub(super) scheme: Option<Scheme>,
    is_escaped: bool,
    faults: usize,
    pub(super) parameters_left_out: usize,
    /// At the places below; then the ids of faults, then names and values of parameters. An escaped call has its host there
    /// instead.
    texts: Texts,
    pub(super) completed: OnceLock<Completed>,
}

#[derive(Debug)]
pub(super) struct Completed {
    /// Calls are numbered from 1 as they finish; 0 if the journal did not keep this one.
    pub(super) cursor: u64,
    status: Option<u16>,
    broke: Option<&'static str>,
    is_done: bool,
    fidelity: Option<Fidelity>,
    retry_after: Option<Duration>,
    finished: SignedDuration,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    /// What should have been signed.
    to_sign: Option<Box<str>>,
    task: Option<TaskShown>,
    hint: Option<Box<str>>,
}

const METHOD: usize = 0;
const ACTION: usize = 1;
const ACCOUNT: usize = 2;
const AGENT: usize = 3;
const FAULTS: usize = 4;

const NAME_BYTES: usize = 128;
const TEXT_BYTES: usize = 1024;
/// Longest text of what was to be signed.
const TO_SIGN_BYTES: usize = 4096;
/// Most bytes of parameters of one call; what does not fit is left out and counted.
const PARAMETERS_BYTES: usize = 16 << 10;
/// Most rules that are named; more cannot usefully fire for one call.
const MOST_FAULTS: usize = 16;

impl CallRecord {
    /// A record that no journal keeps; [`Journal::arrive`](super::Journal::arrive) numbers and keeps one.
    pub fn new(arrival: &Arrival<'_>) -> Self {
        let mut texts = Draft::new();
        texts.push(arrival.request.method().as_str(), NAME_BYTES);
        texts.push(arrival.call.map_or("", |call| call.action), NAME_BYTES);
        texts.push(arrival.account.unwrap_or_default(), NAME_BYTES);
        let agent = match arrival.call {
            Some(call) => call.headers.user_agent,
            None => claims::text(arrival.request.headers(), header::USER_AGENT),
        };
        texts.push(agent.unwrap_or_default(), 2 * NAME_BYTES);
        let faults = &arrival.faults[..arrival.faults.len().min(MOST_FAULTS)];
        for fault in faults {
            texts.push(fault, NAME_BYTES);
        }
        if let Some(host) = arrival.escaped {
            texts.push(host, 2 * NAME_BYTES + 8);
        }
        let parameters_left_out = arrival.call.map_or(0, |call| keep_parameters(call, &mut texts));
        Self {
            sequence: 0,
            generation: 0,
            request_id: arrival.request_id,
            time: arrival.time,
            task_time: arrival.task_time,
            arrived: arrival.arrived,
            scheme: arrival.call.map(|call| call.claims.scheme),
            is_escaped: arrival.escaped.is_some(),
            faults: faults.len(),
            parameters_left_out,
            texts: texts.finish(),
            completed: OnceLock::new(),
        }
    }

    /// The memory that it takes.
    pub fn bytes(&self) -> usize {
        // With the two counts of the `Arc` it lives in.
        let first = size_of::<Self>() + 2 * size_of::<usize>() + self.texts.bytes();
        first + self.completed.get().map_or(0, Completed::bytes)
    }

    /// The number of calls that had finished with this one; `None` while it is in flight.
    pub fn cursor(&self) -> Option<u64> {
        Some(self.completed.get()?.cursor)
    }

    pub fn is_in_flight(&self) -> bool {
        self.completed.get().is_none()
    }

    pub fn method(&self) -> &str {
        self.texts.get(METHOD)
    }

    /// The operation it named; empty if the request could not be decoded.
    pub fn action(&self) -> &str {
        self.texts.get(ACTION)
    }

    /// The AccessKeyId; empty if the request named none.
    pub fn account(&self) -> &str {
        self.texts.get(ACCOUNT)
    }

    /// Of an escaped call, the host and the port that it was for: `oss-cn-hangzhou.aliyuncs.com:443`.
    pub fn escaped(&self) -> Option<&str> {
        self.is_escaped.then(|| self.texts.get(FAULTS))
    }

    /// The `User-Agent` header.
    pub fn agent(&self) -> &str {
        self.texts.get(AGENT)
    }

    /// Ids of the fault rules that fired.
    pub fn faults(&self) -> impl Iterator<Item = &str> {
        self.texts.from(FAULTS).take(self.faults)
    }

    /// The operation's parameters, decoded.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut rest = self.texts.from(FAULTS + self.faults + usize::from(self.is_escaped));
        std::iter::from_fn(move || Some((rest.next()?, rest.next()?)))
    }

    /// Whether [`params`](Self::params) are all there were, with their whole values: equal ones are of equal calls.
    pub fn has_whole_params(&self) -> bool {
        // A text that was cut has a mark, with which it is longer than that.
        let is_whole = |value: &str| value != redact::MASK && value.len() <= TEXT_BYTES;
        self.parameters_left_out == 0 && self.params().all(|(_, value)| is_whole(value))
    }

    /// The last value of that parameter, which is the one that counted.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params().filter(|(other, _)| *other == name).last().map(|(_, value)| value)
    }

    /// The HTTP status of the response; `None` while in flight, and if the connection was broken instead.
    pub fn status(&self) -> Option<u16> {
        self.completed.get()?.status
    }

    /// The wait that the response demanded of the client.
    pub fn retry_after(&self) -> Option<Duration> {
        self.completed.get()?.retry_after
    }

    /// When it finished, in real time since the emulator started.
    pub fn finished(&self) -> Option<SignedDuration> {
        Some(self.completed.get()?.finished)
    }

    /// The real time that it took.
    pub fn elapsed(&self) -> Option<Duration> {
        Some(Duration::try_from(self.finished()?.saturating_sub(self.arrived)).unwrap_or_default())
    }

    /// How the connection broke, if it did: `close`, `reset`, `hang`; `abandoned` if the emulator cut it.
    pub fn broke(&self) -> Option<&'static str> {
        self.completed.get()?.broke
    }

    /// Whether the service performed the operation, whatever the response said.
    pub fn is_done(&self) -> bool {
        self.completed.get().is_some_and(|completed| completed.is_done)
    }

    /// How far the response can be trusted; `None` while in flight, and if there was none.
    pub fn fidelity(&self) -> Option<Fidelity> {
        self.completed.get()?.fidelity
    }

    /// The same, unless the response follows from the model alone.
    pub(crate) fn lesser_fidelity(&self) -> Option<Fidelity> {
        self.fidelity().filter(|fidelity| *fidelity != Fidelity::Modelled)
    }

    /// The error code of the response; empty if it was no error.
    pub fn code(&self) -> &str {
        self.completed.get().map_or("", |completed| &completed.code)
    }

    /// The message of an error; empty if it was none.
    pub fn message(&self) -> &str {
        self.completed.get().map_or("", |completed| &completed.message)
    }

    /// What a call with a wrong signature should have signed, secrets masked; none for others.
    pub(super) fn to_sign(&self) -> Option<&str> {
        self.completed.get()?.to_sign.as_deref()
    }

    /// What may help the client, beside the response.
    pub fn hint(&self) -> Option<&str> {
        self.completed.get()?.hint.as_deref()
    }

    /// The task that the response shows, if it shows one.
    pub fn task(&self) -> Option<&TaskShown> {
        self.completed.get()?.task.as_ref()
    }

    /// The status of the task that the response shows: `START`.
    pub fn task_status(&self) -> Option<&str> {
        self.task()?.status.as_deref()
    }

    /// The progress of the task that the response shows, in percent.
    pub fn task_progress(&self) -> Option<i64> {
        self.task()?.progress
    }
}

impl Completed {
    pub(super) fn new(completion: &Completion<'_>) -> Self {
        let result = completion.result.map(Result::as_ref);
        let error = result.and_then(Result::err);
        // The state in a mere shape is made up: no expectation may rest on it.
        let reply = result.and_then(Result::ok).filter(|_| completion.fidelity != Some(Fidelity::Shape));
        Self {
            cursor: 0,
            status: completion.status,
            broke: completion.broke,
            is_done: completion.done,
            fidelity: completion.fidelity,
            retry_after: completion.retry_after,
            finished: completion.finished,
            code: error.map_or_else(Cow::default, |error| shortened(error.code.clone(), NAME_BYTES)),
            message: error.map_or_else(Cow::default, message),
            to_sign: error.and_then(to_sign),
            task: reply.and_then(TaskShown::of),
            hint: completion.hint.map(Into::into),
        }
    }

    fn bytes(&self) -> usize {
        let heap = |text: &Cow<'_, str>| if let Cow::Owned(text) = text { text.capacity() } else { 0 };
        let id = |task: &TaskShown| if let Json::String(text) = &task.id { text.capacity() } else { 0 };
        let boxed = |text: &Option<Box<str>>| text.as_ref().map_or(0, |text| text.len());
        let texts = boxed(&self.to_sign) + boxed(&self.hint);
        heap(&self.code) + heap(&self.message) + self.task.as_ref().map_or(0, id) + texts
    }
}

/// The message of a signature mismatch repeats what was to be signed, token included: the table's text is kept.
fn message(error: &ApiError) -> Cow<'static, str> {
    if error.code == Code::SIGNATURE_MISMATCH.name {
        Code::SIGNATURE_MISMATCH.message.into()
    } else {
        shortened(error.message.clone(), TEXT_BYTES)
    }
}

/// What was to be signed, without secrets.
fn to_sign(error: &ApiError) -> Option<Box<str>> {
    let is_mismatch = error.code == Code::SIGNATURE_MISMATCH.name;
    let text = is_mismatch.then(|| to_sign::masked(&error.message)).filter(|text| !text.is_empty())?;
    Some(shortened(text.into(), TO_SIGN_BYTES).into())
}

/// Keeps names and values; returns how many did not fit.
fn keep_parameters(call: &Call<'_>, texts: &mut Draft) -> usize {
    let (mut room, mut left_out) = (PARAMETERS_BYTES, 0);
    for (name, value) in call.params.iter() {
        let value = match redact::kept(name) {
            Kept::Nothing => continue,
            Kept::Name => redact::MASK,
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
