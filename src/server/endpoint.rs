//! Handles API calls: decode, arrive, wait out an injected delay (which a reset does not end), perform, encode, finish the record.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use axum::http::{Request, Response};
use bytes::Bytes;
use futures_util::FutureExt;

use super::call_log::OpenRecord;
use crate::control::Links;
use crate::domain::{ApiError, Code, Fidelity, Product};
use crate::emulator::{Emulator, Ids};
use crate::fault::{Break, FaultRefusal, Sending, effect};
use crate::journal::CallRecord;
use crate::origin;
use crate::peer::Peer;
use crate::protocol::{self, Call, Envelope, Format, LinkKey};

#[derive(Debug, Clone)]
pub(super) struct Endpoint(pub(super) Arc<Emulator>, pub(super) Links);

/// A response and how it is sent, or how the connection breaks instead.
pub(super) type EndpointAnswer = Result<(Response<Bytes>, Sending), Break>;

/// What is known of a call that panics: its ids and its record, once it has arrived.
type ArrivedCell = OnceLock<(Ids, Arc<CallRecord>)>;

impl Endpoint {
    /// Answers one request; `received` is the error with which its body could not be read. A panic is a bug, and must not
    /// cost a client more than one call: it is answered with an id to look for in the log.
    pub(super) async fn answer(
        &self,
        request: &Request<Bytes>,
        received: Result<(), ApiError>,
        peer: &Peer,
    ) -> EndpointAnswer {
        let arrived_cell = ArrivedCell::new();
        let answer =
            AssertUnwindSafe(self.handle(request, received, &arrived_cell, peer)).catch_unwind().await;
        answer.unwrap_or_else(|_| Ok((self.bug(request, &arrived_cell), Sending::Whole)))
    }

    async fn handle(
        &self,
        request: &Request<Bytes>,
        received: Result<(), ApiError>,
        arrived_cell: &ArrivedCell,
        peer: &Peer,
    ) -> EndpointAnswer {
        match received.and_then(|()| protocol::decode(request, self.0.config().limits.parameters)) {
            Ok(decoded) => self.call(&decoded.call(request), arrived_cell, peer).await,
            Err(error) => {
                let arrived = self.0.arrive_unreadable(request);
                // Errors that precede the parameters are XML even to JSON clients (spec/protocol.md §4.1).
                Ok((self.reject(request, &arrived, error, Format::Xml), Sending::Whole))
            }
        }
    }

    async fn call(&self, call: &Call<'_>, arrived_cell: &ArrivedCell, peer: &Peer) -> EndpointAnswer {
        let arrived = self.0.arrive(call);
        let _ = arrived_cell.set((arrived.ids, Arc::clone(&arrived.record)));
        let mut record = OpenRecord::new(&self.0, &arrived.record);
        let decision = &arrived.decision;
        if !decision.delay.is_zero() {
            // The wait has no use once the emulator stops or the client has closed its side: then the operation is
            // performed and answered at once. A client that closed only its side still gets the answer.
            tokio::select! {
                () = tokio::time::sleep(decision.delay) => {},
                () = self.0.shutdown().cancelled() => {},
                () = peer.gone() => record.client_left(),
            }
        }
        let (result, fidelity, headers) = match &decision.refusal {
            Some(FaultRefusal::Break(kind)) => return Err(record.broken(*kind)),
            Some(FaultRefusal::Error { error, headers, .. }) => {
                (Err(error.clone()), Fidelity::Scripted, headers.as_slice())
            }
            None => {
                let (result, fidelity) = arrived.perform(call);
                record.performed(&result, arrived.hint(call, &result));
                // After it was done: what is saved from now on has it.
                self.0.note_change();
                match &decision.lie {
                    // A call that failed anyway is not lied about.
                    Some(lie) if result.is_ok() => (Err(lie.clone()), Fidelity::Scripted, [].as_slice()),
                    _ => (result, fidelity, [].as_slice()),
                }
            }
        };
        if let Some(kind) = decision.breaks {
            return Err(record.broken(kind));
        }
        let fidelity = if decision.edits.is_empty() { fidelity } else { fidelity.max(Fidelity::Scripted) };
        let links = self.1.key(arrived.given_seed());
        let envelope = Envelope {
            action: call.action,
            product: call.product.unwrap_or(Product::SAS).name,
            links,
            fidelity,
            ..envelope(call.request, arrived.ids, arrived.format)
        };
        let mut response = protocol::encode(&envelope, &result);
        record.show_hint(&mut response);
        response.headers_mut().extend(headers.iter().cloned());
        let (response, sending) = effect::apply(&decision.edits, response);
        record.answered(&response, &result, fidelity);
        Ok((response, sending))
    }

    /// Refuses a request whose body is not read; it is in the journal like one that cannot be read.
    pub(super) fn refuse(&self, request: &Request<Bytes>, error: ApiError) -> Response<Bytes> {
        let arrived = self.0.arrive_unreadable(request);
        self.reject(request, &arrived, error, Format::Json)
    }

    /// Refuses a call to another host; it is in the journal as an escaped call.
    pub(super) fn refuse_escaped(
        &self,
        request: &Request<Bytes>,
        host: &str,
        account: Option<&str>,
        error: ApiError,
    ) -> Response<Bytes> {
        let arrived = self.0.arrive_escaped(request, host, account);
        self.reject(request, &arrived, error, Format::Json)
    }

    fn reject(
        &self,
        request: &Request<Bytes>,
        (ids, record): &(Ids, Arc<CallRecord>),
        error: ApiError,
        format: Format,
    ) -> Response<Bytes> {
        let mut open = OpenRecord::new(&self.0, record);
        if record.escaped().is_some() {
            open.refused(&error.code);
        }
        let result = Err(error);
        let mut response = protocol::encode(&envelope(request, *ids, format), &result);
        open.show_hint(&mut response);
        open.answered(&response, &result, Fidelity::Modelled);
        response
    }

    fn bug(&self, request: &Request<Bytes>, arrived_cell: &ArrivedCell) -> Response<Bytes> {
        let arrived = arrived_cell.get().cloned().unwrap_or_else(|| self.0.arrive_unreadable(request));
        tracing::error!("a bug: the call {} panicked; please report it", arrived.0.request);
        self.reject(request, &arrived, Code::INTERNAL.into(), Format::Json)
    }
}

fn envelope(request: &Request<Bytes>, ids: Ids, format: Format) -> Envelope<'_> {
    let host = origin::host(request.uri(), request.headers());
    Envelope {
        request_id: ids.request,
        trace_id: ids.trace,
        action: "",
        product: Product::SAS.name,
        host,
        format,
        fidelity: Fidelity::Modelled,
        is_over_tls: request.extensions().get::<origin::OverTls>().is_some(),
        links: LinkKey::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::Config;
    use crate::scenario::load;

    #[tokio::test]
    async fn a_panic_is_answered_with_an_id_to_look_for() {
        let config = Config::new(load::find("default").unwrap());
        let endpoint = Endpoint(Arc::new(Emulator::new(config).unwrap()), Links::new(None));
        let request = Request::new(Bytes::new());
        let arrived = endpoint.0.arrive_unreadable(&request);
        let id = arrived.0.request;
        let answer = endpoint.bug(&request, &ArrivedCell::from(arrived));
        assert_eq!(answer.status(), 500);
        let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(body["Code"], "InternalError");
        assert_eq!(body["RequestId"], id.to_string());
        assert_eq!(endpoint.0.journal().find(id).unwrap().code(), "InternalError");
    }
}
