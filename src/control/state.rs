//! `state`: the session as a snapshot, restored, or saved to the state file.

use axum::body::Bytes;
use axum::extract::State;
use serde_json::{Value, json};

use super::Shared;
use super::commands::{Commanded, Done};
use super::error::{ControlError, Json};
use super::query::NoQuery;
use crate::emulator::{Snapshot, SnapshotError};
use crate::text::counted::counted;

pub(super) async fn read(_: NoQuery, State(emulator): State<Shared>) -> Json<Snapshot> {
    Json(emulator.snapshot())
}

pub(super) async fn restore(_: NoQuery, State(emulator): State<Shared>, body: Bytes) -> Commanded {
    let note = emulator.restore(Snapshot::parse(&body)?)?;
    Ok(restored(&emulator, note, "state load"))
}

pub(super) fn restored(
    emulator: &Shared,
    note: Option<String>,
    words: impl Into<String>,
) -> Done<Json<Value>> {
    let session = emulator.session();
    let mut response = json!({
        "restored": true,
        "accounts": session.account_count(),
        "now": session.clock.now(),
    });
    if let Some(note) = note {
        response["note"] = json!(note);
    }
    Done::new(Json(response), words, counted(session.account_count(), "account"))
}

pub(super) async fn save(_: NoQuery, State(emulator): State<Shared>) -> Commanded {
    let Some(path) = emulator.config().state_file.clone() else {
        return Err(ControlError::new(409, "no_state_file", "there is no file to save to")
            .hint("start with --state-file FILE, or take the snapshot with GET /_emulator/state"));
    };
    // This is no thread that handles calls, which must not wait for a disk.
    let bytes = emulator.save_state().map_err(|error| {
        ControlError::new(500, "cannot_save", format!("{} cannot be written: {error}", path.display()))
            .hint("its folder must be writable, for the file is replaced by a rename")
    })?;
    let outcome = counted(bytes.unwrap_or_default(), "byte");
    Ok(Done::new(Json(json!({ "saved": path.display().to_string(), "bytes": bytes })), "state save", outcome))
}

impl From<SnapshotError> for ControlError {
    fn from(error: SnapshotError) -> Self {
        let code = match error {
            SnapshotError::Foreign(_) => "no_snapshot",
            SnapshotError::Version(_) => "snapshot_version",
            _ => "broken_snapshot",
        };
        Self::new(400, code, error.to_string()).hint("GET /_emulator/state takes one; nothing has changed")
    }
}
