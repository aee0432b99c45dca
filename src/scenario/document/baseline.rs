//! `world: { baseline: …, checks: … }` — how much of the configuration of servers and of cloud products fails.

use serde::Deserialize;

use super::overlaid;
use crate::posture::baseline::BaselineSettings;
use crate::posture::check::CheckSettings;
use crate::text::limited::AtMost;
use crate::text::share::Share;

/// `baseline: { per_server: 3 }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "settings such as { per_server: 3 }")]
pub(super) struct BaselineKeys {
    /// How many check items of baselines fail on a server, on average; 3 if left out.
    per_server: Option<AtMost<{ BaselineSettings::MOST }>>,
}

/// `checks: { failing: 30% }`
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "settings such as { failing: 30% }")]
pub(super) struct CheckKeys {
    /// How many of the configuration checks fail; 30% if left out.
    failing: Option<Share>,
}

overlaid!(BaselineKeys { per_server });
overlaid!(CheckKeys { failing });

impl BaselineKeys {
    pub(super) fn over(self, usual: BaselineSettings) -> BaselineSettings {
        BaselineSettings { per_server: self.per_server.map_or(usual.per_server, Into::into) }
    }
}

impl CheckKeys {
    pub(super) fn over(self, usual: CheckSettings) -> CheckSettings {
        CheckSettings { failing: self.failing.map_or(usual.failing, Share::millionths) }
    }
}
