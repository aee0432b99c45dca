//! `expect:` — expectations, each of which must make a demand.

use serde::Deserialize;

use crate::expect::{Expectation, Expectations};

/// One entry: an expectation for each of its demands.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Expectations")]
pub(super) struct ExpectKey(pub(super) Vec<Expectation>);

impl TryFrom<Expectations> for ExpectKey {
    type Error = String;

    fn try_from(Expectations { list, is_bare }: Expectations) -> Result<Self, String> {
        if is_bare {
            return Err("an expectation says at least one of calls, gap, no_calls_after, retry_after, order"
                .to_owned());
        }
        for selector in list.iter().flat_map(Expectation::selectors) {
            selector.check_api_names().map_err(|error| error.message)?;
        }
        Ok(Self(list))
    }
}
