//! The calls that were made, and what is said when they are not as they should be.

use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use super::expectation::Expectation;
use super::handle::{Expected, Handle};
use crate::journal::{self, CallRecord, Filter, Step, Verification};

/// Calls, in order; printed, they are a table.
#[derive(Clone)]
pub struct Calls(Vec<Arc<CallRecord>>);

impl Handle {
    /// The calls so far, in the order in which they were answered; of very many, the last ten thousand.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::start();
    /// let calls = emulator.calls();
    /// assert!(calls.iter().all(|call| call.status() == Some(200)), "{calls}");
    /// ```
    pub fn calls(&self) -> Calls {
        self.made().0
    }

    /// Forgets the calls so far: those that come are then all there are.
    pub fn forget_calls(&self) {
        self.emulator.journal().clear(self.only());
    }

    /// Checks that there were such calls.
    ///
    /// # Panics
    ///
    /// If there were more or fewer: the message says what was wanted and seen, which calls came near, and shows them all.
    #[track_caller]
    pub fn verify(&self, expectation: Expectation) {
        if let Err(report) =
            self.judge(Verification { expect: vec![expectation.0], ..Verification::default() })
        {
            panic!("{report}");
        }
    }

    /// Checks that there was such a call, later such a call, and so on; others may lie between. How often each is
    /// expected does not matter.
    ///
    /// # Panics
    ///
    /// If there was not, as [`Handle::verify`] does.
    #[track_caller]
    pub fn verify_order(&self, expectations: impl IntoIterator<Item = Expectation>) {
        let order = expectations.into_iter().map(|expectation| Step(expectation.0.filter)).collect();
        if let Err(report) = self.judge(Verification { order, ..Verification::default() }) {
            panic!("{report}");
        }
    }

    /// Checks what the scenario itself expects (its `expect:`, as `sas-emulator run` judges it).
    ///
    /// # Panics
    ///
    /// If the calls so far are not that, with those that prove it.
    #[track_caller]
    pub fn verify_scenario(&self) {
        let verdict = self.emulator.verdict(self.only());
        assert!(verdict.has_passed(), "{}", verdict.text());
    }

    /// What is verified when the emulator is dropped: then it panics as [`Handle::verify`] does, unless the test has
    /// panicked already.
    #[track_caller]
    pub fn expect(&self, expectation: Expectation) {
        let location = Location::caller();
        self.expected().push(Expected { handle: self.clone(), expectation, location });
    }

    /// Called once the emulator has stopped.
    #[track_caller]
    pub(super) fn judge_expected(&self) {
        let expected = std::mem::take(&mut *self.expected());
        let reports: Vec<String> = expected
            .into_iter()
            .filter_map(|Expected { handle, expectation, location }| {
                let asked = Verification { expect: vec![expectation.0], ..Verification::default() };
                handle.judge(asked).err().map(|report| format!("expected at {location}: {report}"))
            })
            .collect();
        assert!(reports.is_empty(), "{}", reports.join("\n"));
    }

    fn judge(&self, asked: Verification) -> Result<(), String> {
        let (calls, missed) = self.made();
        let verdict = Verification { account: self.account.clone(), ..asked }.judge(&calls.0);
        if verdict.passed {
            return Ok(());
        }
        let lost = match missed {
            0 => String::new(),
            missed => format!("\n{missed} earlier calls had made room for later ones and were not judged."),
        };
        Err(format!("{verdict}\n{calls}{lost}"))
    }

    /// Its calls, and how many of all were let go before.
    fn made(&self) -> (Calls, u64) {
        let batch = self.emulator.journal().after(0, usize::MAX);
        let meant = Filter { account: self.account.clone(), ..Filter::default() };
        let calls = batch.records.into_iter().filter(|call| meant.matches(call)).collect();
        (Calls(calls), batch.missed)
    }
}

impl Deref for Calls {
    type Target = [Arc<CallRecord>];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            0 => f.write_str("There were no calls."),
            1 => write!(f, "There was 1 call:\n{}", journal::table(self.iter().map(Arc::as_ref))),
            count => write!(f, "There were {count} calls:\n{}", journal::table(self.iter().map(Arc::as_ref))),
        }
    }
}

impl fmt::Debug for Calls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
