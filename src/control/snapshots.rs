//! `snapshots`: sessions kept in memory under names, to go back to.

use axum::Extension;
use axum::extract::State;
use bytes::Bytes;
use serde_json::{Value, json};

use super::commands::{Commanded, Done};
use super::error::{ControlError, Json};
use super::query::{Id, NoQuery};
use super::state::restored;
use super::{Shared, no_memory};
use crate::body::{Buffers, Taken};
use crate::emulator::{KeptSnapshot, NamedSnapshotError, SnapshotName};
use crate::text::counted::counted;

/// A text, and the memory that it takes.
struct Held(Vec<u8>, #[expect(dead_code, reason = "dropped with the text")] Taken);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

pub(super) async fn list(_: NoQuery, State(emulator): State<Shared>) -> Json<Value> {
    Json(json!({ "snapshots": emulator.named_snapshots() }))
}

pub(super) async fn save(
    _: NoQuery,
    State(emulator): State<Shared>,
    Extension(buffers): Extension<Buffers>,
    Id(name): Id,
) -> Commanded<Json<KeptSnapshot>> {
    let hold = |text: Vec<u8>| {
        let taken = buffers.take(text.len())?;
        Some(Bytes::from_owner(Held(text, taken)))
    };
    let kept = emulator.save_named(checked(&name)?, hold)?;
    let outcome = counted(kept.tasks, "task");
    Ok(Done::new(Json(kept), format!("state save {name}"), outcome))
}

pub(super) async fn restore(_: NoQuery, State(emulator): State<Shared>, Id(name): Id) -> Commanded {
    let note = emulator.restore_named(&checked(&name)?)?;
    Ok(restored(&emulator, note, format!("state load {name}")))
}

pub(super) async fn remove(_: NoQuery, State(emulator): State<Shared>, Id(name): Id) -> Commanded {
    emulator.remove_named(&checked(&name)?)?;
    Ok(Done::new(Json(json!({ "removed": name })), format!("state remove {name}"), "removed"))
}

fn checked(name: &str) -> Result<SnapshotName, ControlError> {
    name.parse().map_err(|error: String| {
        ControlError::new(400, "bad_name", error).hint("for example PUT /_emulator/snapshots/before-jump")
    })
}

impl From<NamedSnapshotError> for ControlError {
    fn from(error: NamedSnapshotError) -> Self {
        const MAKE_ROOM: &str = "DELETE /_emulator/snapshots/{name} drops one";
        let message = error.to_string();
        match error {
            NamedSnapshotError::Unknown { nearest, known, .. } => {
                let hint = match nearest {
                    Some(nearest) => format!("did you mean {nearest}?"),
                    None if known.is_empty() => "none is kept".to_owned(),
                    None => format!("kept are {}", known.join(", ")),
                };
                Self::new(404, "unknown_snapshot", message).hint(hint)
            }
            NamedSnapshotError::TooMany => Self::new(409, "too_many_snapshots", message).hint(MAKE_ROOM),
            NamedSnapshotError::NoRoom { .. } => Self::new(409, "no_room", message)
                .hint(format!("{MAKE_ROOM}; they take at most half of --max-buffered")),
            NamedSnapshotError::NoMemory => no_memory(),
            NamedSnapshotError::Unwritable(_) => Self::new(500, "cannot_save", message),
            NamedSnapshotError::Snapshot(error) => error.into(),
        }
    }
}
