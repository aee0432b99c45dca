//! Finishes the record of a call, and writes its line to the access log.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Response, StatusCode};
use bytes::Bytes;

use crate::clock;
use crate::domain::{ApiError, Value};
use crate::fault::Break;
use crate::journal::{CallRecord, Completion, Journal};
use crate::operations;
use crate::protocol::{self, Call, claims};
use crate::text::outside;

/// The record of a call that has not finished. Dropped before it has, it finishes as abandoned: the
/// shutdown cut its connection.
pub(super) struct OpenRecord<'j> {
    journal: &'j Journal,
    record: Option<&'j Arc<CallRecord>>,
    is_done: bool,
    hint: Option<String>,
}

impl<'j> OpenRecord<'j> {
    pub(super) fn new(journal: &'j Journal, record: &'j Arc<CallRecord>) -> Self {
        Self { journal, record: Some(record), is_done: false, hint: None }
    }

    /// Notes what the operation returned. The hint is for the log alone: the response is what the service would say.
    pub(super) fn performed(&mut self, call: &Call<'_>, result: &Result<Value, ApiError>) {
        self.is_done = result.is_ok();
        self.hint = result.as_ref().err().and_then(|error| hint(call, &error.code));
    }

    pub(super) fn answered(mut self, response: &Response<Bytes>, result: &Result<Value, ApiError>) {
        // From the response, because fault rules may set or remove the header.
        let wait = claims::text(response.headers(), "x-acs-retry-after").and_then(|wait| wait.parse().ok());
        self.finish(&Completion {
            status: Some(response.status().as_u16()),
            result: Some(result),
            retry_after: wait.map(Duration::from_millis),
            ..Completion::default()
        });
    }

    pub(super) fn broken(mut self, kind: Break) -> Break {
        self.finish(&Completion { broke: Some(kind.as_str()), ..Completion::default() });
        kind
    }

    fn finish(&mut self, completion: &Completion<'_>) {
        let Some(record) = self.record.take() else { return };
        let completion = Completion { done: self.is_done, finished: clock::uptime(), ..*completion };
        log(record, &completion, self.hint.as_deref());
        self.journal.finish(record, &completion);
    }
}

impl Drop for OpenRecord<'_> {
    fn drop(&mut self) {
        // A panic is answered, and its record finished with that answer.
        if !std::thread::panicking() {
            self.finish(&Completion::abandoned(self.is_done, clock::uptime()));
        }
    }
}

/// What a reader of the log may want to know and the service does not say.
fn hint(call: &Call<'_>, code: &str) -> Option<String> {
    let hint = match code {
        "InvalidAction.NotFound" => format!("did you mean {}?", operations::nearest(call.action)?),
        "SignatureDoesNotMatch" => {
            "if the client's string to sign is the one shown, its secret is wrong".to_owned()
        }
        "InvalidVersion" => format!("this is {}", protocol::VERSION),
        "UnsupportedSignatureType" => "assumptions: { bearer: accept } accepts bearer tokens".to_owned(),
        "OperationNotModelled" => "see docs/fidelity.md".to_owned(),
        _ => return None,
    };
    Some(hint)
}

/// One line per call: `GetLastOnceTaskInfo => 403 (NoPermission) account=test fault=deny-polls 2ms`. The fields say the
/// same to programs, in JSON logs. A call without a response has the way its connection broke for a status.
fn log(record: &CallRecord, completion: &Completion<'_>, hint: Option<&str>) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    // Clients choose these texts: a log line must not grow with them.
    let (action, account) = (outside::line(record.action(), 80), outside::line(record.account(), 80));
    let (action, account) = (action.as_ref(), (!account.is_empty()).then_some(account.as_ref()));
    let &Completion { status, broke, result, .. } = completion;
    let code = result.and_then(|result| result.as_ref().err()).map(|error| error.code.as_ref());
    let faults = record.faults().collect::<Vec<_>>().join(",");
    let fault = (!faults.is_empty()).then_some(faults.as_str());
    let elapsed = completion.finished.saturating_sub(record.arrived);
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or_default();
    let mut line = String::with_capacity(128);
    let mut add = |before: &str, text: Option<&str>, after: &str| {
        if let Some(text) = text {
            line.extend([before, text, after]);
        }
    };
    let shown_status = status.and_then(|status| StatusCode::from_u16(status).ok());
    add(
        if action.is_empty() { "-" } else { action },
        Some(" => "),
        shown_status.as_ref().map_or("", StatusCode::as_str),
    );
    add("", broke, "");
    add(" (", code, ")");
    add(" account=", account, "");
    add(" fault=", fault, "");
    add(" (", hint, ")");
    add(" ", Some(&elapsed_ms.to_string()), "ms");
    let line = outside::line(&line, outside::LONGEST_MESSAGE);
    tracing::info!(
        action,
        status,
        broke,
        code,
        account,
        fault,
        elapsed_ms,
        request_id = %record.request_id,
        "{line}"
    );
}
