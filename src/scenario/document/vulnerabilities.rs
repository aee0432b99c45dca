//! `world: { vulnerabilities: … }` — what vulnerabilities the servers have.

use serde::Deserialize;

use super::overlaid;
use super::values::Shares;
use crate::domain::bounds::FINDINGS_OF_A_SERVER;
use crate::posture::vulnerability::{Necessity, VulnerabilityKind, VulnerabilitySettings};
use crate::text::limited::AtMost;
use crate::text::share::Share;

/// `vulnerabilities: { per_server: 12, levels: { asap: 20% } }`
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, expecting = "vulnerabilities such as { per_server: 12 }")]
pub(super) struct VulnerabilityKeys {
    /// How many a server has on average, of all types; 6 if left out.
    per_server: Option<AtMost<FINDINGS_OF_A_SERVER>>,
    /// How many of those of a server are of a type that it can have; the other types have the rest.
    types: Option<Shares<VulnerabilityKind>>,
    /// How many are of each level; the other levels have the rest.
    levels: Option<Shares<Necessity>>,
    /// How many more a server has on average after each scan of all servers; 0 if left out.
    found_by_scan: Option<AtMost<FINDINGS_OF_A_SERVER>>,
    /// How many fewer a server has on average after each scan of all servers; 0 if left out.
    lost_by_scan: Option<AtMost<FINDINGS_OF_A_SERVER>>,
}

overlaid!(VulnerabilityKeys { per_server, types, levels, found_by_scan, lost_by_scan });

impl VulnerabilityKeys {
    pub(super) fn over(self, usual: VulnerabilitySettings) -> VulnerabilitySettings {
        VulnerabilitySettings {
            per_server: self.per_server.map_or(usual.per_server, Into::into),
            types: self.types.map_or(usual.types, parts),
            levels: self.levels.map_or(usual.levels, parts),
            found_by_scan: self.found_by_scan.map_or(usual.found_by_scan, Into::into),
            lost_by_scan: self.lost_by_scan.map_or(usual.lost_by_scan, Into::into),
        }
    }
}

fn parts<K>(Shares(shares): Shares<K>) -> Vec<(K, u32)> {
    shares.into_iter().map(|(key, share)| (key, Share::millionths(share))).collect()
}
