//! Selectors of calls in queries, and the names in selectors checked.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::query::{self, Query};
use super::{Control, Refusal};
use crate::expect::{NameError, Names, Selector};
use crate::journal::{Batch, CallRecord, Journal};

/// The members of a query, taken one by one; the rest must be conditions.
pub(super) struct Asked(Map<String, Value>);

/// The prefix of a parameter's condition: `?params.TaskType=IMAGE_SCAN`.
const PARAMS: &str = "params.";

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await?;
        let (mut members, mut params) = (Map::new(), Map::new());
        for (name, value) in pairs {
            let into = match name.strip_prefix(PARAMS) {
                Some(name) => params.insert(name.to_owned(), value.into()),
                None => members.insert(name.clone(), value.into()),
            };
            if into.is_some() {
                return Err(Refusal::new(400, "bad_query", format!("{name:?} is given twice")));
            }
        }
        if !params.is_empty() && members.insert("params".to_owned(), params.into()).is_some() {
            return Err(Refusal::new(
                400,
                "bad_query",
                "write conditions on parameters as params.NAME=VALUE",
            ));
        }
        Ok(Self(members))
    }
}

impl Asked {
    /// One member, if it was given.
    pub(super) fn take<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Refusal> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let read = read(value.as_str().unwrap_or_default());
        read.map(Some).map_err(|error| Refusal::new(400, "bad_query", format!("{name}: {error}")))
    }

    /// All that is left.
    pub(super) fn rest<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        query::read_members(&Value::Object(self.0)).map_err(|error| {
            Refusal::new(400, "bad_query", error)
                .hint("GET /_emulator/ lists the endpoints and what they take")
        })
    }

    /// All that is left, as conditions; and all calls.
    pub(super) fn select(self, control: &Control) -> Result<(Selector, Batch), Refusal> {
        let selector: Selector = self.rest()?;
        let calls = control.kept_journal()?.after(0, usize::MAX);
        control.check_names([&selector], &calls.records)?;
        Ok((selector, calls))
    }
}

/// A number, as a query writes it.
pub(super) fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

impl From<NameError> for Refusal {
    fn from(NameError { error, message }: NameError) -> Self {
        // An account is refused as everywhere else.
        let status = if error == "unknown_account" { 404 } else { 400 };
        Self::new(status, error, message).hint("a pattern such as Describe* is taken as it stands")
    }
}

impl Control {
    /// Checks the names in selectors by what there is now.
    pub fn check_names<'s>(
        &self,
        selectors: impl IntoIterator<Item = &'s Selector>,
        calls: &[Arc<CallRecord>],
    ) -> Result<(), NameError> {
        let account = |id: &str| self.gateway.check_account(id).map_err(|error| error.to_string());
        let (faults, codes) = self.faults.ids_and_codes();
        let names = Names { account: &account, faults, codes, calls };
        selectors.into_iter().try_for_each(|selector| selector.check(&names))
    }

    /// The journal, if there is one.
    pub(super) fn kept_journal(&self) -> Result<&Journal, Refusal> {
        if self.journal.is_on() {
            return Ok(&self.journal);
        }
        Err(Refusal::new(409, "no_journal", "the journal is switched off")
            .hint("start the emulator without --journal-entries 0"))
    }
}
