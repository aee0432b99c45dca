//! The history of all tasks as all callers saw it: a call that began after another one had ended must show each task in
//! the same state or a later one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The documented limit.
pub(crate) const MOST_RUNNING: usize = 10;
/// Further violations would add nothing.
const MOST_VIOLATIONS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Waiting,
    Running,
    Failed,
    Done,
}

impl Stage {
    pub(crate) fn new(word: &str) -> Option<Self> {
        match word {
            "INIT" => Some(Self::Waiting),
            "START" | "PROCESSING" => Some(Self::Running),
            "FAIL" => Some(Self::Failed),
            "SUCCESS" => Some(Self::Done),
            _ => None,
        }
    }

    pub(crate) fn is_over(self) -> bool {
        self >= Self::Failed
    }
}

/// The state of one task in one reply; not every operation shows the progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) stage: Stage,
    pub(crate) progress: Option<u64>,
    /// Unknown for a root that failed: it counts the targets that failed with it, though they were never finished.
    pub(crate) finished: Option<u64>,
}

impl Sight {
    fn may_follow(self, before: Self) -> bool {
        let progress = before.progress.zip(self.progress);
        let finished = before.finished.zip(self.finished);
        if before.stage.is_over() {
            return self.stage == before.stage
                && finished.is_none_or(|(before, after)| before == after)
                && progress.is_none_or(|(before, after)| before == after);
        }
        self.stage >= before.stage
            && finished.is_none_or(|(before, after)| before <= after)
            && progress.is_none_or(|(before, after)| before <= after)
    }
}

/// One task, as all callers saw it.
#[derive(Debug, Default)]
struct Life {
    created: bool,
    cancelled: bool,
    /// The states that were new when a call showed them, and when that call was answered.
    sights: Vec<(u64, Sight)>,
}

/// All observations so far, and their violations.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// Counts starts and ends of calls.
    moment: u64,
    lives: BTreeMap<String, Life>,
    /// Ids of the tasks that were created, oldest first.
    pub(crate) created: Vec<String>,
    pub(crate) calls: u64,
    pub(crate) refused: u64,
    pub(crate) sights: u64,
    pub(crate) listings: u64,
    pub(crate) most_running: usize,
    pub(crate) violations: Vec<String>,
}

impl History {
    /// A call starts: it must show no state older than what was seen before this moment.
    pub(crate) fn begin(&mut self) -> u64 {
        self.calls += 1;
        self.moment += 1;
        self.moment
    }

    /// A task was created.
    pub(crate) fn create(&mut self, id: &str) {
        let life = self.lives.entry(id.to_owned()).or_default();
        if std::mem::replace(&mut life.created, true) {
            self.violate(format!("{id} was created twice"));
        }
        self.created.push(id.to_owned());
    }

    /// A caller is about to cancel a task.
    pub(crate) fn cancel(&mut self, id: &str) {
        self.lives.entry(id.to_owned()).or_default().cancelled = true;
    }

    /// A call that started at `from` showed this state.
    pub(crate) fn see(&mut self, from: u64, id: &str, sight: Sight) {
        self.sights += 1;
        self.moment += 1;
        let life = self.lives.entry(id.to_owned()).or_default();
        let before = life.sights.iter().rev().find(|(moment, _)| *moment < from);
        let is_wrong = before.is_some_and(|(_, before)| !sight.may_follow(*before))
            || (sight.stage == Stage::Failed && !life.cancelled);
        if is_wrong {
            let mut story = format!("{id} (cancelled: {}) was seen as\n", life.cancelled);
            for (moment, sight) in &life.sights {
                let _ = writeln!(story, "  {sight:?}, answered at {moment}");
            }
            let _ = write!(story, "and then as\n  {sight:?} by a call that began at {from}");
            self.violate(story);
        } else if life.sights.last().is_none_or(|(_, last)| sight != *last && sight.may_follow(*last)) {
            life.sights.push((self.moment, sight));
        }
    }

    /// A listing showed this many running tasks.
    pub(crate) fn list(&mut self, what: &str, running: usize) {
        self.listings += 1;
        self.most_running = self.most_running.max(running);
        if running > MOST_RUNNING {
            self.violate(format!("{what} showed {running} running tasks"));
        }
    }

    /// The last listing, when all tasks have ended: ids with their start and end times.
    pub(crate) fn close(&mut self, listed: &[(String, u64, u64)]) {
        let mut there = BTreeSet::new();
        for (id, ..) in listed {
            if !there.insert(id) {
                self.violate(format!("{id} is listed twice"));
            }
            if !self.lives.get(id).is_some_and(|life| life.created) {
                self.violate(format!("{id} is listed, but no caller created it"));
            }
        }
        let lost: Vec<String> = self.created.iter().filter(|id| !there.contains(id)).cloned().collect();
        for id in lost {
            self.violate(format!("{id} was created and is lost"));
        }
        // Starts and ends by time; of equal times, ends come first.
        let ends = listed.iter().map(|(.., end)| (*end, false));
        let mut turns: Vec<(u64, bool)> =
            listed.iter().map(|(_, born, _)| (*born, true)).chain(ends).collect();
        turns.sort_unstable();
        let mut running = 0_usize;
        for (moment, is_birth) in turns {
            running = if is_birth { running + 1 } else { running.saturating_sub(1) };
            if running > MOST_RUNNING {
                self.violate(format!("start and end times say that {running} tasks ran at {moment}"));
            }
        }
    }

    pub(crate) fn violate(&mut self, what: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(what);
        }
    }

    /// How many tasks were last seen at this stage.
    pub(crate) fn count(&self, stage: Stage) -> usize {
        let last = |life: &Life| life.sights.last().map(|(_, sight)| sight.stage);
        self.lives.values().filter(|life| last(life) == Some(stage)).count()
    }
}
