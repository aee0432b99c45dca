//! `state`: the whole run as a snapshot, put back, or kept in the state file.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::Method;
use axum::http::request::Parts;
use serde_json::{Value, json};

use super::query::Plain;
use super::reply::Reply;
use super::state_file::{StateFile, StateFileError};
use super::{Control, PREFIX, Refusal, Shared};
use crate::clock;
use crate::gateway::RestoreError;
use crate::snapshot::{Snapshot, SnapshotError};

impl Control {
    /// Everything as it is now. Whatever a layer above the gateway keeps of a run is added here and taken back in
    /// [`Control::restore`].
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = self.gateway.snapshot();
        snapshot.scenario = Some(self.loaded.summary().name);
        snapshot.faults = self.faults.counters(clock::uptime());
        snapshot
    }

    /// Goes on from a snapshot, whatever was before; answers with what its taker may not have expected. If it is refused,
    /// nothing has changed.
    pub fn restore(&self, mut snapshot: Snapshot) -> Result<Option<String>, RestoreError> {
        let loaded = self.loaded.hold();
        let taken_under = snapshot.scenario.take().filter(|name| *name != loaded.name);
        let (seed, counters) = (snapshot.seed, std::mem::take(&mut snapshot.faults));
        self.gateway.restore(snapshot)?;
        let unknown = self.faults.go_on_from(seed, counters, clock::uptime());
        self.journal.clear(None);
        let mut notes = Vec::new();
        if let Some(name) = taken_under {
            notes.push(format!(
                "it was taken under the scenario {name}: its tasks go on as they would have, new ones follow {}",
                loaded.name
            ));
        }
        if !unknown.is_empty() {
            notes.push(format!("it counts faults that are not armed here: {}", unknown.join(", ")));
        }
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        if let Some(note) = &note {
            tracing::warn!("restored a snapshot; {note}");
        }
        Ok(note)
    }

    /// Goes on from the state file, if there is one; answers whether there was.
    pub fn load_state(&self) -> Result<bool, StateFileError> {
        let loaded = self.state_file.as_ref().map(StateFile::load).transpose()?;
        let Some(snapshot) = loaded.flatten() else {
            return Ok(false);
        };
        self.restore(snapshot)?;
        Ok(true)
    }

    /// Saves to the state file; answers with its length in bytes, or with nothing if none was asked for.
    pub fn save_state(&self) -> std::io::Result<Option<usize>> {
        self.state_file.as_ref().map(|file| file.save(|| self.snapshot())).transpose()
    }

    /// Whether this is a snapshot to be put back, sent by one who may: such a body may be larger than a call's.
    pub fn takes_snapshot(&self, head: &Parts) -> bool {
        let is_state = head.uri.path().strip_prefix(PREFIX) == Some("/state");
        self.enabled && is_state && head.method == Method::PUT && self.check(head).is_ok()
    }
}

pub(super) async fn read(_: Plain, State(control): State<Shared>) -> Reply<Snapshot> {
    Reply(control.snapshot())
}

pub(super) async fn restore(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    let note = control.restore(Snapshot::parse(&body)?)?;
    let mut answer = json!({
        "restored": true,
        "accounts": control.gateway.account_count(),
        "now": control.gateway.clock().now,
    });
    if let Some(note) = note {
        answer["note"] = json!(note);
    }
    Ok(Reply(answer))
}

pub(super) async fn save(
    _: Plain,
    State(control): State<Shared>,
    body: Bytes,
) -> Result<Reply<Value>, Refusal> {
    if !matches!(body.trim_ascii(), b"" | b"{}" | b"null") {
        return Err(Refusal::new(400, "unexpected_body", "saving takes no body")
            .hint("PUT /_emulator/state restores a snapshot"));
    }
    let Some(file) = &control.state_file else {
        return Err(Refusal::new(409, "no_state_file", "there is no file to save to")
            .hint("start with --state-file FILE, or take the snapshot with GET /_emulator/state"));
    };
    let path = file.path().display().to_string();
    // A disk may be slow, and calls must not wait for it.
    let saving = control.clone();
    let saved = tokio::task::spawn_blocking(move || saving.save_state()).await;
    let bytes = saved.map_err(std::io::Error::other).flatten().map_err(|error| {
        Refusal::new(500, "cannot_save", format!("{path} cannot be written: {error}"))
            .hint("its folder must be writable, for the file is replaced by a rename")
    })?;
    Ok(Reply(json!({ "saved": path, "bytes": bytes })))
}

impl From<SnapshotError> for Refusal {
    fn from(error: SnapshotError) -> Self {
        let word = match error {
            SnapshotError::Foreign(_) => "no_snapshot",
            SnapshotError::Version(_) => "snapshot_version",
            SnapshotError::Broken(_) => "broken_snapshot",
        };
        Self::new(400, word, error.to_string()).hint("GET /_emulator/state takes one; nothing has changed")
    }
}

impl From<RestoreError> for Refusal {
    fn from(error: RestoreError) -> Self {
        Self::new(400, "broken_snapshot", error.to_string()).hint("nothing has changed")
    }
}
