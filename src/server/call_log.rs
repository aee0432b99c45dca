//! Finishes the record of a call, and hands it to the access log; its hint goes to the client too.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Response};
use bytes::Bytes;

use super::access_log;
use crate::clock;
use crate::domain::{ApiError, Fidelity, Value};
use crate::emulator::{Emulator, hints};
use crate::fault::Break;
use crate::journal::{CallRecord, Completion};
use crate::protocol::claims;

const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");
/// Ours: what may help the client.
const HINT: HeaderName = HeaderName::from_static("x-emulator-hint");

/// The record of a call that has not finished. Dropped before it has, it finishes as abandoned: the
/// shutdown cut its connection.
pub(super) struct OpenRecord<'j> {
    emulator: &'j Emulator,
    record: Option<&'j Arc<CallRecord>>,
    is_done: bool,
    hint: Option<Cow<'static, str>>,
}

impl<'j> OpenRecord<'j> {
    pub(super) fn new(emulator: &'j Emulator, record: &'j Arc<CallRecord>) -> Self {
        Self { emulator, record: Some(record), is_done: false, hint: None }
    }

    /// Notes what the operation returned, and what may help the client. The response may say something else.
    pub(super) fn performed(&mut self, result: &Result<Value, ApiError>, hint: Option<String>) {
        self.is_done = result.is_ok();
        self.hint = self.hint.take().or_else(|| hint.map(Cow::Owned));
    }

    /// Notes that the call was refused before its operation.
    pub(super) fn refused(&mut self, code: &str) {
        self.hint =
            hints::for_refusal(self.record.map_or("", |record| record.action()), code).map(Cow::Owned);
    }

    /// Notes that the client closed its side before its answer.
    pub(super) fn client_left(&mut self) {
        self.hint = Some(Cow::Borrowed(hints::CLIENT_LEFT));
    }

    /// Adds the hint to the response. Faults may change all of its headers afterwards.
    pub(super) fn show_hint(&self, response: &mut Response<Bytes>) {
        // A hint is ASCII without control signs, so none is left out here. Proxies take spaces at the end of a header away.
        let value = self.hint.as_deref().and_then(|hint| HeaderValue::from_str(hint.trim()).ok());
        response.headers_mut().extend(value.map(|value| (HINT, value)));
    }

    pub(super) fn answered(
        mut self,
        response: &Response<Bytes>,
        result: &Result<Value, ApiError>,
        fidelity: Fidelity,
    ) {
        // From the response, because fault rules may set or remove the header.
        let wait = claims::text(response.headers(), RETRY_AFTER).and_then(|wait| wait.parse().ok());
        self.finish(&Completion {
            status: Some(response.status().as_u16()),
            result: Some(result),
            fidelity: Some(fidelity),
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
        let (done, hint) = (self.is_done, self.hint.as_deref());
        let completion = Completion { done, hint, finished: clock::uptime(), ..*completion };
        self.emulator.journal().finish(record, &completion);
        self.emulator.calls().add(record);
        access_log::log(record);
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
