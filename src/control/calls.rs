//! Selectors of calls in queries, and the names in selectors checked.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Shared;
use super::error::ControlError;
use super::query::{self, Query};
use crate::expect::{NameError, Selector};
use crate::journal::{Batch, Journal};

/// The members of a query, taken one by one; the rest must be conditions.
pub(super) struct Asked(Map<String, Value>);

/// The prefix of a parameter's condition: `?params.TaskType=IMAGE_SCAN`.
const PARAMS: &str = "params.";

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await?;
        let (mut members, mut params) = (Map::new(), Map::new());
        for (name, value) in pairs {
            let into = match name.strip_prefix(PARAMS) {
                Some(name) => params.insert(name.to_owned(), value.into()),
                None => members.insert(name.clone(), value.into()),
            };
            if into.is_some() {
                return Err(ControlError::new(400, "bad_query", format!("{name:?} is given twice")));
            }
        }
        if !params.is_empty() && members.insert("params".to_owned(), params.into()).is_some() {
            return Err(ControlError::new(
                400,
                "bad_query",
                "write conditions on parameters as params.NAME=VALUE",
            ));
        }
        Ok(Self(members))
    }
}

impl Asked {
    pub(super) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ControlError> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let read = read(value.as_str().unwrap_or_default());
        read.map(Some).map_err(|error| ControlError::new(400, "bad_query", format!("{name}: {error}")))
    }

    /// All that is left.
    pub(super) fn rest<T: DeserializeOwned>(self) -> Result<T, ControlError> {
        query::read_members(&Value::Object(self.0)).map_err(|error| {
            ControlError::new(400, "bad_query", error)
                .hint("GET /_emulator/ lists the endpoints and what they take")
        })
    }

    /// All that is left, as conditions; and all calls.
    pub(super) fn select(self, emulator: &Shared) -> Result<(Selector, Batch), ControlError> {
        let selector: Selector = self.rest()?;
        let calls = kept_journal(emulator)?.after(0, usize::MAX);
        emulator.check_names([&selector], &calls.records)?;
        Ok((selector, calls))
    }
}

/// A number, as a query writes it.
pub(super) fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

impl From<NameError> for ControlError {
    fn from(NameError { error, message }: NameError) -> Self {
        // An account is refused as everywhere else.
        let status = if error == "unknown_account" { 404 } else { 400 };
        Self::new(status, error, message).hint("a pattern such as Describe* is taken as it stands")
    }
}

/// The journal, if it is on.
pub(super) fn kept_journal(emulator: &Shared) -> Result<&Journal, ControlError> {
    if emulator.journal().is_on() {
        return Ok(emulator.journal());
    }
    Err(ControlError::new(409, "no_journal", "the journal is switched off")
        .hint("start the emulator without --journal-entries 0"))
}
