//! `events`: calls, faults, transitions and commands as Server-Sent Events.
//!
//! A listener has a place in the journal and a batch that it is sending; the socket decides how fast it reads on. Its
//! timer, for the changes that no call brings about, goes with it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use futures_util::stream::unfold;
use futures_util::{FutureExt, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use super::Shared;
use super::error::ControlError;
use super::query::Query;
use crate::clock::Stopwatch;
use crate::emulator::TransitionCursor;
use crate::journal::Batch;
use crate::protocol::claims::text;

/// Between two checks for transitions.
const TICK: Duration = Duration::from_millis(200);
/// How long a listener lets calls gather before it sends them.
const GATHER: Duration = Duration::from_millis(10);
/// The pause after a look at all tasks, in lengths of that look: 64 listeners take less than one processor.
const SHARE: u32 = 100;
/// After so many ticks without an event there is a comment, which shows that both ends are alive: 15 s.
const QUIET_TICKS: u32 = 75;
/// Most calls, and most transitions, that a listener holds at once.
const BATCH: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    account: Option<String>,
    /// A cursor: the id of a `call` event.
    since: Option<u64>,
}

/// From now on, or after a cursor; a client that was cut off sends the id of the last event it saw.
pub(super) async fn listen(
    State(emulator): State<Shared>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ControlError> {
    let bad_id = |_| ControlError::new(400, "bad_header", "Last-Event-ID is not the id of an event");
    let resumed = text(&headers, "last-event-id").map(|id| id.parse().map_err(bad_id));
    // Not beyond the last call: the cursor may be from a process that ran before.
    let last = emulator.journal().last_cursor();
    let position = resumed.transpose()?.or(query.since).map_or(last, |position| last.min(position));
    let mut timer = interval(TICK);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener {
        transitions: emulator.session().transition_cursor(query.account.as_deref()),
        account: query.account,
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

struct Listener {
    emulator: Shared,
    account: Option<String>,
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
            // First: a reset comes before the calls of the next session.
            self.read_commands(&emulator);
            self.read_on(emulator.journal().finished_after(self.position, BATCH));
            if !self.pending.is_empty() {
                if self.timer.tick().now_or_never().is_some() {
                    self.tick();
                }
                continue;
            }
            tokio::select! {
                () = emulator.shutdown().cancelled() => return None,
                // Not for each call: waking every listener would take longer than the call.
                () = changed => sleep(GATHER).await,
                () = commanded => (),
                _ = self.timer.tick() => self.tick(),
            }
        }
    }

    fn read_on(&mut self, batch: Batch) {
        if batch.clears != self.clears {
            // Perhaps a reset, which turns clocks back: transitions after it are new.
            self.clears = batch.clears;
            self.transitions = self.emulator.session().transition_cursor(self.account.as_deref());
        }
        if batch.missed > 0 {
            self.position += batch.missed;
            self.push("missed", &json!({ "calls": batch.missed }));
        }
        for call in batch.records {
            self.position = call.cursor().unwrap_or(self.position);
            if self.account.as_deref().is_some_and(|wanted| wanted != call.account()) {
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
    }

    fn read_commands(&mut self, emulator: &Shared) {
        let batch = emulator.commands().after(self.command, BATCH);
        if batch.missed > 0 {
            self.command += batch.missed;
            self.push("missed", &json!({ "commands": batch.missed }));
        }
        for command in batch.records {
            self.command = command.sequence;
            if self.account.as_deref().is_none_or(|wanted| command.concerns(wanted)) {
                self.push("command", &json!(command));
            }
        }
    }

    fn tick(&mut self) {
        let watch = Stopwatch::start();
        let transitions =
            self.emulator.session().transitions_since(self.account.as_deref(), &mut self.transitions);
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
