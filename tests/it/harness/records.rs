//! Calls put into a journal by hand.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use sas_emulator::internals::domain::Value;
use sas_emulator::internals::journal::{Arrival, CallRecord, Completion, Journal};
use sas_emulator::internals::protocol::RequestId;
use sas_emulator::{SignedDuration, Timestamp};

/// A call to be put into a journal by hand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made<'a> {
    /// What follows `/?` in its target.
    pub(crate) query: &'a str,
    pub(crate) account: &'a str,
    /// In milliseconds.
    pub(crate) arrived: i64,
    /// What the task clock shows, in milliseconds.
    pub(crate) task_time: i64,
    /// Whether a fault fires, of the name `slow`.
    pub(crate) is_faulty: bool,
}

impl Default for Made<'_> {
    fn default() -> Self {
        let query = "Action=GetLastOnceTaskInfo&TaskType=IMAGE_SCAN&TaskName=x";
        Self { query, account: "a", arrived: 0, task_time: 0, is_faulty: true }
    }
}

impl Made<'_> {
    /// Lets it arrive in the current session.
    pub(crate) fn arrive(self, journal: &Journal) -> Arc<CallRecord> {
        self.arrive_in(journal, journal.generation()).unwrap()
    }

    pub(crate) fn arrive_in(
        self,
        journal: &Journal,
        generation: u64,
    ) -> Result<Arc<CallRecord>, Arc<CallRecord>> {
        let request = Request::get(format!("/?{}", self.query)).body(Bytes::new()).unwrap();
        let decoded = sas_emulator::internals::protocol::decode(&request, 99).unwrap();
        let call = decoded.call(&request);
        journal.arrive(
            generation,
            &Arrival {
                request: &request,
                call: Some(&call),
                escaped: None,
                account: Some(self.account),
                faults: &["slow".to_owned()][..usize::from(self.is_faulty)],
                request_id: RequestId::new(u128::from(journal.last()).to_be_bytes()),
                time: Timestamp::UNIX_EPOCH,
                task_time: Timestamp::UNIX_EPOCH + SignedDuration::from_millis(self.task_time),
                arrived: SignedDuration::from_millis(self.arrived),
            },
        )
    }
}

/// Finishes a call, with a response that shows a task.
pub(crate) fn finish(
    journal: &Journal,
    call: &Arc<CallRecord>,
    at: i64,
    status: u16,
    task: Option<(i64, &'static str)>,
) {
    let task = task.map(|(id, status)| {
        Value::Map(vec![("TaskId".into(), Value::Int(id)), ("Status".into(), Value::text(status))])
    });
    let result = Ok(task.unwrap_or_else(|| Value::reply([])));
    let finished = SignedDuration::from_millis(at);
    let completion =
        Completion { status: Some(status), result: Some(&result), finished, ..Completion::default() };
    journal.finish(call, &completion);
}
