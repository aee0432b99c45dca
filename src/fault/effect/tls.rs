//! `tls`: a TLS handshake shows a bad certificate.

use serde::{Deserialize, Serialize};

use super::{Behaviour, Case, Judging};
use crate::fault::case::{End, SUMMARY, SUMMARY_OVER_TLS};

/// Fires for TLS handshakes, not for calls: the client is shown a certificate that no careful client takes. Stands alone,
/// without `match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
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
    const CASES: &'static [Case] = &[
        Case::new("tls: expired", r#"{"tls":"expired"}"#, |seen| seen.broke(End::Expired))
            .calling(&[SUMMARY_OVER_TLS], &[true]),
        Case::new("tls: wrong_name", r#"{"tls":"wrong_name"}"#, |seen| seen.broke(End::WrongName))
            .calling(&[SUMMARY_OVER_TLS], &[true]),
        Case::new("tls: untrusted", r#"{"tls":"untrusted"}"#, |seen| seen.broke(End::Untrusted))
            .calling(&[SUMMARY, SUMMARY_OVER_TLS], &[false, true]),
    ];

    fn decide(&self, judging: &mut Judging<'_>) -> bool {
        judging.decision.certificate.get_or_insert(*self);
        true
    }
}
