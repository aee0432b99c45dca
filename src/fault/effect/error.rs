//! `error`: the call is refused with an error.

use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::{Behaviour, Case, FaultRefusal, Judging, Level, Role};
use crate::domain::error::CODES;
use crate::domain::{ApiError, Code};
use crate::fault::case::{Observed, POLL};
use crate::text::similar::did_you_mean;
use crate::text::text_or::{TextOr, text_or};

/// An error: a code of the error table, or one of your own.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = or_code))]
#[serde(remote = "Self", deny_unknown_fields, expecting = "an error such as { status: 418, code: Teapot }")]
pub struct InjectedError {
    /// The HTTP status; 400 for a code of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    const LEVEL: Level = Level::Api;
    const ROLE: Role = Role::Refuse;
    const CASES: &'static [Case] = &[
        case("error", &[POLL], r#"{"effect":{"error":"ServerError"}}"#, Observed::is_server_error),
        case("error in XML", &[IN_XML], r#"{"effect":{"error":"ServerError"}}"#, |seen| {
            seen.status == Some(500) && seen.body().contains("<Code>ServerError</Code>")
        }),
        case(
            "error of one's own",
            &[POLL],
            r#"{"effect":{"error":{"status":418,"code":"Teapot","message":"short and stout"}}}"#,
            |seen| seen.status == Some(418) && seen.code().as_deref() == Some("Teapot"),
        ),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        judging.refuse(FaultRefusal::Error { error: self.error(), headers: Vec::new(), retry_after: None })
    }

    #[cfg(test)]
    const DOCS: &'static [(&'static str, &'static str)] = &[(
        "`error: NoPermission`",
        "an error in the service's own words, JSON or XML; the call is not done. `{ status: 418, code: Teapot, message: …, recommend: … }` for one of your own. `Throttling.User` here says no wait; `throttle` does",
    )];
}

const IN_XML: &str = "/?Action=GetLastOnceTaskInfo&Version=2018-12-03&Format=XML&AccessKeyId=a&TaskType=IMAGE_SCAN&TaskName=IMAGE_SCAN";

const fn case(
    name: &'static str,
    calls: &'static [&'static str],
    fault: &'static str,
    shows: fn(&Observed) -> bool,
) -> Case {
    Case { name, fault, calls, fires: &[true], shows }
}

impl InjectedError {
    /// The error that the client sees.
    pub(super) fn error(&self) -> ApiError {
        let known = Code::find(&self.code);
        let status = self.status.or(known.map(|known| known.status)).unwrap_or(400);
        let message = self.message.as_deref().or(known.map(|known| known.message)).unwrap_or(&self.code);
        let error = ApiError::own(status, self.code.clone().into(), message.to_owned().into());
        ApiError { recommend: self.recommend.as_deref().map(Into::into), ..error }
    }

    /// Whether its code says it all.
    fn is_of_the_table(&self) -> bool {
        self.status.is_none() && self.message.is_none() && self.recommend.is_none()
    }
}

impl<'de> Deserialize<'de> for InjectedError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(transparent)]
        struct Keys(#[serde(with = "InjectedError")] InjectedError);
        let expected = "a code such as ServerError, or { status: 418, code: Teapot, message: … }";
        match text_or::<Keys, D>(deserializer, expected)? {
            TextOr::Text(code) if Code::find(&code).is_none() => {
                let hint = did_you_mean(&code, CODES.iter().map(|code| code.name));
                Err(D::Error::custom(format!(
                    "no error code is called {code:?}{hint} (one of your own: {{ status: 400, code: {code}, message: … }})"
                )))
            }
            TextOr::Text(code) => Ok(Self { code, status: None, message: None, recommend: None }),
            TextOr::Keys(Keys(error)) => match error.status {
                Some(status) if !(400..=599).contains(&status) => {
                    Err(D::Error::custom(format!("an error has a status from 400 to 599, not {status}")))
                }
                _ => Ok(error),
            },
        }
    }
}

impl Serialize for InjectedError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_of_the_table() {
            serializer.serialize_str(&self.code)
        } else {
            Self::serialize(self, serializer)
        }
    }
}

#[cfg(test)]
fn or_code(schema: &mut schemars::Schema) {
    crate::text::schema::or_text(
        schema,
        &serde_json::json!({ "enum": CODES.iter().map(|code| code.name).collect::<Vec<_>>() }),
    );
}
