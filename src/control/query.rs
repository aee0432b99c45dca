//! Extractors for paths, queries and bodies, with errors of the control API.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Shared;
use super::error::ControlError;
use crate::emulator::AccountError;
use crate::expect::Selector;
use crate::scenario::{LoadError, load};

/// Reads a body, with errors as scenarios have them: `body:1:10: …`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    load::body(text(body)?).map_err(|error| error.to_string())
}

pub(super) fn text(body: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(body)
        .map_err(|error| format!("body: not UTF-8 text from byte {} on", error.valid_up_to() + 1))
}

fn bad_query(message: impl Into<String>) -> ControlError {
    ControlError::new(400, "bad_query", message)
        .hint("GET /_emulator/ lists the endpoints and what they take")
}

/// Refuses any query: a route that takes none must not ignore what was meant by one.
pub(super) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ControlError> {
        match parts.uri.query().unwrap_or_default() {
            "" => Ok(Self),
            query => Err(bad_query(format!("{} {} takes no ?{query}", parts.method, parts.uri.path()))),
        }
    }
}

/// The query string as `T`; an unknown or malformed member is an error.
pub(super) struct Query<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ControlError> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        // The error names the member.
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
            .map(Self)
            .map_err(|error| bad_query(format!("Failed to deserialize query string: {error}")))
    }
}

/// The members of a query, taken one by one; the rest must be conditions.
pub(super) struct Asked(Map<String, Value>);

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
                return Err(bad_query(format!("{name:?} is given twice")));
            }
        }
        if !params.is_empty() && members.insert("params".to_owned(), params.into()).is_some() {
            return Err(bad_query("write conditions on parameters as params.NAME=VALUE"));
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
        read.map(Some).map_err(|error| bad_query(format!("{name}: {error}")))
    }

    pub(super) fn rest(self) -> Result<Selector, ControlError> {
        load::body(&Value::Object(self.0).to_string()).map_err(|error| match error {
            LoadError::Wrong { message, .. } | LoadError::Unreadable { message, .. } => bad_query(message),
        })
    }
}

pub(super) fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| format!("{text:?} is neither true nor false"))
}

pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let id = Path::<String>::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|error| ControlError::new(400, "bad_path", error.body_text()))
    }
}

/// `?account=`, of a route that takes nothing else: the one account that it is about, or all.
pub(super) struct AccountQuery(pub(super) Option<String>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountMember {
    account: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for AccountQuery {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        match Query::<AccountMember>::from_request_parts(parts, state).await?.0.account {
            Some(account) if account.is_empty() => {
                Err(ControlError::new(400, "no_account", "?account= is empty")
                    .hint("leave it out to mean every account"))
            }
            account => Ok(Self(account)),
        }
    }
}

/// Checks that an account exists or could: of one that cannot, there is never anything to see.
pub(super) fn check_account(emulator: &Shared, account: Option<&str>) -> Result<(), ControlError> {
    account.map_or(Ok(()), |account| Ok(emulator.session().check_account(account)?))
}

impl From<AccountError> for ControlError {
    fn from(error: AccountError) -> Self {
        let (status, code, hint) = match &error {
            AccountError::Impossible => (400, "bad_account", "for example ?account=test"),
            AccountError::Unknown { .. } => (
                404,
                "unknown_account",
                "the scenario's accounts:, or --keys, list the AccessKeyIds there are",
            ),
            AccountError::TooMany(_) => (503, "too_many_accounts", "POST /_emulator/reset forgets them all"),
        };
        Self::new(status, code, error.to_string()).hint(hint)
    }
}
