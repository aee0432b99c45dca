//! One run of a world from its first instant, and the checks of a call in the order in which a client sees them.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::resident::Resident;
use super::{Setup, SetupError, SignatureMode, credential, freshness, nonces, store};
use crate::clock::Clock;
use crate::dice::Dice;
use crate::domain::assumptions::UnknownFormat;
use crate::domain::{ApiError, Code, Value, permission};
use crate::operations::{self, Operation};
use crate::protocol::call::Wish;
use crate::protocol::{Call, VERSION, claims, sign};

/// The owner of the dice that no account throws. No AccessKeyId is empty, so its streams are nobody else's.
pub(super) const GATEWAY: &str = "";

/// One run of a world; a reset, another world and a restored snapshot replace it whole.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) setup: Arc<Setup>,
    /// Where its chance comes from: the setup's seed, or that of the snapshot it goes on from.
    pub(super) seed: u64,
    pub(super) first_instant: Timestamp,
    /// The world's: that of every account that has none of its own.
    pub(super) clock: Clock,
    /// Held while the clocks are given an order.
    pub(super) orders: Mutex<()>,
    pub(super) accounts: store::Store,
    pub(super) nonces: Mutex<nonces::Nonces>,
    pub(super) dice: Mutex<Dice>,
}

impl Run {
    /// At the first instant of its world.
    pub(super) fn new(setup: Arc<Setup>) -> Result<Self, SetupError> {
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
            seed: setup.seed,
            first_instant,
            clock,
            orders: Mutex::default(),
            accounts: store::Store::new(setup.bounds.accounts),
            nonces: Mutex::new(nonces::Nonces::new(setup.bounds.nonces)),
            dice: Mutex::new(Dice::new(setup.seed, GATEWAY)),
            setup,
        })
    }

    /// An account at a first instant.
    pub(super) fn fresh(&self, account: &str, first_instant: Timestamp) -> Resident {
        let mut dice = Dice::new(self.seed, account);
        Resident::new(operations::populate(&self.setup.world, first_instant, &mut dice), dice)
    }

    /// What can be judged without knowing who calls.
    pub(super) fn check_request(&self, call: &Call<'_>) -> Result<(), ApiError> {
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
    pub(super) fn authenticate(&self, call: &Call<'_>) -> Result<credential::Caller<'_>, ApiError> {
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
    pub(super) fn perform(
        &self,
        call: &Call<'_>,
        caller: &credential::Caller<'_>,
    ) -> Result<Value, ApiError> {
        let operation = operations::find(call.action);
        if let Some(denial) = caller.policy.and_then(|policy| policy.denial(call.action)) {
            let usual = || format!("{}:{}", permission::PREFIXES[1], call.action);
            let action = operation.map_or_else(usual, Operation::ram_action);
            return Err(denial.error(action, &caller.account));
        }
        let operation = operation.ok_or(Code::NOT_MODELLED)?;
        let fresh = || self.fresh(&caller.account, self.first_instant);
        self.accounts.transact(&caller.account, fresh, |resident| {
            let now = resident.now(&self.clock);
            operation.call(&mut resident.context(now, &self.setup.world), call.params)
        })?
    }
}
