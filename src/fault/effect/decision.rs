//! Everything that will go wrong with a call or a TLS handshake, decided before anything is done.

use std::time::Duration;

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::{BadCertificate, Effect};
use crate::domain::ApiError;

/// First the delay, then the refusal; without one the call is done, and its reply is handled as the rest says.
#[derive(Debug, Default, PartialEq)]
pub struct Decision {
    /// The rules that fired, in order.
    pub triggered: Vec<String>,
    pub delay: Duration,
    pub refusal: Option<FaultRefusal>,
    /// What is reported instead of success.
    pub lie: Option<ApiError>,
    /// How the connection breaks after it is done.
    pub breaks: Option<Break>,
    pub edits: Vec<Effect>,
    /// What a client is shown in a TLS handshake instead of a good certificate.
    pub certificate: Option<BadCertificate>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FaultRefusal {
    Error {
        error: ApiError,
        headers: Vec<(HeaderName, HeaderValue)>,
        /// How long the client should wait, as the headers say it.
        retry_after: Option<Duration>,
    },
    Break(Break),
}

/// How a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("a fault breaks the connection: {}", self.as_str())]
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

/// How a reply leaves the emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Sending {
    #[default]
    Whole,
    /// Broken off after so many bytes.
    Truncated(usize),
    Dripping(u32),
}
