//! `shapes:` — how responses are filled that only have the documented shape.

use serde::Deserialize;

use super::{filled, overlaid};
use crate::domain::bounds::SHAPE_ITEMS;
use crate::domain::unmodelled::ShapeSettings;
use crate::text::limited::AtMost;

/// `shapes: { lists: 3 }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "settings such as { lists: 3 }")]
pub(super) struct ShapeKeys {
    /// How many items a list has; none if left out. Pages show parts of the list.
    lists: Option<AtMost<SHAPE_ITEMS>>,
}

overlaid!(ShapeKeys { lists });
filled!(ShapeKeys { lists } -> ShapeSettings);
