//! One API call in the core: its arrival, and later its operation.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;

use super::accounts::{self, SharedAccount};
use super::emulator::Emulator;
use super::session::{Ids, Session};
use crate::auth::{self, AuthTimes};
use crate::clock::{self, Reading};
use crate::domain::keyring::is_possible_id;
use crate::domain::{ApiError, Code, Principal, TemporaryKey};
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
    /// Whether the task clock of its account was paused.
    pub(super) is_paused: bool,
    /// The gateway clock's reading.
    pub(super) gateway_now: Timestamp,
    /// Who calls, with the state of the account; or why the call was refused.
    pub(super) caller: Result<(Principal, SharedAccount), ApiError>,
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
        let auth_times = AuthTimes { gateway: session.scenario.gateway_clock.now(), uptime: clock::uptime() };
        let authenticated = session.authenticate(call, auth_times);
        let claimed = match &authenticated {
            Ok(_) => None,
            Err(_) => call.claims.access_key_id.map(|id| session.account_of_key(id)),
        };
        let id = authenticated.as_ref().ok().map(Principal::account).or(claimed.as_deref());
        loop {
            let caller = authenticated.as_ref().map_err(Clone::clone).and_then(|principal| {
                // The caller is identified already; the one reason left is room, and the log has the details.
                let account = session.account(principal.account(), session.start);
                account.map_err(|_| Code::UNAVAILABLE.into())
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
            let own = account.as_deref().map(|account| account.reading(&session.clock));
            let Reading { now, paused: is_paused, .. } = own.unwrap_or_else(|| session.clock.read());
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
            let format = session.format(call);
            let caller = caller.and_then(|account| Ok((authenticated?, account)));
            let gateway_now = auth_times.gateway;
            return Some(Arrived {
                ids,
                format,
                record,
                decision,
                session,
                now,
                is_paused,
                gateway_now,
                caller,
            });
        }
    }

    pub fn arrive_unreadable(&self, request: &Request<Bytes>) -> (Ids, Arc<CallRecord>) {
        let (_, ids, record) = self.arrive_refused(request, None, None);
        (ids, record)
    }

    /// Takes in a call to another host, `host:port`, with the AccessKeyId that it names, if it names one.
    pub fn arrive_escaped(
        &self,
        request: &Request<Bytes>,
        host: &str,
        account: Option<&str>,
    ) -> (Ids, Arc<CallRecord>) {
        let account = account.filter(|id| is_possible_id(id));
        let (session, ids, record) = self.arrive_refused(request, Some(host), account);
        session.escaped.fetch_add(1, Ordering::Relaxed);
        (ids, record)
    }

    fn arrive_refused(
        &self,
        request: &Request<Bytes>,
        escaped: Option<&str>,
        account: Option<&str>,
    ) -> (Arc<Session>, Ids, Arc<CallRecord>) {
        loop {
            let session = self.session();
            let ids = session.next_ids();
            let arrival = Arrival { escaped, account, ..arrival(request, ids, session.clock.now()) };
            if let Ok(record) = self.journal().arrive(session.generation, &arrival) {
                self.note_change();
                return (session, ids, record);
            }
        }
    }
}

/// A request that arrives now, and of which nothing else is known yet.
fn arrival(request: &Request<Bytes>, ids: Ids, task_time: Timestamp) -> Arrival<'_> {
    Arrival {
        request,
        call: None,
        escaped: None,
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
        self.caller.as_ref().ok().map(|(principal, _)| principal.account())
    }
}

impl Session {
    fn authenticate(&self, call: &Call<'_>, now: AuthTimes) -> Result<Principal, ApiError> {
        let world = self.world();
        auth::check_request(call, world.assumptions)?;
        auth::authenticate(call, world, self.signatures, &self.nonces, &self.temporary_keys, now)
    }

    /// The account that a key belongs to: for a temporary key, the one whose data it sees.
    fn account_of_key<'k>(&self, id: &'k str) -> Cow<'k, str> {
        let role =
            TemporaryKey::is_own_id(id).then(|| auth::temporary_key(&self.temporary_keys, id)).flatten();
        role.map_or(Cow::Borrowed(id), |(role, _)| Cow::Owned(role.account.clone()))
    }
}
