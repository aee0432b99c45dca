//! One call, from claims to answer: is it fresh, whose is it, is it signed, may it, does it say enough, and then the
//! operation.
//!
//! Invariant: never waits. The caller's account is locked for the operation alone; two accounts never wait for each
//! other.

mod account;
mod clocks;
mod credential;
mod freshness;
mod news;
mod nonces;
mod outside;
mod resident;
mod run;
mod snapshot;
mod store;

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

pub use self::account::AccountError;
pub use self::clocks::{Obeyed, OrderError, OwnClock};
pub use self::credential::SignatureMode;
pub use self::news::Watermark;
pub use self::outside::TaskError;
pub use self::resident::{Sighting, TaskTransition};
use self::run::Run;
pub use self::snapshot::RestoreError;
use crate::clock::{ClockError, ClockStart, GatewayClock};
use crate::domain::assumptions::{DefaultFormat, UnknownFormat};
use crate::domain::{ApiError, State, TaskId, TaskType, Value, World};
use crate::protocol::call::RequestedFormat;
use crate::protocol::{Call, Format, RequestId};

/// What a gateway is made from.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The service at its first instant.
    pub world: World,
    /// Where all chance comes from.
    pub seed: u64,
    /// The task clock at the first instant.
    pub clock: ClockStart,
    /// What judges freshness.
    pub gateway_clock: GatewayClock,
    /// Whether signatures are verified.
    pub signatures: SignatureMode,
    /// Bounds on what is kept.
    pub bounds: Bounds,
}

/// How much is kept of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Most accounts; a new AccessKeyId beyond that is answered `ServiceUnavailable`.
    pub accounts: usize,
    /// Most nonces for the replay check; beyond that the oldest are forgotten early.
    pub nonces: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { accounts: 10_000, nonces: 500_000 }
    }
}

/// Why no gateway could be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SetupError {
    /// The clock cannot start like that.
    #[error("clock: {0}")]
    Clock(#[from] ClockError),
    /// A task of the first instant would begin after it.
    #[error("tasks: one of {task_type} is started at {at}, after the first instant, {first_instant}")]
    LaterTask {
        /// What it scans.
        task_type: String,
        /// When it would start.
        at: Timestamp,
        /// When the task clock starts.
        first_instant: Timestamp,
    },
}

/// The service, ready to be called.
#[derive(Debug)]
pub struct Gateway {
    run: RwLock<Arc<Run>>,
}

/// A file that somebody asked for.
#[derive(Debug)]
pub struct Report {
    /// What it is called.
    pub file_name: String,
    /// What it says.
    pub content: String,
}

/// The ids of one call.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// In the answer's body and header.
    pub request: RequestId,
    /// In its header.
    pub trace: [u8; 16],
}

/// What became of a call.
#[derive(Debug)]
pub struct Answer {
    /// The account that called, once its signature is verified.
    pub account: Option<String>,
    /// What it is told.
    pub result: Result<Value, ApiError>,
}

impl Gateway {
    /// A gateway at the first instant of its world.
    pub fn new(setup: Setup) -> Result<Self, SetupError> {
        Ok(Self { run: RwLock::new(Arc::new(Run::new(Arc::new(setup))?)) })
    }

