//! What is not control is a call to the service: read, judged, answered, logged.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Request, Response, header};
use bytes::Bytes;

use super::front::Broken;
use crate::clock::{self, Stopwatch};
use crate::domain::{ApiError, Value};
use crate::fault::{self, Break, Engine, Moment, Refusal, Sending};
use crate::gateway::{Gateway, Ids};
use crate::operations;
use crate::protocol::{self, Call, Envelope, Format, Rejection, claims};

/// The service's endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What goes wrong on purpose.
    pub faults: Arc<Engine>,
    /// Most parameters of one request.
    pub parameters: usize,
}

/// What the log line says of a call.
#[derive(Debug, Default)]
struct Note {
    action: String,
    /// As verified, or as claimed by a call that was refused.
    account: Option<String>,
    /// The rules that struck it.
    faults: Vec<String>,
    hint: Option<String>,
}

/// How a call ends, before it is known whether its answer ever leaves.
struct Outcome {
    result: Result<Value, ApiError>,
    /// Headers that go with an error.
    headers: Vec<(HeaderName, HeaderValue)>,
    note: Note,
}

impl Endpoint {
    /// Answers one request, or says why its body could not be taken in.
    pub async fn answer(
        &self,
        request: &Request<Bytes>,
        received: Result<(), ApiError>,
        ids: Ids,
    ) -> Result<(Response<Bytes>, Sending), Broken> {
        let watch = Stopwatch::start();
        let decoded = match received {
            Ok(()) => protocol::decode(request, self.parameters),
            Err(error) => Err(error.into()),
        };
        let host = claims::text(request.headers(), header::HOST.as_str()).unwrap_or_default();
        let envelope =
            Envelope { request_id: ids.request, trace_id: ids.trace, action: "", host, format: Format::Xml };
        match decoded {
            Ok(decoded) => self.decide(&decoded.call(request), envelope, watch).await,
            Err(Rejection { error, format }) => {
                let envelope = Envelope { format, ..envelope };
                Ok((finish(&envelope, &Err(error), &Note::default(), watch), Sending::Whole))
            }
        }
    }

    /// Faults first: they stand for whatever may fail between a client and the service, whoever the client is.
    async fn decide(
        &self,
        call: &Call<'_>,
        envelope: Envelope<'_>,
        watch: Stopwatch,
    ) -> Result<(Response<Bytes>, Sending), Broken> {
        let envelope = Envelope { action: call.action, format: self.gateway.format(call), ..envelope };
        let moment = || {
            let (now, began) = self.gateway.task_time(call.claims.access_key_id);
            Moment { now, began, uptime: clock::uptime() }
        };
        let verdict = self.faults.judge(call, moment, || self.gateway.peek(call));
        let broken = |breaks: Break, note: &Note| {
            log(&envelope, breaks.as_str(), None, note, watch);
            Broken(breaks)
        };
        if !verdict.delay.is_zero() {
            tokio::time::sleep(verdict.delay).await;
        }
        let Outcome { result, headers, note } = match verdict.refusal {
            Some(Refusal::Break(breaks)) => return Err(broken(breaks, &note(call, verdict.struck))),
            Some(Refusal::Error(error, headers)) => {
                Outcome { result: Err(error), headers, note: note(call, verdict.struck) }
            }
            None => self.perform(call, verdict.struck, verdict.lie),
        };
        if let Some(breaks) = verdict.breaks {
            return Err(broken(breaks, &note));
        }
        let mut response = protocol::encode(&envelope, &result);
        response.headers_mut().extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
        let (response, sending) = fault::answer::apply(&verdict.edits, response);
        let status = response.status();
        log(&envelope, status.as_str(), result.as_ref().err(), &note, watch);
        Ok((response, sending))
    }

    fn perform(&self, call: &Call<'_>, struck: Vec<String>, lie: Option<ApiError>) -> Outcome {
        let answer = self.gateway.handle(call);
        let mut note = note(call, struck);
        note.account = answer.account.or(note.account);
        // For the log alone: what goes over the wire is what the service would say.
        note.hint = answer.result.as_ref().err().and_then(|error| hint(call, &error.code));
        // What was refused anyway is no lie.
        let result = answer.result.and_then(|value| lie.map_or(Ok(value), Err));
        Outcome { result, headers: Vec::new(), note }
    }
}

/// What is known of a call before it is done.
fn note(call: &Call<'_>, faults: Vec<String>) -> Note {
    // Strangers choose these texts: a log line must not grow with them.
    let short = |text: &str| text.chars().take(80).collect::<String>();
    Note { action: short(call.action), account: call.claims.access_key_id.map(short), faults, hint: None }
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

fn finish(
    envelope: &Envelope<'_>,
    result: &Result<Value, ApiError>,
    note: &Note,
    watch: Stopwatch,
) -> Response<Bytes> {
    let response = protocol::encode(envelope, result);
    log(envelope, response.status().as_str(), result.as_ref().err(), note, watch);
    response
}

/// One line per call: `GetLastOnceTaskInfo => 403 (NoPermission) account=test fault=deny-polls 2ms`. The fields say the
/// same to programs, in JSON logs. A call that gets no answer has the way its connection broke for a status.
fn log(envelope: &Envelope<'_>, status: &str, error: Option<&ApiError>, note: &Note, watch: Stopwatch) {
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let Note { action, account, faults, hint } = note;
    let code = error.map(|error| error.code.as_ref());
    let fault = (!faults.is_empty()).then(|| faults.join(","));
    let elapsed_ms = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut line = String::with_capacity(128);
    let mut add = |before: &str, text: Option<&str>, after: &str| {
        if let Some(text) = text {
            line.extend([before, text, after]);
        }
    };
    add(if action.is_empty() { "-" } else { action }, Some(" => "), status);
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
        status = status.parse::<u16>().ok(),
        broke = status.parse::<u16>().is_err().then_some(status),
        code,
        account,
        fault,
        elapsed_ms,
        request_id = %envelope.request_id,
        "{line}"
    );
}
