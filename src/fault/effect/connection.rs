//! `connection`: the connection breaks instead of a reply.

use serde::de::{Error, IntoDeserializer};
use serde::{Deserialize, Serialize};

use super::{Behaviour, Break, Case, FaultRefusal, Judging};
use crate::fault::case::{End, Observed, SUMMARY_OVER_TLS};
use crate::text::by_hand::text_or_keys;

/// The connection breaks instead of a reply, before the call is done or after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(transform = or_kind))]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Disconnection {
    /// What it does: FIN, RST, or nothing.
    kind: Break,
    /// Before the call is done or after it.
    #[serde(default)]
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum When {
    /// The call is not done.
    #[default]
    Before,
    /// The call is done.
    After,
}

impl Behaviour for Disconnection {
    const CASES: &'static [Case] = &[
        Case::new("connection: close", r#"{"connection":"close"}"#, |seen| seen.broke(End::Closed)),
        Case::new("connection: reset", r#"{"connection":"reset"}"#, is_reset),
        Case::new("connection: reset, after", r#"{"connection":{"kind":"reset","when":"after"}}"#, is_reset),
        Case::new("connection: hang", r#"{"connection":"hang"}"#, |seen| seen.broke(End::Silence)),
        Case::new("connection: reset, over TLS", r#"{"connection":"reset"}"#, is_reset)
            .calling(&[SUMMARY_OVER_TLS], &[true]),
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
}

fn is_reset(seen: &Observed) -> bool {
    seen.broke(End::Reset)
}

impl Disconnection {
    fn from_text<E: Error>(kind: String) -> Result<Self, E> {
        Ok(Self { kind: Break::deserialize(kind.into_deserializer())?, when: When::Before })
    }

    fn as_text(&self) -> Option<&str> {
        (self.when == When::Before).then(|| self.kind.as_str())
    }
}

text_or_keys!(Disconnection, "close, reset or hang, or { kind: reset, when: after }");

#[cfg(test)]
fn or_kind(schema: &mut schemars::Schema) {
    crate::text::schema::or_text(schema, &serde_json::json!({ "enum": ["close", "reset", "hang"] }));
}
