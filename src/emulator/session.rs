//! One run of a scenario, from its start time on; a reset, a load and a restore replace it whole.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::accounts::{self, AccountError, AccountState, AccountStore, SharedAccount};
use super::config::{Config, NoGeneratedCertificate};
use crate::answers::AnswerBook;
use crate::auth::{Nonces, SignatureMode};
use crate::clock::{self, Clock, ClockError};
use crate::dice::{Dice, Positions, RequestIdStream};
use crate::domain::assumptions::Bearer;
use crate::domain::keyring::is_possible_id;
use crate::domain::principal::is_account_number;
use crate::domain::{TemporaryKeys, World, assumptions};
use crate::fault::{self, Engine};
use crate::operations;
use crate::posture::UploadedFile;
use crate::protocol::call::RequestedFormat;
use crate::protocol::{Call, Format, RequestId};
use crate::scenario::Scenario;
use crate::text::similar::nearest;

/// The owner of the random streams that belong to no account. No AccessKeyId is empty, so its streams are its own.
pub(super) const SESSION: &str = "";

#[derive(Debug)]
pub struct Session {
    /// Its number: sessions of one emulator are counted from 1.
    pub generation: u64,
    pub scenario: Arc<Scenario>,
    /// The seed of its random streams: the scenario's, or that of the snapshot it was restored from.
    pub seed: u64,
    /// The task clock's first reading.
    pub start: Timestamp,
    /// The task clock of every account that has none of its own.
    pub clock: Clock,
    pub(super) clock_commands: Mutex<()>,
    pub(super) accounts: AccountStore,
    pub(super) nonces: Mutex<Nonces>,
    pub(super) temporary_keys: Mutex<TemporaryKeys>,
    pub(super) request_ids: Mutex<RequestIdStream>,
    pub faults: Engine,
    pub(crate) answers: AnswerBook,
    pub(super) signatures: SignatureMode,
    pub(super) escaped: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// In the reply's body and header.
    pub request: RequestId,
    /// In the header `x-acs-trace-id`.
    pub trace: [u8; 16],
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SessionError {
    #[error("clock: {0}")]
    Clock(#[from] ClockError),
    #[error("tasks: one of {task_type} is started at {at}, after the start time, {start}")]
    LaterTask { task_type: String, at: Timestamp, start: Timestamp },
    #[error(transparent)]
    Fault(#[from] NoGeneratedCertificate),
}

impl Session {
    /// A session at its start time. The scenario has its overrides applied.
    pub(super) fn new(
        generation: u64,
        config: &Config,
        scenario: Arc<Scenario>,
    ) -> Result<Self, SessionError> {
        let clock = Clock::new(scenario.clock)?;
        let start = clock.now();
        for task in &scenario.world.tasks {
            let at = task.started.resolve(start);
            if at > start {
                let task_type = task.task_type.as_str().to_owned();
                return Err(SessionError::LaterTask { task_type, at, start });
            }
        }
        let seed = scenario.seed.unwrap_or_default();
        Ok(Self {
            generation,
            seed,
            start,
            clock,
            clock_commands: Mutex::default(),
            accounts: AccountStore::new(Vec::new(), config.limits.accounts),
            nonces: Mutex::new(Nonces::new(config.limits.nonces)),
            temporary_keys: Mutex::new(TemporaryKeys::empty(seed)),
            request_ids: Mutex::new(RequestIdStream::resume_from(seed, SESSION, Positions::default())),
            faults: Engine::new(seed, scenario.faults.clone(), clock::uptime()),
            answers: AnswerBook::new(scenario.answers.clone()),
            signatures: config.signatures,
            escaped: AtomicU64::new(0),
            scenario,
        })
    }

    pub(super) fn world(&self) -> &World {
        &self.scenario.world
    }

    /// A new account whose tasks and servers are those that the scenario gives it at `start`.
    pub(super) fn new_account(&self, account: &str, start: Timestamp) -> AccountState {
        let mut dice = Dice::new(self.seed, account);
        AccountState::new(operations::populate(self.world(), account, start, &mut dice), dice)
    }

    /// The account of that name, made as of `start` if it does not exist. If as many are kept as may be, another one is
    /// evicted.
    pub(super) fn account(&self, id: &str, start: Timestamp) -> Result<SharedAccount, AccountError> {
        loop {
            match self.accounts.get_or_make(id, || self.new_account(id, start)) {
                Err(full) if !self.make_room() => {
                    tracing::warn!("{full}");
                    return Err(full);
                }
                // Another caller may have taken the room meanwhile.
                Err(_) => (),
                found => return found,
            }
        }
    }

    /// Evicts an account that was not set up by hand and in which nothing runs; false if there is none.
    fn make_room(&self) -> bool {
        let (mut named, keyring) = (self.faults.named_accounts(), &self.world().keyring);
        named.extend(self.answers.named_accounts());
        let evicted = self.accounts.evict(|id, account| {
            let is_configured = named.contains(id) || keyring.find(id).is_some_and(|found| found.listed);
            !is_configured && account.is_idle(&self.clock)
        });
        let Some((id, count)) = evicted else { return false };
        self.faults.evict(&id);
        self.answers.evict(&id);
        if count == 1 {
            let limit = self.account_count() + 1;
            tracing::info!(
                "{limit} accounts are kept, as --max-accounts allows: from now on, those that were not used for longest \
                 make room for new ones"
            );
        }
        true
    }

    /// Runs `act` on an account, made if it does not exist, for the control API: unless it is refused, the account is not
    /// evicted from then on.
    pub(super) fn configure<T, E: From<AccountError>>(
        &self,
        id: &str,
        act: impl FnOnce(&mut AccountState) -> Result<T, E>,
    ) -> Result<T, E> {
        loop {
            let account = self.account(id, self.start)?;
            let mut account = accounts::lock(&account);
            // A reset came between the two locks: its successor is in the map by now.
            if !account.is_retired {
                let done = act(&mut account)?;
                account.is_configured = true;
                return Ok(done);
            }
        }
    }

    pub(super) fn next_ids(&self) -> Ids {
        let [request, trace] = self.request_ids.lock().unwrap_or_else(PoisonError::into_inner).draw();
        Ids { request: RequestId::new(request), trace }
    }

    pub(super) fn format(&self, call: &Call<'_>) -> Format {
        use assumptions::{DefaultFormat, UnknownFormat};
        let assumptions = self.world().assumptions;
        match call.format {
            RequestedFormat::Known(format) => format,
            RequestedFormat::Unsupported if assumptions.unknown_format == UnknownFormat::Json => Format::Json,
            _ if assumptions.default_format == DefaultFormat::Xml => Format::Xml,
            _ => Format::Json,
        }
    }

    /// Which certificate a TLS handshake gets. The account that will call is not known yet, so the session's clock counts.
    pub fn judge_handshake(&self) -> fault::Decision {
        self.faults.judge(
            None,
            fault::Caller::HANDSHAKE,
            &self.moment(self.clock.now(), clock::uptime()),
            || None,
        )
    }

    pub(super) fn moment(&self, now: Timestamp, uptime: SignedDuration) -> fault::JudgeTimes {
        fault::JudgeTimes { age: now.duration_since(self.start), uptime }
    }

    /// Checks that an account exists or that a client could call as it: a misspelt name must not make an account.
    pub fn check_account(&self, id: &str) -> Result<(), AccountError> {
        if self.accounts.get(id).is_some() {
            return Ok(());
        }
        if !is_possible_id(id) {
            return Err(AccountError::Impossible);
        }
        let world = self.world();
        let is_known = self.signatures == SignatureMode::Ignore
            || world.keyring.find(id).is_some()
            || is_account_number(id)
            || (world.assumptions.bearer == Bearer::Accept && id.starts_with("bearer-"));
        if is_known {
            return Ok(());
        }
        let nearest = nearest(id, world.keyring.listed_ids()).map(str::to_owned);
        Err(AccountError::Unknown { id: id.to_owned(), nearest })
    }

    /// Adds a file to those that an account has uploaded; false if there is no such account.
    pub fn keep_upload(&self, account: &str, file: UploadedFile) -> bool {
        loop {
            let Some(account) = self.accounts.get(account) else { return false };
            let mut account = accounts::lock(&account);
            // A reset came between the two locks: its successor is in the map by now.
            if !account.is_retired {
                account.account.posture.files.add(file);
                return true;
            }
        }
    }

    pub fn account_count(&self) -> usize {
        self.accounts.len()
    }

    /// How many escaped calls there were: also those that the journal no longer has.
    pub fn escaped_calls(&self) -> u64 {
        self.escaped.load(Ordering::Relaxed)
    }

    /// How many accounts made room for others.
    pub fn evicted_accounts(&self) -> u64 {
        self.accounts.evicted()
    }
}
