//! The access log: one line per call, made on a thread of its own from the record of the call.
//!
//! A call costs its thread one push. Nothing is formatted there, and nothing waits for the reader of the log.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use axum::http::StatusCode;

use crate::domain::Fidelity;
use crate::journal::CallRecord;
use crate::log_queue::{self, LogQueue};
use crate::operations;
use crate::text::outside;

/// Most calls that wait for their lines, and most memory that their records take; further ones are counted and not logged.
const MOST_CALLS: usize = 8192;
const MOST_BYTES: usize = 16 << 20;

static QUEUE: LogQueue<Waiting> = LogQueue::new(Waiting { calls: Vec::new(), bytes: 0 });

#[derive(Debug, Default)]
struct Waiting {
    calls: Vec<Arc<CallRecord>>,
    bytes: usize,
}

impl Waiting {
    fn add(&mut self, call: Arc<CallRecord>) -> bool {
        let bytes = self.bytes + call.bytes();
        let has_room = self.calls.len() < MOST_CALLS && bytes <= MOST_BYTES;
        if has_room {
            self.calls.push(call);
            self.bytes = bytes;
        }
        has_room
    }
}

/// Logs a call that has finished.
pub(super) fn log(record: &Arc<CallRecord>) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let call = Arc::clone(record);
    if !is_started() || !QUEUE.add(|waiting| waiting.add(call)) {
        log_queue::count_dropped(1);
    }
}

/// Waits until the calls that have finished are logged, or for so long.
pub(crate) fn flush_access_log(limit: Duration) {
    QUEUE.flush(limit);
}

/// One thread for all emulators of the process, as they have one subscriber. It begins with the first line.
fn is_started() -> bool {
    static STARTED: OnceLock<bool> = OnceLock::new();
    *STARTED.get_or_init(|| {
        let work = || {
            loop {
                for call in QUEUE.take().calls {
                    write(&call);
                }
            }
        };
        thread::Builder::new().name("access-log".to_owned()).spawn(work).is_ok()
    })
}

/// What a line says of a call, with texts from outside escaped and cut: a log line must not grow with what clients send.
struct Shown<'r> {
    record: &'r CallRecord,
    /// Method, host and port of an escaped call.
    escaped: Option<String>,
    action: Cow<'r, str>,
    /// What the call is about: its `TaskType`, or the first parameter that chooses its task.
    about: Option<Cow<'r, str>>,
    account: Option<Cow<'r, str>>,
    code: Option<&'r str>,
    fault: Option<String>,
    fidelity: Option<&'static str>,
    /// To tenths.
    elapsed_ms: f64,
}

/// Most bytes of a name.
const NAME_BYTES: usize = 80;
/// Most lines are not longer.
const LINE_BYTES: usize = 128;

impl<'r> Shown<'r> {
    fn of(record: &'r CallRecord) -> Self {
        let name = |text: &'r str| {
            Some(text).filter(|text| !text.is_empty()).map(|text| outside::line(text, NAME_BYTES))
        };
        let escaped = record.escaped();
        let about = ["TaskType"].iter().chain(operations::identity(record.action()));
        let about = about.filter_map(|name| record.param(name)).find(|value| !value.is_empty());
        let faults: Vec<&str> = record.faults().collect();
        let elapsed = record.elapsed().unwrap_or_default();
        Self {
            record,
            escaped: escaped
                .map(|host| outside::line(&format!("{} {host}", record.method()), 200).into_owned()),
            action: outside::line(record.action(), NAME_BYTES),
            about: about.and_then(name),
            account: name(record.account()),
            code: (!record.code().is_empty()).then(|| record.code()),
            fault: (!faults.is_empty()).then(|| faults.join(",")),
            fidelity: record.lesser_fidelity().map(Fidelity::as_str),
            elapsed_ms: (elapsed.as_secs_f64() * 1e4).round() / 10.0,
        }
    }

    /// `GetLastOnceTaskInfo IMAGE_SCAN => 200 START 37% account=test 0.4ms`. A call without a response has the way its
    /// connection broke for a status.
    fn line(&self) -> String {
        let record = self.record;
        let mut line = String::with_capacity(LINE_BYTES);
        let mut add = |before: &str, text: Option<&str>, after: &str| {
            if let Some(text) = text {
                line.extend([before, text, after]);
            }
        };
        let action = if self.action.is_empty() { "-" } else { &self.action };
        add("", Some(self.escaped.as_deref().unwrap_or(action)), "");
        add(" ", self.about.as_deref(), "");
        let status = record.status().and_then(|status| StatusCode::from_u16(status).ok());
        add(" => ", Some(status.as_ref().map_or("", StatusCode::as_str)), "");
        add("", record.broke(), "");
        add(" (", self.code, ")");
        add(" ", record.task_status(), "");
        add(" ", record.task_progress().map(|progress| progress.to_string()).as_deref(), "%");
        add(" account=", self.account.as_deref(), "");
        add(" fault=", self.fault.as_deref(), "");
        add(" fidelity=", self.fidelity, "");
        add(" (", record.hint(), ")");
        // Cannot fail: it is a text.
        let _ = write!(line, " {:.1}ms", self.elapsed_ms);
        outside::owned_line(line, outside::LONGEST_MESSAGE)
    }
}

