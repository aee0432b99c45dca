//! One API call in the core: its arrival, and later its operation.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use super::accounts::{self, SharedAccount};
use super::emulator::Emulator;
use super::session::{Ids, Session};
use crate::auth::{self, Caller};
use crate::clock;
use crate::domain::{ApiError, Code, Value, permission};
use crate::fault::Decision;
use crate::journal::{Arrival, CallRecord};
use crate::operations::{self, Operation};
use crate::protocol::{Call, Format};

/// A call that has arrived: authenticated, judged, numbered and recorded. It keeps the session and the time of its
/// arrival to its end, whatever becomes of the emulator meanwhile.
#[derive(Debug)]
pub struct Arrived {
    /// Its ids.
    pub ids: Ids,
    /// The syntax in which it is answered.
    pub format: Format,
    /// Its record in the journal.
    pub record: Arc<CallRecord>,
    /// Everything that will go wrong with it.
    pub decision: Decision,
    session: Arc<Session>,
    now: Timestamp,
    /// The account that it acts on, or why it was refused.
    caller: Result<(String, SharedAccount), ApiError>,
}

impl Emulator {
    /// Takes in a call. All of it happens in one session and, for an authenticated call, under its account's lock: a
    /// reset comes before it or after it, never in between.
    pub fn arrive(&self, call: &Call<'_>) -> Arrived {
        loop {
            let session = self.session();
            if let Some(arrived) = self.arrive_in(session, call) {
                return arrived;
            }
            // The session or the account was replaced meanwhile: the call arrives after that.
        }
    }

    fn arrive_in(&self, session: Arc<Session>, call: &Call<'_>) -> Option<Arrived> {
        let ids = session.next_ids();
        let caller = session.caller(call);
        let claimed = call.claims.access_key_id;
        let known = match &caller {
            Ok((_, account)) => Some(Arc::clone(account)),
            Err(_) => claimed.and_then(|claimed| session.accounts.get(claimed)),
        };
        let account = known.as_ref().map(accounts::lock);
        if account.as_ref().is_some_and(|account| account.is_retired) {
            return None;
        }
        let now = account.as_ref().map_or_else(|| session.clock.now(), |account| account.now(&session.clock));
        // What the task that the call is about shows now; this does not count as a poll.
        let task = || {
            let tasks = &account.as_ref()?.account.tasks;
            let task = operations::task_of(call.action, call.params, tasks, session.world().assumptions)?;
            Some(task.state_at(now))
        };
        let decision = session.faults.judge(Some(call), caller.is_ok(), &session.moment(now), task);
        let id = caller.as_ref().map_or(claimed, |(id, _)| Some(id));
        let record = self.record(&session, ids, call.request, Some(call), id, &decision.triggered, now)?;
        drop(account);
        Some(Arrived { ids, format: session.format(call), record, decision, now, caller, session })
    }
}

impl Emulator {
    /// Takes in a request that is not a call.
    pub fn arrive_unreadable(&self, request: &Request<Bytes>) -> (Ids, Arc<CallRecord>) {
        loop {
            let session = self.session();
            let ids = session.next_ids();
            if let Some(record) = self.record(&session, ids, request, None, None, &[], session.clock.now()) {
                return (ids, record);
            }
        }
    }

    /// Numbers and records a request; `None` if the session is over.
    fn record(
        &self,
        session: &Session,
        ids: Ids,
        request: &Request<Bytes>,
        call: Option<&Call<'_>>,
        account: Option<&str>,
        faults: &[String],
        now: Timestamp,
    ) -> Option<Arc<CallRecord>> {
        let arrival = Arrival {
            request,
            call,
            account,
            faults,
            request_id: ids.request,
            time: clock::machine_time(),
            task_time: now,
            arrived: clock::uptime(),
        };
        self.journal().arrive(session.generation, &arrival).ok()
    }
}

impl Arrived {
    /// Performs the operation, or returns why the call was refused.
    pub fn perform(&self, call: &Call<'_>) -> Result<Value, ApiError> {
        let (id, account) = self.caller.as_ref().map_err(Clone::clone)?;
        let operation = operations::find(call.action);
        let world = self.session.world();
        let policy = world.keyring.find(id).map(|found| &found.key.policy);
        if let Some(denial) = policy.and_then(|policy| policy.denial(call.action)) {
            let default = || format!("{}:{}", permission::PREFIXES[1], call.action);
            let action = operation.map_or_else(default, Operation::ram_action);
            return Err(denial.error(action, id));
        }
        let operation = operation.ok_or(Code::NOT_MODELLED)?;
        operation.call(&mut accounts::lock(account).context(self.now, world), call.params)
    }

    /// The account that the call was authenticated as, unless it was refused.
    pub fn account(&self) -> Option<&str> {
        self.caller.as_ref().ok().map(|(id, _)| id.as_str())
    }
}

impl Session {
    /// Authenticates a call and finds its account; the account is made if this is its first call.
    fn caller(&self, call: &Call<'_>) -> Result<(String, SharedAccount), ApiError> {
        let world = self.world();
        auth::check_request(call, world.assumptions)?;
        let now = self.scenario.gateway_clock.now();
        let Caller { account: id, .. } = auth::authenticate(call, world, self.signatures, &self.nonces, now)?;
        let account = self.accounts.get_or_make(&id, || self.new_account(&id, self.start))?;
        Ok((id, account))
    }
}
