//! What a test acts through: all accounts of an emulator, or one.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime;

use super::error::or_panic;
use super::expectation::Expectation;
use crate::control::Control;

/// All accounts of an emulator, or, from [`Handle::for_account`], one: what is done is done to those, and what is shown is
/// theirs. It goes straight to the emulator, without HTTP. Clones are the same handle.
#[derive(Clone)]
pub struct Handle {
    pub(super) control: Arc<Control>,
    /// Of the emulator's own thread: what waits for real time waits there.
    pub(super) runtime: runtime::Handle,
    pub(super) account: Option<String>,
    expected: Arc<Mutex<Vec<Expected>>>,
}

/// To be judged when the emulator is dropped.
pub(super) struct Expected {
    pub(super) handle: Handle,
    pub(super) expectation: Expectation,
    pub(super) location: &'static Location<'static>,
}

impl Handle {
    pub(super) fn new(control: Arc<Control>, runtime: runtime::Handle) -> Self {
        Self { control, runtime, account: None, expected: Arc::default() }
    }

    /// The account of that AccessKeyId alone. Accounts share nothing, so tests that share an emulator isolate themselves
    /// by their keys: this one's clock, faults, tasks and calls are its own.
    ///
    /// ```
    /// # use sas_emulator::Emulator;
    /// # let emulator = Emulator::builder().paused().start();
    /// let alice = emulator.for_account("alice");
    /// alice.advance("1h");
    /// assert!(alice.clock().now > emulator.clock().now);
    /// ```
    #[must_use]
    pub fn for_account(&self, access_key_id: impl Into<String>) -> Self {
        Self { account: Some(access_key_id.into()), ..self.clone() }
    }

    /// Back to the first instant: clock, tasks, chance and the faults of the start; calls and what is expected of them are
    /// forgotten. One account begins anew at the present of the world's clock.
    ///
    /// # Panics
    ///
    /// If there is no such account.
    #[track_caller]
    pub fn reset(&self) {
        match &self.account {
            Some(account) => or_panic(self.control.reset_account(account)),
            None => or_panic(self.control.reset()),
        }
        self.expected().retain(|expected| self.account.is_some() && expected.handle.account != self.account);
    }

    pub(super) fn only(&self) -> Option<&str> {
        self.account.as_deref()
    }

    pub(super) fn expected(&self) -> MutexGuard<'_, Vec<Expected>> {
        self.expected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("account", &self.account).finish_non_exhaustive()
    }
}
