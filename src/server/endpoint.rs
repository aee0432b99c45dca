//! What is not control is a call to the service: read, judged, answered, logged.

use std::sync::Arc;

use axum::http::{Request, Response, header};
use bytes::Bytes;

use crate::clock::{self, Clock, Stopwatch};
use crate::domain::{ApiError, Value};
use crate::fault::{self, Rule};
use crate::gateway::{Gateway, Ids};
use crate::journal::{Journal, Seen};
use crate::operations;
use crate::protocol::call::Decoded;
use crate::protocol::{self, Call, Envelope, Format, Rejection, claims};

/// The service's endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What goes wrong on purpose.
    pub faults: Arc<[Rule]>,
    /// The last calls.
    pub journal: Arc<Journal>,
    /// Most parameters of one request.
    pub parameters: usize,
}

/// What log line and journal say of a call.
#[derive(Debug, Default)]
struct Note {
    action: String,
    /// As verified, or as claimed by a call that was refused.
    account: Option<String>,
    fault: Option<String>,
    hint: Option<String>,
}

impl Endpoint {
    /// Answers one request, or says why its body could not be taken in.
    pub fn answer(
        &self,
        request: &Request<Bytes>,
        received: Result<(), ApiError>,
        ids: Ids,
    ) -> Response<Bytes> {
        let watch = Stopwatch::start();
        let decoded = match received {
            Ok(()) => protocol::decode(request, self.parameters),
            Err(error) => Err(error.into()),
        };
        self.decide(request, decoded, ids, watch)
    }

    fn decide(
        &self,
        request: &Request<Bytes>,
        decoded: Result<Decoded, Rejection>,
        ids: Ids,
        watch: Stopwatch,
    ) -> Response<Bytes> {
        let host = claims::text(request.headers(), header::HOST.as_str()).unwrap_or_default();
        let envelope =
            Envelope { request_id: ids.request, trace_id: ids.trace, action: "", host, format: Format::Xml };
        match decoded {
            Ok(decoded) => {
                let call = decoded.call(request);
                let (result, note) = self.perform(&call);
                let envelope =
                    Envelope { action: call.action, format: self.gateway.format(&call), ..envelope };
                self.finish(request, Some(&call), &envelope, &result, &note, watch)
            }
            Err(Rejection { error, format }) => {
                let envelope = Envelope { format, ..envelope };
                self.finish(request, None, &envelope, &Err(error), &Note::default(), watch)
            }
        }
    }

    /// Faults first: they stand for whatever may fail between a client and the service, whoever the client is.
    fn perform(&self, call: &Call<'_>) -> (Result<Value, ApiError>, Note) {
        let verdict = fault::judge(&self.faults, call);
        // Strangers choose these texts: a log line must not grow with them.
        let short = |text: &str| text.chars().take(80).collect::<String>();
        let note = Note { action: short(call.action), ..Note::default() };
        if let Some(error) = verdict.refusal {
            let account = call.claims.access_key_id.map(short);
            let fault = verdict.struck.map(str::to_owned);
            return (Err(error.clone()), Note { account, fault, ..note });
        }
        let answer = self.gateway.handle(call);
        let account = answer.account.or(call.claims.access_key_id.map(short));
        // For the log alone: what goes over the wire is what the service would say.
        let hint = answer.result.as_ref().err().and_then(|error| hint(call, &error.code));
        (answer.result, Note { account, hint, ..note })
    }

    /// Encodes the answer and tells log and journal of it.
    fn finish(
        &self,
        request: &Request<Bytes>,
        call: Option<&Call<'_>>,
        envelope: &Envelope<'_>,
        result: &Result<Value, ApiError>,
        note: &Note,
        watch: Stopwatch,
    ) -> Response<Bytes> {
        let response = protocol::encode(envelope, result);
        let status = response.status().as_u16();
        log(envelope, status, result, note, watch);
        self.journal.record(&Seen {
            request,
            call,
            account: note.account.as_deref(),
            faults: note.fault.as_deref().as_slice(),
            request_id: envelope.request_id,
            status: Some(status),
            result,
            elapsed: watch.elapsed(),
            task_time: self.gateway.with_clock(Clock::now),
            time: clock::machine_time(),
        });
        response
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
/// same to programs, in JSON logs.
fn log(
    envelope: &Envelope<'_>,
    status: u16,
    result: &Result<Value, ApiError>,
    note: &Note,
    watch: Stopwatch,
) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let Note { action, account, fault, hint } = note;
    let status_text = &status.to_string();
    let code = result.as_ref().err().map(|error| error.code.as_ref());
    let elapsed_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut line = String::with_capacity(128);
    let mut add = |before: &str, text: Option<&str>, after: &str| {
        if let Some(text) = text {
            line.extend([before, text, after]);
        }
    };
    add(if action.is_empty() { "-" } else { action }, Some(" => "), status_text);
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
        status,
        code,
        account,
        fault,
        elapsed_ms,
        request_id = %envelope.request_id,
        "{line}"
    );
}
