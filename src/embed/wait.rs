//! Waiting in real time for a client that calls on its own.

use std::panic::Location;
use std::sync::mpsc;
use std::time::Duration;

use super::error::or_panic;
use super::expectation::Expectation;
use super::handle::Handle;
use super::time::Length;
use crate::expect;

impl Handle {
    /// Waits until there are at least as many such calls as expected (one, if no count is given), earlier ones included. Other
    /// demands do not matter. The timeout is real time, whatever the test's runtime does to its own.
    ///
    /// ```no_run
    /// # use sas_emulator::{Emulator, calls};
    /// # async fn test(emulator: Emulator) {
    /// // The program under test polls; once it has seen that the scan waits, the scan may continue.
    /// emulator.wait_for(calls("GetLastOnceTaskInfo"), "10s").await;
    /// emulator.advance("1m");
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the timeout ends first; the message shows the calls. If the timeout is no length of time, or the expectation names
    /// something that does not exist.
    #[track_caller]
    pub fn wait_for(
        &self,
        expectation: Expectation,
        timeout: impl Into<Length>,
    ) -> impl Future<Output = ()> + Send {
        let (runtime, location) = (self.runtime.clone(), Location::caller());
        let waiting = self.waiting(expectation, or_panic(timeout.into().real()));
        async move {
            let outcome = runtime.spawn(waiting.outcome()).await;
            if let Err(report) = outcome.unwrap_or_else(|_| Err(STOPPED.to_owned())) {
                panic!("at {location}: {report}");
            }
        }
    }

    /// As [`Handle::wait_for`], but blocks the thread: for a test without a runtime.
    #[track_caller]
    pub fn wait_for_blocking(&self, expectation: Expectation, timeout: impl Into<Length>) {
        let waiting = self.waiting(expectation, or_panic(timeout.into().real()));
        let (report, reported) = mpsc::channel();
        self.runtime.spawn(async move { report.send(waiting.outcome().await) });
        or_panic(reported.recv().unwrap_or_else(|_| Err(STOPPED.to_owned())));
    }

    #[track_caller]
    fn waiting(&self, mut expectation: Expectation, timeout: Duration) -> Waiting {
        let calls = self.emulator.journal().after(0, usize::MAX).records;
        expectation.selector.account.clone_from(&self.account);
        or_panic(self.emulator.check_names([&expectation.selector], &calls));
        Waiting { handle: self.clone(), expectation, timeout }
    }
}

/// The panic of a handle that outlived its emulator.
const STOPPED: &str = "the emulator has stopped";

/// A wait, to be run on the emulator's thread.
struct Waiting {
    handle: Handle,
    expectation: Expectation,
    timeout: Duration,
}

impl Waiting {
    async fn outcome(self) -> Result<(), String> {
        let Self { handle, expectation: Expectation { selector, count, .. }, timeout } = self;
        let count = count.unwrap_or_default();
        let enough = |seen| !count.want_more_than(seen);
        let outcome =
            expect::wait(handle.emulator.journal(), &selector, enough, tokio::time::sleep(timeout)).await;
        let Err((seen, ())) = outcome else { return Ok(()) };
        let wanted = selector.describe();
        Err(format!("saw {seen} within {timeout:?}, and wanted {count} of {wanted}\n\n{}", handle.calls()))
    }
}
