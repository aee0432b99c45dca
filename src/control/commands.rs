//! `commands`: what users changed through the control API. Each handler that changes something says so with [`Done`].

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;

use super::Shared;
use super::error::{ControlError, Handled, Json};
use super::query::{Number, Query, check_account};
use crate::journal::{CarriedOut, CommandRecord};
use crate::text::outside;

/// The answer of a handler that changed something, and the command that it carried out.
pub(super) struct Done<T> {
    answer: T,
    command: CarriedOut,
}

/// What a handler that changes something returns. Without a command, a test on all routes fails.
pub(super) type Commanded<T = Json<serde_json::Value>> = Result<Done<T>, ControlError>;

impl<T> Done<T> {
    /// The words are those of the command line; the outcome says what has changed.
    pub(super) fn new(answer: T, words: impl Into<String>, outcome: impl Into<String>) -> Self {
        Self { answer, command: CarriedOut { account: None, words: words.into(), outcome: outcome.into() } }
    }

    /// Narrowed to one account.
    pub(super) fn of(mut self, account: Option<String>) -> Self {
        self.command.account = account;
        self
    }
}

impl<T: IntoResponse> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        response.extensions_mut().insert(self.command);
        response
    }
}

/// One line: `clock advance 6h account=test by 127.0.0.1: 2 transitions`. The fields say the same to programs.
pub(super) fn log(record: &CommandRecord) {
    let CommandRecord { account, command, outcome, by, .. } = record;
    let part = |name: &str, text: &Option<String>| {
        text.as_deref().map(|text| format!(" {name}{}", outside::line(text, 128))).unwrap_or_default()
    };
    let line = format!("{command}{}{}: {outcome}", part("account=", account), part("by ", by));
    tracing::info!(command, outcome, account, by, "{line}");
}

#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct CommandsQuery {
    account: Option<String>,
    /// Most that are listed.
    limit: Option<Number>,
}

/// Newest first, as calls are listed.
pub(super) async fn list(State(emulator): State<Shared>, Query(query): Query<CommandsQuery>) -> Handled {
    check_account(&emulator, query.account.as_deref())?;
    let mut records = emulator.commands().after(0, usize::MAX).records;
    records.retain(|record| query.account.as_deref().is_none_or(|account| record.concerns(account)));
    let total = records.len();
    let listed: Vec<_> = records.iter().rev().take(query.limit.map_or(usize::MAX, Number::size)).collect();
    Ok(Json(json!({ "total": total, "commands": listed })))
}