    /// What it was made from.
    pub fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.run().setup)
    }

    /// Back to the first instant: clock, accounts, nonces and chance.
    pub fn reset(&self) -> Result<(), SetupError> {
        self.replace(|run| Run::new(Arc::clone(&run.setup)))
    }

    /// Another world at its first instant; if it cannot be, the old one stays.
    pub fn load(&self, setup: Setup) -> Result<(), SetupError> {
        self.replace(|_| Run::new(Arc::new(setup)))
    }

    /// Under one lock, or a reset that began before another world was loaded would bring the old one back.
    fn replace<E>(&self, make: impl FnOnce(&Run) -> Result<Run, E>) -> Result<(), E> {
        let mut run = self.run.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = make(&run)?;
        *run = Arc::new(fresh);
        Ok(())
    }

    /// One account begins anew, by the world's clock: its first instant is now, for that clock goes on.
    pub fn reset_account(&self, account: &str) -> Result<(), AccountError> {
        let run = self.run();
        if !run.accounts.has(account) {
            run.check_account(account)?;
        }
        let fresh = || run.fresh(account, run.clock.now());
        run.accounts.transact(account, fresh, |resident| *resident = fresh())
    }

    /// Forgets an account, as if it had never called; whether there was one.
    pub fn forget_account(&self, account: &str) -> bool {
        self.run().accounts.forget(account)
    }

    /// Where the chance of this run comes from.
    pub fn seed(&self) -> u64 {
        self.run().seed
    }

    /// Ids for the next call.
    pub fn ids(&self) -> Ids {
        let run = self.run();
        let mut dice = run.dice.lock().unwrap_or_else(PoisonError::into_inner);
        Ids { request: RequestId::new(dice.request_id()), trace: dice.request_id() }
    }

    /// The syntax in which a call is answered.
    pub fn format(&self, call: &Call<'_>) -> Format {
        let assumptions = self.run().setup.world.assumptions;
        match (call.format, assumptions.default_format) {
            (RequestedFormat::Known(format), _) => format,
            (RequestedFormat::Unsupported, _) if assumptions.unknown_format == UnknownFormat::Json => {
                Format::Json
            }
            (_, DefaultFormat::Xml) => Format::Xml,
            (_, DefaultFormat::Json) => Format::Json,
        }
    }

    /// Answers a call. The order of the checks is part of what a client sees (spec/protocol.md §4.3).
    pub fn handle(&self, call: &Call<'_>) -> Answer {
        let run = self.run();
        let caller = run.check_request(call).and_then(|()| run.authenticate(call));
        match caller {
            Err(error) => Answer { account: None, result: Err(error) },
            Ok(caller) => {
                let result = run.perform(call, &caller);
                Answer { account: Some(caller.account), result }
            }
        }
    }

    /// Now and the first instant, by the task clock of the account that a call claims to be of.
    pub fn task_time(&self, account: Option<&str>) -> (Timestamp, Timestamp) {
        let run = self.run();
        let mut now = None;
        if let Some(account) = account {
            run.accounts.each(Some(account), |_, resident| now = Some(resident.now(&run.clock)));
        }
        (now.unwrap_or_else(|| run.clock.now()), run.first_instant)
    }

    /// What the task that a call is about shows now; nobody's look is counted. It is the one it names, or the newest of
    /// the type it names.
    pub fn peek(&self, call: &Call<'_>) -> Option<State> {
        let run = self.run();
        let mut state = None;
        run.accounts.each(Some(call.claims.access_key_id?), |_, resident| {
            let now = resident.now(&run.clock);
            let tasks = &resident.account.tasks;
            let named = ["TaskId", "RootTaskId"].iter().find_map(|name| call.params.filled(name));
            let task = match (named, call.params.filled("TaskType")) {
                (Some(id), _) => tasks.find(id),
                (None, Some(task_type)) => tasks.newest(&TaskType::new(task_type), None).next(),
                (None, None) => None,
            };
            state = task.map(|task| task.state_at(now));
        });
        state
    }

    /// The finished report of that id, whoever asked for it.
    pub fn report(&self, id: TaskId) -> Option<Report> {
        let run = self.run();
        let mut report = None;
        run.accounts.each(None, |_, resident| {
            let now = resident.now(&run.clock);
            let export = resident.account.exports.iter().find(|export| export.id == id);
            report =
                report.take().or(export.filter(|export| export.progress(now) == 100).map(|export| Report {
                    file_name: format!("{}.csv", export.file_name()),
                    content: export.csv(&resident.account.servers),
                }));
        });
        report
    }

    /// How many accounts there are.
    pub fn account_count(&self) -> usize {
        self.run().accounts.len()
    }

    fn run(&self) -> Arc<Run> {
        Arc::clone(&self.run.read().unwrap_or_else(PoisonError::into_inner))
    }
}
