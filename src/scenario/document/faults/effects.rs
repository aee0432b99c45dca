//! `effect:` — what happens to the calls that a fault strikes. Several effects may stand side by side.

use serde::Deserialize;
use serde::de::{Deserializer, Error, IntoDeserializer};

use super::edits::{DamageKey, HeaderKeys, PatchKey};
use crate::domain::error::CODES;
use crate::domain::{ApiError, Code};
use crate::fault::Effect;
use crate::fault::rule::{BadCertificate, Break, Delay, Edit, Throttle, When};
use crate::scenario::document::values::{Length, Range, TextOr, text_or};
use crate::text::similar::did_you_mean;

/// At least one effect.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(with = "Written", extend("minProperties" = 1)))]
#[serde(try_from = "Written")]
pub(super) struct Effects(pub(super) Vec<Effect>);

/// What happens to a call; at least one of these.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Effect"))]
#[serde(deny_unknown_fields, default, expecting = "an effect such as { error: ServerError }")]
struct Written {
    /// The answer comes later, in real time: `700ms`, `{ range: [100ms, 2s] }` or `{ p50: 200ms, p99: 3s }`.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::delay"))]
    delay: Option<DelayKey>,
    /// Calls beyond a rate are refused with 400 `Throttling.User` and the headers of throttling.
    throttle: Option<ThrottleKeys>,
    /// The call is refused: a code of the error table, or one of your own.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::error"))]
    error: Option<ErrorKey>,
    /// The deed is done and failure is reported.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::error"))]
    lie: Option<ErrorKey>,
    /// The connection breaks instead of an answer, before the deed or after it.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::connection"))]
    connection: Option<ConnectionKey>,
    /// A JSON merge patch of the answer's body.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::patch"))]
    patch: Option<PatchKey>,
    /// Headers of the answer, set or removed.
    headers: Option<HeaderKeys>,
    /// The answer's body is damaged on its way.
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::damage"))]
    body: Option<DamageKey>,
    /// Not a call but a TLS handshake is struck: the client is shown a certificate that is expired, for another name, or
    /// of an authority that nobody knows. Stands alone, without `match`.
    #[serde(deserialize_with = "certificate")]
    tls: Option<TlsKey>,
}

impl TryFrom<Written> for Effects {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written { delay, throttle, error, lie, connection, patch, headers, body, tls } = written;
        if error.is_some() && (throttle.is_some() || lie.is_some() || connection.is_some()) {
            return Err(
                "a call that error: refuses is neither throttled nor lied about, nor is its connection broken; write two faults",
            );
        }
        if connection.is_some() && (lie.is_some() || patch.is_some() || headers.is_some() || body.is_some()) {
            return Err(
                "a connection that breaks takes no answer with it that could lie or be changed; write two faults",
            );
        }
        if headers.as_ref().is_some_and(|keys| keys.set.is_empty() && keys.remove.is_empty()) {
            return Err("headers: sets or removes at least one");
        }
        let effects: Vec<Effect> = [
            delay.map(|DelayKey(delay)| Effect::Delay(delay)),
            throttle.map(|keys| Effect::Throttle(keys.into())),
            error.map(|ErrorKey(error)| Effect::Error(error)),
            lie.map(|ErrorKey(error)| Effect::Lie(error)),
            connection.map(|ConnectionKey(kind, when)| Effect::Connection(kind, when)),
            patch.map(|PatchKey(patch)| Effect::Edit(Edit::Patch(patch))),
            headers.map(|keys| Effect::Edit(Edit::Headers { set: keys.set, remove: keys.remove })),
            body.map(|DamageKey(damage)| Effect::Edit(Edit::Damage(damage))),
            tls.map(|key| Effect::Tls(key.into())),
        ]
        .into_iter()
        .flatten()
        .collect();
        if effects.is_empty() {
            return Err(
                "an effect is at least one of error, throttle, delay, lie, connection, body, patch, headers, tls",
            );
        }
        if effects.len() > 1 && effects.iter().any(|effect| matches!(effect, Effect::Tls(_))) {
            return Err("tls: strikes handshakes and the others strike calls: make two faults of it");
        }
        Ok(Self(effects))
    }
}

/// A length of time, `{ range: [a, b] }` or `{ p50: a, p99: b }`.
struct DelayKey(Delay);

impl<'de> Deserialize<'de> for DelayKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const EXPECTED: &str = "700ms, { range: [100ms, 2s] } or { p50: 200ms, p99: 3s }";
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Keys {
            range: Option<Range>,
            p50: Option<Length>,
            p99: Option<Length>,
        }
        match text_or::<Keys, D>(deserializer, EXPECTED)? {
            TextOr::Text(text) => {
                let Length(span) = Length::exactly(&text).map_err(D::Error::custom)?;
                Ok(Self(Delay::Range(span.min, span.max)))
            }
            TextOr::Keys(Keys { range: Some(Range(span)), p50: None, p99: None }) => {
                Ok(Self(Delay::Range(span.min, span.max)))
            }
            TextOr::Keys(Keys { range: None, p50: Some(Length(p50)), p99: Some(Length(p99)) }) => {
                if p50.max <= p99.min && p50.min.is_positive() {
                    Ok(Self(Delay::Percentiles { p50: p50.min, p99: p99.max }))
                } else {
                    Err(D::Error::custom("expected a p50 above 0 and a p99 that is not below it"))
                }
            }
            TextOr::Keys(_) => Err(D::Error::custom(format!("expected {EXPECTED}"))),
        }
    }
}

