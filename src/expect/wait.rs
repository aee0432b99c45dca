//! Waiting until calls have been made. A call that arrives or finishes wakes the wait; nothing polls.

use std::sync::Arc;
use std::time::Duration;

use super::selector::Selector;
use crate::journal::{CallRecord, Journal};

/// A wait looks at so many calls as they come. After that it lets calls gather, for so long.
const PROMPT: usize = 32;
const GATHER: Duration = Duration::from_millis(2);

/// Waits until enough calls match a selector; returns how many match, and what came first if something else did.
pub(crate) async fn wait<T>(
    journal: &Journal,
    selector: &Selector,
    enough: impl Fn(u64) -> bool,
    until: impl Future<Output = T>,
) -> Result<u64, (u64, T)> {
    let mut tally = Tally::default();
    let mut until = std::pin::pin!(until);
    let mut looks = 0;
    loop {
        // Called before reading: a change in between wakes this, too.
        let changed = journal.changed();
        let seen = tally.update(journal, selector);
        if enough(seen) {
            return Ok(seen);
        }
        tokio::select! {
            () = changed => {},
            end = &mut until => return Err((seen, end)),
        }
        looks += 1;
        if looks > PROMPT {
            // Waking hundreds of waits for each call would take longer than the calls.
            tokio::time::sleep(GATHER).await;
        }
    }
}

/// A count that looks at a call when it has arrived and, if it may match later, again until it has finished.
#[derive(Debug, Default)]
struct Tally {
    position: u64,
    seen: u64,
    undecided: Vec<Arc<CallRecord>>,
    clears: u64,
}

impl Tally {
    fn update(&mut self, journal: &Journal, selector: &Selector) -> u64 {
        let mut batch = journal.after(self.position, usize::MAX);
        if batch.clears != self.clears {
            // Cleared calls do not count: start again.
            *self = Self { clears: batch.clears, ..Self::default() };
            batch = journal.after(0, usize::MAX);
        }
        self.position = batch.records.last().map_or(self.position, |call| call.sequence);
        for call in std::mem::take(&mut self.undecided).into_iter().chain(batch.records) {
            // Read first: a call that finishes in between would otherwise be taken for one that never matches.
            let in_flight = call.is_in_flight();
            if selector.matches(&call) {
                self.seen += 1;
            } else if in_flight {
                self.undecided.push(call);
            }
        }
        self.seen
    }
}
