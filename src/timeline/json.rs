//! The timeline as data: the same that the picture shows, in milliseconds of real time since its left end.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::bars::TaskBar;
use super::build::{Lane, Timeline};
use super::calls::Answered;
use crate::journal::CommandRecord;

/// Most calls that are listed, of all lanes together: the last ones.
const MOST_CALLS: usize = 2_000;

impl Timeline {
    pub(crate) fn to_json(&self) -> Value {
        let all = self.calls().count();
        let left_out = all.saturating_sub(MOST_CALLS);
        let mut sequences: Vec<u64> = self.calls().map(|call| call.sequence).collect();
        sequences.sort_unstable();
        let first = sequences.get(left_out).copied().unwrap_or_default();
        json!({
            "began": self.began,
            "length_ms": self.millis(self.to),
            "calls": all,
            "calls_left_out": left_out,
            "calls_missed": self.missed,
            "commands": self.commands.iter().map(|command| self.command(command)).collect::<Vec<_>>(),
            "lanes": self.lanes.iter().map(|lane| self.lane(lane, first)).collect::<Vec<_>>(),
        })
    }

    fn lane(&self, lane: &Lane, first: u64) -> Value {
        let listed = lane.calls.iter().filter(|call| call.sequence >= first);
        let calls = listed.map(|call| {
            json!({
                "sequence": call.sequence,
                "request_id": call.request_id.to_string(),
                "at_ms": self.millis(call.arrived),
                "end_ms": call.finished().map(|finished| self.millis(finished)),
                "answered": Answered::of(call).name(),
                "text": call.to_string(),
                "faults": call.faults().collect::<Vec<_>>(),
            })
        });
        json!({
            "account": lane.account,
            "accounts": lane.accounts,
            "total": lane.calls.len(),
            "calls": calls.collect::<Vec<_>>(),
            "tasks": lane.tasks.iter().map(|task| self.task(task)).collect::<Vec<_>>(),
            "tasks_left_out": lane.tasks_left_out,
        })
    }

    fn task(&self, task: &TaskBar) -> Value {
        let stages = task.stages.iter().map(|stage| {
            json!({
                "status": stage.status.as_str(),
                "at_ms": stage.at.map(|at| self.millis(at)),
                "task_time": stage.time,
            })
        });
        json!({
            "id": task.life.id,
            "number": task.life.number,
            "type": task.life.task_type,
            "name": task.life.name,
            "source": task.life.source,
            "progress": task.life.progress,
            "stages": stages.collect::<Vec<_>>(),
        })
    }

    fn command(&self, command: &CommandRecord) -> Value {
        json!({
            "at_ms": self.millis(command.at),
            "task_time": command.task_time,
            "account": command.account,
            "command": command.command,
            "outcome": command.outcome,
        })
    }

    fn millis(&self, at: SignedDuration) -> f64 {
        (at.saturating_sub(self.from).as_secs_f64() * 1e6).round() / 1e3
    }
}
