//! `events`: calls, faults, transitions and commands as Server-Sent Events.
//!
//! A listener has a place in the journal and a batch that it is sending; the socket decides how fast it reads on. Its
//! timer, for the changes that no call brings about, goes with it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::stream::unfold;
use futures_util::{FutureExt, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use super::Shared;
use super::error::ControlError;
use super::pace::{CallAllowance, CallsPerSecond};
use super::query::{Conditions, Number, check_account};
use crate::clock::{Stopwatch, uptime};
use crate::emulator::TransitionCursor;
use crate::expect::Selector;
use crate::journal::{Batch, CallRecord};
use crate::protocol::claims::text;

/// Between two checks for transitions.
const TICK: Duration = Duration::from_millis(200);
/// How long a listener lets calls gather before it sends them.
const GATHER: Duration = Duration::from_millis(10);
/// The same, of a listener that takes so many a second: it is a person who watches.
const GATHER_PACED: Duration = Duration::from_millis(50);
/// The pause after a look at all tasks, in lengths of that look: 64 listeners take less than one processor.
const SHARE: u32 = 100;
/// After so many ticks without an event there is a comment, which shows that both ends are alive: 15 s.
const QUIET_TICKS: u32 = 75;
/// Most calls, and most transitions, that a listener holds at once.
const BATCH: usize = 256;

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct EventsQuery {
    /// A cursor: the id of a `call` event, after which the stream begins.
    since: Option<Number>,
    /// Most calls that are sent in a second; those that failed come first, and `missed` counts the others.
    per_second: Option<CallsPerSecond>,
}

/// From now on, or after a cursor (`?since=`); a client that was cut off sends the id of the last event it saw. With
/// `?per_second=`, at most so many calls are sent in a second; those that failed come first, and `missed` counts the others. The
/// other members are conditions on the calls, as those of `requests`.
pub(super) async fn listen(
    State(emulator): State<Shared>,
    Conditions(query, selector): Conditions<EventsQuery>,
    LastEventId(resumed): LastEventId,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ControlError> {
    check_account(&emulator, selector.account.as_deref()).or_else(|error| {
        // A refused call may have claimed it.
        let is_known = |call: &Arc<CallRecord>| Some(call.account()) == selector.account.as_deref();
        if emulator.journal().after(0, usize::MAX).records.iter().any(is_known) { Ok(()) } else { Err(error) }
    })?;
    // Not beyond the last call: the cursor may be from a process that ran before.
    let last = emulator.journal().last_cursor();
    let since = query.since.map(|since| since.0);
    let position = resumed.or(since).map_or(last, |position| last.min(position));
    let mut timer = interval(TICK);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener {
        transitions: emulator.session().transition_cursor(selector.account.as_deref()),
        selector,
        allowance: query.per_second.map(|most| CallAllowance::new(most, uptime())),
        position,
        clears: emulator.journal().after(0, 0).clears,
        command: emulator.commands().last(),
        emulator,
        // Sent at once: it says that everything from here on will be sent.
        pending: VecDeque::from([Event::default().comment("listening")]),
        timer,
        quiet: 0,
    };
    Ok(Sse::new(unfold(listener, |mut listener| async { Some((Ok(listener.next().await?), listener)) })))
}

/// The id of the last event that a client has seen.
pub(super) struct LastEventId(Option<u64>);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ControlError> {
        let bad_id = |_| ControlError::new(400, "bad_header", "Last-Event-ID is not the id of an event");
        let id = text(&parts.headers, "last-event-id").map(|id| id.parse().map_err(bad_id));
        Ok(Self(id.transpose()?))
    }
}

struct Listener {
    emulator: Shared,
    selector: Selector,
    allowance: Option<CallAllowance>,
    position: u64,
    clears: u64,
    /// The number of the last command that it has read.
    command: u64,
    transitions: TransitionCursor,
    pending: VecDeque<Event>,
    timer: Interval,
    quiet: u32,
}

impl Listener {
    /// The next event; `None` after the shutdown.
    async fn next(&mut self) -> Option<Event> {
        let emulator = Arc::clone(&self.emulator);
        loop {
            if let Some(event) = self.pending.pop_front() {
                self.quiet = 0;
                return Some(event);
            }
            // Made before reading: a change in between wakes it too.
            let changed = emulator.journal().changed();
            let commanded = emulator.commands().changed();
            let batch = emulator.journal().finished_after(self.position, BATCH);
            let has_more = batch.records.len() == BATCH;
            // First: a reset comes before the calls of the next session.
            self.read_commands(&emulator);
            self.read_on(batch);
            if !self.pending.is_empty() || has_more {
                if self.timer.tick().now_or_never().is_some() {
                    self.tick();
                }
                // Also where nothing of it is sent, others have their turn.
                tokio::task::yield_now().await;
                continue;
            }
            let gather = if self.allowance.is_some() { GATHER_PACED } else { GATHER };
            tokio::select! {
                () = emulator.shutdown().cancelled() => return None,
                // Not for each call: waking every listener would take longer than the call.
                () = changed => sleep(gather).await,
                () = commanded => (),
                _ = self.timer.tick() => self.tick(),
            }
        }
    }

    fn read_on(&mut self, batch: Batch) {
        if batch.clears != self.clears {
            // Perhaps a reset, which turns clocks back: transitions after it are new.
            self.clears = batch.clears;
            self.transitions = self.emulator.session().transition_cursor(self.selector.account.as_deref());
        }
        if batch.missed > 0 {
            self.position += batch.missed;
            self.push("missed", &json!({ "calls": batch.missed }));
        }
        let mut left_out = 0_u64;
        if let Some(allowance) = &mut self.allowance {
            allowance.fill(uptime());
        }
        for call in batch.records {
            self.position = call.cursor().unwrap_or(self.position);
            if !self.selector.matches(&call) {
                continue;
            }
            let has_failed = call.status().is_none_or(|status| status >= 400);
            if self.allowance.as_mut().is_some_and(|allowance| !allowance.takes(has_failed)) {
                left_out += 1;
                continue;
            }
            for fault in call.faults() {
                let fired = json!({
                    "fault": fault,
                    "sequence": call.sequence,
                    "request_id": call.request_id.to_string(),
                    "account": call.account(),
                    "action": call.action(),
                });
                self.push("fault", &fired);
            }
            // The call comes last: its id says that all of it was sent.
            let event = Event::default().event("call").data(call.to_json().to_string());
            self.pending.push_back(event.id(self.position.to_string()));
        }
        if left_out > 0 {
            self.push("missed", &json!({ "calls": left_out }));
        }
    }

    fn read_commands(&mut self, emulator: &Shared) {
        let batch = emulator.commands().after(self.command, BATCH);
        if batch.missed > 0 {
            self.command += batch.missed;
            self.push("missed", &json!({ "commands": batch.missed }));
        }
        for command in batch.records {
            self.command = command.sequence;
            if self.selector.account.as_deref().is_none_or(|wanted| command.concerns(wanted)) {
                self.push("command", &json!(command));
            }
        }
    }

    fn tick(&mut self) {
        let watch = Stopwatch::start();
        let transitions = self
            .emulator
            .session()
            .transitions_since(self.selector.account.as_deref(), &mut self.transitions);
        for transition in transitions.first.iter().take(BATCH) {
            self.push("transition", &json!(transition));
        }
        if transitions.count > BATCH {
            self.push("missed", &json!({ "transitions": transitions.count - BATCH }));
        }
        // Of many accounts and tasks this takes time: then it is done less often.
        self.timer.reset_after(TICK.max(watch.elapsed() * SHARE));
        self.quiet += 1;
        if self.quiet >= QUIET_TICKS {
            self.pending.push_back(Event::default().comment("quiet"));
        }
    }

    fn push(&mut self, kind: &str, data: &Value) {
        self.pending.push_back(Event::default().event(kind).data(data.to_string()));
    }
}
