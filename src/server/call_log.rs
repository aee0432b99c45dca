//! Finishes the record of a call, and hands it to the access log.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, Response};
use bytes::Bytes;

use super::access_log::{self, Hint};
use crate::clock;
use crate::domain::{ApiError, Fidelity, Value};
use crate::fault::Break;
use crate::journal::{CallRecord, Completion, Journal};
use crate::protocol::claims;

const RETRY_AFTER: HeaderName = HeaderName::from_static("x-acs-retry-after");

/// The record of a call that has not finished. Dropped before it has, it finishes as abandoned: the
/// shutdown cut its connection.
pub(super) struct OpenRecord<'j> {
    journal: &'j Journal,
    record: Option<&'j Arc<CallRecord>>,
    is_done: bool,
    hint: Hint,
}

impl<'j> OpenRecord<'j> {
    pub(super) fn new(journal: &'j Journal, record: &'j Arc<CallRecord>) -> Self {
        Self { journal, record: Some(record), is_done: false, hint: Hint::None }
    }

    /// Notes what the operation returned. The response may say something else.
    pub(super) fn performed(&mut self, result: &Result<Value, ApiError>) {
        self.is_done = result.is_ok();
        if result.is_err() && self.hint == Hint::None {
            self.hint = Hint::Refusal;
        }
    }

    /// Notes that the client closed its side before its answer.
    pub(super) fn client_left(&mut self) {
        self.hint = Hint::ClientLeft;
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
        let completion = Completion { done: self.is_done, finished: clock::uptime(), ..*completion };
        self.journal.finish(record, &completion);
        access_log::log(record, self.hint);
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
