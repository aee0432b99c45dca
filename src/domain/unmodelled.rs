//! Operations that are not modelled: what becomes of their calls.

use serde::Deserialize;

/// What becomes of calls of operations that are not modelled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Unmodelled {
    /// They are refused with `OperationNotModelled`.
    #[default]
    Refuse,
    /// They are answered with the documented members and types.
    Shape,
}

/// How replies that only have a shape are filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ShapeSettings {
    /// How many items their lists have.
    pub lists: usize,
}
