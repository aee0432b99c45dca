//! `connection`: the connection breaks instead of a reply.

use serde::de::{Deserialize, Deserializer, IntoDeserializer};
use serde::ser::{Serialize, Serializer};

use super::{Behaviour, Case, FaultRefusal, Judging, Level, Role};
use crate::fault::case::{End, Observed, POLL, SUMMARY_OVER_TLS};
use crate::text::text_or::{TextOr, text_or};

/// The connection breaks instead of an answer, before the call is done or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = or_kind))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Disconnection {
    /// What it does: FIN, RST, or nothing.
    kind: Break,
    /// Before the call is done or after it.
    #[serde(default)]
    when: When,
}

/// How a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// It is closed (FIN) without a word.
    Close,
    /// It is reset (RST).
    Reset,
    /// Nothing comes any more, until the client or the emulator gives up.
    Hang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum When {
    /// The call is not done.
    #[default]
    Before,
    /// The call is done.
    After,
}

impl Break {
    /// As scenarios spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Reset => "reset",
            Self::Hang => "hang",
        }
    }
}

impl Behaviour for Disconnection {
    const LEVEL: Level = Level::Wire;
    const ROLE: Role = Role::Break;
    const CASES: &'static [Case] = &[
        case("connection: close", &[POLL], r#"{"effect":{"connection":"close"}}"#, |seen| {
            seen.broke(End::Closed)
        }),
        case("connection: reset", &[POLL], r#"{"effect":{"connection":"reset"}}"#, is_reset),
        case(
            "connection: reset, after",
            &[POLL],
            r#"{"effect":{"connection":{"kind":"reset","when":"after"}}}"#,
            is_reset,
        ),
        case("connection: hang", &[POLL], r#"{"effect":{"connection":"hang"}}"#, |seen| {
            seen.broke(End::Silence)
        }),
        case(
            "connection: reset, over TLS",
            &[SUMMARY_OVER_TLS],
            r#"{"effect":{"connection":"reset"}}"#,
            is_reset,
        ),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        match self.when {
            When::Before => judging.refuse(FaultRefusal::Break(self.kind)),
            When::After => {
                judging.decision.breaks.get_or_insert(self.kind);
                true
            }
        }
    }

    #[cfg(test)]
    const DOCS: &'static [(&'static str, &'static str)] = &[(
        "`connection: close`, `reset` or `hang`",
        "the end of the connection, a reset, or nothing at all until the client gives up; the call is not done. `{ kind: reset, when: after }`: it is done",
    )];
}

fn is_reset(seen: &Observed) -> bool {
    seen.broke(End::Reset)
}

const fn case(
    name: &'static str,
    calls: &'static [&'static str],
    fault: &'static str,
    shows: fn(&Observed) -> bool,
) -> Case {
    Case { name, fault, calls, fires: &[true], shows }
}

impl<'de> Deserialize<'de> for Disconnection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(transparent)]
        struct Keys(#[serde(with = "Disconnection")] Disconnection);
        match text_or::<Keys, D>(deserializer, "close, reset or hang, or { kind: reset, when: after }")? {
            TextOr::Text(kind) => {
                Ok(Self { kind: Break::deserialize(kind.into_deserializer())?, when: When::Before })
            }
            TextOr::Keys(Keys(connection)) => Ok(connection),
        }
    }
}

impl Serialize for Disconnection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.when {
            When::Before => self.kind.serialize(serializer),
            When::After => Self::serialize(self, serializer),
        }
    }
}

#[cfg(test)]
fn or_kind(schema: &mut schemars::Schema) {
    crate::text::schema::or_text(schema, &serde_json::json!({ "enum": ["close", "reset", "hang"] }));
}
