//! Tasks as bars: the stages of each, and the real time at which each began.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::clock::{Known, ReadingSource, Readings};
use crate::domain::Status;
use crate::journal::{CallRecord, CommandRecord};

/// The tasks of an account, oldest first; of many, the newest.
#[derive(Debug, Default)]
pub(crate) struct AccountTasks {
    pub(crate) account: String,
    /// The reading of its task clock.
    pub(crate) now: Timestamp,
    pub(crate) has_own_clock: bool,
    pub(crate) lives: Vec<TaskLife>,
    pub(crate) left_out: usize,
}

/// A task, and the statuses that it had by now.
#[derive(Debug, Clone)]
pub(crate) struct TaskLife {
    pub(crate) id: String,
    pub(crate) number: u64,
    pub(crate) task_type: String,
    pub(crate) name: String,
    pub(crate) source: String,
    /// The first one is that of its start. Those that a look brought about are not among them.
    pub(crate) statuses: Vec<(Timestamp, Status)>,
    pub(crate) progress: u8,
}

/// A task in a lane.
#[derive(Debug)]
pub(super) struct TaskBar {
    pub(super) life: TaskLife,
    pub(super) stages: Vec<Stage>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stage {
    /// None if it was before all that is known.
    pub(super) at: Option<SignedDuration>,
    /// The time of the task clock; none if a look brought it about.
    pub(super) time: Option<Timestamp>,
    pub(super) status: Status,
}

/// What calls showed of a task: whenever its status was another one, the call's place in the lane.
type Seen = Vec<(usize, Status)>;

pub(super) fn bars(
    lives: Vec<TaskLife>,
    calls: &[Arc<CallRecord>],
    commands: &[&CommandRecord],
    readings: &Readings,
) -> Vec<TaskBar> {
    let seen = seen(&lives, calls);
    let bar = |(life, seen): (TaskLife, Seen)| {
        let mut stages: Vec<Stage> = Vec::new();
        for (time, status) in &life.statuses {
            let is_start = stages.is_empty();
            let causes = |known: &&Known| match known.source {
                ReadingSource::Call(place) => {
                    seen.iter().any(|(call, shown)| *call == place && (is_start || shown == status))
                }
                ReadingSource::Command { place, .. } => commands.get(place).is_some_and(|command| {
                    if is_start { life.is_started_by(command) } else { life.is_named_by(command) }
                }),
                ReadingSource::Present => false,
            };
            let exact = readings.showing(*time).iter().find(causes).map(|known| known.at);
            let at = exact.or_else(|| readings.first_at(*time));
            stages.push(Stage { at, time: Some(*time), status: *status });
        }
        // What only looks bring about.
        for (place, status) in seen {
            if stages.last().is_some_and(|last| last.status < status && !last.status.is_terminal()) {
                stages.push(Stage { at: calls.get(place).map(|call| call.arrived), time: None, status });
            }
        }
        TaskBar { life, stages }
    };
    lives.into_iter().zip(seen).map(bar).collect()
}

fn seen(lives: &[TaskLife], calls: &[Arc<CallRecord>]) -> Vec<Seen> {
    let mut seen = vec![Seen::new(); lives.len()];
    let mut places: HashMap<String, usize> = HashMap::new();
    for (place, life) in lives.iter().enumerate() {
        places.insert(life.id.clone(), place);
        places.insert(life.number.to_string(), place);
    }
    if places.is_empty() {
        return seen;
    }
    for (place, call) in calls.iter().enumerate() {
        let Some(shown) = call.task() else { continue };
        let Some(seen) = places.get(&shown.id()).and_then(|task| seen.get_mut(*task)) else { continue };
        let status = call.task_status().and_then(Status::of_word).unwrap_or(Status::Init);
        if seen.last().is_none_or(|(_, last)| *last != status) {
            seen.push((place, status));
        }
    }
    seen
}

impl TaskLife {
    fn is_started_by(&self, command: &CommandRecord) -> bool {
        let mut words = command.command.split(' ');
        words.next() == Some("tasks")
            && words.next() == Some("start")
            && words.next() == Some(&self.task_type)
    }

    fn is_named_by(&self, command: &CommandRecord) -> bool {
        let mut words = command.command.split(' ');
        words.next() == Some("tasks") && words.any(|word| word == self.id || word == self.number.to_string())
    }
}

impl TaskBar {
    pub(super) fn status(&self) -> Status {
        self.stages.last().map_or(Status::Init, |stage| stage.status)
    }

    /// The stage in which it ended; none while it runs.
    pub(super) fn ended(&self) -> Option<&Stage> {
        self.stages.last().filter(|stage| stage.status.is_terminal())
    }
}