/// One line per call. The fields say the same to programs, in JSON logs.
fn write(record: &CallRecord) {
    let shown = Shown::of(record);
    tracing::info!(
        action = &*shown.action,
        about = shown.about.as_deref(),
        escaped = record.escaped(),
        status = record.status(),
        broke = record.broke(),
        code = shown.code,
        task_status = record.task_status(),
        task_progress = record.task_progress(),
        account = shown.account.as_deref(),
        fault = shown.fault,
        fidelity = shown.fidelity,
        hint = record.hint(),
        elapsed_ms = shown.elapsed_ms,
        request_id = %record.request_id,
        "{}",
        shown.line()
    );
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;
    use jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::domain::{ApiError, Code, Value, members};
    use crate::journal::{Arrival, Capacity, Completion, Journal};
    use crate::protocol::{self, RequestId};

    /// The line of a call that took 0.449 ms.
    fn line(query: &str, result: &Result<Value, ApiError>, change: impl Fn(&mut Completion<'_>)) -> String {
        let request = Request::get(format!("/?{query}")).header("host", "x").body(Bytes::new()).unwrap();
        let decoded = protocol::decode(&request, 100).unwrap();
        let call = decoded.call(&request);
        let arrival = Arrival {
            request: &request,
            call: Some(&call),
            escaped: None,
            account: Some("test"),
            faults: &[],
            request_id: RequestId::new([7; 16]),
            time: Timestamp::UNIX_EPOCH,
            task_time: Timestamp::UNIX_EPOCH,
            arrived: SignedDuration::ZERO,
        };
        let journal = Journal::new(Capacity { entries: 0, ..Capacity::default() });
        let record = journal.arrive(0, &arrival).unwrap();
        let finished = SignedDuration::from_micros(449);
        let status = Some(result.as_ref().map_or_else(|error| error.status, |_| 200));
        let mut completion = Completion { status, result: Some(result), finished, ..Completion::default() };
        change(&mut completion);
        journal.finish(&record, &completion);
        Shown::of(&record).line()
    }

    #[test]
    fn lines_tell_what_was_asked_and_what_was_shown() {
        let info = Value::Map(members! { "Status": "START", "Progress": 37 });
        let started = Ok(Value::Map(members! { "TaskId": 7, "TaskInfo": info }));
        let refused = Err(Code::NO_PERMISSION.into());
        let nothing = Ok(Value::reply([]));
        let same = |_: &mut Completion<'_>| ();
        let lines = [
            line("Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN&TaskName=x", &started, same),
            line("Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN", &refused, same),
            line("Action=DescribeVulExportInfo&ExportId=12&Type=cve", &nothing, same),
            line("Action=DescribeVulList&Type=cve", &nothing, |completion| completion.hint = Some("a hint")),
            line("Action=A%0AB&TaskType=%1B%E2%80%AEx", &nothing, same),
            line(&format!("Action=A&TaskType={}", "x".repeat(500)), &nothing, same),
            line("Action=CancelOnceTask&TaskId=5", &nothing, |completion| {
                (completion.status, completion.broke) = (None, Some("reset"));
            }),
            line("", &nothing, same),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        GetLastOnceTaskInfo IMAGE_SCAN => 200 START 37% account=test 0.4ms
        GetLastOnceTaskInfo IMAGE_SCAN => 403 (NoPermission) account=test 0.4ms
        DescribeVulExportInfo 12 => 200 account=test 0.4ms
        DescribeVulList => 200 account=test (a hint) 0.4ms
        A\nB \u{1b}\u{202e}x => 200 account=test 0.4ms
        A xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…(+420 bytes) => 200 account=test 0.4ms
        CancelOnceTask 5 => reset account=test 0.4ms
        - => 200 account=test 0.4ms
        ");
    }
}
