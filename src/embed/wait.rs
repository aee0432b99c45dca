//! Waiting, in real time, for a client that calls on its own.

use std::panic::Location;
use std::sync::mpsc;
use std::time::Duration;

use super::error::or_panic;
use super::expectation::Expectation;
use super::handle::Handle;
use super::time::Length;
use crate::journal;

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
        let (runtime, location) = (self.runtime.clone(), Location::caller());
        let waiting = self.waiting(expectation, or_panic(patience.into().real()));
        async move {
            let outcome = runtime.spawn(waiting.outcome()).await;
            if let Err(report) = outcome.unwrap_or_else(|_| Err(STOPPED.to_owned())) {
                panic!("at {location}: {report}");
            }
        }
    }

    /// The same in a test without a runtime; it blocks the thread.
    ///
    /// # Panics
    ///
    /// If patience is over before, or no length of time.
    #[track_caller]
    pub fn wait_for_blocking(&self, expectation: Expectation, patience: impl Into<Length>) {
        let waiting = self.waiting(expectation, or_panic(patience.into().real()));
        let (report, reported) = mpsc::channel();
        self.runtime.spawn(async move { report.send(waiting.outcome().await) });
        or_panic(reported.recv().unwrap_or_else(|_| Err(STOPPED.to_owned())));
    }

    fn waiting(&self, Expectation(mut expectation): Expectation, patience: Duration) -> Waiting {
        expectation.filter.account.clone_from(&self.account);
        Waiting { handle: self.clone(), expectation, patience }
    }
}

/// What a handle says that outlived its emulator.
const STOPPED: &str = "the emulator has stopped";

/// What is waited for, on the emulator's thread.
struct Waiting {
    handle: Handle,
    expectation: journal::Expectation,
    patience: Duration,
}

impl Waiting {
    async fn outcome(self) -> Result<(), String> {
        let Self { handle, expectation: journal::Expectation { filter, count }, patience } = self;
        let journal = handle.emulator.journal();
        let mut over = std::pin::pin!(tokio::time::sleep(patience));
        loop {
            // Asked for before looking: what comes in between wakes us all the same.
            let changed = journal.changed();
            let calls = journal.after(0, usize::MAX).records;
            let seen = calls.iter().filter(|call| filter.matches(call)).count();
            if !count.want_more_than(seen as u64) {
                return Ok(());
            }
            tokio::select! {
                () = changed => {},
                () = &mut over => {
                    let wanted = filter.describe();
                    return Err(format!("saw {seen} within {patience:?}, and wanted {count} of {wanted}\n\n{}", handle.calls()));
                }
            }
        }
    }
}
