//! How far a reply can be trusted to be what the real service would answer.

use serde::{Deserialize, Serialize};

/// Where a reply comes from. The later of two is trusted less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Fidelity {
    /// The operation is modelled: its reply follows from the state of the account.
    Modelled,
    /// The scenario or a test has written the reply, or a part of it.
    Scripted,
    /// The reply has the documented members and types; its values mean nothing.
    Shape,
}

impl Fidelity {
    pub const ALL: [Self; 3] = [Self::Modelled, Self::Scripted, Self::Shape];

    /// As in the header `x-emulator-fidelity`, in records and in lists of operations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Modelled => "modelled",
            Self::Scripted => "scripted",
            Self::Shape => "shape",
        }
    }
}
