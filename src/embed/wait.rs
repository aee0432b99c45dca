//! Waiting, in real time, for a client that calls on its own.

use std::panic::Location;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::error::or_panic;
use super::expectation::Expectation;
use super::handle::Handle;
use super::time::Length;
use crate::journal::{self, Filter, Journal};

impl Handle {
    /// Waits until there are as many such calls as expected at least, those that were made before included.
    ///
    /// ```no_run
    /// # use sas_emulator::{Emulator, calls};
    /// # async fn test(emulator: Emulator) {
    /// // The program under test polls; once it has seen that the scan waits, the scan may go on.
    /// emulator.wait_for(calls("GetLastOnceTaskInfo"), "10s").await;
    /// emulator.advance("1m");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If patience, which is real time whatever the test's runtime does to its own, is over before; the message shows the
    /// calls. If that is no length of time.
    #[track_caller]
    pub fn wait_for(
        &self,
        expectation: Expectation,
        patience: impl Into<Length>,
    ) -> impl Future<Output = ()> + Send {
        let (handle, location) = (self.clone(), Location::caller());
        let patience = or_panic(patience.into().real());
        async move {
            let waiting = handle.runtime.spawn(reached(handle.waiting(&expectation), patience));
            let is_reached = waiting.await.unwrap_or_default();
            assert!(is_reached, "at {location}: {}", handle.impatience(&expectation, patience));
        }
    }

    /// The same in a test without a runtime; it blocks the thread.
    ///
    /// # Panics
    ///
    /// If patience is over before, or no length of time.
    #[track_caller]
    pub fn wait_for_blocking(&self, expectation: Expectation, patience: impl Into<Length>) {
        let patience = or_panic(patience.into().real());
        let (report, reported) = mpsc::channel();
        let waiting = self.waiting(&expectation);
        self.runtime.spawn(async move { report.send(reached(waiting, patience).await) });
        let is_reached = reported.recv().unwrap_or_default();
        assert!(is_reached, "{}", self.impatience(&expectation, patience));
    }

    fn waiting(&self, Expectation(expectation): &Expectation) -> Waiting {
        let journal::Expectation { filter, count } = expectation.clone();
        let filter = Filter { account: self.account.clone(), ..filter };
        Waiting {
            journal: Arc::clone(&self.control.journal),
            expectation: journal::Expectation { filter, count },
        }
    }

    fn impatience(&self, Expectation(expectation): &Expectation, patience: Duration) -> String {
        let journal::Expectation { filter, count } = expectation;
        format!("within {patience:?} there was not {count} of {}.\n{}", filter.describe(), self.calls())
    }
}

/// What is waited for.
struct Waiting {
    journal: Arc<Journal>,
    expectation: journal::Expectation,
}

async fn reached(Waiting { journal, expectation }: Waiting, patience: Duration) -> bool {
    let mut over = std::pin::pin!(tokio::time::sleep(patience));
    loop {
        // Asked for before looking: what comes in between wakes us all the same.
        let changed = journal.changed();
        let calls = journal.after(0, usize::MAX).entries;
        let seen = calls.iter().filter(|call| expectation.filter.matches(call)).count();
        if !expectation.count.wants_more(seen as u64) {
            return true;
        }
        tokio::select! {
            () = changed => {},
            () = &mut over => return false,
        }
    }
}
