//! What log and journal are told of a call once it ended.

use std::time::Duration;

use axum::http::{Request, Response, StatusCode};
use bytes::Bytes;

use crate::clock::{self, Stopwatch};
use crate::domain::{ApiError, Value};
use crate::fault::Break;
use crate::journal::{Arrival, Completion};
use crate::operations;
use crate::protocol::{self, Call, Envelope, claims};

use super::endpoint::Endpoint;

/// What is known of a call beside what it says itself.
#[derive(Debug, Default)]
pub(super) struct Note {
    action: String,
    /// As verified, or as claimed by a call that was refused.
    pub(super) account: Option<String>,
    /// The rules that struck it.
    pub(super) faults: Vec<String>,
    /// Whether the service did it.
    is_done: bool,
    hint: Option<String>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending<'r> {
    /// With an answer.
    Answered { status: StatusCode, retry_after: Option<Duration>, result: &'r Result<Value, ApiError> },
    /// Without one.
    Broken(Break),
}

/// A call that ended.
pub(super) struct Told<'c> {
    pub(super) request: &'c Request<Bytes>,
    /// Unless it could not be read.
    pub(super) call: Option<&'c Call<'c>>,
    pub(super) envelope: &'c Envelope<'c>,
    pub(super) ending: Ending<'c>,
    pub(super) note: &'c Note,
    /// Since it came.
    pub(super) watch: Stopwatch,
}

impl<'r> Ending<'r> {
    /// With this answer to that result.
    pub(super) fn answered(response: &Response<Bytes>, result: &'r Result<Value, ApiError>) -> Self {
        let wait = claims::text(response.headers(), "x-acs-retry-after").and_then(|wait| wait.parse().ok());
        Self::Answered { status: response.status(), retry_after: wait.map(Duration::from_millis), result }
    }
}

impl Note {
    /// Before it is done.
    pub(super) fn new(call: &Call<'_>, faults: Vec<String>) -> Self {
        // Strangers choose these texts: a log line must not grow with them.
        let short = |text: &str| text.chars().take(80).collect::<String>();
        let account = call.claims.access_key_id.map(short);
        Self { action: short(call.action), account, faults, is_done: false, hint: None }
    }

    /// Once it is done. The hint is for the log alone: what goes over the wire is what the service would say.
    pub(super) fn done(self, call: &Call<'_>, account: Option<String>, error: Option<&ApiError>) -> Self {
        let hint = error.and_then(|error| hint(call, &error.code));
        Self { account: account.or(self.account), is_done: error.is_none(), hint, ..self }
    }
}

impl Endpoint {
    /// Tells log and journal.
    pub(super) fn tell(&self, told: &Told<'_>) {
        log(told);
        if !self.journal.is_on() {
            return;
        }
        let Told { request, call, envelope, ending, note, watch } = *told;
        let (status, broke, retry_after, result) = match ending {
            Ending::Answered { status, retry_after, result } => {
                (Some(status.as_u16()), None, retry_after, Some(result))
            }
            Ending::Broken(breaks) => (None, Some(breaks.as_str()), None, None),
        };
        // In this order: a pause in between then makes the arrival later, and never earlier than it was.
        let elapsed = watch.elapsed().try_into().unwrap_or_default();
        let finished = clock::uptime();
        let arrival = Arrival {
            request,
            call,
            account: note.account.as_deref(),
            faults: &note.faults,
            request_id: envelope.request_id,
            time: clock::machine_time(),
            task_time: self.gateway.task_time(note.account.as_deref()).0,
            arrived: finished.saturating_sub(elapsed),
        };
        if let Ok(record) = self.journal.arrive(self.journal.generation(), &arrival) {
            let completion = Completion { status, broke, done: note.is_done, result, retry_after, finished };
            self.journal.finish(&record, &completion);
        }
    }
}

/// What the one who reads the log would like to know and the service does not say.
fn hint(call: &Call<'_>, code: &str) -> Option<String> {
    match code {
        "InvalidAction.NotFound" => {
            operations::nearest(call.action).map(|known| format!("did you mean {known}?"))
        }
        "SignatureDoesNotMatch" => {
            Some("if the client's string to sign is the one shown, its secret is wrong".to_owned())
        }
        "InvalidVersion" => Some(format!("this is {}", protocol::VERSION)),
        "UnsupportedSignatureType" => Some("assumptions: { bearer: accept } takes bearer tokens".to_owned()),
        "OperationNotModelled" => Some("see docs/fidelity.md".to_owned()),
        _ => None,
    }
}

/// One line per call: `GetLastOnceTaskInfo => 403 (NoPermission) account=test fault=deny-polls 2ms`. The fields say the
/// same to programs, in JSON logs. A call that gets no answer has the way its connection broke for a status.
fn log(Told { envelope, ending, note, watch, .. }: &Told<'_>) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let Note { action, account, faults, hint, .. } = note;
    let (status, broke, code) = match ending {
        Ending::Answered { status, result, .. } => {
            (Some(status), None, result.as_ref().err().map(|error| error.code.as_ref()))
        }
        Ending::Broken(breaks) => (None, Some(breaks.as_str()), None),
    };
    let fault = (!faults.is_empty()).then(|| faults.join(","));
    let elapsed_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut line = String::with_capacity(128);
    let mut add = |before: &str, text: Option<&str>, after: &str| {
        if let Some(text) = text {
            line.extend([before, text, after]);
        }
    };
    add(if action.is_empty() { "-" } else { action }, Some(" => "), status.map_or("", StatusCode::as_str));
    add("", broke, "");
    add(" (", code, ")");
    add(" account=", account.as_deref(), "");
    add(" fault=", fault.as_deref(), "");
    add(" (", hint.as_deref(), ")");
    add(" ", Some(&elapsed_ms.to_string()), "ms");
    // A caller chooses its action's name: it must not be able to write a line of its own.
    if line.contains(|c: char| c.is_control()) {
        line = line.escape_debug().to_string();
    }
    tracing::info!(
        action,
        status = status.map(StatusCode::as_u16),
        broke,
        code,
        account,
        fault,
        elapsed_ms,
        request_id = %envelope.request_id,
        "{line}"
    );
}
