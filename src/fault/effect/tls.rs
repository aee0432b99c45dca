//! `tls`: a TLS handshake shows a bad certificate.

use serde::de::{Deserialize, Deserializer, IntoDeserializer};
use serde::ser::{Serialize, Serializer};

use super::{Behaviour, Case, Judging, Level, Role};
use crate::fault::case::{End, Observed, SUMMARY, SUMMARY_OVER_TLS};

/// Fires for TLS handshakes, not for calls: the client is shown a certificate that no careful client takes. Stands alone,
/// without `match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(remote = "Self", rename_all = "snake_case")]
pub enum BadCertificate {
    /// It was good until some days ago.
    Expired,
    /// It is for a host of another name.
    WrongName,
    /// It is of an unknown authority.
    Untrusted,
}

impl BadCertificate {
    /// As scenarios spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::WrongName => "wrong_name",
            Self::Untrusted => "untrusted",
        }
    }
}

impl Behaviour for BadCertificate {
    const LEVEL: Level = Level::Wire;
    const ROLE: Role = Role::Handshake;
    const CASES: &'static [Case] = &[
        case("tls: expired", r#"{"effect":{"tls":"expired"}}"#, |seen| seen.broke(End::Expired)),
        case("tls: wrong_name", r#"{"effect":{"tls":"wrong_name"}}"#, |seen| seen.broke(End::WrongName)),
        Case {
            calls: &[SUMMARY, SUMMARY_OVER_TLS],
            fires: &[false, true],
            ..case("tls: untrusted", r#"{"effect":{"tls":"untrusted"}}"#, |seen| seen.broke(End::Untrusted))
        },
    ];

    fn decide(&self, _: &mut Judging<'_>) -> bool {
        false
    }

    #[cfg(test)]
    const DOCS: &'static [(&'static str, &'static str)] = &[(
        "`tls: expired`, `wrong_name` or `untrusted`",
        "not an answer but, in the TLS handshake, a certificate that was good until some days ago, is for `wrong-name.invalid`, or is of an unknown authority",
    )];
}

const fn case(name: &'static str, fault: &'static str, shows: fn(&Observed) -> bool) -> Case {
    Case { name, fault, calls: &[SUMMARY_OVER_TLS], fires: &[true], shows }
}

impl<'de> Deserialize<'de> for BadCertificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // First as a text: the message about another type would name an enum.
        Self::deserialize(String::deserialize(deserializer)?.into_deserializer())
    }
}

impl Serialize for BadCertificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}
