//! The last commands: what users changed through the control API, in a bounded ring that outlives sessions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::text::outside;

/// What a request changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CarriedOut {
    /// The account that it was narrowed to.
    pub account: Option<String>,
    /// In the words of the command line: `clock advance 6h`.
    pub words: String,
    /// What came of it: `2 transitions`.
    pub outcome: String,
}

/// A command as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct CommandRecord {
    /// Commands are numbered from 1 as they end, over all sessions.
    pub sequence: u64,
    /// When it ended, since the emulator started: a step of the machine's date does not move it among the calls.
    #[serde(skip)]
    pub at: SignedDuration,
    /// The machine's time of its end.
    #[cfg_attr(test, schemars(with = "crate::text::schema::Time"))]
    pub time: Timestamp,
    /// What the task clock showed at its end: that of its account, if it was narrowed to one.
    #[cfg_attr(test, schemars(with = "crate::text::schema::Time"))]
    pub task_time: Timestamp,
    pub account: Option<String>,
    pub command: String,
    pub outcome: String,
    /// The address that it came from; `None` without a connection.
    pub by: Option<String>,
}

/// Commands that came after one of them.
#[derive(Debug)]
pub(crate) struct CommandBatch {
    pub records: Vec<Arc<CommandRecord>>,
    /// How many were evicted before they could be read.
    pub missed: u64,
}

/// The ring. Sequence numbers have no gaps, so a place follows from a number.
#[derive(Debug, Default)]
pub(crate) struct Commands {
    ring: Mutex<Ring>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<Arc<CommandRecord>>,
    last: u64,
}

/// Most commands that are kept.
const MOST: usize = 1000;
/// Most bytes of a text of a command.
const TEXT_BYTES: usize = 256;

impl Commands {
    /// Numbers and keeps a command, evicts the oldest one if there is no room, and wakes listeners.
    pub(crate) fn add(
        &self,
        command: CarriedOut,
        (at, time, task_time): (SignedDuration, Timestamp, Timestamp),
        by: Option<String>,
    ) -> Arc<CommandRecord> {
        // Names and ids in it may come from outside.
        let shown = |text: &str| outside::line(text, TEXT_BYTES).into_owned();
        let CarriedOut { account, words, outcome } = command;
        let mut ring = self.lock();
        ring.last += 1;
        let record = Arc::new(CommandRecord {
            sequence: ring.last,
            at,
            time,
            task_time,
            account,
            command: shown(&words),
            outcome: shown(&outcome),
            by,
        });
        if ring.records.len() >= MOST {
            ring.records.pop_front();
        }
        ring.records.push_back(Arc::clone(&record));
        drop(ring);
        self.changed.notify_waiters();
        record
    }

    /// The number of the last one; 0 if there was none.
    pub(crate) fn last(&self) -> u64 {
        self.lock().last
    }

    /// Those after the numbered one, oldest first, at most so many.
    pub(crate) fn after(&self, sequence: u64, most: usize) -> CommandBatch {
        let ring = self.lock();
        let newer = usize::try_from(ring.last.saturating_sub(sequence)).unwrap_or(usize::MAX);
        let kept = newer.min(ring.records.len());
        let records = ring.records.range(ring.records.len() - kept..).take(most).cloned().collect();
        CommandBatch { records, missed: (newer - kept) as u64 }
    }

    /// Resolves once a command is added from now on. Call it before reading: no change is missed.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CommandRecord {
    /// Whether it changed something for an account: a command without an account is for all of them.
    pub(crate) fn concerns(&self, account: &str) -> bool {
        self.account.as_deref().is_none_or(|own| own == account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_learns_what_it_missed() {
        let commands = Commands::default();
        let now = Timestamp::UNIX_EPOCH;
        for number in 1..=MOST + 5 {
            let command =
                CarriedOut { account: None, words: format!("reset {number}"), outcome: String::new() };
            commands.add(command, (SignedDuration::ZERO, now, now), None);
        }
        let batch = commands.after(2, 2);
        let numbers: Vec<u64> = batch.records.iter().map(|record| record.sequence).collect();
        assert_eq!((numbers, batch.missed), (vec![6, 7], 3));
        let batch = commands.after(commands.last(), 9);
        assert_eq!((batch.records.len(), batch.missed), (0, 0));
        assert_eq!(commands.after(u64::MAX, 9).missed, 0);
    }
}
