//! One API call in the core: its arrival, and later its operation.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use super::accounts::{self, SharedAccount};
use super::emulator::Emulator;
use super::session::{Ids, Session};
use crate::auth::{self, AuthTimes};
use crate::clock;
use crate::domain::{ApiError, Code};
use crate::fault::{Caller, Decision, Standing};
use crate::journal::{Arrival, CallRecord};
use crate::operations;
use crate::protocol::{Call, Format};

/// A call that has arrived: authenticated, judged, numbered and recorded. It keeps the session and the time of its
/// arrival to its end, whatever becomes of the emulator meanwhile.
#[derive(Debug)]
pub struct Arrived {
    pub ids: Ids,
    /// The syntax in which it is answered.
    pub format: Format,
    pub record: Arc<CallRecord>,
    /// Everything that will go wrong with it.
    pub decision: Decision,
    pub(super) session: Arc<Session>,
    pub(super) now: Timestamp,
    pub(super) id: String,
    /// The same account's state, or why the call was refused.
    pub(super) caller: Result<SharedAccount, ApiError>,
}

impl Emulator {
    /// Takes in a call. All of it happens in one session and, for an authenticated call, under its account's lock: a
    /// reset comes before it or after it, never in between.
    pub fn arrive(&self, call: &Call<'_>) -> Arrived {
        loop {
            let session = self.session();
            if let Some(arrived) = self.arrive_in(session, call) {
                self.note_change();
                return arrived;
            }
            // The session or the account was replaced meanwhile: the call arrives after that.
        }
    }

    /// `None` if the session is over by then.
    fn arrive_in(&self, session: Arc<Session>, call: &Call<'_>) -> Option<Arrived> {
        let ids = session.next_ids();
        let authenticated = session.authenticate(call);
        let id = authenticated.as_deref().ok().or(call.claims.access_key_id);
        loop {
            let caller = authenticated.as_ref().map_err(Clone::clone).and_then(|id| {
                // The caller is identified already; the one reason left is room, and the log has the details.
                session.account(id, session.start).map_err(|_| Code::UNAVAILABLE.into())
            });
            let known = match &caller {
                Ok(account) => Some(Arc::clone(account)),
                Err(_) => id.and_then(|id| session.accounts.get(id)),
            };
            let account = known.as_ref().map(accounts::lock);
            if account.as_ref().is_some_and(|account| account.is_retired) {
                // A reset came between the two locks: the call arrives after it, in the account's successor.
                continue;
            }
            let own = account.as_deref().map(|account| account.now(&session.clock));
            let now = own.unwrap_or_else(|| session.clock.now());
            // What the task that the call is about shows now; this does not count as a poll.
            let task = || {
                let tasks = &account.as_deref()?.account.tasks;
                let task = operations::task_of(call.action, call.params, tasks, session.world().assumptions)?;
                Some(task.state_at(now))
            };
            let standing = match (&caller, &account) {
                (Ok(_), _) => Standing::Accepted,
                (Err(_), Some(_)) => Standing::Refused,
                (Err(_), None) => Standing::Stranger,
            };
            let who = Caller::new(id, standing);
            let bare = arrival(call.request, ids, now);
            let decision = session.faults.judge(Some(call), who, &session.moment(now, bare.arrived), task);
            let arrival = Arrival { call: Some(call), account: id, faults: &decision.triggered, ..bare };
            let record = self.journal().arrive(session.generation, &arrival).ok()?;
            drop(account);
            let (id, format) = (authenticated.unwrap_or_default(), session.format(call));
            return Some(Arrived { ids, format, record, decision, session, now, id, caller });
        }
    }

    pub fn arrive_unreadable(&self, request: &Request<Bytes>) -> (Ids, Arc<CallRecord>) {
        loop {
            let session = self.session();
            let ids = session.next_ids();
            let arrival = arrival(request, ids, session.clock.now());
            if let Ok(record) = self.journal().arrive(session.generation, &arrival) {
                self.note_change();
                return (ids, record);
            }
        }
    }
}

/// A request that arrives now, and of which nothing else is known yet.
fn arrival(request: &Request<Bytes>, ids: Ids, task_time: Timestamp) -> Arrival<'_> {
    Arrival {
        request,
        call: None,
        account: None,
        faults: &[],
        request_id: ids.request,
        time: clock::machine_time(),
        task_time,
        arrived: clock::uptime(),
    }
}

impl Arrived {
    /// The seed of its session, if one was given.
    pub fn given_seed(&self) -> Option<u64> {
        self.session.scenario.seed
    }

    /// The account that the call was authenticated as, unless it was refused.
    pub fn account(&self) -> Option<&str> {
        self.caller.is_ok().then_some(&self.id)
    }
}

impl Session {
    fn authenticate(&self, call: &Call<'_>) -> Result<String, ApiError> {
        let world = self.world();
        auth::check_request(call, world.assumptions)?;
        let now = AuthTimes { gateway: self.scenario.gateway_clock.now(), uptime: clock::uptime() };
        auth::authenticate(call, world, self.signatures, &self.nonces, now)
    }
}
