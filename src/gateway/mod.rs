//! One call, from claims to answer: is it fresh, whose is it, is it signed, may it, does it say enough, and then the
//! operation.
//!
//! Invariant: never waits. The caller's account is locked for the operation alone; two accounts never wait for each
//! other.

mod credential;
mod freshness;
mod nonces;
mod store;

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};

pub use self::credential::SignatureMode;
pub use self::store::{Report, Sighting, TaskTransition};
use crate::clock::{Clock, ClockError, ClockStart, GatewayClock};
use crate::dice::Dice;
use crate::domain::assumptions::{DefaultFormat, UnknownFormat};
use crate::domain::{Account, ApiError, Code, State, TaskId, TaskType, Value, World, permission};
use crate::operations::{self, Context};
use crate::protocol::call::Wish;
use crate::protocol::{Call, Format, RequestId, VERSION, claims, sign};

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

/// One run of a world from its first instant; a reset and another world replace it whole.
#[derive(Debug)]
struct Run {
    setup: Arc<Setup>,
    clock: Clock,
    first_instant: Timestamp,
    accounts: store::Store,
    nonces: Mutex<nonces::Nonces>,
    dice: Mutex<Dice>,
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
        self.replace(|run| Arc::clone(&run.setup))
    }

    /// Another world at its first instant; if it cannot be, the old one stays.
    pub fn load(&self, setup: Setup) -> Result<(), SetupError> {
        self.replace(|_| Arc::new(setup))
    }

    /// Under one lock, or a reset that began before another world was loaded would bring the old one back.
    fn replace(&self, setup: impl FnOnce(&Run) -> Arc<Setup>) -> Result<(), SetupError> {
        let mut run = self.run.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = Run::new(setup(&run))?;
        *run = Arc::new(fresh);
        Ok(())
    }

    /// One account begins anew: its first instant is now, for the clock goes on.
    pub fn reset_account(&self, account: &str) -> Result<(), ApiError> {
        let run = self.run();
        let first_instant = run.clock.now();
        let fresh = || run.fresh(account, first_instant);
        run.accounts.transact(account, fresh, |account, dice| (*account, *dice) = fresh())
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
            (Wish::Known(format), _) => format,
            (Wish::Unknown, _) if assumptions.unknown_format == UnknownFormat::Json => Format::Json,
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

    /// The task clock.
    pub fn with_clock<T>(&self, act: impl FnOnce(&Clock) -> T) -> T {
        act(&self.run().clock)
    }

    /// Now and the first instant, by the task clock.
    pub fn task_time(&self) -> (Timestamp, Timestamp) {
        let run = self.run();
        (run.clock.now(), run.first_instant)
    }

    /// What the task that a call is about shows now; nobody's look is counted. It is the one it names, or the newest of
    /// the type it names.
    pub fn peek(&self, call: &Call<'_>) -> Option<State> {
        let run = self.run();
        run.accounts.peek(call.claims.access_key_id?, |account| {
            let now = run.clock.now();
            let named = ["TaskId", "RootTaskId"].iter().find_map(|name| call.params.filled(name));
            let task = match (named, call.params.filled("TaskType")) {
                (Some(id), _) => account.tasks.find(id),
                (None, Some(task_type)) => account.tasks.newest(&TaskType::new(task_type), None).next(),
                (None, None) => None,
            };
            task.map(|task| task.state_at(now))
        })?
    }

    /// Every task of every account (or of one) as it is now; nobody's look is counted.
    pub fn sightings(&self, account: Option<&str>) -> Vec<Sighting> {
        let run = self.run();
        run.accounts.sightings(account, &run.clock)
    }

    /// The changes of status in `(after, until]`, in order.
    pub fn transitions(&self, after: Timestamp, until: Timestamp) -> Vec<TaskTransition> {
        self.run().accounts.transitions(after, until)
    }

    /// The finished report of that id, whoever asked for it.
    pub fn report(&self, id: TaskId) -> Option<Report> {
        let run = self.run();
        run.accounts.report(id, &run.clock)
    }

    /// How many accounts have called.
    pub fn account_count(&self) -> usize {
        self.run().accounts.len()
    }

    fn run(&self) -> Arc<Run> {
        Arc::clone(&self.run.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Run {
    fn new(setup: Arc<Setup>) -> Result<Self, SetupError> {
        let clock = Clock::new(setup.clock)?;
        let first_instant = clock.now();
        for seed in &setup.world.tasks {
            let at = seed.started.resolve(first_instant);
            if at > first_instant {
                let task_type = seed.task_type.as_str().to_owned();
                return Err(SetupError::LaterTask { task_type, at, first_instant });
            }
        }
        Ok(Self {
            first_instant,
            clock,
            accounts: store::Store::new(setup.bounds.accounts),
            nonces: Mutex::new(nonces::Nonces::new(setup.bounds.nonces)),
            // No AccessKeyId is empty, so this owner's streams are nobody else's.
            dice: Mutex::new(Dice::new(setup.seed, "")),
            setup,
        })
    }

    /// An account at a first instant.
    fn fresh(&self, account: &str, first_instant: Timestamp) -> (Account, Dice) {
        let mut dice = Dice::new(self.setup.seed, account);
        (operations::populate(&self.setup.world, first_instant, &mut dice), dice)
    }

    /// What can be judged without knowing who calls.
    fn check_request(&self, call: &Call<'_>) -> Result<(), ApiError> {
        if call.version != VERSION {
            return Err(Code::INVALID_VERSION.into());
        }
        // Before any credential: the live gateway tells strangers that an operation does not exist.
        if !operations::is_known(call.action) {
            return Err(Code::ACTION_NOT_FOUND.into());
        }
        if !matches!(*call.method(), http::Method::GET | http::Method::POST) {
            return Err(Code::UNSUPPORTED_METHOD.into());
        }
        if call.format == Wish::Unknown
            && self.setup.world.assumptions.unknown_format == UnknownFormat::Refuse
        {
            return Err(Code::INVALID_FORMAT.into());
        }
        if let Some(claimed) = claims::text(call.request.headers(), "content-md5")
            && claimed != STANDARD.encode(Md5::digest(call.request.body()))
        {
            return Err(Code::CONTENT_MD5.into());
        }
        Ok(())
    }

    /// Who calls: cheap checks first, and the nonce last, or strangers could use up other people's.
    fn authenticate(&self, call: &Call<'_>) -> Result<credential::Caller<'_>, ApiError> {
        if self.setup.signatures == SignatureMode::Ignore {
            return Ok(credential::unverified(&call.claims, &self.setup.world));
        }
        let now = self.setup.gateway_clock.now();
        credential::check_kind(call, self.setup.world.assumptions)?;
        freshness::check(&call.claims, now)?;
        let caller = credential::identify(&call.claims, &self.setup.world, now)?;
        if let Some(secret) = caller.secret {
            sign::verify(call, secret)?;
        }
        if let Some(nonce) = call.claims.nonce {
            let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
            nonces.use_up(&caller.account, nonce, now)?;
        }
        Ok(caller)
    }

    /// What the caller may and wants.
    fn perform(&self, call: &Call<'_>, caller: &credential::Caller<'_>) -> Result<Value, ApiError> {
        let operation = operations::find(call.action);
        if let Some(refusal) = caller.policy.and_then(|policy| policy.refusal(call.action)) {
            let usual = || format!("{}:{}", permission::PREFIXES[1], call.action);
            let action = operation.map_or_else(usual, |row| row.ram_action.to_owned());
            return Err(refusal.error(action, &caller.account));
        }
        let operation = operation.ok_or(Code::NOT_MODELLED)?;
        let world = &self.setup.world;
        let fresh = || self.fresh(&caller.account, self.first_instant);
        self.accounts.transact(&caller.account, fresh, |account, dice| {
            // Read under the lock: were it read before, a slower call could see an older time than a faster one that
            // came later, and progress would fall.
            let now = self.clock.now();
            operation.call(&mut Context { now, account, dice, world }, call.params)
        })?
    }
}
