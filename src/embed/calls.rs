//! The calls that were made, expectations of them judged, and waiting in real time for more.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::{Arc, mpsc};

use super::clock::Length;
use super::error::or_panic;
use super::expectation::Expectation;
use super::handle::{Expected, Handle};
use crate::expect::{self, Selector};
use crate::journal::{self, Batch, CallRecord};

/// Calls in the order in which they arrived; printed, they are a table.
#[derive(Clone)]
pub struct Calls(Vec<Arc<CallRecord>>);

impl Handle {
    /// The calls so far, in the order in which they arrived; of very many, the last ten thousand.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::start();
    /// let calls = emulator.calls();
    /// assert!(calls.iter().all(|call| call.status() == Some(200)), "{calls}");
    /// ```
    pub fn calls(&self) -> Calls {
        Calls(self.made().records)
    }

    /// Clears the calls so far.
    pub fn forget_calls(&self) {
        self.emulator.journal().clear(self.only());
    }

    /// Checks an expectation. Panics if it is not met: the message says what was wanted and seen, which calls came near, and
    /// shows them all. Panics, too, if it names a fault, an error code or an account that does not exist.
    #[track_caller]
    pub fn verify(&self, expectation: Expectation) {
        or_panic(self.judge(&expectation.into_list()));
    }

    /// Checks that a call matched the first expectation, a later one the second, and so on; others may lie between. Other
    /// demands of the expectations do not matter. Panics as [`Handle::verify`] does.
    #[track_caller]
    pub fn verify_order(&self, expectations: impl IntoIterator<Item = Expectation>) {
        let steps = expectations.into_iter().map(|expectation| expectation.selector).collect();
        or_panic(self.judge(&[expect::Expectation::Order(steps)]));
    }

    /// Checks what the scenario expects (its `expect:`, as `sas-emulator run` judges it).
    ///
    /// # Panics
    ///
    /// If an expectation is not met, with the calls that prove it.
    #[track_caller]
    pub fn verify_scenario(&self) {
        let verdict = self.emulator.verdict(self.only());
        assert!(verdict.has_passed(), "{}", verdict.text());
    }

    /// An expectation that is verified when the emulator is dropped; that then panics as [`Handle::verify`] does, unless the
    /// test has panicked already.
    #[track_caller]
    pub fn expect(&self, expectation: Expectation) {
        let location = Location::caller();
        self.expected().push(Expected { handle: self.clone(), expectation, location });
    }

    /// Judges what [`Handle::expect`] was given, once the emulator has stopped.
    #[track_caller]
    pub(super) fn judge_expected(&self) {
        let expected = std::mem::take(&mut *self.expected());
        let reports: Vec<String> = expected
            .into_iter()
            .filter_map(|Expected { handle, expectation, location }| {
                let report = handle.judge(&expectation.into_list()).err()?;
                Some(format!("expected at {location}: {report}"))
            })
            .collect();
        assert!(reports.is_empty(), "{}", reports.join("\n"));
    }

    fn judge(&self, expectations: &[expect::Expectation]) -> Result<(), String> {
        let account = Selector { account: self.account.clone(), ..Selector::default() };
        let calls = self.made();
        let selectors = expectations.iter().flat_map(expect::Expectation::selectors).chain([&account]);
        self.emulator.check_names(selectors, &calls.records).map_err(|error| error.to_string())?;
        let verdict = expect::judge(expectations, &calls);
        if verdict.has_passed() {
            return Ok(());
        }
        let evicted = match calls.missed {
            0 => String::new(),
            missed => {
                format!("\n{missed} earlier calls had been evicted from the journal and were not judged.")
            }
        };
        Err(format!("{verdict}\n{}{evicted}", Calls(calls.records)))
    }

    fn made(&self) -> Batch {
        let mut calls = self.emulator.journal().after(0, usize::MAX);
        calls.records.retain(|call| self.account.as_deref().is_none_or(|account| call.account() == account));
        calls
    }

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
        let waiting = self.waiting(expectation, timeout.into());
        async move {
            let outcome = runtime.spawn(waiting).await;
            if let Err(report) = outcome.unwrap_or_else(|_| Err(STOPPED.to_owned())) {
                panic!("at {location}: {report}");
            }
        }
    }

    /// As [`Handle::wait_for`], but blocks the thread: for a test without a runtime.
    #[track_caller]
    pub fn wait_for_blocking(&self, expectation: Expectation, timeout: impl Into<Length>) {
        let waiting = self.waiting(expectation, timeout.into());
        let (report, reported) = mpsc::channel();
        self.runtime.spawn(async move { report.send(waiting.await) });
        or_panic(reported.recv().unwrap_or_else(|_| Err(STOPPED.to_owned())));
    }

    /// A wait, to be run on the emulator's thread.
    #[track_caller]
    fn waiting(
        &self,
        mut expectation: Expectation,
        timeout: Length,
    ) -> impl Future<Output = Result<(), String>> + Send + use<> {
        let (handle, timeout) = (self.clone(), or_panic(timeout.real()));
        let calls = self.emulator.journal().after(0, usize::MAX).records;
        expectation.selector.account.clone_from(&self.account);
        or_panic(self.emulator.check_names([&expectation.selector], &calls));
        async move {
            let Expectation { selector, count, .. } = expectation;
            let count = count.unwrap_or_default();
            let enough = |seen| !count.want_more_than(seen);
            let end = tokio::time::sleep(timeout);
            let outcome = expect::wait(handle.emulator.journal(), &selector, enough, end).await;
            let Err((seen, ())) = outcome else { return Ok(()) };
            let wanted = selector.describe();
            Err(format!(
                "saw {seen} within {timeout:?}, and wanted {count} of {wanted}\n\n{}",
                handle.calls()
            ))
        }
    }
}

/// The panic of a handle that outlived its emulator.
const STOPPED: &str = "the emulator has stopped";

impl Deref for Calls {
    type Target = [Arc<CallRecord>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            0 => return f.write_str("There were no calls."),
            1 => writeln!(f, "There was 1 call:")?,
            count => writeln!(f, "There were {count} calls:")?,
        }
        f.write_str(&journal::table(self.iter().map(Arc::as_ref)))
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
