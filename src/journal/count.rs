//! How many calls are wanted, as JSON has it: `3`, `">=3"`.

use serde::Deserialize;

use super::filter::Scalar;
use crate::bounds::Count;

/// How many; one at least, if nothing is said.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "Scalar")]
pub(super) struct Wanted(pub(super) Count);

impl TryFrom<Scalar> for Wanted {
    type Error = String;

    fn try_from(scalar: Scalar) -> Result<Self, String> {
        match scalar {
            Scalar::Number(number) => Ok(Self(number.into())),
            Scalar::Text(text) => Count::parse(&text).map(Self),
        }
    }
}