/// `{ per_second: 1, burst: 1 }`
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, expecting = "a rate such as { per_second: 1, burst: 1 }")]
struct ThrottleKeys {
    /// Calls that go through in a second.
    #[serde(deserialize_with = "rate")]
    #[cfg_attr(test, schemars(range(min = 0.001, max = 1_000_000)))]
    per_second: f64,
    /// Calls that may come at once.
    #[serde(default = "one")]
    #[cfg_attr(test, schemars(with = "u32", range(min = 1)))]
    burst: std::num::NonZeroU32,
    /// The code of the refusal.
    #[serde(default = "usual_code", deserialize_with = "throttling_code")]
    #[cfg_attr(test, schemars(schema_with = "super::super::schema::throttling_code"))]
    code: &'static Code,
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let rate = f64::deserialize(deserializer)?;
    if (0.001..=1_000_000.0).contains(&rate) {
        Ok(rate)
    } else {
        Err(D::Error::custom(format!("expected calls per second from 0.001 to 1000000, not {rate}")))
    }
}

fn one() -> std::num::NonZeroU32 {
    std::num::NonZeroU32::MIN
}

fn usual_code() -> &'static Code {
    Code::THROTTLING_USER
}

fn throttling_code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Code, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = [Code::THROTTLING_USER, Code::THROTTLING_API, Code::THROTTLING];
    known.into_iter().find(|code| code.name == name).ok_or_else(|| {
        D::Error::custom(format!(
            "{name:?} is no throttling{}",
            did_you_mean(&name, known.iter().map(|code| code.name))
        ))
    })
}

impl From<ThrottleKeys> for Throttle {
    fn from(ThrottleKeys { per_second, burst, code }: ThrottleKeys) -> Self {
        Self { per_second, burst: burst.get(), code }
    }
}

/// A code of the error table, or `{ status, code, message, recommend }`.
struct ErrorKey(ApiError);

impl<'de> Deserialize<'de> for ErrorKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "an error such as { status: 418, code: Teapot }")]
        struct Custom {
            code: String,
            status: Option<u16>,
            message: Option<String>,
            recommend: Option<String>,
        }
        let expected = "a code such as ServerError, or { status: 418, code: Teapot, message: … }";
        match text_or::<Custom, D>(deserializer, expected)? {
            TextOr::Text(name) => Code::find(&name).map(|code| Self(code.into())).ok_or_else(|| {
                let hint = did_you_mean(&name, CODES.iter().map(|code| code.name));
                D::Error::custom(format!(
                    "no error code is called {name:?}{hint} (one of your own: {{ status: 400, code: {name}, message: … }})"
                ))
            }),
            TextOr::Keys(Custom { code, status, message, recommend }) => {
                let known = Code::find(&code);
                let status = status.or(known.map(|known| known.status)).unwrap_or(400);
                if !(400..=599).contains(&status) {
                    return Err(D::Error::custom(format!("an error has a status from 400 to 599, not {status}")));
                }
                let message = message.or(known.map(|known| known.message.to_owned()));
                let message = message.unwrap_or_else(|| code.clone()).into();
                Ok(Self(ApiError { recommend: recommend.map(Into::into), ..ApiError::own(status, code.into(), message) }))
            }
        }
    }
}

/// `reset`, or `{ kind: reset, when: after }`.
struct ConnectionKey(Break, When);

impl<'de> Deserialize<'de> for ConnectionKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Both {
            kind: Kind,
            #[serde(default)]
            when: Moment,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Close,
            Reset,
            Hang,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "snake_case")]
        enum Moment {
            #[default]
            Before,
            After,
        }
        let expected = "close, reset or hang, or { kind: reset, when: after }";
        let (kind, when) = match text_or::<Both, D>(deserializer, expected)? {
            TextOr::Text(word) => (Kind::deserialize(word.into_deserializer())?, Moment::Before),
            TextOr::Keys(Both { kind, when }) => (kind, when),
        };
        let kind = match kind {
            Kind::Close => Break::Close,
            Kind::Reset => Break::Reset,
            Kind::Hang => Break::Hang,
        };
        Ok(Self(kind, if matches!(when, Moment::After) { When::After } else { When::Before }))
    }
}

/// `expired`, `wrong_name` or `untrusted`
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Certificate"))]
#[serde(rename_all = "snake_case")]
enum TlsKey {
    /// It was good until some days ago.
    Expired,
    /// It is for a host of another name.
    WrongName,
    /// It is of an authority that nobody knows.
    Untrusted,
}

/// First as a text: what is said of another type names an enum.
fn certificate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TlsKey>, D::Error> {
    TlsKey::deserialize(String::deserialize(deserializer)?.into_deserializer()).map(Some)
}

impl From<TlsKey> for BadCertificate {
    fn from(key: TlsKey) -> Self {
        match key {
            TlsKey::Expired => Self::Expired,
            TlsKey::WrongName => Self::WrongName,
            TlsKey::Untrusted => Self::Untrusted,
        }
    }
}
