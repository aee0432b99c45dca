//! Extractors for paths, queries and bodies, with errors of the control API.

use std::collections::HashSet;

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
use crate::text::fields::fields;
use crate::text::similar::{choice, shortened};

/// Reads a body, with errors as scenarios have them: `body:1:10: …`.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    load::body(text(body)?).map_err(|error| error.to_string())
}

pub(super) fn text(body: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(body)
        .map_err(|error| format!("body: not UTF-8 text from byte {} on", error.valid_up_to() + 1))
}

pub(super) fn bad_query(message: impl Into<String>) -> ControlError {
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

/// The query string as `T`; an unknown, repeated or malformed member is an error.
pub(super) struct Query<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ControlError> {
        let pairs = pairs(parts)?;
        check_names(&pairs, fields::<T>())?;
        value_of(pairs).map(Self)
    }
}

/// Members of a query, and conditions on calls: the rest of it.
pub(super) struct Conditions<T>(pub(super) T, pub(super) Selector);

const PARAMS: &str = "params.";

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Conditions<T> {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ControlError> {
        let pairs = pairs(parts)?;
        let own = fields::<T>();
        if pairs.iter().any(|(name, _)| name == "params") {
            return Err(bad_query("write conditions on parameters as params.NAME=VALUE"));
        }
        let (params, pairs): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| name.starts_with(PARAMS));
        check_names(&pairs, &[fields::<Selector>(), own].concat())?;
        let (own, conditions): (Vec<_>, Vec<_>) =
            pairs.into_iter().partition(|(name, _)| own.contains(&name.as_str()));
        let value = |(name, value): (String, String)| (name, Value::from(value));
        let mut conditions: Map<String, Value> = conditions.into_iter().map(value).collect();
        if !params.is_empty() {
            let params = params.into_iter().map(|(name, value)| (name[PARAMS.len()..].to_owned(), value));
            conditions.insert("params".to_owned(), params.map(value).collect());
        }
        let selector = load::body(&Value::Object(conditions).to_string()).map_err(|error| match error {
            LoadError::Wrong { message, .. } | LoadError::Unreadable { message, .. } => bad_query(message),
        })?;
        Ok(Self(value_of(own)?, selector))
    }
}

/// The members of a query, each once.
fn pairs(parts: &Parts) -> Result<Vec<(String, String)>, ControlError> {
    let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned();
    let (pairs, mut seen): (Vec<(String, String)>, _) = (pairs.collect(), HashSet::new());
    if let Some((name, _)) = pairs.iter().find(|(name, _)| !seen.insert(name)) {
        return Err(bad_query(format!("{:?} is given twice", shortened(name))));
    }
    if pairs.iter().any(|(name, value)| name == "account" && value.is_empty()) {
        return Err(ControlError::new(400, "no_account", "?account= is empty")
            .hint("leave it out to mean every account"));
    }
    Ok(pairs)
}

fn check_names(pairs: &[(String, String)], known: &[&str]) -> Result<(), ControlError> {
    let Some((name, _)) = pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let (shown, choice) = (shortened(name), choice(name, known));
    Err(bad_query(format!("a query has no member {shown:?} here{choice}")))
}

/// The error names the member.
fn value_of<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, ControlError> {
    let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| bad_query(error.to_string()))
}

/// A whole number of a query.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Number(pub(super) u64);

impl TryFrom<String> for Number {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.parse().map(Self);
        number.map_err(|_| format!("{:?} is not a whole number", shortened(&text)))
    }
}

impl Number {
    /// What is more than there can be is as many as there can be.
    pub(super) fn size(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// `true` or `false` in a query.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Truth(pub(super) bool);

impl TryFrom<String> for Truth {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let truth = text.parse().map(Self);
        truth.map_err(|_| format!("{:?} is neither true nor false", shortened(&text)))
    }
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AccountMember {
    /// The AccessKeyId; without it, all accounts.
    account: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for AccountQuery {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ControlError> {
        let Query(AccountMember { account }) = Query::from_request_parts(parts, state).await?;
        Ok(Self(account))
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

#[cfg(test)]
crate::text::schema::described! {
    Number = schemars::json_schema!({ "type": "integer", "minimum": 0 });
    Truth = schemars::json_schema!({ "type": "boolean" });
}
