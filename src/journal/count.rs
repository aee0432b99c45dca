//! How many calls are wanted, as JSON has it: `3`, `">=3"`.

use serde::Deserialize;

use crate::text::bounds::Count;
use crate::text::scalar::Scalar;

/// How many; one at least, if nothing is said.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "Scalar")]
pub(super) struct Wanted(pub(super) Count);

impl TryFrom<Scalar> for Wanted {
    type Error = String;

    fn try_from(Scalar(text): Scalar) -> Result<Self, String> {
        Count::parse(&text).map(Self)
    }
}
