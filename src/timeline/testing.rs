//! Small runs for the tests of this module: calls as they would be recorded, at times that the test chooses.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};

use super::bars::{AccountTasks, TaskLife};
use super::build::{Material, Timeline};
use crate::domain::{ApiError, Code, Fidelity, Status, Value};
use crate::journal::{Arrival, Capacity, CommandRecord, Completion, Journal};
use crate::protocol::{RequestId, decode};

pub(super) fn millis(millis: i64) -> SignedDuration {
    SignedDuration::from_millis(millis)
}

/// A time of the task clock, in seconds since it began.
pub(super) fn second(second: i64) -> Timestamp {
    "2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(second)
}

/// A run in the making.
pub(super) struct Made {
    journal: Journal,
    material: Material,
}

/// How a call of a test ended.
#[derive(Clone, Copy)]
pub(super) enum CallEnd<'a> {
    Task(u64, &'a str),
    Error(u16),
    Reset,
    None,
}

impl Made {
    pub(super) fn new() -> Self {
        let material = Material { now: millis(10_000), date: second(0), ..Material::default() };
        Self { journal: Journal::new(Capacity::default()), material }
    }

    /// A call of an account at a real time, with the task clock at so many seconds.
    pub(super) fn call(self, account: &str, at: i64, clock: i64, end: CallEnd<'_>) -> Self {
        self.faulty(account, at, clock, end, &[])
    }

    pub(super) fn faulty(
        self,
        account: &str,
        at: i64,
        clock: i64,
        end: CallEnd<'_>,
        faults: &[&str],
    ) -> Self {
        let faults: Vec<String> = faults.iter().map(|fault| (*fault).to_owned()).collect();
        let target = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&TaskType=IMAGE_SCAN";
        let request = Request::get(target).body(Bytes::new()).unwrap();
        let decoded = decode(&request, 100).unwrap();
        let arrival = Arrival {
            request: &request,
            call: Some(&decoded.call(&request)),
            escaped: None,
            account: Some(account),
            faults: &faults,
            request_id: RequestId::new([7; 16]),
            time: second(0) + millis(at),
            task_time: second(clock),
            arrived: millis(at),
        };
        let record = self.journal.arrive(0, &arrival).unwrap();
        let finished = millis(at + 1);
        let (status, broke, result) = match end {
            CallEnd::None => return self,
            CallEnd::Reset => (None, Some("reset"), None),
            CallEnd::Error(status) => {
                (Some(status), None, Some(Err(ApiError::from(Code::SIGNATURE_MISMATCH))))
            }
            CallEnd::Task(id, status) => {
                let info = [
                    ("TaskId".into(), Value::from(id.to_string())),
                    ("Status".into(), Value::from(status.to_owned())),
                ];
                (Some(200), None, Some(Ok(Value::reply(info))))
            }
        };
        let fidelity = Some(Fidelity::Modelled);
        let completion = Completion {
            status,
            broke,
            result: result.as_ref(),
            fidelity,
            finished,
            ..Completion::default()
        };
        self.journal.finish(&record, &completion);
        self
    }

    pub(super) fn command(mut self, at: i64, clock: i64, words: &str) -> Self {
        self.material.commands.push(Arc::new(CommandRecord {
            sequence: 0,
            at: millis(at),
            time: second(0) + millis(at),
            task_time: second(clock),
            account: None,
            command: words.to_owned(),
            outcome: "done".to_owned(),
            by: None,
        }));
        self
    }

    /// A task of an account, with its statuses by the task clock, which is at `now` in the end.
    pub(super) fn task(mut self, account: &str, now: i64, number: u64, statuses: &[(i64, Status)]) -> Self {
        let statuses = statuses.iter().map(|(at, status)| (second(*at), *status)).collect();
        let life = TaskLife {
            id: format!("{number:032x}"),
            number,
            task_type: "IMAGE_SCAN".to_owned(),
            name: "IMAGE_SCAN".to_owned(),
            source: "console".to_owned(),
            statuses,
            progress: 42,
        };
        let tasks = AccountTasks {
            account: account.to_owned(),
            now: second(now),
            lives: vec![life],
            ..AccountTasks::default()
        };
        self.material.tasks.push(tasks);
        self
    }

    pub(super) fn timeline(self) -> Timeline {
        let calls = self.journal.everything();
        Timeline::build(Material { calls, ..self.material })
    }
}
