//! What is not control is a call to the service: read, judged, answered, told of.

use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue, Request, Response, header};
use bytes::Bytes;

use super::front::Broken;
use super::tell::{Ending, Note, Told};
use crate::clock::{self, Stopwatch};
use crate::domain::{ApiError, Code, Value};
use crate::fault::{Break, Decision, Engine, FaultRefusal, Moment, Sending, effect};
use crate::gateway::{Gateway, Ids};
use crate::journal::Journal;
use crate::protocol::{self, Call, Envelope, Format, Rejection, claims};
use crate::stop::Stop;

/// The service's endpoint.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The service.
    pub gateway: Arc<Gateway>,
    /// What goes wrong on purpose.
    pub faults: Arc<Engine>,
    /// The last calls.
    pub journal: Arc<Journal>,
    /// Most parameters of one request.
    pub parameters: usize,
    /// Tells when the process begins to stop.
    pub stop: Stop,
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
                Ok((self.reject(request, Envelope { format, ..envelope }, error, watch), Sending::Whole))
            }
        }
    }

    /// What goes wrong with a TLS handshake, by the world's clock: whose call will follow, nobody knows yet.
    pub(super) fn judge_handshake(&self) -> Decision {
        let (now, start) = self.gateway.task_time(None);
        self.faults.judge_handshake(&Moment { now, start, uptime: clock::uptime() })
    }

    /// What is answered instead of a call that met a bug.
    pub(super) fn bug(&self, request: &Request<Bytes>, ids: Ids) -> Response<Bytes> {
        tracing::error!("a bug: the call {} panicked; please report it", ids.request);
        let (host, format) = ("", Format::Json);
        let envelope = Envelope { request_id: ids.request, trace_id: ids.trace, action: "", host, format };
        self.reject(request, envelope, Code::INTERNAL.into(), Stopwatch::start())
    }

    /// Faults first: they stand for whatever may fail between a client and the service, whoever the client is.
    async fn decide(
        &self,
        call: &Call<'_>,
        envelope: Envelope<'_>,
        watch: Stopwatch,
    ) -> Result<(Response<Bytes>, Sending), Broken> {
        let envelope = Envelope { action: call.action, format: self.gateway.format(call), ..envelope };
        let (now, start) = self.gateway.task_time(call.claims.access_key_id);
        let moment = Moment { now, start, uptime: clock::uptime() };
        let decision = self.faults.judge(call, true, &moment, || self.gateway.peek(call));
        let told = |ending, note: &Note| {
            self.tell(&Told {
                request: call.request,
                call: Some(call),
                envelope: &envelope,
                ending,
                note,
                watch,
            });
        };
        let broken = |breaks: Break, note: &Note| {
            told(Ending::Broken(breaks), note);
            Broken(breaks)
        };
        if !decision.delay.is_zero() {
            // A stop waits for no delay of ours: the call is done and answered at once.
            tokio::select! {
                () = tokio::time::sleep(decision.delay) => (),
                () = self.stop.ordered() => (),
            }
        }
        let note = Note::new(call, decision.triggered);
        let Outcome { result, headers, note } = match decision.refusal {
            Some(FaultRefusal::Break(breaks)) => return Err(broken(breaks, &note)),
            Some(FaultRefusal::Error { error, headers, .. }) => Outcome { result: Err(error), headers, note },
            None => self.perform(call, note, decision.lie),
        };
        if let Some(breaks) = decision.breaks {
            return Err(broken(breaks, &note));
        }
        let mut response = protocol::encode(&envelope, &result);
        response.headers_mut().extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
        let (response, sending) = effect::apply(&decision.edits, response);
        told(Ending::answered(&response, &result), &note);
        Ok((response, sending))
    }

    fn perform(&self, call: &Call<'_>, note: Note, lie: Option<ApiError>) -> Outcome {
        let answer = self.gateway.handle(call);
        let note = note.done(call, answer.account, answer.result.as_ref().err());
        // What was refused anyway is no lie.
        let result = answer.result.and_then(|value| lie.map_or(Ok(value), Err));
        Outcome { result, headers: Vec::new(), note }
    }

    /// Answers a request that is no call.
    fn reject(
        &self,
        request: &Request<Bytes>,
        envelope: Envelope<'_>,
        error: ApiError,
        watch: Stopwatch,
    ) -> Response<Bytes> {
        let result = Err(error);
        let response = protocol::encode(&envelope, &result);
        let ending = Ending::answered(&response, &result);
        self.tell(&Told { request, call: None, envelope: &envelope, ending, note: &Note::default(), watch });
        response
    }
}
