//! The handle through which a test acts on all accounts of an emulator, or on one.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime;

use super::error::or_panic;
use super::expectation::Expectation;
use crate::emulator::Emulator;

/// All accounts of an emulator, or, from [`Handle::for_account`], one: methods act on those accounts and show theirs. Calls
/// go straight to the emulator, without HTTP. Clones are the same handle.
#[derive(Clone)]
pub struct Handle {
    pub(super) emulator: Arc<Emulator>,
    /// Of the emulator's own thread: waits for real time run there.
    pub(super) runtime: runtime::Handle,
    pub(super) account: Option<String>,
    /// Host and port of the emulator.
    pub(super) authority: Arc<str>,
    expected: Arc<Mutex<Vec<Expected>>>,
}

/// To be judged when the emulator is dropped.
pub(super) struct Expected {
    pub(super) handle: Handle,
    pub(super) expectation: Expectation,
    pub(super) location: &'static Location<'static>,
}

impl Handle {
    pub(super) fn new(emulator: Arc<Emulator>, runtime: runtime::Handle, authority: &str) -> Self {
        Self { emulator, runtime, account: None, authority: authority.into(), expected: Arc::default() }
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

    /// Back to the start time: clock, tasks, random streams and the faults of the start; calls and expectations are
    /// cleared. One account is reset to the present of the session's clock. Panics if the account does not exist.
    #[track_caller]
    pub fn reset(&self) {
        match &self.account {
            Some(account) => or_panic(self.emulator.reset_account(account)),
            None => or_panic(self.emulator.reset()),
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
