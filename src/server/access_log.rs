//! The access log: one line per call, made on a thread of its own from the record of the call.
//!
//! A call costs its thread one push. Nothing is formatted there, and nothing waits for the reader of the log.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use axum::http::StatusCode;

use crate::domain::Fidelity;
use crate::journal::CallRecord;
use crate::log_queue::{self, LogQueue};
use crate::operations;
use crate::protocol;
use crate::text::outside;

/// Most calls that wait for their lines, and most memory that their records take; further ones are counted and not logged.
const MOST_CALLS: usize = 8192;
const MOST_BYTES: usize = 16 << 20;

static QUEUE: LogQueue<Waiting> = LogQueue::new(Waiting { calls: Vec::new(), bytes: 0 });

#[derive(Debug, Default)]
struct Waiting {
    calls: Vec<Finished>,
    bytes: usize,
}

#[derive(Debug)]
struct Finished {
    record: Arc<CallRecord>,
    hint: Hint,
}

/// What a line says beside what the record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    None,
    /// The service itself refused the call: what may help.
    Refusal,
    ClientLeft,
}

impl Waiting {
    fn add(&mut self, call: Finished) -> bool {
        let bytes = self.bytes + call.record.bytes();
        let has_room = self.calls.len() < MOST_CALLS && bytes <= MOST_BYTES;
        if has_room {
            self.calls.push(call);
            self.bytes = bytes;
        }
        has_room
    }
}

/// Logs a call that has finished.
pub(super) fn log(record: &Arc<CallRecord>, hint: Hint) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let call = Finished { record: Arc::clone(record), hint };
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

/// What a reader of the log may want to know and the service does not say.
fn help(action: &str, code: &str) -> Option<String> {
    let hint = match code {
        "InvalidAction.NotFound" => match operations::retired(action) {
            Some(retired) => retired,
            None => format!("did you mean {}?", operations::nearest(action)?),
        },
        "SignatureDoesNotMatch" => {
            "if the client's string to sign is the one shown, its secret is wrong".to_owned()
        }
        "InvalidVersion" => {
            format!("this is {}; docs/fidelity.md lists the other products", protocol::VERSION)
        }
        "UnsupportedSignatureType" => "assumptions: { bearer: accept } accepts bearer tokens".to_owned(),
        "EscapedCall" => "not forwarded; --intercept-host serves further hosts".to_owned(),
        "OperationNotModelled" if operations::has_shape_only(action) => {
            "--unmodelled shape answers it; see docs/fidelity.md".to_owned()
        }
        _ => return None,
    };
    Some(hint)
}

/// One line per call: `GetLastOnceTaskInfo => 403 (NoPermission) account=test fault=deny-polls 2ms`. The fields say the
/// same to programs, in JSON logs. A call without a response has the way its connection broke for a status.
fn write(Finished { record, hint }: &Finished) {
    // Clients choose these texts: a log line must not grow with them.
    let escaped =
        record.escaped().map(|host| outside::line(&format!("{} {host}", record.method()), 200).into_owned());
    let (action, account) = (outside::line(record.action(), 80), outside::line(record.account(), 80));
    let (action, account) = (action.as_ref(), (!account.is_empty()).then_some(account.as_ref()));
    let (status, broke) = (record.status(), record.broke());
    let code = (!record.code().is_empty()).then_some(record.code());
    let hint = match hint {
        Hint::None => None,
        Hint::Refusal => help(record.action(), record.code()),
        Hint::ClientLeft => Some("the client closed its side while the call was delayed".to_owned()),
    };
    let faults = record.faults().collect::<Vec<_>>().join(",");
    let fault = (!faults.is_empty()).then_some(faults.as_str());
    let fidelity = record.lesser_fidelity().map(Fidelity::as_str);
    let elapsed = record.elapsed().unwrap_or_default();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or_default();
    let mut line = String::with_capacity(128);
    let mut add = |before: &str, text: Option<&str>, after: &str| {
        if let Some(text) = text {
            line.extend([before, text, after]);
        }
    };
    let shown_status = status.and_then(|status| StatusCode::from_u16(status).ok());
    add(
        escaped.as_deref().unwrap_or(if action.is_empty() { "-" } else { action }),
        Some(" => "),
        shown_status.as_ref().map_or("", StatusCode::as_str),
    );
    add("", broke, "");
    add(" (", code, ")");
    add(" account=", account, "");
    add(" fault=", fault, "");
    add(" fidelity=", fidelity, "");
    add(" (", hint.as_deref(), ")");
    add(" ", Some(&elapsed_ms.to_string()), "ms");
    let line = outside::line(&line, outside::LONGEST_MESSAGE);
    tracing::info!(
        action,
        escaped = record.escaped(),
        status,
        broke,
        code,
        account,
        fault,
        fidelity,
        elapsed_ms,
        request_id = %record.request_id,
        "{line}"
    );
}
