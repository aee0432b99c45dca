//! `events`: what happens, as Server-Sent Events, for as long as somebody listens.
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
use futures_util::Stream;
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::query::Query;
use super::{Refusal, Shared};
use crate::gateway::Watermark;
use crate::journal::{Batch, CallRecord};
use crate::protocol::claims::text;

/// How often it is looked for changes of status.
const TICK: Duration = Duration::from_millis(200);
/// After so many ticks without an event there is a comment, which shows that both ends are alive: 15 s.
const QUIET_TICKS: u32 = 75;
/// Most calls, and most transitions, that a listener holds at once.
const BATCH: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    account: Option<String>,
    /// A cursor: the id of a `call` event.
    since: Option<u64>,
}

/// From now on, or after a cursor; a client that was cut off sends the id of the last event it saw.
pub(super) async fn listen(
    State(control): State<Shared>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Refusal> {
    let resumed = text(&headers, "last-event-id").map(|id| {
        id.parse().map_err(|_| Refusal::new(400, "bad_header", "Last-Event-ID is not the id of an event"))
    });
    // Not beyond the last call: the cursor may be from a process that ran before.
    let last = control.journal.last_cursor();
    let position = resumed.transpose()?.or(asked.since).map_or(last, |position| last.min(position));
    let mut timer = interval(TICK);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let listener = Listener {
        watermark: control.gateway.watermark(asked.account.as_deref()),
        account: asked.account,
        position,
        clears: control.journal.after(0, 0).clears,
        control,
        // Sent at once, so that whoever connects knows from when on it hears everything.
        pending: VecDeque::from([Event::default().comment("listening")]),
        timer,
        quiet: 0,
    };
    Ok(Sse::new(unfold(listener, |mut listener| async { Some((Ok(listener.next().await?), listener)) })))
}

struct Listener {
    control: Shared,
    account: Option<String>,
    /// The cursor of the last call that was sent.
    position: u64,
    /// As the journal counts them.
    clears: u64,
    /// When it last looked for transitions.
    watermark: Watermark,
    pending: VecDeque<Event>,
    timer: Interval,
    quiet: u32,
}

impl Listener {
    /// The next event; none once the process stops.
    async fn next(&mut self) -> Option<Event> {
        let control = Arc::clone(&self.control);
        loop {
            if let Some(event) = self.pending.pop_front() {
                self.quiet = 0;
                return Some(event);
            }
            // Asked for before looking: what comes in between wakes us all the same.
            let changed = control.journal.changed();
            self.read_on(control.journal.finished_after(self.position, BATCH));
            if !self.pending.is_empty() {
                continue;
            }
            tokio::select! {
                () = control.stop.ordered() => return None,
                () = changed => (),
                _ = self.timer.tick() => self.tick(),
            }
        }
    }

    fn read_on(&mut self, batch: Batch) {
        if batch.clears != self.clears {
            // A reset, perhaps, which turns the clocks back: what comes after it is new.
            self.clears = batch.clears;
            self.watermark = self.control.gateway.watermark(self.account.as_deref());
        }
        if batch.missed > 0 {
            self.position += batch.missed;
            self.tell("missed", &json!({ "calls": batch.missed }));
        }
        for call in batch.records {
            self.position = call.cursor().unwrap_or(self.position);
            if self.is_concerned(call.account()) {
                self.tell_of(&call);
            }
        }
    }

    fn tell_of(&mut self, call: &CallRecord) {
        for fault in call.faults() {
            let struck = json!({
                "fault": fault,
                "sequence": call.sequence,
                "request_id": call.request_id.to_string(),
                "account": call.account(),
                "action": call.action(),
            });
            self.tell("fault", &struck);
        }
        // The call comes last: its id says that all of it was sent.
        let event = event("call", &call.to_json()).id(self.position.to_string());
        self.pending.push_back(event);
    }

    fn tick(&mut self) {
        let transitions = self.control.gateway.news(self.account.as_deref(), &mut self.watermark);
        for transition in transitions.iter().take(BATCH) {
            self.tell("transition", &json!(transition));
        }
        if transitions.len() > BATCH {
            self.tell("missed", &json!({ "transitions": transitions.len() - BATCH }));
        }
        self.quiet += 1;
        if self.quiet >= QUIET_TICKS {
            self.pending.push_back(Event::default().comment("quiet"));
        }
    }

    fn is_concerned(&self, account: &str) -> bool {
        self.account.as_deref().is_none_or(|wanted| wanted == account)
    }

    fn tell(&mut self, kind: &str, data: &Value) {
        self.pending.push_back(event(kind, data));
    }
}

fn event(kind: &str, data: &Value) -> Event {
    Event::default().event(kind).data(data.to_string())
}
