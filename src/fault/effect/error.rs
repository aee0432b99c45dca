//! `error`: the call is refused with an error.

use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use super::{Behaviour, Case, FaultRefusal, Judging};
use crate::domain::error::CODES;
use crate::domain::{ApiError, Code};
use crate::fault::case::Observed;
use crate::text::by_hand::text_or_keys;
use crate::text::similar::did_you_mean;

/// An error: a code of the error table, or one of your own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = or_code))]
#[serde(remote = "Self", deny_unknown_fields, expecting = "an error such as { status: 418, code: Teapot }")]
pub struct InjectedError {
    /// The HTTP status; 400 for a code of your own.
    #[serde(default, deserialize_with = "status", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(range(min = 400, max = 599)))]
    status: Option<u16>,
    /// The code, of the table or your own.
    code: String,
    /// The message; the code if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The link to a page that explains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recommend: Option<String>,
}

impl Behaviour for InjectedError {
    const CASES: &'static [Case] = &[
        Case::new("error", r#"{"error":"ServerError"}"#, Observed::is_server_error),
        Case::new("error in XML", r#"{"error":"ServerError"}"#, |seen| {
            seen.status == Some(500) && seen.body().contains("<Code>ServerError</Code>")
        })
        .calling(&[IN_XML], &[true]),
        Case::new(
            "error of one's own",
            r#"{"error":{"status":418,"code":"Teapot","message":"short and stout"}}"#,
            |seen| seen.status == Some(418) && seen.code().as_deref() == Some("Teapot"),
        ),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        judging.refuse(FaultRefusal::Error { error: self.error(), headers: Vec::new(), retry_after: None })
    }

    fn code(&self) -> Option<&str> {
        Some(&self.code)
    }
}

const IN_XML: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=XML&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";

impl InjectedError {
    pub(crate) fn error(&self) -> ApiError {
        let known = Code::find(&self.code);
        let status = self.status.or(known.map(|known| known.status)).unwrap_or(400);
        let message = self.message.as_deref().or(known.map(|known| known.message)).unwrap_or(&self.code);
        let error = ApiError::custom(status, self.code.clone(), message.to_owned());
        ApiError { recommend: self.recommend.as_deref().map(Into::into), ..error }
    }

    fn from_text<E: Error>(code: String) -> Result<Self, E> {
        if Code::find(&code).is_some() {
            return Ok(Self { code, status: None, message: None, recommend: None });
        }
        let hint = did_you_mean(&code, CODES.iter().map(|code| code.name));
        Err(E::custom(format!(
            "no error code is called {code:?}{hint} (one of your own: {{ status: 400, code: {code}, message: … }})"
        )))
    }

    /// The code, if it says it all.
    fn as_text(&self) -> Option<&str> {
        let is_all = self.status.is_none() && self.message.is_none() && self.recommend.is_none();
        is_all.then_some(&self.code)
    }
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    match Option::deserialize(deserializer)? {
        Some(status) if !(400..=599).contains(&status) => {
            Err(D::Error::custom(format!("an error has a status from 400 to 599, not {status}")))
        }
        status => Ok(status),
    }
}

text_or_keys!(InjectedError, "a code such as ServerError, or { status: 418, code: Teapot, message: … }");

#[cfg(test)]
fn or_code(schema: &mut schemars::Schema) {
    let codes: Vec<_> = CODES.iter().map(|code| code.name).collect();
    crate::text::schema::or_text(schema, &serde_json::json!({ "enum": codes }));
}
