//! `await`: answers when enough calls match, or when the timeout is over.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;
use super::error::{ControlError, Handled, Json};
use super::query::{Asked, number};
use super::requests::select;
use crate::expect;
use crate::text::duration;

/// Unless `?timeout=` says otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longer than any test should wait.
const MOST_TIMEOUT: Duration = Duration::from_secs(600);

pub(super) async fn until_reached(State(emulator): State<Shared>, mut asked: Asked) -> Handled<Response> {
    let wanted = asked.take("count", number)?.unwrap_or(1);
    let timeout = asked.take("timeout", timeout)?.unwrap_or(TIMEOUT);
    let (selector, _) = select(&emulator, asked)?;
    let until = async {
        tokio::select! {
            () = emulator.shutdown().cancelled() => true,
            () = tokio::time::sleep(timeout) => false,
        }
    };
    let enough = |seen| seen >= wanted as u64;
    match expect::wait(emulator.journal(), &selector, enough, until).await {
        Ok(seen) => Ok(Json(json!({ "reached": true, "wanted": wanted, "seen": seen })).into_response()),
        Err((seen, true)) => {
            Err(ControlError::new(503, "stopping", format!("the emulator stops; saw {seen} of {wanted}")))
        }
        Err((seen, false)) => {
            let answer = json!({
                "error": "timeout",
                "message": format!("saw {seen} of {wanted} calls within {timeout:?}"),
                "hint": "GET /_emulator/requests lists what came instead",
                "reached": false,
                "wanted": wanted,
                "seen": seen,
            });
            Ok((StatusCode::REQUEST_TIMEOUT, Json(answer)).into_response())
        }
    }
}

/// Real time, since it is a real program that waits.
fn timeout(text: &str) -> Result<Duration, String> {
    let range = || format!("at most {MOST_TIMEOUT:?}, and not before now");
    let timeout = Duration::try_from(duration::parse(text)?).map_err(|_| range())?;
    if timeout <= MOST_TIMEOUT { Ok(timeout) } else { Err(range()) }
}
