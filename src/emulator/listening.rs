//! What changes in tasks while there are listeners: a look costs what may have changed since the last one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::session::Session;
use super::transitions::Transitions;
use crate::clock::Step;

/// Once a look at all transitions has started so many tasks, it leaves accounts with more to the next one.
const MOST_STARTS: usize = 10_000;

/// Up to when a listener has seen transitions: each account may have its own time.
#[derive(Debug)]
pub(crate) struct TransitionCursor {
    times: HashMap<Arc<str>, Timestamp>,
    /// Accounts in which time may change something, or on which a call works: these are looked at even if nothing uses them.
    lively: BTreeSet<Arc<str>>,
    /// The last use of an account before the last look.
    used: u64,
}

impl Session {
    /// A cursor at the present, for all accounts or for one. All transitions of an account that comes later are new.
    pub(crate) fn transition_cursor(&self, account: Option<&str>) -> TransitionCursor {
        let (_, used) = self.accounts.used_since(u64::MAX);
        let mut times = HashMap::new();
        self.accounts.each(account, |id, account| {
            times.insert(id.into(), account.now(&self.clock));
        });
        let lively = times.keys().cloned().collect();
        TransitionCursor { times, lively, used }
    }

    /// Transitions since the cursor, in order; the cursor moves to the present.
    /// What is done to a task while its clock is paused takes no time, so it does not show here.
    pub(crate) fn transitions_since(
        &self,
        account: Option<&str>,
        cursor: &mut TransitionCursor,
    ) -> Transitions {
        let (mut found, mut started) = (Transitions::default(), 0);
        let TransitionCursor { times, lively, used } = cursor;
        let mut looked_at = std::mem::take(lively);
        let (recent, last_use) = self.accounts.used_since(*used);
        *used = last_use;
        looked_at.extend(recent);
        if let Some(only) = account {
            looked_at = BTreeSet::from([only.into()]);
        }
        for id in looked_at {
            // Before the look: a call that ends meanwhile may change it after the look.
            let is_held = self.accounts.is_held(&id);
            let stays = self.accounts.visit(&id, |account| {
                let now = account.now(&self.clock);
                let before = times.get(&id).copied().unwrap_or(self.start);
                // What a long jump left to be started is spread over several looks.
                if started >= MOST_STARTS && account.account.may_start_tasks() {
                    return true;
                }
                // A clock that a reset of the account turned back shows nothing new until it moves on.
                if before < now {
                    let step = Step { before, after: now };
                    started += self.add_transitions(&id, account, step, &mut found).started;
                }
                if before != now {
                    times.insert(Arc::clone(&id), now);
                }
                !account.is_still(now)
            });
            if stays.is_some_and(|stays| stays || is_held) {
                lively.insert(id);
            }
        }
        // Accounts that were evicted or forgotten: clients may name any number of them.
        if times.len() > self.account_count() {
            times.retain(|id, _| self.accounts.get(id).is_some());
        }
        found.sorted()
    }
}
