//! `await`: answers when there are so many calls, or when patience ends. A call that is recorded wakes it; nothing polls.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::calls::{Asked, number};
use super::reply::Reply;
use super::{Refusal, Shared};
use crate::journal::{Filter, Journal};
use crate::text::duration;

/// How long it waits unless `?timeout=` says otherwise.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longer than any test should wait; then whoever asked is gone.
const MOST_PATIENCE: Duration = Duration::from_secs(600);

pub(super) async fn until_reached(
    State(control): State<Shared>,
    mut asked: Asked,
) -> Result<Response, Refusal> {
    let wanted = asked.take("count", number)?.unwrap_or(1);
    let patience = asked.take("timeout", patience)?.unwrap_or(PATIENCE);
    let filter = asked.filter()?;
    let journal = control.kept_journal()?;
    let mut tally = Tally::default();
    let mut over = std::pin::pin!(tokio::time::sleep(patience));
    loop {
        // Asked for before looking: what comes in between wakes us all the same.
        let changed = journal.changed();
        let seen = tally.bring_up_to_date(journal, &filter);
        if seen >= wanted {
            return Ok(Reply(json!({ "reached": true, "wanted": wanted, "seen": seen })).into_response());
        }
        tokio::select! {
            () = changed => (),
            () = control.stop.ordered() => {
                let message = format!("the emulator stops; saw {seen} of {wanted}");
                return Err(Refusal::new(503, "stopping", message));
            }
            () = &mut over => {
                let answer = json!({
                    "error": "timeout",
                    "message": format!("saw {seen} of {wanted} calls within {patience:?}"),
                    "hint": "GET /_emulator/requests lists what came instead",
                    "reached": false,
                    "wanted": wanted,
                    "seen": seen,
                });
                return Ok((StatusCode::REQUEST_TIMEOUT, Reply(answer)).into_response());
            }
        }
    }
}

/// Real time, since it is a real program that waits.
fn patience(text: &str) -> Result<Duration, String> {
    let bound = || format!("at most {MOST_PATIENCE:?}, and not before now");
    let patience = Duration::try_from(duration::parse(text)?).map_err(|_| bound())?;
    if patience <= MOST_PATIENCE { Ok(patience) } else { Err(bound()) }
}

/// A count that looks at each call once, however long it is waited for.
#[derive(Debug, Default)]
struct Tally {
    position: u64,
    seen: usize,
    clears: u64,
}

impl Tally {
    fn bring_up_to_date(&mut self, journal: &Journal, filter: &Filter) -> usize {
        let mut batch = journal.after(self.position, usize::MAX);
        if batch.clears != self.clears {
            // What was forgotten must not count: from the start again.
            *self = Self { clears: batch.clears, ..Self::default() };
            batch = journal.after(0, usize::MAX);
        }
        self.seen += batch.records.iter().filter(|entry| filter.matches(entry)).count();
        self.position = batch.records.last().map_or(self.position, |entry| entry.sequence);
        self.seen
    }
}
